"""Many open cases with a deadline at the same midnight, on one worker, also while a part of the engine is taken away.

Midnight is moved to a moment that is near (tests/midnight.py); clocks, timers, servers and the worker are real. Cases
are put into the record past Temporal, as an import does, and started by `probity resume`.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from activities import store
from activities.record import Act, OpenCase, Records
from integration.client import Probity
from tests.engine import assessment, referral
from tests.midnight import BEFORE, OWED, move_midnight
from tests.rough import Rough, rough

RESULTS = Path(__file__).parent / "results" / "midnight.json"
ENFORCED = """
    SELECT stream, occurred_at, recorded_at FROM probity.event
    WHERE type = 'deadline_missed' AND data ->> 'deadline' = $1
"""
PATIENCE = 0.25  # seconds a case, and never less than a quarter of an hour


async def open_cases(records: Records, count: int, since: datetime) -> float:
    """Put so many cases that have to be referred today into the record; how many seconds it took."""
    places, began = asyncio.Semaphore(8), time.monotonic()

    async def one(number: int) -> None:
        ref = f"M-{number:06}"
        async with places:
            opened = await records.open_case(
                OpenCase(referral=referral(ref, "live", since), command_id=f"refer/{ref}", now=since)
            )
            assert opened.refusal is None
            act = Act(
                stream=ref,
                command_id="assess",
                command="assess_referral",
                body=assessment(since),
                known=0,
                now=since,
            )
            assert (await records.record(act)).refusal is None

    await asyncio.gather(*map(one, range(count)))
    return time.monotonic() - began


async def calm(engine: Rough, count: int) -> str:
    """Nothing happens."""
    return "nothing"


async def worker_killed(engine: Rough, count: int) -> str:
    """The only worker is killed when half of the deadlines are enforced, and another is started ten seconds later."""
    await half_enforced(engine, count)
    await engine.worker.kill()
    await asyncio.sleep(10)
    await engine.worker.start()
    return "worker killed when half were enforced, a new one started 10 s later"


async def postgres_away(engine: Rough, count: int) -> str:
    """Postgres is stopped at midnight and away for two minutes."""
    await engine.postgres.stop()
    await asyncio.sleep(120)
    await engine.postgres.start()
    return "Postgres stopped at midnight, started 120 s later"


async def temporal_restarted(engine: Rough, count: int) -> str:
    """Temporal is killed when half of the deadlines are enforced, and started again from its file."""
    await half_enforced(engine, count)
    await engine.temporal.kill()
    await asyncio.sleep(10)
    await engine.temporal.start()
    return "Temporal killed when half were enforced, started 10 s later"


SCENARIOS: dict[str, Callable[[Rough, int], Awaitable[str]]] = {
    each.__name__: each for each in (calm, worker_killed, postgres_away, temporal_restarted)
}


async def measure(scenario: str, count: int, lead: float) -> dict[str, Any]:
    """One run of a scenario, on servers of its own."""
    with tempfile.TemporaryDirectory(prefix="probity-") as folder:
        os.chmod(folder, 0o755)
        async with rough(Path(folder), "tests.midnight") as engine:
            return await _measured(engine, scenario, count, lead)


async def _measured(engine: Rough, scenario: str, count: int, lead: float) -> dict[str, Any]:
    now, load = datetime.now(UTC), os.getloadavg()[0]
    today, since = now.date(), now - BEFORE
    move_midnight(today, now.replace(microsecond=0) + timedelta(hours=6))
    pool, ring = await store.open_pool(engine.settings.database_url), engine.settings.ring
    assert ring is not None
    opening = await open_cases(Records(pool, ring), count, since)
    await pool.close()
    midnight = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=lead)
    move_midnight(today, midnight)
    os.environ["PROBITY_TEST_MIDNIGHT"] = f"{today} {midnight.isoformat()}"
    await engine.worker.start()
    async with Probity.connect(engine.settings) as probity:
        began = time.monotonic()
        started, failed = await probity.resume()
        resuming, to_spare = time.monotonic() - began, (midnight - datetime.now(UTC)).total_seconds()
    print(f"{len(started)} started in {resuming:.0f} s, {len(failed)} failed; midnight in {to_spare:.0f} s", flush=True)
    await asyncio.sleep(max(0.0, (midnight - datetime.now(UTC)).total_seconds()))
    what = await SCENARIOS[scenario](engine, count)
    rows = await until_enforced(engine, count)
    async with Probity.connect(engine.settings) as probity:
        report = await probity.watch()
        faults = [fault for n in range(0, count, max(1, count // 200)) for fault in await probity.verify(f"M-{n:06}")]
    return {
        "scenario": what,
        "cases": count,
        "seconds to put into the record": round(opening, 1),
        "seconds to resume": round(resuming, 1),
        "seconds from then to midnight": round(to_spare, 1),
        **judged(rows, count, midnight),
        "faults of 200 chains": len(faults),
        "stranded, behind or late afterwards": report.stranded.count + report.behind.count + report.late.count,
        "load before and after": [round(load, 1), round(os.getloadavg()[0], 1)],
        "at": now.isoformat(timespec="seconds"),
    }


async def half_enforced(engine: Rough, count: int) -> None:
    """Wait until half of the cases have their miss."""
    await _until(engine, count // 2, count)


async def until_enforced(engine: Rough, count: int) -> list[Any]:
    """Wait until every case has its miss, and ten seconds more for a second one that must not come."""
    await _until(engine, count, count)
    await asyncio.sleep(10)
    async with _reading(engine) as connection:
        return await connection.fetch(ENFORCED, OWED)


async def _until(engine: Rough, enforced: int, count: int) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(max(900.0, PATIENCE * count)), _reading(engine) as connection:
            while len({row["stream"] for row in await connection.fetch(ENFORCED, OWED)}) < enforced:
                await asyncio.sleep(2)


@asynccontextmanager
async def _reading(engine: Rough) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(engine.owner_url)
    try:
        yield connection
    finally:
        await connection.close()


def judged(rows: list[Any], count: int, midnight: datetime) -> dict[str, Any]:
    """Lost, double, misdated, and how late each was recorded, in seconds after midnight."""
    late = sorted((row["recorded_at"] - midnight).total_seconds() for row in rows)
    cuts = statistics.quantiles(late, n=100) if len(late) > 1 else [0.0] * 99
    return {
        "lost": count - len({row["stream"] for row in rows}),
        "double": len(rows) - len({row["stream"] for row in rows}),
        "not dated midnight": sum(row["occurred_at"] != midnight for row in rows),
        "too early": sum(each < 0 for each in late),
        "lateness in seconds": {"p50": round(cuts[49], 2), "p99": round(cuts[98], 2), "max": round(late[-1], 2)}
        if late
        else None,
    }


def main() -> None:
    """Measure what is asked for and add it to the results."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=10_000)
    asked.add_argument("--lead", type=float, help="seconds from the start of the worker to midnight")
    asked.add_argument("scenarios", nargs="*", default=list(SCENARIOS), choices=list(SCENARIOS))
    told = asked.parse_args()
    for scenario in told.scenarios:
        result = asyncio.run(measure(scenario, told.cases, told.lead or 60 + told.cases / 20))
        print(json.dumps(result, indent=2), flush=True)
        before = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
        RESULTS.write_text(json.dumps([*before, result], indent=2) + "\n")


if __name__ == "__main__":
    main()
