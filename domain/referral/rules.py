"""The rules of referral: what may be done, what follows from it, what is remembered."""

from collections.abc import Iterator

from domain.errors import AlreadyDone, Malformed, NotFound, OutOfOrder, WrongStage
from domain.messages import Event, plain
from domain.referral.acts import (
    AddAllegation,
    AddOfficer,
    AddParty,
    CompareCase,
    DirectPresentRegulations,
    DirectReinvestigation,
    LinkCase,
    Referral,
    ReferralAct,
    ReferredOfficer,
    WithdrawAllegation,
)
from domain.referral.facts import (
    AllegationAdded,
    AllegationWithdrawn,
    CaseCompared,
    CaseLinked,
    CaseReferred,
    OfficerAdded,
    PartyAdded,
    PresentRegulationsDirected,
    ReinvestigationDirected,
)
from domain.referral.governing import governed, governing, keeps, own_regime, parted, ready_to_govern
from domain.referral.route import KIND_AT_FIRST, ready_to_route, route, routed
from domain.regimes import regime_for
from domain.separation import apart
from domain.state import Allegation, Case, Officer, Party
from domain.working_days import london_date

__all__ = ["as_added", "decide", "evolve", "opening", "ready"]


_AS_TOLD = {"reference", "force", "clock", "origin", "first_known", "first_known_to_any", "about", "restricted"}


def opening(referral: Referral) -> Iterator[Event]:
    """The facts that a referral opens a case with."""
    if referral.first_known > london_date(referral.occurred_at):
        raise OutOfOrder("The matter cannot be referred before it was first known.")
    linked = [link.open_under for link in referral.linked_cases if link.open_under]
    told = {"occurred_at": referral.occurred_at, "illustrative": referral.illustrative}
    facts = referral.model_dump(include=_AS_TOLD)
    regime = regime_for(referral.first_known, linked)
    yield CaseReferred.model_validate({**told, **facts, "regime": regime, "linked_cases": referral.linked_cases})
    for officer in referral.officers:
        _check_first_known(officer, referral)
        first_known = officer.first_known or referral.first_known_to_any
        kept = any(keeps(link, officer.officer) for link in referral.linked_cases)
        own = {"regime": parted(regime, first_known or referral.first_known, kept), "first_known": first_known}
        yield OfficerAdded.model_validate({**told, **officer.model_dump(), **own})
    for allegation in referral.allegations:
        yield AllegationAdded.model_validate({**told, **allegation.model_dump()})
    for party in referral.parties:
        yield PartyAdded.model_validate({**told, **party.model_dump()})


def ready(case: Case, act: type[ReferralAct]) -> None:
    """Refuse an act that the state of the case rules out, whatever its facts."""
    ready_to_route(case, act)
    ready_to_govern(case, act)
    if act is AddOfficer and case.report_submitted:
        raise WrongStage("The investigation is over; open another case for a further officer.")
    if act is AddAllegation and all(officer.answered for officer in case.officers.values()):
        raise WrongStage("Every decision has been made; open another case for a new matter.")
    if act is WithdrawAllegation and not any(_undecided(case, each) for each in case.allegations.values()):
        raise WrongStage("No allegation is left that could be withdrawn: every decision has been made.")


def _undecided(case: Case, allegation: Allegation) -> bool:
    """Whether it may be withdrawn: after the decision on an officer, it is the proceedings that are withdrawn."""
    concerned = [case.officer(each) for each in allegation.officers]
    return not (allegation.withdrawn or any(officer.disposal or officer.handed_to for officer in concerned))


def decide(case: Case, command: ReferralAct) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    facts = command.model_dump(exclude={"actor"})
    match command:
        case AddOfficer():
            _check_new_officer(case, command)
            first_known = command.first_known or case.first_known_to_any
            own = {"regime": own_regime(case, command.first_known), "first_known": first_known}
            yield OfficerAdded.model_validate({**facts, **own, "investigated": case.investigator is not None})
        case AddAllegation():
            _check_new_allegation(case, command)
            yield AllegationAdded.model_validate(facts)
        case AddParty():
            if command.party in case.parties or command.party in case.officers:
                raise AlreadyDone(f"There is a {command.party} in the case already.")
            yield PartyAdded.model_validate({**facts, "handled": case.mode is not None})
        case WithdrawAllegation():
            _check_withdrawal(case, command)
            yield AllegationWithdrawn.model_validate(facts)
        case CompareCase():
            _check_comparison(case, command)
            yield CaseCompared.model_validate(facts)
        case LinkCase() | DirectPresentRegulations() | DirectReinvestigation():
            yield governed(case, command, facts)
        case _:
            yield routed(case, command, facts)


