"""The table of events plain, in partitions by hash of the case, and by time: `python -m benchmarks.partitions`.

The same events in each (a million, or as many as are asked for), in one database, each shape measured in turn in every
round. It writes `benchmarks/results/partitions.json`; what was decided by it stands in docs/adr/0024.
"""

import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.filling import fill
from benchmarks.record import embedded_postgres, surroundings
from deploy.migrate import migrate

EVENTS, ROUNDS, SECONDS, WRITERS = 1_000_000, 3, 3.0, 8
CASES_READ, PAGES_READ = 200, 20
RESULTS = Path(__file__).parent / "results" / "partitions.json"
HASHED, MONTHS, FIRST_YEAR = 16, 60, 2021

# A unique key of a partitioned table has to hold what it is partitioned by: by time, (stream, version) is not unique.
SHAPES = {"plain": "", "hash": "PARTITION BY HASH (stream)", "time": "PARTITION BY RANGE (recorded_at)"}
KEYS = {
    "plain": ("stream, version", "event_id"),
    "hash": ("stream, version", "event_id, stream"),
    "time": ("stream, version, recorded_at", "event_id, recorded_at"),
}
COLUMNS = (
    "stream, version, event_id, position, transaction_id, generation, occurred_at, recorded_at, type, schema_version, "
    "actor_role, actor_id, command, command_id, correlation_id, causation_id, trace_context, data, hash"
)
ADD = """
INSERT INTO shaped.{} (stream, version, event_id, position, transaction_id, generation, occurred_at, recorded_at, type,
    schema_version, actor_role, actor_id, command, command_id, correlation_id, causation_id, data, hash)
VALUES ($1::text, $2, gen_random_uuid(), nextval('shaped.places'), pg_current_xact_id(), 1, now(), '2025-12-31', 'x', 1,
    'clerk', 'clerk-1', 'x', 'x', gen_random_uuid(), 'x', $3, sha256(convert_to($1, 'UTF8')))
"""
STREAM = "SELECT * FROM shaped.{} WHERE stream = $1 AND version > 0 ORDER BY version"
FEED = """
SELECT * FROM shaped.{} WHERE (generation, transaction_id, position) > (1, $1::text::xid8, $2)
  AND transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot()))
ORDER BY generation, transaction_id, position LIMIT 500
"""


