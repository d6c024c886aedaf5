"""Restriction: what an officer may not do while the case runs, from restricted duties to suspension (PCR reg 11).

A suspension is reviewed every four weeks until it ends; restricted duties and redeployment have no statutory review.
Any restriction ends when the case finds there is nothing to proceed with, or when the proceedings are over.
"""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from domain.errors import AlreadyDone, Malformed, OutOfOrder, Unlawful, WrongStage
from domain.messages import Event, OfficerCommand, OfficerEvent, Text
from domain.state import Case, Officer, Restriction
from domain.vocabulary import Measure, Role

__all__ = [
    "ConfirmSuspension",
    "ImposeRestriction",
    "LiftRestriction",
    "RecordRestrictionRepresentations",
    "ReviewRestriction",
    "VaryRestriction",
    "decide",
    "evolve",
    "follow",
    "ready",
]

AUTHORITY = frozenset({Role.APPROPRIATE_AUTHORITY})


class _Suspending(OfficerCommand):
    """A decision for a measure, with what the law asks for before a suspension (reg 11(4))."""

    measure: Measure
    reasons: Text
    redeployment_considered: bool = Field(default=False, description="Required before suspension (reg 11(4)(a)).")
    may_prejudice_investigation: bool = Field(default=False, description="Suspension condition (reg 11(4)(b)(i)).")
    public_interest_requires: bool = Field(default=False, description="Suspension condition (reg 11(4)(b)(ii)).")


class ImposeRestriction(_Suspending):
    """Restrict an officer: redeployment, restricted duties or suspension."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    oral: bool = Field(default=False, description="Told by word of mouth: then it is to be confirmed in writing.")


class ConfirmSuspension(OfficerCommand):
    """Confirm an oral suspension in writing."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class RecordRestrictionRepresentations(OfficerCommand):
    """Record what the officer, or the police friend, says against the restriction."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | {Role.OFFICER, Role.POLICE_FRIEND, Role.CLERK}
    statement: Text


class ReviewRestriction(OfficerCommand):
    """Review a restriction and decide that it continues; to end it, lift it."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    reasons: Text


class VaryRestriction(_Suspending):
    """Put another measure in the place of the one in force."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class LiftRestriction(OfficerCommand):
    """End a restriction."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    reasons: Text


class RestrictionImposed(OfficerEvent):
    """An officer was restricted."""

    says: ClassVar[str] = "Officer {officer}: {measure} imposed. {reasons}"
    measure: Measure
    reasons: str
    oral: bool = False
    redeployment_considered: bool = False
    may_prejudice_investigation: bool = False
    public_interest_requires: bool = False


class SuspensionConfirmed(OfficerEvent):
    """An oral suspension was confirmed in writing."""

    says: ClassVar[str] = "Officer {officer}: suspension confirmed in writing"


class RestrictionRepresentationsRecorded(OfficerEvent):
    """The officer made representations against the restriction."""

    says: ClassVar[str] = "Officer {officer}: representations made against the {measure}"
    measure: Measure
    statement: str


class RestrictionReviewed(OfficerEvent):
    """A restriction was reviewed and continues."""

    says: ClassVar[str] = "Officer {officer}: {measure} reviewed, and continues. {reasons}"
    measure: Measure
    reasons: str


class RestrictionVaried(OfficerEvent):
    """Another measure took the place of the one in force."""

    says: ClassVar[str] = "Officer {officer}: {was} becomes {measure}. {reasons}"
    was: Measure
    measure: Measure
    reasons: str
    redeployment_considered: bool = False
    may_prejudice_investigation: bool = False
    public_interest_requires: bool = False


class RestrictionLifted(OfficerEvent):
    """A restriction ended, by decision or because the case ended for the officer."""

    says: ClassVar[str] = "Officer {officer}: {measure} ended. {reasons}"
    measure: Measure
    reasons: str


RestrictionAct = (
    ImposeRestriction
    | ConfirmSuspension
    | RecordRestrictionRepresentations
    | ReviewRestriction
    | VaryRestriction
    | LiftRestriction
)


