"""The record beside its yardsticks: `make bench` writes `benchmarks/results/record.json`, and README.md here reads it.

Appends: one event a commit, `WRITERS` at once, each on a case of its own; ours reads the state, holds the lock, links
the chain and keeps snapshot and read models. The contenders take turns, so that what else a machine does falls on all.
"""

import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from pydantic_core import to_jsonable_python

from activities import feed, store
from activities.checkpoints import make
from activities.record import OpenCase, Records
from activities.sql import sql
from activities.store import Pool, Told
from benchmarks.yardsticks import Bare, EventSourcing
from deploy import embedded
from deploy.migrate import migrate
from deploy.roles import ENGINE, as_role
from domain.investigation.facts import InterviewRecorded
from domain.messages import Actor
from domain.vocabulary import Role
from tests.kit import referral

WRITERS, ROUNDS, SECONDS, PAGE = 32, 3, 5.0, 500
RESULTS = Path(__file__).parent / "results" / "record.json"
SETTINGS = "server_version fsync synchronous_commit full_page_writes shared_buffers wal_sync_method".split()
CLERK = Actor(role=Role.CLERK, id="clerk-1")
Append = Callable[[int], Awaitable[None]]


class Ours:
    """The engine's own append."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._given = pool, 0

    async def append(self, writer: int) -> None:
        """One event, to the case of this writer."""
        await self.to(f"CASE-{writer}")

    async def to(self, stream: str) -> None:
        """One event, to this case."""
        self._given += 1
        async with store.transaction(self._pool) as connection:
            held = await store.hold(connection, stream)
            assert held is not None
            told = Told(CLERK, "record_interview", f"bench-{self._given}", bytes(32), held.now)
            await store.append(held, told, [InterviewRecorded(occurred_at=held.now, officer="A")])


async def rate(append: Append, seconds: float = SECONDS) -> dict[str, float]:
    """Appends a second of `WRITERS` at once, and how long one takes."""
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def write(writer: int) -> None:
        while (began := time.perf_counter()) < end:
            await append(writer)
            took.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    return {"per_second": len(took) / (time.perf_counter() - began), **_percentiles(took)}


def _percentiles(took: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took, n=100)
    return {f"p{cut}_ms": cuts[cut - 1] * 1000 for cut in (50, 95, 99)}


async def appends(contenders: dict[str, Append]) -> dict[str, Any]:
    """Rounds in turn; of each contender the round in the middle."""
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, append in contenders.items():
            rounds[name].append(await rate(append))
    middle = {name: sorted(found, key=lambda each: each["per_second"])[ROUNDS // 2] for name, found in rounds.items()}
    ours = middle["ours"]["per_second"]
    return {**middle, "ratio": {name: ours / each["per_second"] for name, each in middle.items() if name != "ours"}}


async def length(pool: Pool, ours: Ours, to: int = 10_000, samples: int = 300) -> dict[str, Any]:
    """An append to a short case beside one to a case with `to` events, in turn, one at a time."""
    for stream in ("SHORT", "LONG"):
        await _open(pool, stream)
    while (await pool.fetchval("SELECT version FROM probity.stream WHERE stream = 'LONG'")) < to:
        async with store.transaction(pool) as connection:
            held = await store.hold(connection, "LONG")
            assert held is not None
            told = Told(CLERK, "record_interview", f"fill-{held.version}", bytes(32), held.now)
            await store.append(held, told, [InterviewRecorded(occurred_at=held.now, officer="A")] * 100)
    took: dict[str, list[float]] = {"SHORT": [], "LONG": []}
    for _ in range(samples):
        for stream, found in took.items():
            began = time.perf_counter()
            await ours.to(stream)
            found.append(time.perf_counter() - began)
    short, long = (_percentiles(took[stream]) for stream in ("SHORT", "LONG"))
    return {"short": short, "at_10000": long, "ratio": long["p50_ms"] / short["p50_ms"]}


async def reading(pool: Pool, other: EventSourcing) -> dict[str, Any]:
    """Events a second, in pages of `PAGE`; each of its own log, in turn, the best of three rounds."""
    readers = {"ours": lambda: _ours_read(pool), "ours_rows_only": lambda: _rows_read(pool)}
    readers["eventsourcing"] = lambda: _theirs_read(other)
    best = dict.fromkeys(readers, 0.0)
    for _ in range(3):
        for name, read in readers.items():
            best[name] = max(best[name], await read())
    ratio = {name: best[name] / best["eventsourcing"] for name in ("ours", "ours_rows_only")}
    return {"per_second": best, "ratio": ratio}


async def _ours_read(pool: Pool) -> float:
    began, count, cursor = time.perf_counter(), 0, feed.START
    while (found := await feed.page(pool, cursor, PAGE)).events:
        count, cursor = count + len(found.events), found.cursor
    return count / (time.perf_counter() - began)


async def _rows_read(pool: Pool) -> float:
    """The pages as the driver gives them: their selects give no more, and no object is made of them either."""
    began, count, cursor = time.perf_counter(), 0, tuple(feed.START)
    while rows := await pool.fetch(sql("feed"), *cursor, PAGE):
        last = rows[-1]
        count, cursor = count + len(rows), (last["generation"], last["transaction"], last["position"])
    return count / (time.perf_counter() - began)


async def _theirs_read(other: EventSourcing) -> float:
    began, count, start = time.perf_counter(), 0, 1
    while (found := await other.page(start, PAGE))[0]:
        count, start = count + found[0], found[1]
    return count / (time.perf_counter() - began)


async def _open(pool: Pool, stream: str) -> None:
    body = to_jsonable_python(referral(reference=stream))
    answer = await Records(pool).open_case(OpenCase(referral=body, command_id="open", now=datetime.now(UTC)))
    assert answer.refusal is None, answer.refusal


async def sizes(pool: Pool) -> dict[str, float]:
    """Bytes on disk an event, indexes included, and what one checkpoint over all cases costs."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    count = await pool.fetchval("SELECT count(*) FROM probity.event")
    size = await pool.fetchval("SELECT pg_total_relation_size('probity.event')")
    key = Ed25519PrivateKey.generate()
    began = time.perf_counter()
    cases = (await make(pool, key))["cases"]
    took = (time.perf_counter() - began) * 1000
    return {"events": count, "bytes_per_event": size / count, "checkpoint_cases": cases, "checkpoint_ms": took}


