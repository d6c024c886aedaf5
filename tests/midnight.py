"""Midnight when a test wants it: the end of a day in the engine's time zone is moved to a moment that is near.

Nothing else is moved: clocks, timers and the dates of what is recorded stay real.
"""

import asyncio
import os
from datetime import UTC, date, datetime, time, timedelta, timezone

import worker
from domain import working_days

__all__ = ["BEFORE", "OWED", "move_midnight"]

# What is owed by the end of today, whatever weekday it is, in a case assessed so long ago as one that must be referred.
OWED, BEFORE = "refer_mandatory_conduct", timedelta(days=1)


def move_midnight(day: date, ends: datetime) -> None:
    """Let this day end then, in this process: at most 24 hours from where it ends in UTC, to the second."""
    offset = datetime.combine(day + timedelta(days=1), time.min, UTC) - ends
    working_days.LONDON = timezone(offset)  # type: ignore[assignment] # any time zone does


def main() -> None:
    """A worker whose midnight is moved as PROBITY_TEST_MIDNIGHT says: a day, a space, and when it ends."""
    day, _, ends = os.environ["PROBITY_TEST_MIDNIGHT"].partition(" ")
    move_midnight(date.fromisoformat(day), datetime.fromisoformat(ends))
    asyncio.run(worker.main())


if __name__ == "__main__":
    main()
