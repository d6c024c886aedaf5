"""Who read what: sealed text is opened for a reader who says who reads and why, and that is recorded first.

The log of a case is a chain like that of its events (`activities/chain.py`), in a table that nobody can change. What
was opened is handed out only once the log has it, since both are one transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import Field

from activities import chain
from activities.connection import unhurried
from activities.sql import sql
from activities.store import Connection, Pool, transaction
from activities.text.opening import Readable, may_open, opened, sealed_texts
from activities.text.sealing import Ring
from domain.errors import Unavailable, UnknownCase
from domain.messages import Actor, Model, Recorded

if TYPE_CHECKING:
    import asyncpg

__all__ = ["LONGEST_PURPOSE", "Reader", "Reading", "What", "log", "log_decoded", "open_for", "readings", "verify"]

LONGEST_PURPOSE = 500  # characters: it is kept for ever, and is a reason and no account of a person
LEEWAY = timedelta(minutes=1)  # by as much a clock may have been set back

# What text was opened for: the events of a case by themselves, the case on one page, one deadline explained, the
# receipt of an act; the feed, an export, a webhook; or what Temporal holds was decoded. The log itself takes any word.
What = Literal["events", "case", "deadline", "receipt", "feed", "export", "webhook", "decode"]


class Reader(NamedTuple):
    """Who reads, for what purpose, and the master keys that it takes."""

    who: Actor
    purpose: str
    ring: Ring


class Nobody(Model):
    """A name in the log that is no actor's: a login that may add to it says who reads, and may say anything."""

    role: str
    id: str


class Reading(Model):
    """One reading of a case, as it is recorded."""

    stream: str
    number: int
    read_at: datetime
    reader: Actor | Nobody = Field(union_mode="left_to_right")
    what: str
    purpose: str
    hash: str


async def open_for(
    connection: Connection, reader: Reader | None, what: What, events: Sequence[Recorded]
) -> list[Readable]:
    """Events as this reader is shown them; without a reader their text stays sealed and nothing is recorded."""
    if reader is None:
        return await opened(connection, events, None)
    shown = await opened(connection, events, reader.ring)
    read = {each.stream for each, open in zip(events, shown, strict=True) if _was_opened(each, open)}
    if read:
        await _write(connection, reader.who, reader.purpose, what, sorted(read))
    return shown


def _was_opened(event: Recorded, shown: Readable) -> bool:
    return any(name not in shown.withheld for name, _ in sealed_texts(event))


async def log(pool: Pool, reader: Reader, what: What, stream: str) -> bool:
    """Record a reading of a case before it is done; False, and nothing recorded, where the login may not open text.

    Raises `UnknownCase`.
    """
    async with transaction(pool) as connection:
        if not await connection.fetch(sql("known_streams"), [stream]):
            raise UnknownCase(f"There is no case {stream}.")
        if not await may_open(connection):
            return False
        await _write(connection, reader.who, reader.purpose, what, [stream])
        return True


async def log_decoded(pool: Pool, who: Actor, purpose: str, streams: Sequence[str]) -> None:
    """Record that what Temporal holds of these cases is about to be shown. What is no case of the record has no log.

    Raises `Unavailable` where it cannot be recorded: then it may not be shown.
    """
    async with transaction(pool) as connection:
        if not await may_open(connection):
            raise Unavailable("Who reads cannot be recorded: let the codec server log in as probity_opener.")
        known = [row["stream"] for row in await connection.fetch(sql("known_streams"), streams)]
        if known:
            await _write(connection, who, purpose, "decode", known)


async def _write(connection: Connection, who: Actor, purpose: str, what: What, streams: Sequence[str]) -> None:
    """The database numbers, dates and links each (deploy/migrations/0026_readings_linked.sql)."""
    await connection.execute(sql("log_readings"), streams, who.role.value, who.id, what, purpose)


def _envelope(stream: str, number: int, at: datetime, role: str, id: str, what: str, purpose: str) -> dict[str, Any]:
    """What of a reading is hashed: everything but the hash."""
    who = {"role": role, "id": id}
    facts = {"stream": stream, "number": number, "read_at": at.astimezone(UTC), "reader": who}
    return facts | {"what": what, "purpose": purpose}


async def readings(pool: Pool, stream: str) -> list[Reading]:
    """Who read a case, in order; empty when nobody did."""
    async with transaction(pool) as connection:
        rows = await connection.fetch(sql("readings"), stream)
    return [Reading.model_validate(_of_row(row) | {"hash": row["hash"].hex()}) for row in rows]


async def verify(pool: Pool, stream: str) -> list[str]:
    """What is wrong with the log of a case, one sentence a fault. An end that was cut off it cannot show."""
    async with unhurried(pool) as connection:
        return list(_faults(await connection.fetch(sql("readings"), stream)))


def _of_row(row: "asyncpg.Record") -> dict[str, Any]:
    facts = [row[name] for name in ("stream", "number", "read_at", "reader_role", "reader_id", "what", "purpose")]
    return _envelope(*facts)


def _faults(rows: Iterable["asyncpg.Record"]) -> Iterator[str]:
    head, last, at = chain.GENESIS, 0, datetime.min.replace(tzinfo=UTC)
    for row in rows:
        if row["number"] > last + 1:
            yield f"{chain.missing('Reading', range(last + 1, row['number']))} from the log of readers."
        if row["number"] == last + 1 and chain.link(head, _of_row(row)) != row["hash"]:
            yield f"Reading {row['number']} of the log of readers does not continue the one before: one was changed."
        if at - row["read_at"] > LEEWAY:
            yield f"Reading {row['number']} of the log of readers is dated more than a minute before reading {last}."
        head, last, at = row["hash"], row["number"], row["read_at"]
