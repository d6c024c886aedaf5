"""The event store in Postgres: connect, lock a case, append to it, read it back, check its chain.

The order of things in the one transaction that writes:

    lock_stream    the row of the case, and with it the time
    find_command   recorded before? then its answer again
    append         events, command, head and snapshot
    write_*        the read models that changed

`activities/record.py` decides what is appended; this module knows how.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from pydantic import ValidationError
from pydantic_core import from_json, to_json

from activities import chain, read_models
from activities.sql import sql
from domain import case as rules
from domain.correction import RecordCorrected
from domain.errors import Unavailable, UnknownCase
from domain.messages import Actor, Event, Recorded, event_id
from domain.state import Case

__all__ = [
    "Connection",
    "Done",
    "Held",
    "Pool",
    "Told",
    "append",
    "body_hash",
    "claim",
    "command_ids",
    "events",
    "hold",
    "load",
    "open_pool",
    "reaching",
    "recorded_from",
    "transaction",
    "verify",
]

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

TRANSACTION_SECONDS = 3.0  # below every timeout of the activities: an attempt is over before its retry begins

# The same limits where the server enforces them, for an attempt whose worker froze or was cut off. Milliseconds.
LIMITS = {
    "application_name": "probity",
    "lock_timeout": "2000",
    "statement_timeout": "3000",
    "idle_in_transaction_session_timeout": "3000",
}


async def open_pool(
    database_url: str,
    *,
    size: int = 10,
    connection_class: "type[asyncpg.Connection[asyncpg.Record]]" = asyncpg.Connection,
) -> Pool:
    """Up to `size` connections on which jsonb is Python data and no statement runs longer than 3 seconds.

    Raises `Unavailable` with one sentence when the database cannot be reached.
    """
    with reaching():
        return await asyncpg.create_pool(
            database_url,
            min_size=1,
            max_size=size,
            init=_speak_json,
            timeout=10,
            server_settings=LIMITS,
            connection_class=connection_class,
        )


async def _speak_json(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: to_json(value).decode(), decoder=from_json
    )


@contextmanager
def reaching() -> Iterator[None]:
    """Turn every way in which a connection can fail into one sentence, which never holds the password."""
    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresError) as why:
        said = str(why).partition("\n")[0].rstrip(".") or "no answer"
        raise Unavailable(f"Cannot reach the database: {said}. Check DATABASE_URL.") from None
    except (ValueError, asyncpg.InterfaceError):  # their texts quote pieces of the URL
        raise Unavailable("Cannot reach the database: DATABASE_URL cannot be read.") from None


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """A transaction that is over, one way or the other, within `TRANSACTION_SECONDS`.

    An error of Postgres may quote the row it is about. What leaves here names only its SQLSTATE: it ends in logs and
    in Temporal's history, where no personal data may be.
    """
    try:
        async with asyncio.timeout(TRANSACTION_SECONDS), pool.acquire() as connection, connection.transaction():
            yield connection
    except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
        raise Unavailable(f"Postgres did not answer ({type(error).__name__}).") from None
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        raise Unavailable("The database lacks the tables of Probity: run `python -m deploy.migrate`.") from None
    except asyncpg.PostgresError as error:
        raise Unavailable(f"Postgres answered with {type(error).__name__} (SQLSTATE {error.sqlstate}).") from None


@dataclass(frozen=True, slots=True)
class Held:
    """A case whose row is locked: nobody else appends to it until the transaction ends."""

    connection: Connection
    stream: str
    version: int
    head: bytes
    now: datetime
    case: Case | None


class Done(NamedTuple):
    """What came of an act: the events it added, those that tell of it (added now or long ago), the case after it."""

    added: tuple[Recorded, ...]
    told: tuple[Recorded, ...]
    case: Case


@dataclass(frozen=True, slots=True)
class Told:
    """Who told what, under which id, and what exactly: the origin of the events that are appended."""

    actor: Actor
    command: str
    command_id: str
    body_hash: bytes
    recorded_at: datetime


async def claim(connection: Connection, stream: str, opened_at: datetime) -> None:
    """Make the row of a case that is being opened, unless it is there."""
    await connection.execute(sql("claim_stream"), stream, chain.GENESIS, opened_at)


# The race. Temporal runs an activity at least once: an attempt that was given up may still run beside its retry, and a
# reset sends old commands again. Two acts on one case may also arrive at once. Both attempts read version 7, both
# decide on what they read, both append event 8; or one command is recorded twice.
#
# The choice. One row per case, locked FOR UPDATE before anything is read. What is read afterwards (was this command
# recorded? what is the state?) is read in statements of their own, since under READ COMMITTED a statement that waited
# for a lock still sees other tables as they were when it began. The unique keys on (stream, version), event_id and
# (stream, command_id) stay behind it as the proof that the lock was not forgotten. Optimistic writing alone would do
# too, but answers a conflict with an error and a retry where this one answers with a short wait.
#
# The cost. Acts on one case queue for one round of this transaction, some milliseconds; acts on different cases never
# meet, unlike under a table lock or a global sequence. No deadlock: a transaction locks one case, that row first.
# The order of commits over all cases is not the order of `position`; readers of the feed see to that.
#
# https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS
# https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED
async def hold(connection: Connection, stream: str) -> Held | None:
    """Lock a case and read where it stands; None when there is none. `Held.case` is None for a case just claimed."""
    row = await connection.fetchrow(sql("lock_stream"), stream)
    if row is None:
        return None
    case = await _state(connection, stream, row) if row["version"] else None
    return Held(connection, stream, row["version"], row["head"], row["now"], case)


async def append(held: Held, told: Told, happened: Sequence[Event]) -> Done:
    """Record events that follow from one command, with snapshot and read models. The command id must be new."""
    recorded = list(_recorded(held, told, happened))
    after = await _folded(held.connection, held.stream, recorded, held.case)  # read back, or it would not be written
    await held.connection.execute(
        sql("append"),
        held.stream,
        event_id(held.stream, told.command_id, 0),
        recorded,
        told.command_id,
        told.command,
        told.body_hash,
        held.version + 1,
        after.version,
        told.recorded_at,
        bytes.fromhex(recorded[-1].hash) if recorded else held.head,
        after,
        folded_by(),
        after.closed_at,
    )
    await read_models.write(held.connection, held.case, after)
    return Done(tuple(recorded), tuple(recorded), after)


def _recorded(held: Held, told: Told, happened: Sequence[Event]) -> Iterator[Recorded]:
    head = held.head
    for index, event in enumerate(happened):
        bare = Recorded(
            stream=held.stream,
            version=held.version + index + 1,
            event_id=event_id(held.stream, told.command_id, index),
            type=event.name,
            schema_version=event.schema_version,
            occurred_at=event.occurred_at.astimezone(UTC),
            recorded_at=told.recorded_at.astimezone(UTC),
            actor=told.actor,
            command=told.command,
            command_id=told.command_id,
            data=event.model_dump(mode="json", exclude={"occurred_at"}),
            hash="",
        )
        head = chain.link(head, chain.envelope(bare))
        yield bare.model_copy(update={"hash": head.hex()})


async def load(pool: Pool, stream: str) -> Case:
    """The case as it stands. Raises `UnknownCase`."""
    async with transaction(pool) as connection:
        row = await connection.fetchrow(sql("read_stream"), stream)
        if row is None:
            raise UnknownCase(f"There is no case {stream}.")
        return await _state(connection, stream, row)


async def _state(connection: Connection, stream: str, row: asyncpg.Record) -> Case:
    snapshot = _snapshot(row)
    tail = await read_events(connection, stream, snapshot.version if snapshot else 0) if _behind(snapshot, row) else []
    return await _folded(connection, stream, tail, snapshot)


async def _folded(connection: Connection, stream: str, tail: Sequence[Recorded], case: Case | None) -> Case:
    """The case after `tail`; a correction in it changes what came before, so then the whole history is folded."""
    if case is not None and any(each.type == RecordCorrected.name for each in tail):
        whole = await read_events(connection, stream, 0)
        tail, case = [*whole[: case.version], *tail], None
    return rules.fold(map(_fact, tail), case)


def _fact(event: Recorded) -> Event:
    try:
        return event.event()
    except ValidationError:  # its text quotes the event
        raise ValueError(f"event {event.event_id} does not fit its type {event.type}") from None


def _behind(snapshot: Case | None, row: asyncpg.Record) -> bool:
    return snapshot is None or snapshot.version < row["version"]


def _snapshot(row: asyncpg.Record) -> Case | None:
    """The folded case in the row, if it is whole and this very code folded it: other code may fold otherwise."""
    if row["snapshot"] is None or row["snapshot_code"] != folded_by():
        return None
    try:
        case = Case.model_validate(row["snapshot"])
    except ValidationError:
        return None
    return case if case.version == row["snapshot_version"] <= row["version"] else None


@cache
def folded_by() -> bytes:
    """SHA-256 over the sources of the domain, which name the fold."""
    sources = sorted(Path(str(resources.files("domain"))).rglob("*.py"))
    return sha256(b"".join(source.read_bytes() for source in sources)).digest()


async def command_ids(pool: Pool, stream: str) -> list[str]:
    """The ids of the commands that a case has recorded."""
    async with transaction(pool) as connection:
        return [row["command_id"] for row in await connection.fetch(sql("command_ids"), stream)]


async def body_hash(pool: Pool, stream: str, command_id: str) -> bytes | None:
    """What was asked under a command id, as a digest; None when nothing was recorded under it."""
    async with transaction(pool) as connection:
        row = await connection.fetchrow(sql("find_command"), stream, command_id)
        return row["body_hash"] if row else None


async def events(pool: Pool, stream: str, after: int = 0) -> list[Recorded]:
    """Events of a case after version `after`, in order; empty when there is no such case."""
    async with transaction(pool) as connection:
        return await read_events(connection, stream, after)


async def read_events(connection: Connection, stream: str, after: int) -> list[Recorded]:
    """The same within the caller's transaction."""
    return [recorded_from(dict(row)) for row in await connection.fetch(sql("events"), stream, after)]


