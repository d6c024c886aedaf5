"""What the record is measured against: a bare insert of the same rows, and Python's one mature event store."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from activities.store import Pool

__all__ = ["Bare", "EventSourcing"]

COLUMNS = (
    "stream, version, event_id, type, schema_version, occurred_at, recorded_at, actor_role, actor_id, "
    "command, command_id, correlation_id, causation_id, data, hash"
)
# The same columns and keys; no chain, no read models, no state, no lock: what Postgres and the driver alone cost.
TABLE = "CREATE TABLE IF NOT EXISTS public.bare (LIKE probity.event INCLUDING ALL)"
INSERT = f"INSERT INTO public.bare ({COLUMNS}) VALUES ({', '.join(f'${n}' for n in range(1, 16))})"


class Bare:
    """asyncpg, one INSERT a commit, of a row that was read from the record."""

    def __init__(self, pool: Pool, row: list[Any]) -> None:
        self._pool, self._row = pool, row
        self._versions: dict[int, int] = {}

    @classmethod
    async def over(cls, pool: Pool) -> "Bare":
        """Rows like the last one of the record."""
        await pool.execute(TABLE)
        row = await pool.fetchrow(f"SELECT {COLUMNS} FROM probity.event ORDER BY position DESC LIMIT 1")
        assert row is not None
        return cls(pool, list(row))

    async def append(self, writer: int) -> None:
        """One event."""
        version = self._versions[writer] = self._versions.get(writer, 0) + 1
        await self._pool.execute(INSERT, f"{self._row[0]}-{writer}", version, uuid4(), *self._row[3:])


class EventSourcing:
    """`eventsourcing`, its recorder for Postgres, one event an append, a thread for each writer."""

    def __init__(self, database_url: str, writers: int, size: int) -> None:
        # Measured only, so not among the dependencies: pip install eventsourcing "psycopg[binary,pool]"
        from eventsourcing.persistence import StoredEvent
        from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

        parts = urlsplit(database_url)
        asked = parse_qs(parts.query)
        host, port = parts.hostname or asked["host"][0], parts.port or asked["port"][0]
        self._store = PostgresDatastore(
            parts.path[1:], host, port, parts.username or "", parts.password or "", pool_size=writers, schema="public"
        )
        self._recorder = PostgresApplicationRecorder(self._store)
        self._recorder.create_table()
        self._event, self._state = StoredEvent, b"x" * size
        self._threads = ThreadPoolExecutor(writers)
        self._streams: dict[int, tuple[UUID, int]] = {}

    async def append(self, writer: int) -> None:
        """One event."""
        stream, version = self._streams.get(writer, (uuid4(), 0))
        self._streams[writer] = stream, version + 1
        event = self._event(stream, version, "interview_recorded", self._state)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._recorder.insert_events, [event])

    async def page(self, start: int, limit: int) -> tuple[int, int]:
        """How many notifications came, and where to go on."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._recorder.select_notifications, start, limit)
        return len(found), found[-1].id + 1 if found else start

    def close(self) -> None:
        """Let the threads and connections go."""
        self._threads.shutdown()
        self._store.close()
