"""Whole lifecycles a minute on one worker, beside the same on `dbos`, on the same Postgres with the same durability.

`python -m benchmarks.lifecycles`; needs `pip install dbos`. Contenders take turns, each a worker process of its own,
both running all the while, the other idle. One at a time then: a command beside an Update that does nothing, in pairs,
and the events of history that a lifecycle took. `killed` instead: what a worker costs that takes over open cases.
"""

import argparse
import asyncio
import json
import os
import statistics
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any
from uuid import uuid4

import asyncpg
from temporalio.client import Client

from benchmarks.idle import QUEUE, Idle
from benchmarks.lives import COMMANDS, Contender, lifecycle, referral_of, steps
from benchmarks.servers import Servers, durable, milliseconds, spent, surroundings
from deploy.part import part
from integration.client import Probity, connect_temporal
from workflows.case import workflow_id

RESULTS = Path(__file__).parent / "results"
OURS, THEIRS = "probity", "dbos"
ANSWERING = 180.0  # seconds that cases have to answer in after the worker was killed


async def race(asked: argparse.Namespace) -> dict[str, Any]:
    """Rounds in turn; then the round trip and the history."""
    from benchmarks.on_dbos import Client as OnDbos  # measured only, so not among the dependencies

    async with durable() as servers:
        told = await surroundings(servers)
        environment = {**servers.environment, "DBOS_SYSTEM_DATABASE_URL": servers.owner_url}
        async with (
            part("worker", servers.environment) as (ours, _),
            part("dbos", environment, "benchmarks.on_dbos") as (theirs, _),
            Probity.connect(servers.settings) as probity,
        ):
            on_dbos = OnDbos(servers.owner_url, asked.callers)
            runners: dict[str, tuple[Contender, int]] = {OURS: (probity, ours.pid), THEIRS: (on_dbos, theirs.pid)}
            lived = await rounds(runners, asked)
            on_dbos.close()
            told |= {"rows": await alike(servers)}
        async with (
            part("worker", servers.environment),
            part("idle", servers.environment, "benchmarks.idle"),
            Probity.connect(servers.settings) as probity,
        ):
            trip = await round_trip(servers, probity, asked.pairs)
        return {
            **told,
            "commands a lifecycle": COMMANDS,
            "lifecycles a round": asked.lifecycles,
            "at once": asked.callers,
            "lifecycles": lived,
            **trip,
            "load after": round(os.getloadavg()[0], 1),
        }


