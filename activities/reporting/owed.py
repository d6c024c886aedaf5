"""What is owed over all cases, and who is restricted: whole, or in pages, each going on after the row that ended one.

A place in the order is written as what the rows are sorted by, so that it holds when the row itself has gone.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

from pydantic import AwareDatetime, Field

from activities.connection import Pool, transaction
from activities.sql import sql
from activities.store import Connection
from domain.errors import Malformed
from domain.messages import REFERENCE, Kept
from domain.regimes import reviews
from domain.state import DeadlineState
from domain.vocabulary import Clock, Measure, Role

__all__ = [
    "Duties",
    "Duty",
    "OwedPage",
    "Restricted",
    "Restrictions",
    "SoughtDuties",
    "SoughtRestrictions",
    "duties",
    "find_duties",
    "find_restrictions",
    "restrictions",
]

NONE = "-"  # the day of what has none; it comes after every day
DAY, REF = f"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{NONE})", f"({REFERENCE.pattern})"
DUTY, RESTRICTION = re.compile(f"{DAY}/{DAY}/{REF}/(.{{1,200}})"), re.compile(f"{DAY}/{REF}/([^/]{{1,64}})")
SINCE = "The day since when it is owed as soon as practicable: there is none by which, and it is never overdue."


class SoughtDuties(NamedTuple):
    """Which duties, and which page of them. Those of restricted cases are neither told nor counted unless asked for.

    `rehearsed`: what is overdue in rehearsed cases counts too, which is nobody's to do. Without `limit`: all.
    """

    overdue: bool | None = None
    reference: str | None = None
    force: str | None = None
    rehearsed: bool = False
    restricted: bool = False
    after: str = ""
    limit: int | None = None


class SoughtRestrictions(NamedTuple):
    """Which restrictions, and which page of them; as `SoughtDuties`."""

    overdue: bool | None = None
    called_for: bool | None = None
    force: str | None = None
    rehearsed: bool = False
    restricted: bool = False
    after: str = ""
    limit: int | None = None


class Duty(Kept):
    """A duty that is owed, or a right that may still be used: opaque references, dates and words of closed lists."""

    reference: str
    clock: Clock
    deadline: str
    kind: Literal["duty", "right", "period"]
    title: str
    subject: str | None
    duty: Role
    state: DeadlineState
    overdue: bool
    due: date | None
    owed_since: date | None = Field(description=SINCE)
    citation: str
    unverified: bool
    illustrative: bool
    force: str


class Duties(Kept):
    """A page of the duties owed; `total` counts all that were sought, `next` is where to go on, if there is more."""

    deadlines: tuple[Duty, ...]
    total: int
    next: str | None


class Restricted(Kept):
    """An officer who is restricted, and the next review: opaque references, dates and words of closed lists."""

    reference: str
    clock: Clock
    officer: str
    measure: Measure
    imposed_at: AwareDatetime
    oral: bool
    confirmed: bool
    last_review: AwareDatetime | None
    next_review: date | None
    review_overdue: bool
    review_called_for: bool
    called_for_since: date | None = Field(description="The day since when a review is owed, with none by which.")
    unverified: bool
    illustrative: bool
    person: str
    force: str


class Restrictions(Kept):
    """A page of those restricted; `total` counts all that were sought, `next` is where to go on, if there is more."""

    restrictions: tuple[Restricted, ...]
    total: int
    next: str | None


class OwedPage(NamedTuple):
    """Some rows in their order, how many there are in all, and where to go on, if there is more."""

    rows: list[dict[str, Any]]
    total: int
    next: str | None


async def find_duties(pool: Pool, sought: SoughtDuties) -> Duties:
    """The duties that were sought. Raises `Malformed` for a place that is none, and `Unavailable`."""
    async with transaction(pool) as connection:
        page = await duties(connection, sought)
    return Duties.model_validate({"deadlines": page.rows, "total": page.total, "next": page.next})


async def find_restrictions(pool: Pool, sought: SoughtRestrictions) -> Restrictions:
    """The restrictions that were sought. Raises as `find_duties`."""
    async with transaction(pool) as connection:
        page = await restrictions(connection, sought)
    return Restrictions.model_validate({"restrictions": page.rows, "total": page.total, "next": page.next})


async def duties(connection: Connection, sought: SoughtDuties) -> OwedPage:
    """A page of the duties owed, nearest first, undated ones last."""
    *filters, after, limit = sought
    args = (*filters, *_place(DUTY, after))
    return await _page(connection, "deadlines", args, limit, ("due", "owed_since", "reference", "deadline"))


async def restrictions(connection: Connection, sought: SoughtRestrictions) -> OwedPage:
    """A page of those restricted, by the day of the next review."""
    *filters, after, limit = sought
    args = (sorted(reviews()), *filters, *_place(RESTRICTION, after))
    return await _page(connection, "restrictions", args, limit, ("next_review", "reference", "officer"))


async def _page(
    connection: Connection, statement: str, args: Sequence[Any], limit: int | None, order: Sequence[str]
) -> OwedPage:
    """One row more is asked for than is told: whether there is more."""
    found = await connection.fetch(sql(statement), *args, limit and limit + 1)
    total = found[0]["total"]  # each row tells it, and where there is none, one row with nothing else does
    told = (row for row in found if row["reference"] is not None)
    rows = [{name: value for name, value in row.items() if name != "total"} for row in told]
    page, more = rows[:limit], limit is not None and len(rows) > limit
    return OwedPage(page, total, "/".join(str(page[-1][name] or NONE) for name in order) if more else None)


def _place(form: re.Pattern[str], after: str) -> list[date | str | None]:
    """What the row before was sorted by. Refuses what was not told as `next`."""
    if not after:
        return [None] * form.groups
    try:
        if not after.isprintable() or not (told := form.fullmatch(after)):
            raise ValueError
        *days, reference, name = told.groups()
        return [*(date.max if day == NONE else date.fromisoformat(day) for day in days), reference, name]
    except ValueError:
        raise Malformed("after: has to be the next of a page, as it was told.") from None
