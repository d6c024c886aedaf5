"""Referral: how a matter comes in, whether it must go to the IOPC, and who investigates (PRA 2002 Sch 3).

The referral is a workflow's start input; the acts here add to it, assess it, send it on and decide its mode.
"""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Self

from pydantic import AwareDatetime, Field, model_validator

from domain.errors import AlreadyDone, NotPermitted, OutOfOrder, Unlawful, WrongStage
from domain.messages import Actor, Command, Event, Model, OfficerEvent, OfficerRef, OpaqueId, Reference, Text
from domain.regimes import regime_for
from domain.state import Allegation, Case, Officer, Party
from domain.vocabulary import Clock, Mode, Origin, PartyKind, ReferralKind, Regime, Role, Standard
from domain.working_days import london_date

__all__ = [
    "AddAllegation",
    "AddOfficer",
    "AddParty",
    "AssessReferral",
    "DecideMode",
    "LinkedCase",
    "ReferToIopc",
    "Referral",
    "decide",
    "evolve",
    "opening",
    "ready",
]

AUTHORITY = frozenset({Role.APPROPRIATE_AUTHORITY})
RECORDERS = AUTHORITY | {Role.INTAKE, Role.IOPC, Role.CLERK}


class ReferredOfficer(Model):
    """An officer concerned: a letter within the case, and the opaque id of the person in the force's own systems."""

    officer: OfficerRef
    person: OpaqueId
    rank: str | None = Field(default=None, max_length=60)


class ReferredAllegation(Model):
    """An allegation against one or more of the officers."""

    allegation: OpaqueId
    summary: Text
    standards: tuple[Standard, ...] = ()
    officers: tuple[OfficerRef, ...] = Field(min_length=1)


class ReferredParty(Model):
    """Someone to be kept informed."""

    party: OpaqueId
    kind: PartyKind


class LinkedCase(Model):
    """Another matter this one belongs with; while it is open its regime governs (PCMR 2020 reg 2(2)(b))."""

    reference: Reference
    open_under: Regime | None = Field(default=None, description="The regime it is still handled under, if it is open.")


class Referral(Model):
    """A matter as intake hands it over: the input that starts a case."""

    given_by: ClassVar[frozenset[Role]] = RECORDERS

    reference: Reference
    force: OpaqueId
    clock: Clock = Clock.LIVE
    origin: Origin
    first_known: date = Field(description="The day it first came to the appropriate authority's attention.")
    about: Text | None = None
    actor: Actor
    occurred_at: AwareDatetime
    officers: tuple[ReferredOfficer, ...] = Field(min_length=1)
    allegations: tuple[ReferredAllegation, ...] = Field(min_length=1)
    parties: tuple[ReferredParty, ...] = ()
    linked_cases: tuple[LinkedCase, ...] = ()
    illustrative: bool = False

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        officers = [each.officer for each in self.officers]
        refs = officers + [each.party for each in self.parties]
        people = [each.person for each in self.officers]
        if len(set(refs)) < len(refs) or len(set(people)) < len(people):
            raise ValueError("an officer, person or party stands in it twice")
        if len({each.allegation for each in self.allegations}) < len(self.allegations):
            raise ValueError("an allegation stands in it twice")
        if any(officer not in officers for each in self.allegations for officer in each.officers):
            raise ValueError("an allegation names an officer who is not in it")
        return self


class AddOfficer(Command):
    """Add an officer to the case."""

    given_by: ClassVar[frozenset[Role]] = RECORDERS | {Role.INVESTIGATOR}
    officer: OfficerRef
    person: OpaqueId
    rank: str | None = Field(default=None, max_length=60)


class AddAllegation(Command):
    """Add an allegation against officers of the case."""

    given_by: ClassVar[frozenset[Role]] = RECORDERS | {Role.INVESTIGATOR}
    allegation: OpaqueId
    summary: Text
    standards: tuple[Standard, ...] = ()
    officers: tuple[OfficerRef, ...] = Field(min_length=1)


class AddParty(Command):
    """Add someone who is to be kept informed."""

    given_by: ClassVar[frozenset[Role]] = RECORDERS | {Role.INVESTIGATOR}
    party: OpaqueId
    kind: PartyKind


class AssessReferral(Command):
    """Assess whether the matter must, or should, be referred to the IOPC (PCMR 2020 regs 4, 7)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    kind: ReferralKind
    reasons: Text


class ReferToIopc(Command):
    """Refer the matter to the IOPC."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | {Role.LOCAL_POLICING_BODY}


