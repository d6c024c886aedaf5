"""The event store in Postgres: connect, read where a case stands, append to it, read it back.

    see       the row of the case, what is recorded under the command id, and the time: one round trip
    append    events, chain, command, head, snapshot and the read models that changed: one round trip and the commit

Between the two nothing is locked; a case that moved meanwhile is read and decided on again (`write`; why so stands in
deploy/migrations/0007_append.sql, the function in deploy/schema.sql). `activities/record.py` decides what is appended;
this module knows how.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import asyncpg
from pydantic import ValidationError
from pydantic_core import to_json

from activities import chain, metrics, traces
from activities.connection import Connection, Pool, connected, open_pool, reaching, transaction
from activities.reporting import read_models
from activities.sql import sql
from activities.text import sealing
from activities.text.sealing import Asked, AskedBefore, Ring
from domain import case as rules
from domain.correction import RecordCorrected
from domain.errors import UnknownCase, Unreadable
from domain.messages import Actor, Event, Recorded, event_id
from domain.state import Case

__all__ = [
    "LAST",
    "Before",
    "Connection",
    "Done",
    "Pool",
    "Provenance",
    "Seen",
    "append",
    "asked_the_same",
    "command_ids",
    "events",
    "folded",
    "folded_by",
    "following",
    "hold",
    "load",
    "open_pool",
    "opened_by",
    "reaching",
    "read_events",
    "recorded_from",
    "see",
    "snapshot_of",
    "transaction",
    "write",
]

T = TypeVar("T")

LAST = 2**63 - 1  # version of no event: a case is read to its end


class Before(NamedTuple):
    """A command that was recorded: what it asked, and the events that it gave."""

    asked: AskedBefore
    first_version: int
    last_version: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as it was read; at version 0 there is none. `before`: what is recorded under the command id, if anything.
    `published`: the case of which the read models tell; None where another release made them, or nobody knows.

    Whoever appends to it names this version and head, and is told when the case has moved on.
    """

    connection: Connection
    stream: str
    version: int
    head: bytes
    now: datetime
    case: Case | None
    before: Before | None
    published: Case | None = None


