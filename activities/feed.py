"""The feed: every event of every case, once, in an order to go on from, for services that follow the record.

A reader keeps the cursor of the last event it has dealt with and asks for what comes after. No event comes to stand
before a cursor that was given out, however long its transaction took (deploy/migrations/0005_feed.sql, docs/adr/0012).
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from activities.connection import Pool, connected, transaction
from activities.hint import heard
from activities.opening import Readable
from activities.reads import Reader, open_for
from activities.sql import sql
from activities.store import recorded_from
from domain.errors import Malformed, Unavailable
from domain.messages import Recorded

if TYPE_CHECKING:
    import asyncpg

__all__ = ["PAGE", "START", "Cursor", "HeldBack", "Lines", "Page", "follow", "held_back", "lines", "page"]

PAGE = 500
LOOK = 1.0  # seconds: hints are lost, and what an open transaction holds back is not hinted at when it ends


class Cursor(NamedTuple):
    """A place in the feed: just after one event. Written `generation-transaction-position`."""

    generation: int
    transaction: int
    position: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises `Malformed` for what is no cursor."""
        if not re.fullmatch(r"\d{1,9}-\d{1,18}-\d{1,18}", text):
            raise Malformed("A cursor is written as three numbers, as 1-742-31.")
        return cls(*map(int, text.split("-")))

    def __str__(self) -> str:
        return "-".join(map(str, self))


START = Cursor(0, 0, 0)


class Page(NamedTuple):
    """Some events, each with its cursor; and the last of these, or the one that was asked with when there are none."""

    events: tuple[tuple[Readable, Cursor], ...]
    cursor: Cursor


class Lines(NamedTuple):
    """The same, each event as one line of JSON."""

    lines: tuple[tuple[str, Cursor], ...]
    cursor: Cursor


class HeldBack(NamedTuple):
    """How many events are recorded and not yet in the feed, and for how many seconds the oldest has been."""

    events: int
    seconds: float


async def page(
    pool: Pool,
    after: Cursor = START,
    limit: int = PAGE,
    reader: Reader | None = None,
    *,
    restricted: bool = True,
) -> Page:
    """What comes after a cursor, at most `limit` events, as this reader is shown them; without one text stays sealed.

    Without `restricted` the events of restricted cases are left out, which takes a login that reads `reporting`.
    Raises `Unavailable` when the cursor is of a later generation: then this store is an older copy.
    """
    statement = "feed" if restricted else "feed_open"
    if not (placed := [_placed(dict(row)) for row in await _rows(pool, statement, after, limit)]):
        return Page((), after)
    async with transaction(pool) as connection:
        shown = await open_for(connection, reader, "feed", [event for event, _ in placed])
    return Page(tuple(zip(shown, (cursor for _, cursor in placed), strict=True)), placed[-1][1])


async def lines(pool: Pool, after: Cursor = START, limit: int = PAGE) -> Lines:
    """The same page as lines of JSON, for whoever only hands them on: as recorded, text sealed, several times as fast.

    Raises `Unavailable` as `page` does.
    """
    found = tuple((line, Cursor(*place)) for *place, line in await _rows(pool, "feed_lines", after, limit))
    return Lines(found, found[-1][1] if found else after)


async def follow(
    pool: Pool, after: Cursor = START, limit: int = PAGE, reader: Reader | None = None
) -> AsyncIterator[tuple[Readable, Cursor]]:
    """What comes after a cursor, and what is recorded from then on, as this reader is shown it, until it is stopped.

    It looks when a hint is heard, and every `LOOK` seconds in any case. Raises `Unavailable`; then go on from the last
    cursor.
    """
    async with heard(pool) as hint:
        while True:
            hint.clear()  # before the page: what is recorded while it is read is hinted at again
            found = await page(pool, after, limit, reader)
            for each in found.events:
                yield each
            after = found.cursor
            if len(found.events) < limit:
                with suppress(TimeoutError):
                    await asyncio.wait_for(hint.wait(), LOOK)


async def _rows(pool: Pool, statement: str, after: Cursor, limit: int) -> "list[asyncpg.Record]":
    async with connected(pool) as connection:
        rows = await connection.fetch(sql(statement), *after, limit)
        if not rows and after.generation > await connection.fetchval("SELECT probity.current_generation()"):
            raise Unavailable(f"The cursor {after} is of a later generation than this store: it is an older copy.")
    return rows


def _placed(row: dict[str, Any]) -> tuple[Recorded, Cursor]:
    cursor = Cursor(*(row.pop(name) for name in Cursor._fields))
    return recorded_from(row), cursor


async def held_back(pool: Pool) -> HeldBack:
    """What an open transaction holds back from every reader: to be watched, since it is no reader's fault."""
    async with transaction(pool) as connection:
        row = await connection.fetchrow(sql("held_back"))
        assert row is not None
        return HeldBack(row["events"], row["seconds"])
