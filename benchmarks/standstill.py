"""How long commands take while Temporal's server stands still now and then, as on a machine that is given too little.

Twelve callers open cases and tell them four acts each; the server is stopped (SIGSTOP) every seven seconds for so long.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.servers import milliseconds
from integration.client import Probity
from tests.engine import act, referral
from tests.rough import Part, rough

RESULTS = Path(__file__).parent / "results" / "standstill.json"
CALLERS, ACTS, EVERY = 12, 4, 7.0
LOST = 8.0  # seconds: longer than this took only what came back after the ten seconds of a workflow task


async def measure(still: float, count: int) -> dict[str, Any]:
    """So many cases, opened and told, on servers of their own."""
    with tempfile.TemporaryDirectory(prefix="probity-") as folder:
        os.chmod(folder, 0o755)
        async with rough(Path(folder), "worker") as engine, Probity.connect(engine.settings) as probity:
            await engine.worker.start()
            load, began = os.getloadavg()[0], datetime.now(UTC)
            standing = asyncio.create_task(stand_still(engine.temporal, still))
            numbers, waits = iter(range(count)), list[float]()
            await asyncio.gather(*(calls(probity, numbers, waits) for _ in range(CALLERS)))
            standing.cancel()
            lost = (Path(folder) / "temporal.log").read_text(errors="replace").count("Unable to add WorkflowTask")
    return {
        "stopped for seconds": still,
        "commands": len(waits),
        **milliseconds(waits),
        "longest s": round(max(waits), 1),
        f"longer than {LOST:.0f} s": sum(wait > LOST for wait in waits),
        "mean s": round(statistics.fmean(waits), 2),
        "tasks that its log calls lost": lost,
        "load before and after": [round(load, 1), round(os.getloadavg()[0], 1)],
        "at": began.isoformat(timespec="seconds"),
    }


async def calls(probity: Probity, numbers: Iterator[int], waits: list[float]) -> None:
    """Open one case after another, and note how long each command took."""
    for number in numbers:
        ref, began = f"S-{number:05}", time.monotonic()
        await probity.refer(referral(ref))
        waits.append(time.monotonic() - began)
        for party in range(ACTS):
            began = time.monotonic()
            told = act("clerk", datetime.now(UTC), party=f"P-{party}", kind="interested_person")
            await probity.do(ref, "add_party", told, command_id=str(party))
            waits.append(time.monotonic() - began)


async def stand_still(temporal: Part, still: float) -> None:
    """Stop the server and let it go on, again and again until cancelled."""
    assert temporal._running is not None
    while still:
        await asyncio.sleep(EVERY)
        temporal._running.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(still)
        finally:
            temporal._running.send_signal(signal.SIGCONT)


def main() -> None:
    """Measure each standstill that is asked for, and keep the results."""
    ask = argparse.ArgumentParser(prog="python -m benchmarks.standstill", description=__doc__)
    ask.add_argument("--cases", type=int, default=150)
    ask.add_argument("--results", type=Path, default=RESULTS)
    ask.add_argument("seconds", type=float, nargs="*", default=[0.0, 0.6, 1.5])
    asked = ask.parse_args()
    results = [asyncio.run(measure(still, asked.cases)) for still in asked.seconds]
    print(json.dumps(results, indent=2))
    asked.results.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