class DecideMode(Command):
    """Decide the form of the investigation: the IOPC for a referred matter, else the authority (Sch 3 para 15)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | {Role.IOPC}
    mode: Mode
    reasons: Text


class CaseReferred(Event):
    """A matter came in and a case was opened."""

    says: ClassVar[str] = "Case {reference} opened for force {force}: {origin}, first known on {first_known}"
    reference: Reference
    force: OpaqueId
    clock: Clock
    regime: Regime
    origin: Origin
    first_known: date
    about: str | None = None
    linked_cases: tuple[LinkedCase, ...] = ()


class OfficerAdded(OfficerEvent):
    """An officer became part of the case."""

    says: ClassVar[str] = "Officer {officer} is concerned in the case"
    person: OpaqueId
    rank: str | None = None
    investigated: bool = False


class AllegationAdded(Event):
    """An allegation became part of the case."""

    says: ClassVar[str] = "Allegation {allegation} against {officers}: {summary}"
    allegation: OpaqueId
    summary: str
    standards: tuple[Standard, ...]
    officers: tuple[OfficerRef, ...]


class PartyAdded(Event):
    """Someone is to be kept informed."""

    says: ClassVar[str] = "{kind} {party} is to be kept informed"
    party: OpaqueId
    kind: PartyKind

    @property
    def subject(self) -> str | None:
        return self.party


class ReferralAssessed(Event):
    """Whether the matter has to go to the IOPC was assessed."""

    says: ClassVar[str] = "Referral to the IOPC assessed: {kind}. {reasons}"
    kind: ReferralKind
    origin: Origin
    reasons: str


class ReferredToIopc(Event):
    """The matter was referred to the IOPC."""

    says: ClassVar[str] = "Referred to the IOPC ({kind})"
    kind: ReferralKind


class ModeDecided(Event):
    """The form of the investigation was decided."""

    says: ClassVar[str] = "Mode of investigation: {mode}. {reasons}"
    mode: Mode
    reasons: str


ReferralAct = AddOfficer | AddAllegation | AddParty | AssessReferral | ReferToIopc | DecideMode


def opening(referral: Referral) -> Iterator[Event]:
    """The facts that a referral opens a case with."""
    if referral.first_known > london_date(referral.occurred_at):
        raise OutOfOrder("The matter cannot be referred before it was first known.")
    inherited = next((link.open_under for link in referral.linked_cases if link.open_under), None)
    told = {"occurred_at": referral.occurred_at, "illustrative": referral.illustrative}
    facts = referral.model_dump(include={"reference", "force", "clock", "origin", "first_known", "about"})
    regime = regime_for(referral.first_known, inherited)
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
    if act is DecideMode:
        if case.referral_kind is None:
            raise OutOfOrder("Assess first whether the matter is to be referred.")
        if case.referral_kind is ReferralKind.MANDATORY and not case.referred:
            raise OutOfOrder("The matter must be referred to the IOPC first.", "PRA 2002 Sch 3 paras 4, 13")
        if case.report_submitted:
            raise WrongStage("The investigation is over; its mode can no longer be decided.")


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
            yield PartyAdded.model_validate(facts)
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
    if case.report_submitted:
        raise WrongStage("The investigation is over; open another case for a further officer.")


def _check_new_allegation(case: Case, command: AddAllegation) -> None:
    if command.allegation in case.allegations:
        raise AlreadyDone(f"There is an allegation {command.allegation} in the case already.")
    for officer in command.officers:
        if case.officer(officer).disposal is not None:
            raise WrongStage(f"The decision on officer {officer} has been made; open another case for a new matter.")


def _check_mode(case: Case, command: DecideMode) -> None:
    if case.referred and command.actor.role is not Role.IOPC:
        raise NotPermitted("The IOPC decides the mode of a matter referred to it.", "PRA 2002 Sch 3 para 15")
    if not case.referred and command.mode is not Mode.LOCAL:
        raise Unlawful(f"A matter that was not referred cannot be {command.mode}.", "PRA 2002 Sch 3 para 15")
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
            return case.with_officer(Officer(ref=event.officer, person=event.person, rank=event.rank))
        case AllegationAdded():
            added = Allegation(
                ref=event.allegation, summary=event.summary, standards=event.standards, officers=event.officers
            )
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
