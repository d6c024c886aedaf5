"""A case looked at from another day: as at a date, as known on a date, or both.

    as at      what had happened by then, as the record tells it: what was told late counts from the day it happened,
               what was corrected since is as corrected, and a limit that was missed later still runs
    as known   what the record held by then, right or wrong: what was told or corrected later is left out

With both it is what had happened by the one day, as far as it was known on the other. It stands above `domain.case`,
by which it folds.
"""

from collections.abc import Container, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import TypeVar

from domain.case import evolve, fold
from domain.correction import as_corrected
from domain.deadlines import DeadlineSet
from domain.errors import Malformed, NotFound
from domain.messages import Event, Model, Moment, Recorded, plain
from domain.referral import CaseReferred, OfficerAdded, PartyAdded
from domain.state import Case
from domain.working_days import end_of_day, london_date

__all__ = ["TODAY", "View", "as_at", "last_moment", "last_moment_of"]

R = TypeVar("R", bound=Recorded)

INSTANT = timedelta(microseconds=1)


def as_at(events: Iterable[Event], moment: datetime) -> Case | None:
    """The case as it stood at a moment, by a whole history that may go on beyond it; None before it was referred.

    Its version is that of the history. A fact also waits for what it is about: an act may be dated before the day on
    which the officer was added whom it concerns, a miss before that on which its limit was set.
    """
    whole = list(events)
    facts = [fact.event for fact in as_corrected(whole)]
    named = {event.subject for event in facts if isinstance(event, OfficerAdded | PartyAdded)}
    case: Case | None = None
    for event in facts:
        if event.occurred_at <= moment and _is_placed(case, event, named):
            case = evolve(case, event)
    return case and case.model_copy(update={"version": len(whole)})


def _is_placed(case: Case | None, event: Event, named: Container[str | None]) -> bool:
    """Whether the case knows what the fact is about; `named` are all that it came to call by name."""
    if case is None:
        return isinstance(event, CaseReferred)
    if event.subject in named and not case.has(str(event.subject)) and not isinstance(event, OfficerAdded | PartyAdded):
        return False
    return isinstance(event, DeadlineSet) or getattr(event, "deadline", None) in (None, *case.deadlines)


class View(Model):
    """From which day a case is looked at; without any, as it stands in the record now."""

    as_at: Moment | None = None
    as_known: Moment | None = None

    def check(self, now: datetime) -> None:
        """Refuse a day that has not come: as `Malformed`."""
        for name, moment in self:
            if moment is not None and moment > last_moment(now):
                raise Malformed(f"{name}: {plain(london_date(moment))} has not come yet.")

    def known(self, events: Sequence[R]) -> list[R]:
        """What the record held: of a whole history, what was recorded by `as_known`."""
        known_by = self.as_known
        return [*events] if known_by is None else [*takewhile(lambda each: each.recorded_at <= known_by, events)]

    def happened(self, events: Sequence[R]) -> list[R]:
        """Of what the record held, what had happened by `as_at`; voided events too, as the record has them."""
        return [each for each in self.known(events) if self.as_at is None or each.occurred_at <= self.as_at]

    def case(self, events: Sequence[Recorded]) -> Case:
        """The case as seen so, from its whole history. Raises `NotFound` when there was none yet."""
        known = [each.event() for each in self.known(events)]
        by, known_by = self._told()
        if not known:
            raise NotFound(f"The record held no case {events[0].stream} yet by {known_by}.")
        found = fold(known) if self.as_at is None else as_at(known, self.as_at)
        if found is None:
            so_far = f", so far as the record held by {known_by}" if known_by else ""
            raise NotFound(f"Case {events[0].stream} had not been referred yet by {by}{so_far}.")
        return found

    def tell(self) -> str:
        """Which view it is, in a sentence."""
        by, known_by = self._told()
        if by and known_by:
            return f"As at {by}, as known at {known_by}: what had happened by the one, so far as recorded by the other."
        if by:
            return f"As at {by}: what had happened by then, told late or corrected since included."
        if known_by:
            return f"As known at {known_by}: what the record held by then; told or corrected later is left out."
        return "As it stands now."

    def _told(self) -> tuple[str, str]:
        return _plainly(self.as_at), _plainly(self.as_known)


TODAY = View()


def last_moment(moment: datetime) -> datetime:
    """The last moment of the day in London in which a moment lies."""
    return last_moment_of(london_date(moment))


def last_moment_of(day: date) -> datetime:
    """The last moment of a day in London: what falls due with the end of the day runs still."""
    return end_of_day(day) - INSTANT


def _plainly(moment: datetime | None) -> str:
    if moment is not None and moment == last_moment(moment):
        return f"the end of {plain(london_date(moment))}"
    return plain(moment)
