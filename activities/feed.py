"""The feed: every event of every case, once, in an order to go on from, for services that follow the record.

A reader keeps the cursor of the last event it has dealt with and asks for what comes after. No event comes to stand
before a cursor that was given out, however long its transaction took (deploy/migrations/0005_feed.sql, docs/adr/0012).
"""

import asyncio
import re
from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, TypeVar

from activities.connection import Connection, Pool, connected, transaction, unhurried
from activities.hint import heard
from activities.sql import sql
from activities.store import recorded_from
from activities.text.opening import Readable
from activities.text.reads import Reader, open_for
from domain.errors import Malformed, Unavailable, Unreadable
from domain.messages import Model, Recorded

if TYPE_CHECKING:
    import asyncpg

__all__ = [
    "PAGE",
    "START",
    "Beyond",
    "Cursor",
    "Entries",
    "HeldBack",
    "Lines",
    "Page",
    "Signed",
    "entries",
    "faults",
    "follow",
    "follow_entries",
    "held_back",
    "lines",
    "page",
    "settle",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

PAGE = 500
CHANGED = "find out who changed it, then empty probity.feed_page (docs/run.md, Following the record)."
BEYOND = (
    "The cursor lies beyond the end of the feed: this is an older copy of the store, or another; asking again does not "
    "mend that: begin without a cursor or with one of this store, or after a restore go on with this one once the "
    "operator has declared it (docs/run.md, After a restore)."
)
LOOK = 1.0  # seconds: hints are lost, and what an open transaction holds back is not hinted at when it ends


class Beyond(Unavailable):
    """This store cannot have given out the cursor. It does not pass by itself: whoever follows stops."""


class Cursor(NamedTuple):
    """A place in the feed: just after one event. Written `generation-transaction-position`."""

    generation: int
    transaction: int
    position: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises `Malformed` for what is no cursor."""
        if not re.fullmatch("[0-9]{1,9}-[0-9]{1,18}-[0-9]{1,18}", text):
            raise Malformed("A cursor is written as three numbers, as 1-742-31.")
        return cls(*map(int, text.split("-")))

    def __str__(self) -> str:
        return "-".join(map(str, self))


START = Cursor(0, 0, 0)


class Page(NamedTuple):
    """Some events, each with its cursor; and the last of these, or the one that was asked with when there are none.

    `stopped`: why nothing follows in this page: the next row holds no event of this release. Raise it after the events.
    """

    events: tuple[tuple[Readable, Cursor], ...]
    cursor: Cursor
    stopped: Unreadable | None = None


class Signed(Model):
    """A checkpoint as it stands on the feed: no event of a case, but what was signed of all of them."""

    statement: dict[str, Any]
    public_key: str
    signature: str


class Entries(NamedTuple):
    """A page with the checkpoints among its events, for whoever asks for them."""

    events: tuple[tuple[Readable | Signed, Cursor], ...]
    cursor: Cursor
    stopped: Unreadable | None = None


class Lines(NamedTuple):
    """Events alone, each one line of JSON with its `cursor`, and the last of these."""

    lines: list[bytes]
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

    Without `restricted` the events of restricted cases are left out.
    Raises `Unavailable` for a cursor that this store cannot have given out: then it is an older copy, or another store;
    and `Unreadable` where a row that holds no event of this release comes first; where some precede it, see `Page`.
    """
    statement = "feed" if restricted else "feed_open"
    placed, stopped = _readable(await _rows(pool, statement, after, limit))
    if stopped and not placed:
        raise stopped.why
    if not placed:
        return Page((), after)
    async with transaction(pool) as connection:
        shown = await open_for(connection, reader, "feed", [event for event, _ in placed])
    told = tuple(zip(shown, (cursor for _, cursor in placed), strict=True))
    return Page(told, placed[-1][1], stopped.why if stopped else None)


async def lines(pool: Pool, after: Cursor = START) -> AsyncGenerator[Lines, None]:
    """All that has come after a cursor by now, as lines of JSON, for whoever only hands them on: text sealed, as it is.

    Several times as fast as `page`, since what is settled is kept so, and the next page is on its way while one is
    taken apart and dealt with. Raises `Unavailable` as `page` does; then go on from the last cursor.
    """
    ahead = asyncio.create_task(_told(pool, after))
    try:
        while told := await ahead:
            last = _place(told[told.rfind(b"\n") + 1 :])
            ahead = asyncio.create_task(_told(pool, last))
            await asyncio.sleep(0)  # it is asked for before the page is taken apart
            found = told.split(b"\n")
            yield Lines(found[bisect_right(found, after, key=_place) :], last)
            after = last
    finally:  # also of a reader that stops half-way: the connection is back before it goes on
        ahead.cancel()
        await asyncio.gather(ahead, return_exceptions=True)


async def _told(pool: Pool, after: Cursor) -> bytes | None:
    """The settled page in which a cursor lies, or what comes after it where nothing is settled; None: nothing does."""
    async with connected(pool) as connection:
        told: bytes | None = await connection.fetchval(sql("settled_lines"), *after)
        told = told or await connection.fetchval(sql("feed_lines"), *after, PAGE)
        if told is None:
            await _check_given_out(connection, after)
        return told


async def settle(pool: Pool, most: int = 200) -> int:
    """Keep pages of what the feed will never tell otherwise, as `lines` reads them; how many. Raises `Unavailable`.

    A transaction each: one that lasts holds the feed back. Where events are large it takes longer than an append may.
    """
    for count in range(most):
        async with unhurried(pool) as connection:
            if not await connection.fetchval(sql("settle_page")):
                return count
    return most


async def faults(pool: Pool) -> list[str]:
    """What is wrong with the settled pages, one sentence each: one is not what the events between its ends are."""
    async with unhurried(pool) as connection:
        return [
            f"The page of the feed after {Cursor(*after)} is not what its events are: {CHANGED}"
            async for *after, whole in connection.cursor(sql("settled"), prefetch=50)
            if not whole
        ]


async def entries(pool: Pool, after: Cursor = START, limit: int = PAGE, reader: Reader | None = None) -> Entries:
    """What comes after a cursor with the checkpoints among it, each as its own kind. Raises `Unavailable` as `page`."""
    async with connected(pool) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        rows = await _fetched(connection, "feed", after, limit)
        marks = [_signed(dict(row)) for row in await connection.fetch(sql("feed_checkpoints"), *after, limit)]
    placed, stopped = _readable(rows)
    if stopped:
        marks = [each for each in marks if each[1] < stopped.at]
        if not placed and not marks:
            raise stopped.why
    async with transaction(pool) as connection:
        shown = await open_for(connection, reader, "feed", [event for event, _ in placed]) if placed else []
    told: list[tuple[Readable | Signed, Cursor]] = list(zip(shown, (place for _, place in placed), strict=True))
    both = tuple(islice(merge(told, marks, key=lambda each: each[1]), limit))
    stops = stopped if len(both) < limit else None  # of a full page more checkpoints may follow first
    return Entries(both, both[-1][1] if both else after, stops.why if stops else None)


def follow(
    pool: Pool, after: Cursor = START, limit: int = PAGE, reader: Reader | None = None
) -> AsyncIterator[tuple[Readable, Cursor]]:
    """What comes after a cursor, and what is recorded from then on, as this reader is shown it, until it is stopped.

    It looks when a hint is heard, and every `LOOK` seconds in any case. Raises `Unavailable`; then go on from the last
    cursor; and `Unreadable` once it has told what comes before a row that holds no event of this release.
    """
    return _following(pool, after, limit, lambda place: page(pool, place, limit, reader))


def follow_entries(
    pool: Pool, after: Cursor = START, limit: int = PAGE, reader: Reader | None = None
) -> AsyncIterator[tuple[Readable | Signed, Cursor]]:
    """The same with the checkpoints among it."""
    return _following(pool, after, limit, lambda place: entries(pool, place, limit, reader))


class _Found(Protocol[T_co]):
    @property
    def events(self) -> tuple[tuple[T_co, Cursor], ...]: ...
    @property
    def cursor(self) -> Cursor: ...
    @property
    def stopped(self) -> Unreadable | None: ...


async def _following(
    pool: Pool, after: Cursor, limit: int, look: Callable[[Cursor], Awaitable[_Found[T]]]
) -> AsyncIterator[tuple[T, Cursor]]:
    async with heard(pool) as hint:
        while True:
            hint.clear()  # before the page: what is recorded while it is read is hinted at again
            found = await look(after)
            for each in found.events:
                yield each
            if found.stopped:
                raise found.stopped
            after = found.cursor
            if len(found.events) < limit:
                await hint.within(LOOK)


async def _rows(pool: Pool, statement: str, after: Cursor, limit: int) -> "list[asyncpg.Record]":
    async with connected(pool) as connection:
        return await _fetched(connection, statement, after, limit)


async def _fetched(connection: Connection, statement: str, after: Cursor, limit: int) -> "list[asyncpg.Record]":
    rows = await connection.fetch(sql(statement), *after, limit)
    if not rows:
        await _check_given_out(connection, after)
    return rows


async def _check_given_out(connection: Connection, cursor: Cursor) -> None:
    if await connection.fetchval(sql("feed_beyond"), *cursor[:2]):
        raise Beyond(BEYOND)


def _place(line: bytes) -> Cursor:
    begins = len('{"cursor":"')
    return Cursor.read(line[begins : line.find(b'"', begins)].decode(errors="replace"))


def _signed(row: dict[str, Any]) -> tuple[Signed, Cursor]:
    cursor = Cursor(*(row.pop(name) for name in Cursor._fields))
    return Signed.model_validate(row), cursor


class _Stopped(NamedTuple):
    """Where a row stands that holds no event of this release, and what is said of it."""

    at: Cursor
    why: Unreadable


def _readable(rows: "Iterable[asyncpg.Record]") -> tuple[list[tuple[Recorded, Cursor]], _Stopped | None]:
    """The events up to the first that cannot be read: they are told, and whoever asks for what follows is refused.

    None is left out unasked. Whoever means to leave it out finds in the refusal where to go on.
    """
    placed = list[tuple[Recorded, Cursor]]()
    for row in map(dict, rows):
        cursor = Cursor(*(row.pop(name) for name in Cursor._fields))
        try:
            placed.append((recorded_from(row), cursor))
        except Unreadable as why:
            return placed, _Stopped(cursor, Unreadable(f"{why.sentence} What follows it comes after {cursor}."))
    return placed, None


async def held_back(pool: Pool) -> HeldBack:
    """What an open transaction holds back from every reader: to be watched, since it is no reader's fault."""
    async with transaction(pool) as connection:
        row = await connection.fetchrow(sql("held_back"))
        assert row is not None
        return HeldBack(row["events"], row["seconds"])
