"""What a fact does to the deadlines that stand: it meets or ends them, moves their day, or passes the duty on."""

from collections.abc import Iterable, Iterator

from domain.deadlines.facts import (
    DeadlineExtended,
    DeadlineMet,
    DeadlineMissed,
    DeadlineResumed,
    DeadlineSet,
    DeadlineWithdrawn,
    DutyPassed,
    RightLapsed,
    about,
)
from domain.deadlines.starting import day_of, duty_of, stopped_by_stay
from domain.errors import Unlawful
from domain.messages import Event, plain
from domain.regimes import Occasion, TimeLimit, settling_events, time_limit
from domain.state import Case, Deadline, DeadlineState
from domain.vocabulary import Departure
from domain.working_days import london_date

__all__ = ["check_windows", "settle"]


def settle(case: Case, fact: Event) -> Iterator[Event]:
    """What becomes of each deadline. A fact about an officer settles that officer's; one about the case, everyone's."""
    if fact.name in settling_events() or _ends_everything(fact):
        for deadline in case.deadlines.values():
            if fact.subject in (None, deadline.subject) and _open_to(deadline, fact):
                yield from _met_or_ended(deadline, fact)
                yield from _moved(case, deadline, fact)
    if isinstance(fact, DeadlineExtended | DeadlineResumed):
        deadline = case.deadlines[fact.deadline]
        yield from _judged_anew(deadline, missed=isinstance(fact, DeadlineExtended))
        if deadline.done_at is None:
            yield from stopped_by_stay(case, deadline, fact)
    if fact.name == "mode_decided":
        yield from _passed_on(case, fact)


def check_windows(case: Case, fact: Event) -> None:
    """Refuse what would be done before its window opens. Raises `Unlawful`."""
    for deadline in case.deadlines.values():
        if deadline.opens_on is None or not deadline.ticking or deadline.subject != fact.subject:
            continue
        too_early = london_date(fact.occurred_at) < deadline.opens_on
        if too_early and _happens(_rule(deadline).met_by, fact):
            raise Unlawful(
                f"{deadline.title}: not before {plain(deadline.opens_on)}, and by {plain(deadline.due)}.",
                deadline.source,
            )


def _rule(deadline: Deadline) -> TimeLimit:
    return time_limit(deadline.regime, deadline.rule)


def _happens(occasions: Iterable[Occasion], fact: Event) -> bool:
    return any(occasion.matches(fact) for occasion in occasions)


def _open_to(deadline: Deadline, fact: Event) -> bool:
    """Whether it is owed still, or the fact was in time, is told late, and it ran out with nothing done meanwhile.

    A right that lapsed is also used late where an extension of it may be told yet.
    """
    if deadline.outstanding:
        return True
    undone, lapsed = deadline.done_at is None, deadline.state is DeadlineState.LAPSED
    if lapsed and undone and _rule(deadline).may_extend and _happens(_rule(deadline).met_by, fact):
        return True
    ran_out = lapsed or (deadline.state is DeadlineState.MISSED and undone)
    return ran_out and fact.occurred_at < deadline.due_at


# --- Met, or ended


def _met_or_ended(deadline: Deadline, fact: Event) -> Iterator[Event]:
    rule = _rule(deadline)
    if _happens(rule.met_by, fact) and not _still_a_period(deadline):
        if fact.occurred_at >= deadline.set_at:  # an older act, told later, is not what the duty asks for
            yield _met(deadline, fact)
    elif _ends_everything(fact) or _happens(rule.ends_with, fact):
        withdrawn = deadline.state is DeadlineState.MISSED and fact.occurred_at < deadline.due_at
        instead = time_limit(deadline.regime, fact.rule).title if isinstance(fact, DeadlineSet) else None
        because = instead or fact.name.replace("_", " ")
        yield about(DeadlineWithdrawn, deadline, fact, because=because, miss_withdrawn=withdrawn)


def _still_a_period(deadline: Deadline) -> bool:
    return deadline.period and deadline.state is not DeadlineState.DUE


def _met(deadline: Deadline, fact: Event) -> Event:
    dated = deadline.due is not None and not deadline.period
    paused = deadline.state is DeadlineState.PAUSED
    late = dated and not paused and fact.occurred_at >= deadline.due_at
    withdrawn = deadline.state in (DeadlineState.MISSED, DeadlineState.LAPSED) and not late
    lapsed = late and deadline.state is DeadlineState.LAPSED
    return about(DeadlineMet, deadline, fact, dated=dated, late=late, lapsed=lapsed, miss_withdrawn=withdrawn)


def _ends_everything(fact: Event) -> bool:
    """Nothing is owed in a closed case, nor by or about an officer who is beyond its reach."""
    return fact.name == "case_closed" or _happens(GONE, fact)


GONE = (
    Occasion(event="officer_departed", where={"departure": Departure.DIED}),
    Occasion(event="officer_departed", where={"reached": False}),
    Occasion(event="condition_c_determined", where={"proceed": False}),
    Occasion(event="officer_handed_over"),
)


# --- Moved, judged by another day, or passed on


def _moved(case: Case, deadline: Deadline, fact: Event) -> Iterator[Event]:
    """A later day that was granted is the new end of the limit."""
    occasion = next((each for each in _rule(deadline).moved_by if each.matches(fact)), None)
    if occasion is None or deadline.due is None or not deadline.outstanding:
        return
    day = day_of(case, occasion, fact)
    if day > deadline.due:
        told = {"due": day, "was_due": deadline.due, "reasons": fact.tell(), "by_itself": True}
        yield about(DeadlineExtended, deadline, fact, **told)


def _judged_anew(deadline: Deadline, *, missed: bool) -> Iterator[Event]:
    """What was done before an extension, or the end of a stay, was told is judged by the day that this had given."""
    if deadline.done_at is None or deadline.due is None:
        return
    late = deadline.done_at >= deadline.due_at
    if late:
        yield about(RightLapsed if deadline.right else DeadlineMissed, deadline, deadline.due_at)
    told = {"late": late, "lapsed": late and deadline.right, "miss_withdrawn": missed and not late}
    yield about(DeadlineMet, deadline, deadline.done_at, **told)


def _passed_on(case: Case, fact: Event) -> Iterator[Event]:
    """With the mode a duty may pass between the authority and the IOPC."""
    for deadline in case.deadlines.values():
        duty = duty_of(case, _rule(deadline))
        if deadline.outstanding and deadline.duty is not duty:
            yield about(DutyPassed, deadline, fact, duty=duty)