def ready(case: Case, act: type[RestrictionAct], officer: Officer) -> None:
    """Refuse an act that the officer's state rules out, whatever its facts."""
    if act is ImposeRestriction:
        if officer.restriction is not None:
            raise AlreadyDone(f"Officer {officer.ref} is already on {_plain(officer.restriction.measure)}: vary it.")
        if officer.finished or officer.departed:
            raise WrongStage(f"The case is over for officer {officer.ref}; no restriction can be imposed.")
        return
    if officer.restriction is None:
        raise WrongStage(f"Officer {officer.ref} is under no restriction.")
    if act is ConfirmSuspension and not officer.restriction.oral:
        raise WrongStage(f"Officer {officer.ref} was not suspended by word of mouth.")
    if act is ConfirmSuspension and officer.restriction.confirmed:
        raise AlreadyDone(f"The suspension of officer {officer.ref} is already confirmed in writing.")


def decide(case: Case, command: RestrictionAct) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    officer = case.officer(command.officer)
    if isinstance(command, ImposeRestriction | VaryRestriction):
        _check_suspension(command)
    if officer.restriction is not None and command.occurred_at < officer.restriction.imposed_at:
        raise OutOfOrder(f"Officer {officer.ref} was not yet restricted at that time.")
    yield _fact(officer, command)


def _check_suspension(command: ImposeRestriction | VaryRestriction) -> None:
    if command.measure is Measure.SUSPENSION:
        if not command.redeployment_considered:
            raise Unlawful("Redeployment has to be considered before suspension.", "PCR 2020 reg 11(4)(a)")
        if not (command.may_prejudice_investigation or command.public_interest_requires):
            raise Unlawful("Neither condition for suspension is met.", "PCR 2020 reg 11(4)(b)")
    elif isinstance(command, ImposeRestriction) and command.oral:
        raise Malformed("oral: only a suspension is imposed by word of mouth.")


def _fact(officer: Officer, command: RestrictionAct) -> Event:
    facts = command.model_dump(exclude={"actor", "officers"}) | {"officer": officer.ref}
    measure = officer.restriction.measure if officer.restriction else None
    match command:
        case ImposeRestriction():
            return RestrictionImposed.model_validate(facts)
        case ConfirmSuspension():
            return SuspensionConfirmed.model_validate(facts)
        case RecordRestrictionRepresentations():
            return RestrictionRepresentationsRecorded.model_validate(facts | {"measure": measure})
        case ReviewRestriction():
            return RestrictionReviewed.model_validate(facts | {"measure": measure})
        case VaryRestriction():
            if command.measure is measure:
                raise AlreadyDone(f"Officer {officer.ref} is already on {_plain(command.measure)}.")
            return RestrictionVaried.model_validate(facts | {"was": measure})
        case LiftRestriction():
            return RestrictionLifted.model_validate(facts | {"measure": measure})


def _plain(measure: Measure) -> str:
    return measure.replace("_", " ")


def follow(case: Case, fact: Event) -> Iterator[Event]:
    """A restriction ends by itself when nothing is left to decide about the officer (PCR 2020 reg 11(3), (5))."""
    officer = case.officers.get(fact.subject or "")
    if officer is None or officer.restriction is None or isinstance(fact, RestrictionLifted):
        return
    over = officer.departed or officer.finished or (officer.hearing is not None and not officer.hearing.pending)
    if over:
        yield RestrictionLifted(
            occurred_at=fact.occurred_at,
            illustrative=fact.illustrative,
            officer=officer.ref,
            measure=officer.restriction.measure,
            reasons=f"It ends with: {fact.name.replace('_', ' ')}.",
        )


def evolve(case: Case, event: Event) -> Case:
    """The case after a fact about a restriction."""
    officer = case.officer(event.subject or "")
    return case.with_officer(officer.model_copy(update={"restriction": _after(officer.restriction, event)}))


def _after(restriction: Restriction | None, event: Event) -> Restriction | None:
    match event:
        case RestrictionImposed():
            return Restriction(measure=event.measure, imposed_at=event.occurred_at, oral=event.oral)
        case RestrictionLifted():
            return None
        case _ if restriction is None:
            return None
        case SuspensionConfirmed():
            return restriction.model_copy(update={"confirmed": True})
        case RestrictionReviewed():
            return restriction.model_copy(update={"last_review": event.occurred_at})
        case RestrictionVaried():
            return Restriction(measure=event.measure, imposed_at=event.occurred_at)
    return restriction
