"""The read models, compared with the events they follow from, or made anew from them while the engine runs.

Case by case, each under its lock in a transaction of its own: an act on that case waits some milliseconds, and nobody
sees a table half full. The snapshot is left aside, or a wrong one would vouch for itself.
"""

from collections.abc import AsyncIterator

from activities import read_models, store
from activities.read_models import TABLES
from activities.sql import sql
from activities.store import Connection, Pool, transaction
from domain import case as rules
from domain.state import Case

__all__ = ["differing", "rebuild"]

STEP = 1000


async def differing(pool: Pool) -> list[str]:
    """The cases whose read models are not what their events give."""
    return [stream async for stream in _streams(pool) if not await _agrees(pool, stream)]


async def rebuild(pool: Pool) -> int:
    """Write the read models of every case anew; how many cases that were."""
    count = 0
    async for stream in _streams(pool):
        async with transaction(pool) as connection:
            await store.hold(connection, stream)
            await read_models.write(connection, None, await _case(connection, stream))
        count += 1
    return count


async def _streams(pool: Pool) -> AsyncIterator[str]:
    after = ""
    while rows := await pool.fetch(sql("streams"), after, STEP):
        for row in rows:
            after = row["stream"]
            yield after


async def _agrees(pool: Pool, stream: str) -> bool:
    async with transaction(pool) as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        gives = read_models.rows(await _case(connection, stream))
        for table, key in TABLES.items():
            found = await connection.fetch(f"SELECT * FROM reporting.{table} WHERE reference = $1", stream)
            if {row[key]: dict(row) for row in found} != {row[key]: row for row in gives[table]}:
                return False
    return True


async def _case(connection: Connection, stream: str) -> Case:
    return rules.fold(each.event() for each in await store.read_events(connection, stream, 0))