def _check_new_officer(case: Case, command: AddOfficer) -> None:
    if command.officer in case.officers or command.officer in case.parties:
        raise AlreadyDone(f"There is a {command.officer} in the case already.")
    if any(officer.person == command.person for officer in case.officers.values()):
        raise AlreadyDone("That person is an officer of the case already.")
    if command.person in case.deciders:
        raise apart("decider_concerned")
    if command.person in case.investigator_managed_by:
        raise apart("manager_concerned", case)
    if command.person == command.actor.id:
        raise apart("adds_themselves")
    _check_first_known(command, command)


def _check_first_known(officer: ReferredOfficer | AddOfficer, told: Referral | AddOfficer) -> None:
    if officer.first_known and officer.first_known > london_date(told.occurred_at):
        raise OutOfOrder(f"Officer {officer.officer} cannot be added before the allegation was first known.")


def _check_new_allegation(case: Case, command: AddAllegation) -> None:
    if command.allegation in case.allegations:
        raise AlreadyDone(f"There is an allegation {command.allegation} in the case already.")
    for officer in command.officers:
        if case.officer(officer).died:
            raise WrongStage(f"Officer {officer} has died; nothing more is decided about the officer.")
        if not case.officer(officer).reached:
            raise WrongStage(f"Officer {officer} has left, beyond the reach of the regulations.")
        if (elsewhere := case.officer(officer).handed_to) is not None:
            raise WrongStage(f"What concerns officer {officer} goes on in case {elsewhere}.")
        if case.officer(officer).disposal is not None:
            raise WrongStage(f"The decision on officer {officer} has been made; open another case for a new matter.")


def _check_withdrawal(case: Case, command: WithdrawAllegation) -> None:
    allegation = case.allegations.get(command.allegation)
    if allegation is None:
        raise NotFound(f"There is no allegation {command.allegation} in the case.")
    if allegation.withdrawn:
        raise AlreadyDone(f"Allegation {command.allegation} is withdrawn already.")
    if not _undecided(case, allegation):
        raise WrongStage("The decision on its officer has been made; withdraw the officer's proceedings instead.")


def _check_comparison(case: Case, command: CompareCase) -> None:
    if command.reference == case.reference:
        raise Malformed("reference: a case is not compared with itself.")
    if case.compared.get(command.reference) is command.view:
        raise AlreadyDone(f"Case {command.reference} was found to be {plain(command.view)} already.")


def evolve(case: Case | None, event: Event) -> Case:
    """The case after a fact about the referral."""
    if isinstance(event, CaseReferred):
        return _opened(event)
    if case is None:
        raise ValueError(f"a case cannot begin with {event.name}")
    match event:
        case OfficerAdded():
            return case.with_officer(Officer(ref=event.officer, **event.model_dump(include=AS_ADDED)))
        case AllegationAdded():
            added = Allegation(ref=event.allegation, standards=event.standards, officers=event.officers)
            return case.model_copy(update={"allegations": {**case.allegations, added.ref: added}})
        case PartyAdded():
            party = Party(ref=event.party, kind=event.kind, added_at=event.occurred_at)
            return case.model_copy(update={"parties": {**case.parties, party.ref: party}})
        case CaseCompared():
            return case.model_copy(update={"compared": {**case.compared, event.reference: event.view}})
        case AllegationWithdrawn():
            gone = case.allegations[event.allegation].model_copy(update={"withdrawn": True})
            return case.model_copy(update={"allegations": {**case.allegations, gone.ref: gone}})
        case CaseLinked() | PresentRegulationsDirected() | ReinvestigationDirected():
            return governing(case, event)
    return route(case, event)


AS_ADDED = {"person", "rank", "regime", "first_known"}
AS_CAME = AS_ADDED | {"known_elsewhere"}


def as_added(officer: Officer) -> Officer:
    """The officer as the adding, or the taking over, gave them, before anything was done about them."""
    return Officer(ref=officer.ref, **officer.model_dump(include=AS_CAME))


def _opened(event: CaseReferred) -> Case:
    return Case(
        reference=event.reference,
        force=event.force,
        clock=event.clock,
        regime=event.regime,
        origin=event.origin,
        referral_kind=KIND_AT_FIRST.get(event.origin),
        first_known=event.first_known,
        first_known_to_any=event.first_known_to_any,
        opened_at=event.occurred_at,
        illustrative=event.illustrative,
        restricted=event.restricted,
        linked_cases=tuple(link.reference for link in event.linked_cases),
        officers={},
        allegations={},
        parties={},
    )
