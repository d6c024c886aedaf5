"""What the passing of time does to deadlines, and how a stay stops it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from domain.deadlines.facts import (
    DeadlineEvent,
    DeadlineMissed,
    DeadlinePaused,
    DeadlineReinstated,
    DeadlineResumed,
    DeadlineWarned,
    DutyArose,
    RightLapsed,
    about,
)
from domain.messages import Event
from domain.regimes import time_limit
from domain.state import Case, Deadline, DeadlineState
from domain.vocabulary import Clock
from domain.working_days import Calendar, Counting, count, london_date

__all__ = ["first_due", "next_wake", "pause", "reinstate", "resume"]


def first_due(case: Case, until: datetime) -> Event | None:
    """The first thing that the passing of time did by `until`: a warning, a miss, or a period that ended.

    The caller folds it and asks again, since a miss may start the next clock. What is already past its end is not
    warned of, and neither is a recorded case, whose past has no one to warn.
    """
    alarms = sorted(_alarms(case), key=lambda alarm: (alarm[0], alarm[2].id))
    for moment, kind, deadline in alarms:
        if moment > until:
            return None
        if kind is not DeadlineWarned or deadline.due_at > until:
            return about(kind, deadline, moment, **_ends(kind, deadline))
    return None


def _ends(kind: type[DeadlineEvent], deadline: Deadline) -> dict[str, object]:
    return {"day_after": deadline.due + timedelta(days=1)} if kind is DutyArose and deadline.due else {}


def _alarms(case: Case) -> Iterator[tuple[datetime, type[DeadlineEvent], Deadline]]:
    for deadline in case.ticking:
        if deadline.warn_at and not deadline.warned and case.clock is not Clock.RECORDED:
            yield deadline.warn_at, DeadlineWarned, deadline
        yield deadline.due_at, _at_the_end(deadline), deadline


def _at_the_end(deadline: Deadline) -> type[DeadlineEvent]:
    if deadline.period:
        return DutyArose
    return RightLapsed if deadline.right else DeadlineMissed


def next_wake(case: Case) -> tuple[datetime, Deadline] | None:
    """When time next does something to a case that is not merely recorded, and by which deadline."""
    if case.clock is Clock.RECORDED or case.closed_at is not None:
        return None
    alarms = sorted(((moment, deadline) for moment, _, deadline in _alarms(case)), key=lambda a: (a[0], a[1].id))
    return alarms[0] if alarms else None


def pause(case: Case, cause: Event) -> Iterator[Event]:
    """Stop the clocks of the misconduct proceedings, for criminal ones (PCR 2020 reg 10; 2012 reg 9)."""
    for deadline in case.deadlines.values():
        if time_limit(deadline.regime, deadline.rule).pauses and _runs_at(deadline, cause.occurred_at):
            since = max(cause.occurred_at, deadline.set_at)  # one that started during a stay told late never ran
            yield about(DeadlinePaused, deadline, since, illustrative=deadline.illustrative or cause.illustrative)


def _runs_at(deadline: Deadline, moment: datetime) -> bool:
    """A stay told late stops a clock that ran out since: it was no miss, and the right has not lapsed."""
    ran_out = deadline.ran_out and deadline.done_at is None
    return deadline.ticking or (ran_out and moment < deadline.due_at)


def resume(case: Case, cause: Event, calendar: Calendar) -> Iterator[Event]:
    """Let every paused clock run again with the days that were left when it stopped, counted as its rule counts.

    No regulation says how a stayed period goes on; this reading leaves each party the days it had.
    """
    for deadline in case.deadlines.values():
        if deadline.due is None:
            continue  # owed as soon as practicable: there is no clock to stop
        if deadline.state is DeadlineState.PAUSED or _done_after(deadline, cause.occurred_at):
            yield about(
                DeadlineResumed, deadline, cause, **_with_days_left(deadline, deadline.paused_on, cause, calendar)
            )


def reinstate(case: Case, cause: Event, calendar: Calendar) -> Iterator[Event]:
    """What closing the case ended is owed again when it is reopened: what ran has the days that were left to it then.

    No regulation knows of a case that is closed and reopened; this reading finds nobody in default for the time when
    nothing was owed. What was missed before is owed still, and not missed again.
    """
    for deadline in case.deadlines.values():
        if deadline.closed_in in (DeadlineState.RUNNING, DeadlineState.EXTENDED) and deadline.ended_at:
            closed_on = london_date(deadline.ended_at)
            yield about(DeadlineReinstated, deadline, cause, **_with_days_left(deadline, closed_on, cause, calendar))
        elif deadline.closed_in is not None:
            yield about(DeadlineReinstated, deadline, cause)


def _done_after(deadline: Deadline, moment: datetime) -> bool:
    """Done while it was thought paused, after the clock ran again, as is told only now: it may have been late."""
    met = deadline.state is DeadlineState.MET and deadline.paused_on is not None
    return met and deadline.done_at is not None and deadline.done_at > moment


def _with_days_left(deadline: Deadline, since: date | None, cause: Event, calendar: Calendar) -> dict[str, object]:
    """The new end of a clock that stood still since a day until what caused it to run again."""
    today = london_date(cause.occurred_at)
    if deadline.due is None or since is None:
        raise ValueError(f"{deadline.id} does not stand still")
    if deadline.count is not Counting.WORKING_DAYS_AFTER:
        return {"due": today + (deadline.due - since), "resumed_on": today}
    days = (since + timedelta(days=n) for n in range(1, (deadline.due - since).days + 1))
    left = sum(1 for day in days if calendar.is_working_day(day))
    start = today if left else today - timedelta(days=1)
    due = count(calendar, Counting.WORKING_DAYS_AFTER, max(left, 1), start).due
    return {"due": due, "resumed_on": start, "days_left": max(left, 1)}
