"""The rules of referral: what may be done, what follows from it, what is remembered."""

from collections.abc import Iterator

from domain.errors import AlreadyDone, OutOfOrder, Unlawful, WrongStage
from domain.messages import Event
from domain.referral.acts import (
    AddAllegation,
    AddOfficer,
    AddParty,
    AssessReferral,
    DecideMode,
    Referral,
    ReferralAct,
    ReferToIopc,
)
from domain.referral.facts import (
    AllegationAdded,
    CaseReferred,
    ModeDecided,
    OfficerAdded,
    PartyAdded,
    ReferralAssessed,
    ReferredToIopc,
)
from domain.regimes import regime_for
from domain.separation import apart
from domain.state import Allegation, Case, Officer, Party
from domain.vocabulary import Mode, ReferralKind, Regime, Role
from domain.working_days import london_date

__all__ = ["decide", "evolve", "opening", "ready"]


def opening(referral: Referral) -> Iterator[Event]:
    """The facts that a referral opens a case with."""
    if referral.first_known > london_date(referral.occurred_at):
        raise OutOfOrder("The matter cannot be referred before it was first known.")
    linked = [link.open_under for link in referral.linked_cases if link.open_under]
    told = {"occurred_at": referral.occurred_at, "illustrative": referral.illustrative}
    facts = referral.model_dump(include={"reference", "force", "clock", "origin", "first_known", "about"})
    regime = regime_for(referral.first_known, linked)
    yield CaseReferred.model_validate({**told, **facts, "regime": regime, "linked_cases": referral.linked_cases})
    for officer in referral.officers:
        yield OfficerAdded.model_validate({**told, **officer.model_dump()})
    for allegation in referral.allegations:
        yield AllegationAdded.model_validate({**told, **allegation.model_dump()})
    for party in referral.parties:
        yield PartyAdded.model_validate({**told, **party.model_dump()})


def ready(case: Case, act: type[ReferralAct]) -> None:
    """Refuse an act that the state of the case rules out, whatever its facts."""
    if act is ReferToIopc:
        if case.referral_kind is None:
            raise OutOfOrder("Assess first whether the matter is to be referred.")
        if case.referral_kind is ReferralKind.NOT_REQUIRED:
            raise OutOfOrder("The matter was assessed as not to be referred; assess it again first.")
    if act in (AssessReferral, ReferToIopc) and case.referred:
        raise AlreadyDone("The matter has been referred to the IOPC.")
    if act is AddOfficer and case.report_submitted:
        raise WrongStage("The investigation is over; open another case for a further officer.")
    if act is AddAllegation and all(officer.answered for officer in case.officers.values()):
        raise WrongStage("Every decision has been made; open another case for a new matter.")
    if act is DecideMode:
        _ready_for_mode(case)


def _ready_for_mode(case: Case) -> None:
    if case.referral_kind is None:
        raise OutOfOrder("Assess first whether the matter is to be referred.")
    if case.referral_kind is ReferralKind.MANDATORY and not case.referred:
        raise OutOfOrder("The matter must be referred to the IOPC first.", "PRA 2002 Sch 3 paras 4, 13")
    if case.report_submitted:
        raise WrongStage("The investigation is over; its mode can no longer be decided.")
    if not case.referred and case.mode is Mode.LOCAL:
        raise AlreadyDone("The mode is local already, and no other is open to a matter that was not referred.")


def decide(case: Case, command: ReferralAct) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    facts = command.model_dump(exclude={"actor"})
    match command:
        case AddOfficer():
            _check_new_officer(case, command)
            yield OfficerAdded.model_validate({**facts, "investigated": case.investigator is not None})
        case AddAllegation():
            _check_new_allegation(case, command)
            yield AllegationAdded.model_validate(facts)
        case AddParty():
            if command.party in case.parties or command.party in case.officers:
                raise AlreadyDone(f"There is a {command.party} in the case already.")
            yield PartyAdded.model_validate({**facts, "handled": case.mode is not None})
        case AssessReferral():
            if command.kind is case.referral_kind:
                raise AlreadyDone(f"The referral is assessed as {command.kind.replace('_', ' ')} already.")
            yield ReferralAssessed.model_validate({**facts, "origin": case.origin})
        case ReferToIopc():
            yield ReferredToIopc.model_validate({**facts, "kind": case.referral_kind})
        case DecideMode():
            _check_mode(case, command)
            yield ModeDecided.model_validate(facts)


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


def _check_new_allegation(case: Case, command: AddAllegation) -> None:
    if command.allegation in case.allegations:
        raise AlreadyDone(f"There is an allegation {command.allegation} in the case already.")
    for officer in command.officers:
        if case.officer(officer).died:
            raise WrongStage(f"Officer {officer} has died; nothing more is decided about the officer.")
        if (elsewhere := case.officer(officer).handed_to) is not None:
            raise WrongStage(f"What concerns officer {officer} goes on in case {elsewhere}.")
        if case.officer(officer).disposal is not None:
            raise WrongStage(f"The decision on officer {officer} has been made; open another case for a new matter.")


def _check_mode(case: Case, command: DecideMode) -> None:
    if case.referred and command.actor.role is not Role.IOPC:
        raise apart("mode_of_referred")
    if not case.referred and command.mode is not Mode.LOCAL:
        sentence = f"A matter that was not referred cannot be {command.mode}."
        raise Unlawful(sentence, "PRA 2002 Sch 3 para 15", (Mode.LOCAL,))
    if case.regime is not Regime.PCR_2012 and command.mode in (Mode.MANAGED, Mode.SUPERVISED):
        since_2020 = (Mode.LOCAL, Mode.DIRECTED, Mode.INDEPENDENT, Mode.RETURNED)
        sentence = f"Since 1 February 2020 no investigation is {command.mode}."
        raise Unlawful(sentence, "PRA 2002 Sch 3 paras 17, 18", since_2020)
    if command.mode is case.mode:
        raise AlreadyDone(f"The mode is {command.mode} already.")


def evolve(case: Case | None, event: Event) -> Case:
    """The case after a fact about the referral."""
    if isinstance(event, CaseReferred):
        return _opened(event)
    if case is None:
        raise ValueError(f"a case cannot begin with {event.name}")
    match event:
        case OfficerAdded():
            return case.with_officer(_officer(event))
        case AllegationAdded():
            added = Allegation(ref=event.allegation, standards=event.standards, officers=event.officers)
            return case.model_copy(update={"allegations": {**case.allegations, added.ref: added}})
        case PartyAdded():
            party = Party(ref=event.party, kind=event.kind)
            return case.model_copy(update={"parties": {**case.parties, party.ref: party}})
        case ReferralAssessed():
            return case.model_copy(update={"referral_kind": event.kind})
        case ReferredToIopc():
            return case.model_copy(update={"referred": True})
        case ModeDecided():
            return case.model_copy(update={"mode": event.mode})
    return case


def _officer(event: OfficerAdded) -> Officer:
    return Officer(ref=event.officer, person=event.person, rank=event.rank, regime=event.regime)


def _opened(event: CaseReferred) -> Case:
    return Case(
        reference=event.reference,
        force=event.force,
        clock=event.clock,
        regime=event.regime,
        origin=event.origin,
        first_known=event.first_known,
        opened_at=event.occurred_at,
        illustrative=event.illustrative,
        linked_cases=tuple(link.reference for link in event.linked_cases),
        officers={},
        allegations={},
        parties={},
    )