async def surroundings(pool: Pool) -> dict[str, Any]:
    """What a number without would mean nothing."""
    settings = (
        "server_version",
        "fsync",
        "synchronous_commit",
        "full_page_writes",
        "shared_buffers",
        "wal_sync_method",
    )
    told = {name: await pool.fetchval("SELECT current_setting($1)", name) for name in settings}
    machine = {"cpus": os.cpu_count(), "machine": platform.machine(), "system": platform.system()}
    load = {"load_before": os.getloadavg()[0], "python": platform.python_version(), "asyncpg": asyncpg.__version__}
    return {"postgres": told, **machine, **load, "writers": WRITERS, "seconds": SECONDS, "rounds": ROUNDS}


async def measure(database_url: str) -> dict[str, Any]:
    """Everything, over one fresh database."""
    await migrate(database_url)
    pool = await store.open_pool(as_role(database_url, ENGINE), size=WRITERS)
    owner = await store.open_pool(database_url, size=WRITERS)
    for writer in range(WRITERS):
        await _open(pool, f"CASE-{writer}")
    ours, other = Ours(pool), EventSourcing(database_url, WRITERS, 220)
    bare = await Bare.over(owner)
    result: dict[str, Any] = {"surroundings": await surroundings(pool)}
    contenders = {"ours": ours.append, "bare_asyncpg": bare.append, "eventsourcing": other.append}
    result["append"] = await appends(contenders)
    result["feed"] = await reading(pool, other)
    result["length"] = await length(pool, ours)
    result["sizes"] = await sizes(owner)
    result["surroundings"]["load_after"] = os.getloadavg()[0]
    other.close()
    await pool.close()
    await owner.close()
    return result


async def main() -> None:
    """Measure on an embedded Postgres that keeps its data, with fsync; Temporal is not needed."""
    os.environ.setdefault("TEMPORAL_ADDRESS", "not.needed:7233")
    with tempfile.TemporaryDirectory(prefix="probity-bench-") as folder:
        try:
            async with embedded.stack(Path(folder), ui=False) as stack:
                result = await measure(stack.database_url)
        finally:
            embedded.remove(Path(folder))
            Path(folder).mkdir(exist_ok=True)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    asyncio.run(main())
