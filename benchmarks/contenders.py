"""Who appends: the store alone, the whole engine, and the yardsticks. Each appends one event a commit."""

import asyncio
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from pydantic_core import to_jsonable_python

from activities import store
from activities.chain import canonical
from activities.record import Act, OpenCase, Records
from activities.sql import sql
from activities.store import Pool
from domain.messages import event_id
from tests.engine import RING
from tests.kit import referral

__all__ = ["Bare", "BareRows", "Engine", "EventSourcing", "Store", "opened"]

COLUMNS = (
    "stream, version, event_id, type, schema_version, occurred_at, recorded_at, actor_role, actor_id, "
    "command, command_id, correlation_id, causation_id, data, hash"
)
DATA = {"illustrative": False, "officer": "A"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PREPARED = 12_000  # appends that are made ready before the clock runs, over all writers


async def opened(pool: Pool, streams: list[str]) -> None:
    """Open these cases."""
    for stream in streams:
        body = to_jsonable_python(referral(reference=stream))
        answer = await Records(pool, RING).open_case(OpenCase(referral=body, command_id="open", now=datetime.now(UTC)))
        assert answer.refusal is None, answer.refusal


def envelope(stream: str, version: int, command_id: str, recorded_at: datetime) -> dict[str, Any]:
    """An event as it is hashed."""
    return {
        "stream": stream,
        "version": version,
        "event_id": event_id(stream, command_id, 0),
        "type": "interview_recorded",
        "schema_version": 1,
        "occurred_at": NOW,
        "recorded_at": recorded_at,
        "actor": {"role": "clerk", "id": "clerk-1"},
        "command": "record_interview",
        "command_id": command_id,
        "data": DATA,
    }


class Store:
    """`probity.append` with events made ready: chain, event, command and head are written; no snapshot is."""

    def __init__(self, pool: Pool, ready: dict[str, Iterator[tuple[Any, ...]]]) -> None:
        self._pool, self._ready = pool, ready

    @classmethod
    async def over(cls, pool: Pool, streams: list[str]) -> "Store":
        """Over cases that were opened."""
        return cls(pool, {stream: iter(await cls._prepared(pool, stream, len(streams))) for stream in streams})

    @staticmethod
    async def _prepared(pool: Pool, stream: str, writers: int) -> list[tuple[Any, ...]]:
        async with pool.acquire() as connection:
            seen = await store.see(connection, stream)
        head, now, calls = (
            seen.head,
            seen.now,
            list[tuple[Any, ...]](),
        )  # the append takes what is dated within a minute
        for version in range(seen.version + 1, seen.version + 1 + PREPARED // writers):
            told = {"stream": stream, "command_id": f"b{version}", "name": "record_interview", "first_version": version}
            told |= {"body_hash": "\\x" + "00" * 32, "recorded_at": now}
            event = canonical(envelope(stream, version, f"b{version}", now))
            calls.append((told, head, [event.decode()], None, None, None, None, {}))
            head = sha256(head + event).digest()
        return calls

    async def append(self, stream: str) -> bool:
        """One event; False when no more are ready."""
        if (call := next(self._ready[stream], None)) is None:
            return False
        await self._pool.execute(sql("append"), *call)
        return True


class Engine:
    """The engine's whole activity: check, read, decide, fold, link, append with snapshot and read models, answer."""

    def __init__(self, pool: Pool) -> None:
        self._records, self._known, self._count = Records(pool, RING), dict[str, int](), itertools.count()

    async def append(self, stream: str) -> bool:
        """One command, which gives one event."""
        party = f"P{next(self._count) + 2}"
        actor = {"role": "appropriate_authority", "id": "authority-1"}
        body = {"actor": actor, "occurred_at": "2020-08-01T10:00:00Z", "party": party, "kind": "complainant"}
        act = Act(
            stream=stream,
            command_id=party,
            command="add_party",
            body=body,
            known=self._known.get(stream, 0),
            now=NOW,
        )
        answer = await self._records.record(act)
        assert answer.refusal is None, answer.refusal
        self._known[stream] = answer.version
        return True


# The same columns and keys; no chain, no state, no lock: what Postgres and the driver alone cost.
TABLES = """
    CREATE TABLE IF NOT EXISTS public.bare (LIKE probity.event INCLUDING ALL);
    CREATE TABLE IF NOT EXISTS public.bare_command (LIKE probity.command INCLUDING ALL);
    CREATE TABLE IF NOT EXISTS public.bare_stream (LIKE probity.stream INCLUDING ALL);
    INSERT INTO public.bare_stream SELECT * FROM probity.stream ON CONFLICT DO NOTHING;
    UPDATE public.bare_stream SET snapshot = NULL
"""
EVENT = f"INSERT INTO public.bare ({COLUMNS}) VALUES ({', '.join(f'${n}' for n in range(1, 16))})"
COMMAND = "INSERT INTO public.bare_command VALUES ($1, $2, $3, $4, $5, $6, $7)"
STREAM = "UPDATE public.bare_stream SET version = $2, head = $3 WHERE stream = $1"


class Bare:
    """asyncpg, one INSERT of the event's row a commit, made ready as far as `Store` is."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._next = pool, dict[str, Iterator[int]]()

    async def append(self, stream: str) -> bool:
        """One event."""
        await self._pool.execute(EVENT, *self._row(stream))
        return True

    def _row(self, stream: str) -> tuple[Any, ...]:
        version = next(self._next.setdefault(stream, itertools.count(1)))
        told = ("clerk", "clerk-1", "record_interview", f"b{version}", NOWHERE, f"b{version}", DATA, HASH)
        return stream, version, uuid4(), "interview_recorded", 1, NOW, NOW, *told


class BareRows(Bare):
    """The three rows that `Store` writes, a statement each, in a transaction."""

    async def append(self, stream: str) -> bool:
        """One event, its command, and the head of its case."""
        row = self._row(stream)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(EVENT, *row)
            await connection.execute(COMMAND, stream, row[10], "record_interview", HASH, row[1], row[1], NOW)
            await connection.execute(STREAM, stream, row[1], HASH)
        return True


NOWHERE, HASH = UUID(int=0), bytes(32)


class EventSourcing:
    """`eventsourcing`, its recorder for Postgres, one event an append, a thread for each writer."""

    def __init__(self, database_url: str, writers: int, size: int = 220, *, create: bool = False) -> None:
        # Measured only, so not among the dependencies: pip install eventsourcing "psycopg[binary,pool]"
        from eventsourcing.persistence import StoredEvent
        from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

        parts = urlsplit(database_url)
        asked = parse_qs(parts.query)
        host, port = parts.hostname or asked["host"][0], parts.port or asked["port"][0]
        self._store = PostgresDatastore(
            parts.path[1:],
            host,
            port,
            parts.username or "",
            parts.password or "",
            pool_size=writers,
            connect_timeout=60,
            schema="public",
        )
        self._recorder = PostgresApplicationRecorder(self._store)
        if create:  # by one process: of two that replace its functions at once, one fails
            self._recorder.create_table()
        self._event, self._state = StoredEvent, b"x" * size
        self._threads = ThreadPoolExecutor(writers)
        self._streams: dict[str, tuple[UUID, int]] = {}

    async def append(self, stream: str) -> bool:
        """One event."""
        id, version = self._streams.get(stream, (uuid4(), 0))
        self._streams[stream] = id, version + 1
        event = self._event(id, version, "interview_recorded", self._state)
        await asyncio.get_running_loop().run_in_executor(self._threads, self._recorder.insert_events, [event])
        return True

    async def page(self, start: int, limit: int) -> tuple[int, int]:
        """How many notifications came, and where to go on."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._recorder.select_notifications, start, limit)
        return len(found), found[-1].id + 1 if found else start

    def close(self) -> None:
        """Let the threads and connections go."""
        self._threads.shutdown()
        self._store.close()
