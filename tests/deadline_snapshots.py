"""The due date of every dated time limit for every trigger day of ten years: `python -m tests.deadline_snapshots`.

It writes `tests/snapshots/deadlines/<rule>.txt` anew, one line a month, one due day (month-day) for each day of it; a
`+1` behind one says how many years later it lies. A change of law, calendar or code is then a diff that can be read.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from domain.regimes import TimeLimit, every_time_limit
from domain.working_days import Counting, count, england_and_wales

__all__ = ["FOLDER", "dated", "main", "snapshot"]

FOLDER = Path(__file__).parent / "snapshots" / "deadlines"
FIRST, LAST = date(2018, 1, 1), date(2027, 12, 31)
CALENDAR = england_and_wales()


def dated() -> dict[str, TimeLimit]:
    """Every time limit that ends on a day, by its id; a duty owed as soon as practicable has none."""
    return {row.id: row for row in every_time_limit() if row.count and row.length}


def snapshot(row: TimeLimit) -> str:
    """What the file of a time limit says."""
    assert row.count is not None and row.length is not None
    days = (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))
    months = groupby(days, key=lambda day: f"{day:%Y-%m}")
    window = f"{row.opens} to " if row.opens else ""
    lines = (f"{month} | {' '.join(_cell(row, day) for day in inside)}" for month, inside in months)
    return "\n".join((f"{row.id}: {window}{row.length} {row.count}", *lines)) + "\n"


def _cell(row: TimeLimit, day: date) -> str:
    """The due day; of a window the first day too, before a slash."""
    assert row.count is not None and row.length is not None
    due = _due(row.count, row.length, day)
    return f"{_due(row.count, row.opens, day)}/{due}" if row.opens else due


def _due(counting: Counting, length: int, trigger: date) -> str:
    due = count(CALENDAR, counting, length, trigger).due
    years = due.year - trigger.year
    return f"{due:%m-%d}{f'{years:+d}' if years else ''}"


def main() -> Iterator[Path]:
    """Write every file anew, remove those of no rule, and yield what was written."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.txt"):
        path.unlink()
    for name, row in dated().items():
        (FOLDER / f"{name}.txt").write_text(snapshot(row), encoding="utf-8")
        yield FOLDER / f"{name}.txt"


if __name__ == "__main__":
    print(f"{len(list(main()))} files written to {FOLDER}: look at the diff.")
