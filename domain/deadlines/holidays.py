"""What another table of holidays does to deadlines that run: which move, whereto, and why.

A holiday may be proclaimed days before it comes (19 September 2022, nine days). A day that was counted from a trigger
is counted again; a day that someone fixed (an extension, an agreement) stays, and so does what is past or settled.
"""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, NamedTuple

from pydantic import Field

from domain.deadlines.facts import DeadlineRecomputed, about
from domain.errors import Malformed
from domain.messages import Command, Event, Text, plain
from domain.prose import Prose
from domain.regimes import time_limit
from domain.state import Case, Deadline, DeadlineState
from domain.vocabulary import Role
from domain.working_days import Calendar, Count, Counting, count, england_and_wales, london_date

__all__ = ["AdoptHolidays", "HolidaysAdopted", "Move", "adopt", "counted", "moves", "recompute"]


class AdoptHolidays(Command):
    """Count the running time limits of a case again, by a table of holidays that was made since they were set."""

    given_by: ClassVar[frozenset[Role]] = frozenset({Role.CLERK, Role.APPROPRIATE_AUTHORITY})
    table: str = Field(max_length=40, description="Version of the table, as `probity holidays` shows it.")
    reasons: Text


class HolidaysAdopted(Event):
    """The case is counted by another table of holidays from now on."""

    says: ClassVar[str] = "Time limits are counted by table {table} of the holidays of England and Wales: {reasons}"
    table: str
    reasons: Prose


class Move(NamedTuple):
    """A deadline that another table of holidays moves: its new last day, first day if it is a window, and why."""

    deadline: Deadline
    due: date
    opens_on: date | None
    because: str


def adopt(command: AdoptHolidays, calendar: Calendar) -> Iterator[Event]:
    """The fact that a case adopts the table in use. Raises `Malformed` when another is named."""
    if command.table != calendar.version:
        raise Malformed(f"table: the engine counts by table {calendar.version}, not by that one.")
    yield HolidaysAdopted(
        occurred_at=command.occurred_at,
        illustrative=command.illustrative,
        table=command.table,
        reasons=command.reasons,
    )


def recompute(case: Case, cause: Event, calendar: Calendar) -> Iterator[Event]:
    """Move every deadline that the table moves. Nobody is late for a day that was set after it had passed."""
    today = london_date(cause.occurred_at)
    for deadline, due, opens_on, because in moves(case, calendar):
        told = {"was_due": deadline.due, "calendar": calendar.version, "because": because}
        yield about(DeadlineRecomputed, deadline, cause, due=max(due, today), opens_on=opens_on, **told)


def moves(case: Case, calendar: Calendar) -> Iterator[Move]:
    """The running and paused deadlines that fall on another day by this table than by the one they were counted by."""
    for deadline in case.deadlines.values():
        moving = deadline.ticking or deadline.state is DeadlineState.PAUSED
        if moving and deadline.calendar < calendar.version:  # versions sort by age; a newer table is not unmade
            yield from _moves(deadline, england_and_wales(deadline.calendar), calendar)


def _moves(deadline: Deadline, old: Calendar, new: Calendar) -> Iterator[Move]:
    before, after = counted(deadline, old), counted(deadline, new)
    if before and after and deadline.due == before.due != after.due:
        yield Move(deadline, after.due, _opens(deadline, new), _why(old, new, before, after))


def counted(deadline: Deadline, calendar: Calendar) -> Count | None:
    """The count that gave a deadline its day, made with this table; None where no working day was counted."""
    if deadline.resumed_on is not None:
        left = deadline.days_left
        return count(calendar, Counting.WORKING_DAYS_AFTER, left, deadline.resumed_on) if left else None
    if deadline.count is None or deadline.length is None:
        return None
    return count(calendar, deadline.count, deadline.length, deadline.trigger)


def _opens(deadline: Deadline, calendar: Calendar) -> date | None:
    opens = time_limit(deadline.regime, deadline.rule).opens
    if deadline.opens_on is None or deadline.count is None or opens is None or deadline.resumed_on:
        return deadline.opens_on
    return count(calendar, deadline.count, opens, deadline.trigger).due


def _why(old: Calendar, new: Calendar, before: Count, after: Count) -> str:
    """Which days of the count are holidays by the new table and were none by the old one, or the other way round."""
    first, *_, last = sorted((before.first_day, before.due, after.first_day, after.due))
    changed = sorted(day for day in old.holidays.keys() ^ new.holidays.keys() if first <= day <= last)
    return "; ".join(_changed(day, old, new) for day in changed)


def _changed(day: date, old: Calendar, new: Calendar) -> str:
    if day in new.holidays:
        return f"{plain(day)} is now a holiday ({new.holidays[day]})"
    return f"{plain(day)} is no longer a holiday ({old.holidays[day]})"
