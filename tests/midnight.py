"""Midnight when a test wants it: the end of a day in the engine's time zone is moved to a moment that is near.

Nothing else is moved: clocks, timers and the dates of what is recorded stay real.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

from domain import working_days

__all__ = ["move_midnight"]


def move_midnight(day: date, ends: datetime) -> None:
    """Let this day end then, in this process: at most 24 hours from where it ends in UTC, to the second."""
    offset = datetime.combine(day + timedelta(days=1), time.min, UTC) - ends
    working_days.LONDON = timezone(offset)  # type: ignore[assignment] # any time zone does
