"""Which misses and lapses that were noted stand no longer, and what took each away."""

from collections.abc import Iterable
from datetime import datetime

from domain.deadlines import (
    DeadlineEvent,
    DeadlineExtended,
    DeadlineMet,
    DeadlineMissed,
    DeadlinePaused,
    DeadlineSetAside,
    DeadlineWithdrawn,
    RightLapsed,
)
from domain.messages import Event
from domain.working_days import london_date
from integration.tables import day

__all__ = ["Ending", "Noted", "withdrawn"]

Ending = DeadlineMissed | RightLapsed
Noted = tuple[str, datetime]  # a deadline's id, and when its time ended


def withdrawn(events: Iterable[Event]) -> dict[Noted, str]:
    """What took away each miss and lapse that was noted and stands no longer; of events that are not void."""
    noted: dict[str, Ending] = {}
    gone: dict[Noted, str] = {}
    for event in events:
        if isinstance(event, Ending):
            noted[event.deadline] = event
            gone.pop((event.deadline, event.occurred_at), None)
        elif isinstance(event, DeadlineEvent) and (ending := noted.get(event.deadline)):
            if why := _takes_away(event, ending):
                gone[event.deadline, noted.pop(event.deadline).occurred_at] = why
    return gone


def _takes_away(event: DeadlineEvent, ending: Ending) -> str | None:
    """Why a miss or a lapse stands no longer after this; None where it stands."""
    on, lapsed = day(london_date(event.occurred_at)), isinstance(ending, RightLapsed)
    in_time = event.occurred_at < ending.occurred_at
    match event:
        case DeadlineMet(miss_withdrawn=True):
            return f"it had been {'used' if lapsed else 'done'} on {on} and was told late"
        case DeadlineWithdrawn() if event.miss_withdrawn or (lapsed and in_time):
            return f"it had fallen away on {on}, which was told late"
        case DeadlineExtended() if in_time:
            return f"it had been extended on {on}, which was told late"
        case DeadlinePaused() if in_time:
            return f"its clock had stopped on {on}, which was told late"
        case DeadlineSetAside():
            return f"it was set aside on {on}"
    return None