def recorded_from(envelope: dict[str, Any]) -> Recorded:
    """An event as a row of the table has it."""
    actor = {"role": envelope.pop("actor_role"), "id": envelope.pop("actor_id")}
    return Recorded.model_validate({**envelope, "actor": actor})


async def verify(pool: Pool, stream: str) -> list[str]:
    """What is wrong with a case's record, one sentence a fault; empty when its chain is whole up to its head.

    It also finds a snapshot that is not what the events give. Raises `UnknownCase`.
    """
    async with transaction(pool) as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = await connection.fetchrow(sql("read_stream"), stream)
        if row is None:
            raise UnknownCase(f"There is no case {stream}.")
        try:
            recorded = await read_events(connection, stream, 0)
        except ValidationError:  # its text quotes the event
            return ["An event cannot be read: a column holds what no event of this engine holds."]
    faults = [*chain.verify(recorded), *_end(recorded, row["version"], row["head"])]
    return faults or [*_snapshot_fault(recorded, row)]


def _snapshot_fault(recorded: Sequence[Recorded], row: asyncpg.Record) -> Iterator[str]:
    snapshot = _snapshot(row)
    if snapshot is not None and snapshot != rules.fold(map(_fact, recorded[: snapshot.version])):
        yield "The snapshot is not what the events give: drop it, and it is folded anew."


def _end(recorded: Sequence[Recorded], version: int, head: bytes) -> Iterator[str]:
    last = recorded[-1].version if recorded else 0
    yield from (f"Event {missing} is missing from the end." for missing in range(last + 1, version + 1))
    yield from (f"Event {added} was put in after the end." for added in range(version + 1, last + 1))
    if last == version and recorded and recorded[-1].hash != head.hex():
        yield f"Event {last} is not the one that the head of the case was computed from."
