"""The rules of restriction: what may be done, what follows from it, what is remembered."""

from collections.abc import Iterator
from datetime import datetime

from domain.errors import AlreadyDone, OutOfOrder, WrongStage
from domain.messages import Event
from domain.restriction.acts import (
    ConfirmSuspension,
    GiveReviewNotice,
    ImposeRestriction,
    LiftRestriction,
    RecordRestrictionRepresentations,
    RestrictionAct,
    RestrictionDecision,
    ReviewRestriction,
    VaryRestriction,
)
from domain.restriction.conditions import check_decision
from domain.restriction.facts import (
    RestrictionImposed,
    RestrictionLifted,
    RestrictionRepresentationsRecorded,
    RestrictionReviewed,
    RestrictionVaried,
    ReviewNoticeGiven,
    SuspensionConfirmed,
)
from domain.state import Case, Officer, Restriction
from domain.vocabulary import Measure

__all__ = ["decide", "evolve", "follow", "ready"]


def ready(case: Case, act: type[RestrictionAct], officer: Officer) -> None:
    """Refuse an act that the officer's state rules out, whatever its facts."""
    if act is ImposeRestriction:
        if officer.restriction is not None:
            raise AlreadyDone(f"Officer {officer.ref} is already on {_plain(officer.restriction.measure)}: vary it.")
        if _is_over(officer):
            raise WrongStage(f"The case is over for officer {officer.ref}; no restriction can be imposed.")
        return
    if act is GiveReviewNotice:  # also of a review that ended the suspension
        if officer.review_untold is None:
            raise WrongStage(f"There is no review of which officer {officer.ref} has to be told.")
        return
    if officer.restriction is None:
        raise WrongStage(f"Officer {officer.ref} is under no restriction.")
    if act is ConfirmSuspension and not officer.restriction.oral:
        raise WrongStage(f"Officer {officer.ref} was not suspended by word of mouth.")
    if act is ConfirmSuspension and officer.restriction.confirmed:
        raise AlreadyDone(f"The suspension of officer {officer.ref} is already confirmed in writing.")


def _is_over(officer: Officer) -> bool:
    """Whether the proceedings are over for the officer: nothing is decided after the outcome about a restriction."""
    return officer.finished or officer.departed is not None or officer.outcome is not None


def decide(case: Case, command: RestrictionAct) -> Iterator[Event]:
    """The facts that an act gives; it has passed `ready`."""
    officer = case.officer(command.officer)
    if isinstance(command, GiveReviewNotice):
        yield _notice(officer, command)
        return
    if officer.restriction is not None and officer.restriction.measure_at(command.occurred_at) is None:
        raise OutOfOrder(f"Officer {officer.ref} was not yet restricted at that time.")
    if (
        isinstance(command, ConfirmSuspension)
        and officer.restriction
        and command.occurred_at < officer.restriction.imposed_at
    ):
        raise OutOfOrder(f"Officer {officer.ref} was not yet suspended by word of mouth at that time.")
    if isinstance(command, RestrictionDecision):
        check_decision(case, officer, command)
    yield _fact(officer, command)


def _fact(officer: Officer, command: RestrictionAct) -> Event:
    facts = command.model_dump(exclude={"actor", "officers"}) | {"officer": officer.ref}
    measure = officer.restriction.measure_at(command.occurred_at) if officer.restriction else None
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
    raise TypeError(command.name)  # its branch was forgotten


def _notice(officer: Officer, command: GiveReviewNotice) -> Event:
    if officer.review_untold and command.occurred_at < officer.review_untold:
        raise OutOfOrder(f"The suspension of officer {officer.ref} had not been reviewed at that time.")
    return ReviewNoticeGiven.model_validate(
        command.model_dump(exclude={"actor", "officers"}) | {"officer": officer.ref}
    )


def _plain(measure: Measure) -> str:
    return measure.replace("_", " ")


def follow(case: Case, fact: Event) -> Iterator[Event]:
    """What ends a restriction: nothing is left to decide about the officer, or a review (PCR 2020 reg 11(3), (5)).

    That a review which finds the conditions of a suspension no longer met ends it was read without its number.
    """
    officer = case.officers.get(fact.subject or "")
    if officer is None or officer.restriction is None or isinstance(fact, RestrictionLifted):
        return
    unmet = isinstance(fact, RestrictionReviewed) and not fact.conditions_met
    if unmet or _is_over(officer):
        yield RestrictionLifted(
            occurred_at=fact.occurred_at,
            illustrative=fact.illustrative,
            officer=officer.ref,
            measure=officer.restriction.measure,
            reasons=f"It ends with: {fact.name.replace('_', ' ')}.",
            by_itself=True,
        )


def evolve(case: Case, event: Event) -> Case:
    """The case after a fact about a restriction."""
    officer = case.officer(event.subject or "")
    change = {"restriction": _after(officer.restriction, event), "review_untold": _untold(officer, event)}
    return case.with_officer(officer.model_copy(update=change))


def _untold(officer: Officer, event: Event) -> datetime | None:
    """The newest review of a suspension that waits for its written notice."""
    match event:
        case RestrictionReviewed(measure=Measure.SUSPENSION):
            return max(event.occurred_at, officer.review_untold or event.occurred_at)
        case ReviewNoticeGiven():
            return None
    return officer.review_untold


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
            newest = max(event.occurred_at, restriction.last_review or event.occurred_at)
            return restriction.model_copy(update={"last_review": newest})
        case RestrictionVaried():
            before = (*restriction.before, (restriction.imposed_at, restriction.measure))
            return Restriction(measure=event.measure, imposed_at=event.occurred_at, before=before, oral=event.oral)
    return restriction
