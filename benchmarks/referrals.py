"""Very many referrals posted at once, each of them twice: `python -m benchmarks.referrals --count 1000`.

Postgres with fsync, Temporal, a worker and the gateway as it is served, each a process; the clients of tests/flood.py,
who hang up after a while and send again what was not answered. It counts the cases by SQL, verifies every chain, adds
what it found to `benchmarks/results/referrals.json`, and ends with 1 unless every referral became one case.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from httpx2 import AsyncClient, Limits

from deploy.part import part
from deploy.roles import GATEWAY, as_role
from integration.client import Probity
from integration.gateway.limits import RATE
from tests.engine import reference
from tests.flood import TIMES, Flood, counted, matter, pour
from tests.issuer import AUDIENCE, ISSUER, keys, token
from tests.rough import Rough, rough

RESULTS = Path(__file__).parent / "results" / "referrals.json"
HANGS_UP = 15  # seconds without an answer; the gateway itself waits for a case for 30


@asynccontextmanager
async def served(engine: Rough, rate: str) -> AsyncIterator[str]:
    """A gateway that asks for tokens; its address."""
    with keys() as issuer:
        environment = {
            "DATABASE_URL": as_role(engine.owner_url, GATEWAY),
            "PROBITY_JWKS_URL": issuer,
            "PROBITY_ISSUER": ISSUER,
            "PROBITY_AUDIENCE": AUDIENCE,
            "PROBITY_GATEWAY_RATE": rate,
        }
        async with part("gateway", environment, "integration.gateway", "--port", "0") as (_, address):
            yield address


async def measure(count: int, callers: int, rate: str) -> dict[str, Any]:
    """One run, on servers of its own."""
    with tempfile.TemporaryDirectory(prefix="probity-") as folder:
        os.chmod(folder, 0o755)
        async with rough(Path(folder), "worker") as engine, served(engine, rate) as address:
            await engine.worker.start()
            refs = [reference() for _ in range(count)]
            load, began = os.getloadavg()[0], time.monotonic()
            flood = await poured(address, refs, callers)
            seconds = time.monotonic() - began
            return {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "referrals": count,
                "posts": count * TIMES,
                "callers": callers,
                "rate_of_one_caller": rate,
                "seconds": round(seconds, 1),
                "answers": dict(sorted(flood.answers.items())),
                **await found(engine, refs, flood),
                "surroundings": await surroundings(engine, load),
            }


async def poured(address: str, refs: list[str], callers: int) -> Flood:
    """Post them all; the two posts of a referral are one caller's, who is known by the key."""

    def headers(key: str) -> dict[str, str]:
        bearer = token(sub=f"intake-{int(key[:8], 16) % callers}", scope="act:intake")
        return {"Authorization": f"Bearer {bearer}", "Idempotency-Key": key}

    limits = Limits(max_connections=None, max_keepalive_connections=None)
    async with AsyncClient(base_url=address, timeout=HANGS_UP, limits=limits) as http:
        return await pour(http, [_matter(ref) for ref in refs], headers)


def _matter(ref: str) -> dict[str, Any]:
    """A referral by whoever bears the token."""
    return {name: value for name, value in matter(ref).items() if name != "actor"}


async def found(engine: Rough, refs: list[str], flood: Flood) -> dict[str, Any]:
    """What the record holds of them."""
    async with Probity.connect(engine.settings) as probity:
        faults = [fault for ref in refs for fault in await probity.verify(ref)]
        report = await probity.watch()
    return {
        **await counted(engine.owner_url, refs),
        "differing": len(flood.differing()),
        "faults": len(faults),
        "stranded_or_behind": report.stranded.count + report.behind.count,
    }


async def surroundings(engine: Rough, load: float) -> dict[str, Any]:
    """What a number without would mean nothing."""
    owner = await asyncpg.connect(engine.owner_url)
    settings = ("server_version", "fsync", "synchronous_commit")
    told = {name: await owner.fetchval("SELECT current_setting($1)", name) for name in settings}
    await owner.close()
    machine = {"cpus": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    return {**machine, "postgres": told, "load_before_and_after": [round(load, 1), round(os.getloadavg()[0], 1)]}


def exact(told: dict[str, Any]) -> bool:
    """Whether every referral became one case and was answered alike each time, and nothing else is there."""
    counts = ("cases", "referred_once", "in_the_register", "cases_in_all")
    return {told[each] for each in counts} == {told["referrals"]} and not any(
        told[each] for each in ("referred_more_than_once", "differing", "faults", "stranded_or_behind")
    )


def main() -> None:
    """Measure what is asked for and add it to the results."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--callers", type=int, default=1, help="intake systems, each with its own rate")
    asked.add_argument("--rate", default=RATE, help="how often one of them may ask")
    told = asked.parse_args()
    result = asyncio.run(measure(told.count, told.callers, told.rate))
    print(json.dumps(result, indent=2), flush=True)
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    RESULTS.write_text(json.dumps([*before, result], indent=2) + "\n")
    sys.exit(not exact(result))


if __name__ == "__main__":
    main()
