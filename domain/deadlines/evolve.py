"""The case after a fact about one of its deadlines."""

from datetime import date, datetime, timedelta

from domain.deadlines.facts import (
    CASE_CLOSED,
    DeadlineEvent,
    DeadlineExtended,
    DeadlineMet,
    DeadlineMissed,
    DeadlinePaused,
    DeadlineRecomputed,
    DeadlineReinstated,
    DeadlineResumed,
    DeadlineSet,
    DeadlineSetAside,
    DeadlineShortened,
    DeadlineWarned,
    DeadlineWithdrawn,
    DutyArose,
    DutyPassed,
    RightLapsed,
)
from domain.state import Case, Deadline, DeadlineState
from domain.working_days import london_date

__all__ = ["born", "evolve"]


def evolve(case: Case, event: DeadlineEvent) -> Case:
    """The case after a fact about one of its deadlines."""
    if isinstance(event, DeadlineSet):
        return case.with_deadline(born(event))
    return case.with_deadline(_changed_state(case.deadlines[event.deadline], event))


def born(event: DeadlineSet) -> Deadline:
    """The deadline that was set."""
    facts = event.model_dump(exclude={"occurred_at", "deadline", "about"}) | {"set_at": event.occurred_at}
    state = DeadlineState.RUNNING if event.due else DeadlineState.DUE
    return Deadline.model_validate({**facts, "id": event.deadline, "subject": event.about, "state": state})


def _changed_state(deadline: Deadline, event: DeadlineEvent) -> Deadline:
    return deadline.model_copy(update=_change(deadline, event))


def _change(deadline: Deadline, event: DeadlineEvent) -> dict[str, object]:
    match event:
        case DeadlineWarned():
            return {"warned": True}
        case DutyPassed():
            return {"duty": event.duty}
        case DeadlineExtended() | DeadlineShortened():
            return _moved(deadline, event)
        case DeadlinePaused():
            paused_on, missed_at = london_date(event.occurred_at), _missed_before(deadline, event.occurred_at)
            return {"state": DeadlineState.PAUSED, "paused_on": paused_on, "missed_at": missed_at}
        case DeadlineReinstated():
            moved = _runs_on(deadline, event) if event.resumed_on else {}
            return {**moved, "state": deadline.closed_in, "ended_at": None, "closed_in": None}
        case DeadlineResumed():
            return {**_runs_on(deadline, event), "paused_on": None}
        case DeadlineRecomputed():
            return _recomputed(deadline, event)
    return _ended(deadline, event)


def _ended(deadline: Deadline, event: DeadlineEvent) -> dict[str, object]:
    at, missed = event.occurred_at, deadline.state is DeadlineState.MISSED
    match event:
        case DutyArose():
            return {"state": DeadlineState.DUE}
        case DeadlineMissed():
            return {"state": DeadlineState.MISSED, "missed_at": at}
        case RightLapsed():
            return {"state": DeadlineState.LAPSED, "missed_at": at}
        case DeadlineMet():
            late = DeadlineState.LAPSED if event.lapsed else DeadlineState.MISSED
            return {"state": late if event.late else DeadlineState.MET, "done_at": at}
        case DeadlineWithdrawn():
            stands = missed and not event.miss_withdrawn
            closed_in = _closed_in(deadline, stands=stands) if event.because == CASE_CLOSED else None
            state = DeadlineState.MISSED if stands else DeadlineState.WITHDRAWN
            return {"state": state, "ended_at": at, "closed_in": closed_in}
        case DeadlineSetAside():
            return {"state": DeadlineState.NOT_APPLICABLE, "ended_at": at}
    raise ValueError(f"no deadline knows the event {event.name}")


def _closed_in(deadline: Deadline, *, stands: bool) -> DeadlineState:
    """How it stood when the case was closed: closed in time and told late, it ran then, whatever was noted since."""
    return DeadlineState.RUNNING if deadline.ran_out and not stands else deadline.state


def _moved(deadline: Deadline, event: DeadlineEvent) -> dict[str, object]:
    state = DeadlineState.EXTENDED if isinstance(event, DeadlineExtended) else DeadlineState.RUNNING
    if deadline.state is DeadlineState.PAUSED and not isinstance(event, DeadlineResumed):
        state = DeadlineState.PAUSED
    moved = event.due - deadline.due if event.due and deadline.due else timedelta()
    warn_on = deadline.warn_on + moved if deadline.warn_on else None
    opens_on = _opens(deadline, event, moved)
    return {
        "state": state,
        "due": event.due,
        "warn_on": warn_on,
        "opens_on": opens_on,
        "warned": False,
        "missed_at": _missed_before(deadline, deadline.ended_at or event.occurred_at),  # ended: by closing the case
    }


def _missed_before(deadline: Deadline, moment: datetime) -> datetime | None:
    """The miss that stood by then. What happened before the time ended, and was told late, takes the miss away."""
    return deadline.missed_at if deadline.missed_at and deadline.missed_at <= moment else None


def _runs_on(deadline: Deadline, event: DeadlineResumed) -> dict[str, object]:
    return {**_moved(deadline, event), "resumed_on": event.resumed_on, "days_left": event.days_left}


def _recomputed(deadline: Deadline, event: DeadlineRecomputed) -> dict[str, object]:
    """Who was warned is not warned again; a warning that the move would leave in the past comes the day after it."""
    changed: dict[str, object] = {"due": event.due, "opens_on": event.opens_on, "calendar": event.calendar}
    if deadline.warned or deadline.warn_on is None or deadline.due is None or event.due is None:
        return changed
    tomorrow = london_date(event.occurred_at) + timedelta(days=1)
    return {**changed, "warn_on": max(deadline.warn_on + (event.due - deadline.due), tomorrow)}


def _opens(deadline: Deadline, event: DeadlineEvent, moved: timedelta) -> date | None:
    """A window moves as a whole with a stay; an agreement to an earlier day opens it that day."""
    if deadline.opens_on is None or event.due is None:
        return None
    return deadline.opens_on + moved if isinstance(event, DeadlineResumed) else min(deadline.opens_on, event.due)
