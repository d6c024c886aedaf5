"""What a million events cost beside their append: `python -m benchmarks.million`.

How they lie on disk, by which index a case and a page of the feed are read, how fast the read models are made anew from
them how long the swap holds the engine up; what a checkpoint costs over more and more cases, and an export after more
and more checkpoints; what sealing adds to an act. It writes `benchmarks/results/million.json`.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic_core import to_jsonable_python

from activities import store
from activities.proof import checkpoints
from activities.record import Act, Records
from activities.reporting.rebuild import differing, rebuild
from activities.sql import sql
from activities.store import Pool, Provenance
from benchmarks.contenders import NOW, opened
from benchmarks.filling import fill
from benchmarks.record import CLERK, embedded_postgres, surroundings
from deploy.migrate import migrate
from deploy.roles import ENGINE, SIGNER, as_role
from domain.investigation.facts import InterviewRecorded, RepresentationsRecorded
from domain.messages import Event
from integration.export import export
from tests.engine import RING
from tests.kit import moment, referred

EVENTS = 1_000_000
RESULTS = Path(__file__).parent / "results" / "million.json"
BUSY = [f"BUSY-{number:04}" for number in range(400)]
KEY = Ed25519PrivateKey.generate()
PLANS = {"stream": ("events", "N-000000007", 0, store.LAST), "feed": ("feed", 1, 0, 0, 500)}


async def seconds(work: Awaitable[Any]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def plans(owner: Pool) -> dict[str, Any]:
    """By which index the two reads go, and how long they take."""
    found = {}
    for name, (statement, *arguments) in PLANS.items():
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql(str(statement))}"
        async with owner.acquire() as connection:
            told = json.loads(await connection.fetchval(explain, *arguments))[0]
        indexes = sorted(set(_indexes(told["Plan"])))
        buffers = told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"]
        found[name] = {"indexes": indexes, "ms": told["Execution Time"], "buffers": buffers}
    return found


def _indexes(plan: dict[str, Any]) -> list[str]:
    own = [f"{plan['Node Type']} {plan['Index Name']}"] if "Index Name" in plan else []
    own += ["Seq Scan"] if plan["Node Type"] == "Seq Scan" else []
    return own + [each for part in plan.get("Plans", ()) for each in _indexes(part)]


async def sizes(owner: Pool) -> dict[str, float]:
    """Bytes an event, by what takes them."""
    count = await owner.fetchval("SELECT count(*) FROM probity.event")
    rows = await owner.fetch("""
        SELECT c.relname, pg_relation_size(c.oid) AS size FROM pg_class c
        WHERE c.oid = 'probity.event'::regclass
           OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'probity.event'::regclass)
    """)
    return {row["relname"]: row["size"] / count for row in rows}


async def rebuilding(url: str, events: int) -> dict[str, float]:
    """The read models of all cases made anew while some go on, and how long an act took: each case is given few."""
    pool = await store.open_pool(as_role(url, ENGINE), size=4)
    await opened(pool, BUSY)
    records, known, turns = Records(pool, RING), dict[str, int](), cycle(BUSY)

    async def act() -> float:
        case = next(turns)
        began = time.perf_counter()
        answer = await records.record(_inform(case, known.get(case, 0)))
        assert answer.refusal is None, answer.refusal
        known[case] = answer.version
        return time.perf_counter() - began

    at_rest = [await act() for _ in BUSY]
    meanwhile = []
    run = asyncio.create_task(_rebuild_elsewhere(url))
    while not run.done():
        meanwhile.append(await act())
        await asyncio.sleep(0.05)
    took = await run
    compared = await seconds(differing(pool))
    await pool.close()
    return {
        "seconds": took,
        "events_per_second": events / took,
        "check_events_per_second": events / compared,
        "act_at_rest_p50_ms": median(at_rest) * 1000,
        "act_meanwhile_p50_ms": median(meanwhile) * 1000,
        "act_meanwhile_max_ms": max(meanwhile) * 1000,
    }


def _inform(ref: str, known: int) -> Act:
    body = referred().body("update_party", at=moment("2020-08-01T10:00"))
    return Act(
        stream=ref,
        command_id=f"I{known}",
        command="update_party",
        body=to_jsonable_python(body),
        known=known,
        now=datetime.now(UTC),
    )


async def _rebuild_elsewhere(url: str) -> float:
    """In a process of its own, as it is run: folding takes a whole processor."""
    began = time.perf_counter()
    environment = {**os.environ, "DATABASE_URL": as_role(url, ENGINE)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.million", "rebuild", env=environment
    )
    assert await process.wait() == 0
    return time.perf_counter() - began


async def signing(owner_url: str, cases: tuple[int, ...] = (10, 1_000, 100_000)) -> list[dict[str, float]]:
    """A checkpoint over so many cases: the first, which signs all of them, and one after a hundredth of them moved."""
    owner, found = await asyncpg.connect(owner_url), []
    signer = await store.open_pool(as_role(owner_url, SIGNER))
    for count in cases:
        await owner.execute(STREAMS, count)
        first = await seconds(checkpoints.make(signer, KEY))
        await owner.execute(MOVED, max(count // 100, 1))
        then = await seconds(checkpoints.make(signer, KEY))
        found.append({"cases": count, "first_ms": first * 1000, "next_ms": then * 1000})
    await signer.close()
    await owner.close()
    return found


STREAMS = """
WITH new AS (
    INSERT INTO probity.stream (stream, version, head, opened_at)
    SELECT 'C-' || lpad(n::text, 9, '0'), 1, sha256(n::text::bytea), now() FROM generate_series(1, $1::integer) AS n
    ON CONFLICT DO NOTHING RETURNING stream, head
)
INSERT INTO probity.event (stream, version, event_id, occurred_at, recorded_at, type, schema_version, actor_role,
    actor_id, command, command_id, correlation_id, causation_id, data, hash)
