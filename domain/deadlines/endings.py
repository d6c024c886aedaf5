"""The misses and lapses that a record notes: which of them stand no longer, by what, and since when."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from domain.deadlines.facts import (
    DeadlineEvent,
    DeadlineExtended,
    DeadlineMet,
    DeadlineMissed,
    DeadlinePaused,
    DeadlineSetAside,
    DeadlineShortened,
    DeadlineWithdrawn,
    RightLapsed,
)
from domain.messages import Event
from domain.working_days import london_date

__all__ = ["Ending", "Noted", "TakenAway", "TakenAwayBy", "taken_away"]

Ending = DeadlineMissed | RightLapsed
Noted = tuple[str, datetime]  # a deadline's id, and when its time ended


class TakenAwayBy(StrEnum):
    """What takes a noted miss or lapse away. All but the last happened before the time ended, and were told late."""

    DONE = "done"
    USED = "used"
    FELL_AWAY = "fell_away"
    EXTENDED = "extended"
    SHORTENED = "shortened"
    CLOCK_STOPPED = "clock_stopped"
    SET_ASIDE = "set_aside"


class TakenAway(NamedTuple):
    """What took a noted miss or lapse away, and the day on which that happened."""

    by: TakenAwayBy
    on: date


def taken_away(events: Iterable[Event]) -> dict[Noted, TakenAway]:
    """What took away each miss and lapse that was noted and stands no longer; of events that are not void.

    It asks for no state, so that an act's own events say it too. That the fold of a case agrees is a law of
    docs/invariants.md.
    """
    noted: dict[str, Ending] = {}
    gone: dict[Noted, TakenAway] = {}
    for event in events:
        if isinstance(event, Ending):
            noted[event.deadline] = event
            gone.pop((event.deadline, event.occurred_at), None)
        elif isinstance(event, DeadlineEvent) and (ending := noted.get(event.deadline)):
            if by := _takes_away(event, ending):
                at = noted.pop(event.deadline).occurred_at
                gone[event.deadline, at] = TakenAway(by, london_date(event.occurred_at))
    return gone


def _takes_away(event: DeadlineEvent, ending: Ending) -> TakenAwayBy | None:
    """What this is to a miss or a lapse that was noted; None where it stands."""
    lapsed, in_time = isinstance(ending, RightLapsed), event.occurred_at < ending.occurred_at
    match event:
        case DeadlineMet(miss_withdrawn=True):
            return TakenAwayBy.USED if lapsed else TakenAwayBy.DONE
        case DeadlineWithdrawn() if event.miss_withdrawn or (lapsed and in_time):
            return TakenAwayBy.FELL_AWAY
        case DeadlineExtended() if in_time:
            return TakenAwayBy.EXTENDED
        case DeadlineShortened() if in_time:  # it is missed anew, on the earlier day
            return TakenAwayBy.SHORTENED
        case DeadlinePaused() if in_time:
            return TakenAwayBy.CLOCK_STOPPED
        case DeadlineSetAside():
            return TakenAwayBy.SET_ASIDE
    return None
