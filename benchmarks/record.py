"""The record beside its yardsticks: `make bench` writes `benchmarks/results/record.json`, and README.md here reads it.

Appends: one event a commit, `WRITERS` at once, each on a case of its own, from one client process and from two. The
contenders take turns, so that what else a machine does falls on all; ratios are of the rounds in the middle.

And the same with commits that take as long as on a disk of the network or with a standby that has to confirm, since the
disk of a test machine may answer at once: `commit_delay`, which Postgres waits before each flush, for all contenders.
"""

import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from activities import feed, store
from activities.proof.checkpoints import make
from activities.sql import sql
from activities.store import Pool, Provenance
from benchmarks.appending import WRITERS, measure
from benchmarks.contenders import NOW, TABLES, EventSourcing, opened
from deploy import embedded
from deploy.migrate import migrate
from deploy.roles import ENGINE, as_role
from domain.investigation.facts import InterviewRecorded
from domain.messages import Actor
from domain.vocabulary import Role

ROUNDS, SECONDS, PAGE = 3, 4.0, 500
CONTENDERS = ("store", "bare", "bare_same_rows", "eventsourcing", "engine")
COMMITS = (1000, 2000, 4000)  # microseconds that every commit waits
RESULTS = Path(__file__).parent / "results" / "record.json"
SETTINGS = (
    "server_version fsync synchronous_commit full_page_writes shared_buffers wal_sync_method commit_delay".split()
)
CLERK = Actor(role=Role.CLERK, id="clerk-1")