class Done(NamedTuple):
    """What came of an act: the events it added, those that tell of it (added now or long ago), the case after it."""

    added: tuple[Recorded, ...]
    told: tuple[Recorded, ...]
    case: Case


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who told what, under which id, what exactly: the origin of what is appended.

    `clear_hash`: where it was told in words of their own, a digest of all but those.
    """

    actor: Actor
    command: str
    command_id: str
    body_hash: bytes
    recorded_at: datetime
    clear_hash: bytes | None = None


async def write(
    pool: Pool, stream: str, command_id: str, act: Callable[[Seen], Awaitable[T]], *, holding: Collection[str] = ()
) -> T:
    """See a case, act on it, and be done in time. Raises `Unavailable`.

    `act` appends once at most. It runs again when the case moved in the meantime, then in a transaction that holds the
    case, so that it does not move again; or so at once, when `holding` cases because it writes more than it appends, or
    reads what none may write meanwhile. Where the transaction is older than the last event, which the feed would tell
    after it, another takes its place.
    """
    async with connected(pool) as connection:
        if not holding:
            with suppress(asyncpg.SerializationError, asyncpg.UniqueViolationError):
                return await act(await see(connection, stream, command_id))
            metrics.conflicted()
        while True:
            with suppress(asyncpg.SerializationError):
                async with connection.transaction():
                    for case in sorted({stream, *holding}):  # in one order, or two would wait for each other
                        await hold(connection, case)
                    return await act(await see(connection, stream, command_id))


async def hold(connection: Connection, stream: str) -> bool:
    """Lock a case to the end of the transaction: nobody else appends to it. False when there is none."""
    return await connection.fetchval(sql("lock_stream"), stream) is not None


async def see(connection: Connection, stream: str, command_id: str = "") -> Seen:
    """Where a case stands. What is read is of one moment, so that a version goes with what was recorded by then."""
    row = await connection.fetchrow(sql("see"), stream, command_id)
    assert row is not None
    before = Before(AskedBefore.of(row), row["first_version"], row["last_version"]) if row["body_hash"] else None
    snapshot = snapshot_of(row)
    case = await _state(connection, stream, row, snapshot) if row["version"] else None
    head, published = row["head"] or chain.GENESIS, case if snapshot and snapshot.version == row["version"] else None
    return Seen(connection, stream, row["version"], head, row["now"], case, before, published)


async def append(
    seen: Seen,
    told: Provenance,
    happened: Sequence[Event],
    ring: Ring | None,
    check: Callable[[Done, bytes], object] = lambda done, state: None,
) -> Done:
    """Record events that follow from one command, with snapshot and read models. The command id must be new.

    `check` may refuse what is about to be recorded; it is told the case as JSON too. A key is destroyed with an event:
    then the case has moved.
    """
    sealed = await _sealed(seen, told, happened, ring)
    linked = list(chain.linked(seen.head, sealed.events))
    recorded = tuple(event for event, _ in linked)
    after = await folded(seen.connection, seen.stream, recorded, seen.case)  # read back, or it would not be written
    check(done := Done(recorded, recorded, after), state := to_json(after))
    await seen.connection.execute(
        sql("append_with_keys" if sealed.new else "append"),
        _command(seen, told, sealed),
        seen.head,
        [canonical.decode() for _, canonical in linked],
        state,
        folded_by(),
        *(after.opened_at, after.closed_at),
        read_models.changes(seen.published, after),
        *([sealed.new] if sealed.new else []),
    )
    return done


def _command(seen: Seen, told: Provenance, sealed: sealing.Sealed) -> dict[str, Any]:
    return {
        "stream": seen.stream,
        "command_id": told.command_id,
        "name": told.command,
        "body_hash": f"\\x{sealed.body_hash.hex()}",
        "clear_hash": told.clear_hash and f"\\x{told.clear_hash.hex()}",
        "body_key": sealed.body_key,
        "first_version": seen.version + 1,
        "recorded_at": told.recorded_at,
        "trace_context": traces.of_command(),
    }


async def _sealed(seen: Seen, told: Provenance, happened: Sequence[Event], ring: Ring | None) -> sealing.Sealed:
    bare = list(zip(_bare(seen, told, happened), happened, strict=True))
    people, in_words = rules.people(seen.case, happened), told.clear_hash is not None
    return await sealing.seal(seen.connection, ring, seen.stream, bare, people, told.body_hash, in_words=in_words)


def _bare(seen: Seen, told: Provenance, happened: Sequence[Event]) -> Iterator[Recorded]:
    for index, event in enumerate(happened):
        yield Recorded(
            stream=seen.stream,
            version=seen.version + index + 1,
            event_id=event_id(seen.stream, told.command_id, index),
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


async def load(pool: Pool, stream: str) -> Case:
    """The case as it stands. Raises `UnknownCase`, or `Unreadable`."""
    async with transaction(pool) as connection:
        row = await connection.fetchrow(sql("read_stream"), stream)
        if row is None:
            raise UnknownCase(f"There is no case {stream}.")
        return await _state(connection, stream, row, snapshot_of(row))


@contextmanager
def following(stream: str) -> Iterator[None]:
    """Recorded events are folded here. Raises `Unreadable` where each can be read and they give no case together.

    Not around what is about to be recorded: there it would be a fault of ours.
    """
    try:
        yield
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError):  # its text may quote an event
        raise Unreadable(f"The events of case {stream} do not give a case: one does not follow.") from None


async def _state(connection: Connection, stream: str, row: asyncpg.Record, snapshot: Case | None) -> Case:
    after = snapshot.version if snapshot else 0
    tail = await read_events(connection, stream, after, row["version"]) if after < row["version"] else []
    with following(stream):
        return await folded(connection, stream, tail, snapshot)


async def folded(connection: Connection, stream: str, tail: Sequence[Recorded], case: Case | None) -> Case:
    """The case after `tail`; a correction in it changes what came before, so then the whole history is folded."""
    if case is not None and any(each.type == RecordCorrected.name for each in tail):
        whole = await read_events(connection, stream, 0)
        tail, case = [*whole[: case.version], *tail], None
    return rules.fold((event.event() for event in tail), case)


def snapshot_of(row: asyncpg.Record) -> Case | None:
    """The folded case in the row, if it is whole and this very code folded it: other code may fold otherwise."""
    if row["snapshot"] is None or row["snapshot_code"] != folded_by():
        return None
    try:
        case = Case.model_validate_json(row["snapshot"])
    except ValidationError:
        return None
    return case if case.version == row["snapshot_version"] <= row["version"] else None


@cache
def folded_by() -> bytes:
    """SHA-256 over the sources of the domain, which name the fold: its code and what the code reads, law and holidays.

    The schemas beside them are of no account: they say what events hold, and the fold does not read them.
    """
    domain = Path(str(resources.files("domain")))
    sources = sorted(file for kind in ("*.py", "*.toml", "calendars/*.json") for file in domain.rglob(kind))
    return sha256(b"".join(source.read_bytes() for source in sources)).digest()


async def command_ids(pool: Pool, stream: str) -> list[str]:
    """The ids of the commands that a case has recorded."""
    async with transaction(pool) as connection:
        return [row["command_id"] for row in await connection.fetch(sql("command_ids"), stream)]


async def asked_the_same(pool: Pool, ring: Ring | None, stream: str, command_id: str, asked: Asked) -> bool:
    """Whether a command that was recorded asked this, as far as can be seen without its key."""
    async with transaction(pool) as connection:
        row = await connection.fetchrow(sql("find_command" if ring else "asked"), stream, command_id)
        return row is not None and sealing.same_body(AskedBefore.of(row), asked, ring)


async def opened_by(pool: Pool, ring: Ring, stream: str, asked: Asked) -> bool:
    """Whether a case was opened by this very referral."""
    async with transaction(pool) as connection:
        row = await connection.fetchrow(sql("find_opening"), stream)
        return row is not None and sealing.same_body(AskedBefore.of(row), asked, ring)


async def events(pool: Pool, stream: str, after: int = 0) -> list[Recorded]:
    """Events of a case after version `after`, in order; empty when there is no such case."""
    async with transaction(pool) as connection:
        return await read_events(connection, stream, after)


async def read_events(connection: Connection, stream: str, after: int, until: int = LAST) -> list[Recorded]:
    """The same within the caller's transaction, up to a version."""
    return [recorded_from(dict(row)) for row in await connection.fetch(sql("events"), stream, after, until)]


def recorded_from(envelope: dict[str, Any]) -> Recorded:
    """An event as a row of the table has it. Raises `Unreadable` for a row that no event of this release has."""
    actor = {"role": envelope.pop("actor_role"), "id": envelope.pop("actor_id")}
    try:
        return Recorded.model_validate({**envelope, "actor": actor})
    except ValidationError:  # its text quotes the event
        name = f"Event {envelope['version']} of case {envelope['stream']}"
        raise Unreadable(f"{name} cannot be read: a column holds what no event of this release holds.") from None