SELECT stream, 1, gen_random_uuid(), now(), now(), 'x', 1, 'clerk', 'x', 'x', 'x', gen_random_uuid(), 'x', '{}', head
FROM new
"""
MOVED = """
WITH moved AS (
    UPDATE probity.stream SET version = version + 1, head = sha256(head)
    WHERE stream IN (SELECT stream FROM probity.stream ORDER BY random() LIMIT $1) RETURNING stream, version, head
)
INSERT INTO probity.event (stream, version, event_id, occurred_at, recorded_at, type, schema_version, actor_role,
    actor_id, command, command_id, correlation_id, causation_id, data, hash)
SELECT stream, version, gen_random_uuid(), now(), now(), 'x', 1, 'clerk', 'x', 'x', 'x', gen_random_uuid(), 'x', '{}',
    head
FROM moved
"""


async def exporting(owner_url: str, url: str, after: tuple[int, ...] = (1, 10, 50)) -> list[dict[str, float]]:
    """An export of a case that had moved at so many checkpoints, over all the cases that there are."""
    signer, engine = await store.open_pool(as_role(owner_url, SIGNER)), await store.open_pool(as_role(url, ENGINE))
    await opened(engine, ["BUSY-0002"])
    records, known, made, found = Records(engine, RING), 0, 0, []
    for count in after:
        while made < count:
            known = (await records.record(_inform("BUSY-0002", known))).version
            await checkpoints.make(signer, KEY)
            made += 1
        found.append({"checkpoints": count, "export_ms": await seconds(export(signer, "BUSY-0002", KEY)) * 1000})
    await signer.close()
    await engine.close()
    return found


async def sealing(url: str, times: int = 300) -> dict[str, float]:
    """An act with a text of 400 letters beside one without, in turn: what sealing adds to reading and appending."""
    pool, took = await store.open_pool(as_role(url, ENGINE), size=2), dict[str, list[float]](bare=[], sealed=[])
    await opened(pool, ["SEALED-0001"])
    events: dict[str, Event] = {
        "bare": InterviewRecorded(occurred_at=NOW, officer="A"),
        "sealed": RepresentationsRecorded(occurred_at=NOW, officer="A", statement="So it was. " * 36),
    }
    for _ in range(times):
        for name, found in took.items():
            found.append(await seconds(_told(pool, name, events[name])))
    await pool.close()
    told = {f"{name}_p50_ms": median(found) * 1000 for name, found in took.items()}
    return {**told, "ratio": told["sealed_p50_ms"] / told["bare_p50_ms"]}


async def _told(pool: Pool, name: str, event: Event) -> None:
    async def act(seen: store.Seen) -> None:
        clear = bytes(32) if name == "sealed" else None
        told = Provenance(CLERK, "record_interview", f"{name}{seen.version}", bytes(32), seen.now, clear)
        await store.append(seen, told, [event], RING)

    await store.write(pool, "SEALED-0001", "", act)


async def everything(owner_url: str, events: int) -> dict[str, Any]:
    """All of it, over one fresh database."""
    await migrate(owner_url)
    owner = await asyncpg.create_pool(owner_url, min_size=1, max_size=2)
    result: dict[str, Any] = {"surroundings": await surroundings(owner)}
    result["filled"] = await fill(owner_url, events)
    result["bytes_per_event"] = await sizes(owner)
    result["plans"] = await plans(owner)
    result["rebuild"] = await rebuilding(owner_url, result["filled"]["events"])
    result["sealing"] = await sealing(owner_url)
    await owner.close()
    return result


async def main() -> None:
    """Measure on embedded servers that keep their data, with fsync: the checkpoints on one of their own."""
    if sys.argv[1:] == ["rebuild"]:
        pool = await store.open_pool(os.environ["DATABASE_URL"])
        await rebuild(pool)
        return await pool.close()
    async with embedded_postgres() as url:
        result = await everything(url, int(sys.argv[1]) if sys.argv[1:] else EVENTS)
    async with embedded_postgres() as url:
        await migrate(url)
        result["checkpoints"] = await signing(url)
        result["exports"] = await exporting(url, url)
    result["surroundings"]["load_after"] = os.getloadavg()[0]
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    asyncio.run(main())