async def rounds(runners: dict[str, tuple[Contender, int]], asked: argparse.Namespace) -> dict[str, Any]:
    """Of each contender every round, and the median; the second round begins with the other."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in runners}
    for number in range(-1, asked.rounds):
        for name in list(runners) if number % 2 == 0 else reversed(runners):
            count = asked.lifecycles if number >= 0 else 4  # the first is to warm up
            result = await round_of(*runners[name], count, asked.callers)
            print(name, result if number >= 0 else "warm", flush=True)
            if number >= 0:
                found[name].append(result)
    told: dict[str, Any] = {}
    for name, each in found.items():
        told[name] = {key: round(statistics.median(one[key] for one in each), 2) for key in each[0]}
        told[name]["a minute, each round"] = [one["a minute"] for one in each]
    ratio = [ours["a minute"] / theirs["a minute"] for ours, theirs in zip(found[OURS], found[THEIRS], strict=True)]
    return {
        **told,
        "probity to dbos": round(statistics.median(ratio), 2),
        "each round": [round(one, 2) for one in ratio],
    }


async def round_of(contender: Contender, pid: int, count: int, callers: int) -> dict[str, float]:
    """So many lifecycles, some at once."""
    waits, places, (before, _), began = list[float](), asyncio.Semaphore(callers), spent(pid), monotonic()

    async def one() -> None:
        async with places:
            await lifecycle(contender, waits)

    await asyncio.gather(*(one() for _ in range(count)))
    took = monotonic() - began
    return {
        "a minute": round(60 * count / took, 1),
        "commands a second": round(len(waits) / took, 1),
        **milliseconds(waits),
        "worker CPU ms a command": round(1000 * (spent(pid)[0] - before) / len(waits), 1),
    }


async def alike(servers: Servers) -> dict[str, int]:
    """How many cases were opened, and how many kinds of record they have: 1 when both contenders wrote the same."""
    connection = await asyncpg.connect(servers.owner_url)
    lives = await connection.fetch(
        "SELECT stream, string_agg(type, ' ' ORDER BY version) AS life FROM probity.event GROUP BY stream"
    )
    await connection.close()
    return {"cases": len(lives), "kinds of record": len({each["life"] for each in lives})}


async def round_trip(servers: Servers, probity: Probity, lives: int) -> dict[str, Any]:
    """Each command of some lifecycles beside an Update that does nothing, in pairs, one at a time.

    By turns as our client gives it, which looks the answer up in the record, and as the Update alone.
    """
    temporal = await connect_temporal(servers.settings)
    idle = await temporal.start_workflow(Idle.run, id=f"idle-{uuid4()}", task_queue=QUEUE)
    ways: dict[bool, list[float]] = {True: [], False: []}
    nothing, history = list[float](), list[float]()
    for life in range(lives):
        reference = f"R-{uuid4().hex[:12].upper()}"
        await probity.refer(referral_of(reference))
        case = temporal.get_workflow_handle(workflow_id(reference))
        for number, (name, body) in enumerate(steps(), life):
            alone, began = number % 2 == 1, perf_counter()
            await idle.execute_update(Idle.nothing)
            between = perf_counter()
            await (case.execute_update(name, body, id=str(uuid4())) if alone else probity.do(reference, name, body))
            nothing.append(between - began)
            ways[alone].append(perf_counter() - between)
        history.append(len((await case.fetch_history()).events) / COMMANDS)
    return {
        "round trip": {
            "an Update that does nothing": milliseconds(nothing),
            "a command's Update": beside(ways[True], nothing),
            "a command by our client": beside(ways[False], nothing),
        },
        "history events a command": round(statistics.mean(history), 2),
    }


def beside(waits: list[float], nothing: list[float]) -> dict[str, float]:
    """Its waits, and its p50 to that of an Update that does nothing."""
    return {**milliseconds(waits), "to nothing": round(statistics.median(waits) / statistics.median(nothing), 2)}


async def killed(asked: argparse.Namespace) -> dict[str, Any]:
    """Open cases, kill the worker, start another at once, and ask every case how it stands until all have answered."""
    async with durable() as servers, Probity.connect(servers.settings) as probity:
        told, references = await surroundings(servers), list[str]()
        async with part("worker", servers.environment) as (worker, _):
            began = monotonic()
            opening = [lifecycle(probity, [], asked.acts) for _ in range(asked.cases)]
            references += await gathered(opening, asked.callers)
            opened = monotonic() - began
            worker.kill()
            await worker.wait()
        died = monotonic()
        async with part("worker", servers.environment) as (worker, _):
            ready, temporal = monotonic(), await connect_temporal(servers.settings)
            await answers(temporal, references[0])  # also reads the law and the calendar, once in a worker's life
            first, before = monotonic(), spent(worker.pid)
            await gathered([answers(temporal, each) for each in references[1:]], asked.callers)
            all_answer, after = monotonic(), spent(worker.pid)
        return {
            **told,
            "cases": len(references),
            "commands a case": asked.acts,
            "seconds to open them": round(opened, 1),
            "seconds from the kill": {
                "a worker is ready": round(ready - died, 1),
                "the first case answers": round(first - died, 1),
                "all have answered": round(all_answer - died, 1),
            },
            "replay and answer, CPU ms a case": round(1000 * (after[0] - before[0]) / (len(references) - 1), 1),
            "memory, KiB a case": round((after[1] - before[1]) / (len(references) - 1), 1),
            "load after": round(os.getloadavg()[0], 1),
        }


async def gathered(tasks: list[Any], at_once: int) -> list[Any]:
    """All results, so many at once."""
    places = asyncio.Semaphore(at_once)

    async def one(task: Awaitable[Any]) -> Any:
        async with places:
            return await task

    return await asyncio.gather(*map(one, tasks))


async def answers(temporal: Client, reference: str) -> None:
    """Ask the case how it stands, which replays it, until it answers."""
    until = monotonic() + ANSWERING
    while True:
        try:
            await temporal.get_workflow_handle(workflow_id(reference)).query("state")
            return
        except Exception:
            if monotonic() > until:
                raise


MODES: dict[str, Callable[[argparse.Namespace], Awaitable[dict[str, Any]]]] = {"race": race, "killed": killed}


def main() -> None:
    """Measure and keep the results."""
    ask = argparse.ArgumentParser(prog="python -m benchmarks.lifecycles", description=__doc__)
    ask.add_argument("mode", nargs="?", default="race", choices=MODES)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--lifecycles", type=int, default=24, help="of each contender in a round")
    ask.add_argument("--callers", type=int, default=12, help="lifecycles, or cases, at once")
    ask.add_argument("--pairs", type=int, default=4, help="lifecycles over which the round trip is measured")
    ask.add_argument("--cases", type=int, default=1000, help="open cases when the worker is killed")
    ask.add_argument("--acts", type=int, default=5, help="commands each of them was given")
    ask.add_argument("--results", type=Path, default=RESULTS)
    asked = ask.parse_args()

    async def run() -> dict[str, Any]:
        return await MODES[asked.mode](asked)

    result = asyncio.run(run())
    print(json.dumps(result, indent=2))
    (asked.results / f"lifecycles_{asked.mode}.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