async def shape(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> float:
    """Make a table of this shape with all events in it; the seconds that it took."""
    execute = connection.execute
    await execute(f"CREATE TABLE shaped.{name} (LIKE probity.event) {SHAPES[name]}")
    for part in _parts(name):
        await execute(f"CREATE TABLE shaped.{part}")
    primary, unique = KEYS[name]
    await execute(f"ALTER TABLE shaped.{name} ADD PRIMARY KEY ({primary}), ADD UNIQUE ({unique})")
    await execute(f"CREATE INDEX ON shaped.{name} (generation, transaction_id, position)")
    began = time.perf_counter()
    await execute(f"INSERT INTO shaped.{name} ({COLUMNS}) SELECT {COLUMNS} FROM probity.event ORDER BY position")
    took = time.perf_counter() - began
    await execute(f"VACUUM (ANALYZE) shaped.{name}")
    return took


def _parts(name: str) -> Iterator[str]:
    if name == "hash":
        for n in range(HASHED):
            yield f"hash_{n} PARTITION OF shaped.hash FOR VALUES WITH (MODULUS {HASHED}, REMAINDER {n})"
    if name == "time":
        bounds = [f"'{FIRST_YEAR + n // 12}-{n % 12 + 1:02}-01'" for n in range(MONTHS + 1)]
        for n, (begins, ends) in enumerate(pairwise(bounds)):
            yield f"time_{n} PARTITION OF shaped.time FOR VALUES FROM ({begins}) TO ({ends})"
        yield "time_rest PARTITION OF shaped.time DEFAULT"


async def appends(pool: Any, name: str, number: int) -> float:
    """One event a commit, each writer to a case of its own: how many a second."""
    until, data = time.perf_counter() + SECONDS, {"officer": "A", "illustrative": False}

    async def write(writer: int) -> int:
        async with pool.acquire() as connection:
            add, version = await connection.prepare(ADD.format(name)), 0
            while time.perf_counter() < until:
                version += 1
                await add.fetch(f"W-{number}-{writer}", version, json.dumps(data))
            return version

    return sum(await asyncio.gather(*map(write, range(WRITERS)))) / SECONDS


async def timed(read: Callable[[], Awaitable[Any]], times: int) -> dict[str, float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await read()
        took.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(took, n=20)
    return {"p50_ms": cuts[9], "p95_ms": cuts[18]}


async def reads(pool: Any, name: str, cases: int, places: list[tuple[str, int]]) -> dict[str, Any]:
    """One whole case, and a page of the feed from anywhere in it."""
    async with pool.acquire() as connection:
        stream, feed = await connection.prepare(STREAM.format(name)), await connection.prepare(FEED.format(name))
        return {
            "stream": await timed(lambda: stream.fetch(f"N-{random.randrange(cases):09}"), CASES_READ),
            "feed": await timed(lambda: feed.fetch(*random.choice(places)), PAGES_READ),
        }


async def upkeep(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> dict[str, Any]:
    """Bytes an event, a vacuum that freezes, and what it takes to let the oldest year go."""
    size = """
        SELECT sum(pg_relation_size(oid)), sum(pg_indexes_size(oid)) FROM pg_class
        WHERE relnamespace = 'shaped'::regnamespace AND relkind = 'r' AND starts_with(relname, $1)
    """
    heap, indexes = await connection.fetchrow(size, name) or (0, 0)
    count = await connection.fetchval(f"SELECT count(*) FROM shaped.{name}")
    told = {"heap_bytes_per_event": int(heap) / count, "index_bytes_per_event": int(indexes) / count}
    freeze = f"VACUUM (FREEZE) shaped.{name}"
    go = f"DELETE FROM shaped.{name} WHERE recorded_at < '2022-01-01'; VACUUM shaped.{name}"
    if name == "time":
        go = ";".join(f"ALTER TABLE shaped.time DETACH PARTITION shaped.time_{n}" for n in range(12))
    for what, statement in (("freeze_seconds", freeze), ("let_a_year_go_seconds", go)):
        began = time.perf_counter()
        for each in statement.split(";"):
            await connection.execute(each)
        told[what] = time.perf_counter() - began
    return told


async def everything(owner_url: str, events: int) -> dict[str, Any]:
    """All of it, over one fresh database."""
    await migrate(owner_url)
    filled = await fill(owner_url, events)
    connection = await asyncpg.connect(owner_url)
    pool = await asyncpg.create_pool(owner_url, min_size=WRITERS, max_size=WRITERS)
    result: dict[str, Any] = {"surroundings": await surroundings(pool), **filled}
    await connection.execute("CREATE SCHEMA shaped; CREATE SEQUENCE shaped.places START 100000000")
    shapes: dict[str, dict[str, Any]] = {name: {"load_seconds": await shape(connection, name)} for name in SHAPES}
    places = [
        (row["transaction"], row["position"])
        for row in await connection.fetch(
            "SELECT transaction_id::text AS transaction, position FROM probity.event TABLESAMPLE SYSTEM (0.5)"
        )
    ]
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in SHAPES}
    for number in range(ROUNDS):
        for name, found in rounds.items():
            read = await reads(pool, name, filled["cases"], places)
            found.append({"appends_per_second": await appends(pool, name, number), **read})
    for name, told in shapes.items():
        told["rounds"] = rounds[name]
        told |= await upkeep(connection, name)
    result["surroundings"]["load_after"] = os.getloadavg()[0]
    await pool.close()
    await connection.close()
    return {**result, "shapes": shapes}


async def main(events: int) -> None:
    """Measure on an embedded Postgres that keeps its data, with fsync."""
    async with embedded_postgres() as url:
        result = await everything(url, events)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