async def appends(database_url: str, postmaster: int, processes: int, run: str = "") -> dict[str, Any]:
    """Rounds in turn; of each contender the round in the middle, and all rates."""
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    for number in range(ROUNDS):
        for name, found in rounds.items():
            stream = f"{name.replace('_', '')}{run}-{processes}-{number}"
            found.append(await measure(name, database_url, postmaster, stream, processes, SECONDS))
    middle = {name: sorted(found, key=lambda each: each["per_second"])[ROUNDS // 2] for name, found in rounds.items()}
    rates = {name: [round(each["per_second"]) for each in found] for name, found in rounds.items()}

    def ratio(name: str, other: str) -> float:
        return middle[name]["per_second"] / middle[other]["per_second"]

    return {
        **middle,
        "rates": rates,
        "ratio": {
            f"{name}_to_{other}": ratio(name, other) for name in ("store", "engine") for other in CONTENDERS[1:4]
        },
    }


async def slower_commits(owner: Pool, database_url: str, postmaster: int) -> dict[str, Any]:
    """Appends from two processes where each commit takes so many microseconds more."""
    name, found = await owner.fetchval("SELECT quote_ident(current_database())"), dict[str, Any]()
    await owner.execute(f"ALTER DATABASE {name} SET commit_siblings = 0")  # where it is the only one too
    for delay in COMMITS:
        await owner.execute(f"ALTER DATABASE {name} SET commit_delay = {delay}")  # of new connections
        found[str(delay)] = await appends(database_url, postmaster, 2, f"{delay}")
    await owner.execute(f"ALTER DATABASE {name} RESET ALL")
    return found


async def length(pool: Pool, to: int = 10_000, samples: int = 300) -> dict[str, Any]:
    """Read and append, for a short case beside one with `to` events, in turn, one at a time."""
    await opened(pool, ["SHORT", "LONG"])
    version = 0
    while version < to:
        version = await _interviews(pool, "LONG", 100)
    took: dict[str, list[float]] = {"SHORT": [], "LONG": []}
    for _ in range(samples):
        for stream, found in took.items():
            began = time.perf_counter()
            await _interviews(pool, stream, 1)
            found.append(time.perf_counter() - began)
    short, long = (_percentiles(took[stream]) for stream in ("SHORT", "LONG"))
    return {"short": short, "at_10000": long, "ratio": long["p50_ms"] / short["p50_ms"]}


async def _interviews(pool: Pool, stream: str, count: int) -> int:
    async def act(seen: store.Seen) -> int:
        told = Provenance(CLERK, "record_interview", f"c{seen.version}", bytes(32), seen.now)
        happened = [InterviewRecorded(occurred_at=NOW, officer="A")] * count
        return (await store.append(seen, told, happened, None)).case.version

    return await store.write(pool, stream, "", act)


def _percentiles(took: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took, n=100)
    return {f"p{cut}_ms": cuts[cut - 1] * 1000 for cut in (50, 95, 99)}


async def reading(pool: Pool, other: EventSourcing) -> dict[str, Any]:
    """Events a second, in pages of `PAGE`; each of its own log, in turn, five rounds and the one in the middle."""
    readers: dict[str, Callable[[], Awaitable[float]]] = {
        "events": lambda: _ours_read(pool),
        "rows": lambda: _rows_read(pool),
        "lines_unsettled": lambda: _lines_read(pool),
        "lines": lambda: _lines_read(pool),
        "eventsourcing": lambda: _theirs_read(other),
    }
    rounds: dict[str, list[float]] = {name: [] for name in readers}
    settled = readers.pop("lines")
    for _ in range(5):
        for name, read in readers.items():
            rounds[name].append(await read())
    settling = await _settled(pool)
    for _ in range(5):  # by turns with the yardstick again
        rounds["lines"].append(await settled())
        rounds["eventsourcing"].append(await readers["eventsourcing"]())
    middle = {name: statistics.median(found) for name, found in rounds.items()}
    ratio = {name: middle[name] / middle["eventsourcing"] for name in rounds if name != "eventsourcing"}
    rates = {name: [round(each) for each in found] for name, found in rounds.items()}
    return {"per_second": middle, "rates": rates, "ratio": ratio, "settling": settling}


async def _settled(pool: Pool) -> dict[str, float]:
    """What it took to settle every page, and takes on the disk, an event in a settled page."""
    began = time.perf_counter()
    events = PAGE * await feed.settle(pool, most=sys.maxsize)
    took = time.perf_counter() - began
    size = await pool.fetchval("SELECT pg_total_relation_size('probity.feed_page')")
    return {"events_per_second": events / took, "bytes_per_event": size / events}


async def _ours_read(pool: Pool) -> float:
    began, count, cursor = time.perf_counter(), 0, feed.START
    while (found := await feed.page(pool, cursor, PAGE)).events:
        count, cursor = count + len(found.events), found.cursor
    return count / (time.perf_counter() - began)


async def _lines_read(pool: Pool) -> float:
    began, count = time.perf_counter(), 0
    async for found in feed.lines(pool):
        count += len(found.lines)
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
    told = {name: await pool.fetchval("SELECT current_setting($1)", name) for name in SETTINGS}
    machine = {"cpus": os.cpu_count(), "machine": platform.machine(), "system": platform.system()}
    load = {"load_before": os.getloadavg()[0], "python": platform.python_version(), "asyncpg": asyncpg.__version__}
    return {"postgres": told, **machine, **load, "writers": WRITERS, "seconds": SECONDS, "rounds": ROUNDS}


async def everything(database_url: str) -> dict[str, Any]:
    """Everything, over one fresh database."""
    await migrate(database_url)
    pool = await store.open_pool(as_role(database_url, ENGINE), size=4)
    owner = await store.open_pool(database_url, size=4)
    await owner.execute(TABLES)
    other = EventSourcing(database_url, 4, create=True)
    result: dict[str, Any] = {"surroundings": await surroundings(owner)}
    postmaster = parent(await owner.fetchval("SELECT pg_backend_pid()"))
    for processes in (1, 2):
        result[f"append_from_{processes}"] = await appends(database_url, postmaster, processes)
    result["append_from_2_at_commit_delay"] = await slower_commits(owner, database_url, postmaster)
    await unhurried(database_url, "VACUUM ANALYZE")
    result["feed"] = await reading(owner, other)
    other.close()
    result["length"] = await length(pool)
    result["sizes"] = await sizes(owner)
    result["surroundings"]["load_after"] = os.getloadavg()[0]
    await pool.close()
    await owner.close()
    return result


async def unhurried(database_url: str, statement: str) -> None:
    """Execute what takes longer than the statements of the engine may."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(statement)
    await connection.close()


def parent(pid: int) -> int:
    """The process that started this one; 0 where there is no /proc."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


@asynccontextmanager
async def embedded_postgres() -> AsyncIterator[str]:
    """The owner's address of a Postgres of one's own that keeps its data, with fsync; Temporal is not needed."""
    os.environ.setdefault("TEMPORAL_ADDRESS", "not.needed:7233")
    with tempfile.TemporaryDirectory(prefix="probity-bench-") as folder:
        try:
            async with embedded.stack(Path(folder), ui=False) as stack:
                yield stack.database_url
        finally:
            embedded.remove(Path(folder))
            Path(folder).mkdir(exist_ok=True)


async def main() -> None:
    """Measure, print and keep the results."""
    async with embedded_postgres() as url:
        result = await everything(url)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    asyncio.run(main())
