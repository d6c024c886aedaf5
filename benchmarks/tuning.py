"""What a worker's settings are worth: a worker under each variant in turn, the same work, several rounds.

`python -m benchmarks.tuning`. Each variant changes one thing of the worker as it ships. Processor time a command says
most on a machine that others use; throughput is told as its ratio to the worker as it ships in the same round.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.servers import Servers, durable, milliseconds, spent, surroundings
from deploy.part import part
from integration.client import Probity
from integration.settings import Settings
from tests.engine import act, reference, referral

RESULTS = Path(__file__).parent / "results" / "tuning.json"
ACTS = 4  # commands after the referral of each case
AT_ONCE = 16
SHIPPED = "as it ships"


def ordinary_activities() -> None:
    """Every call of the store as an ordinary activity, as many at once as there are local ones."""
    from temporalio import workflow

    from workflows import asking

    async def ask(self: Any, activity: Any, request: Any, what: str) -> Any:
        return await workflow.execute_activity_method(
            activity, request, start_to_close_timeout=asking.PATIENT_ATTEMPT, summary=what[:200]
        )

    vars(asking)["Asking"].ask = ask
    _with(max_concurrent_activities=8)


def sandboxed() -> None:
    """The SDK's sandbox, with our modules passed through: it opens no case otherwise, as models would exist twice."""
    from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

    from integration import plugin

    passed = SandboxRestrictions.default.with_passthrough_modules("domain", "workflows", "activities", "asyncpg")
    vars(plugin)["UnsandboxedWorkflowRunner"] = lambda: SandboxedWorkflowRunner(restrictions=passed)


def _with(**options: Any) -> None:
    """Make the worker with other options."""
    import worker

    made = vars(worker)["Worker"]
    vars(worker)["Worker"] = lambda *told, **named: made(*told, **{**named, **options})


def pollers_5() -> None:
    """The SDK's own number of pollers for workflow tasks; one of them asks for cases that no worker holds."""
    from temporalio.worker import PollerBehaviorSimpleMaximum

    _with(workflow_task_poller_behavior=PollerBehaviorSimpleMaximum(5))


def pollers_for_new_cases() -> None:
    """Ten pollers, five of them for cases that no worker holds."""
    from temporalio.worker import PollerBehaviorSimpleMaximum

    _with(workflow_task_poller_behavior=PollerBehaviorSimpleMaximum(10), nonsticky_to_sticky_poll_ratio=0.5)


def _set(name: str, value: str) -> Callable[[], None]:
    return lambda: os.environ.__setitem__(name, value)


VARIANTS: dict[str, Callable[[], None]] = {
    SHIPPED: lambda: None,
    "ordinary activities": ordinary_activities,
    "sandbox": sandboxed,
    "5 pollers": pollers_5,
    "10 pollers, 5 for new cases": pollers_for_new_cases,
    "8 cases cached, 16 worked on": _set("PROBITY_CACHED_CASES", "8"),
    "2 processes": _set("PROBITY_PROCESSES", "2"),
}


async def round_of(variant: str, servers: Servers, seconds: float) -> dict[str, float]:
    """One worker, some seconds of work: commands a second, waits, its processor time a command."""
    environment = {**servers.environment, "PROBITY_TASK_QUEUE": f"tuning-{time.monotonic_ns()}"}
    settings, waits = Settings.from_environment(environment), list[float]()
    async with (
        part("worker", environment, "benchmarks.tuning", "--be", variant) as (process, _),
        Probity.connect(settings) as probity,
    ):
        await asyncio.gather(*(case(probity, []) for _ in range(AT_ONCE)))  # warm
        (before, _), began = spent(process.pid), time.monotonic()
        await asyncio.gather(*(work(probity, began + seconds, waits) for _ in range(AT_ONCE)))
        took, (after, _) = time.monotonic() - began, spent(process.pid)
    return {
        "commands a second": len(waits) / took,
        "worker CPU ms a command": 1000 * (after - before) / len(waits),
        **milliseconds(waits),
    }


async def work(probity: Probity, until: float, waits: list[float]) -> None:
    """Cases one after another, the last one whole."""
    while time.monotonic() < until:
        await case(probity, waits)


async def case(probity: Probity, waits: list[float]) -> None:
    """A referral and some acts."""
    ref, began = reference(), time.monotonic()
    await probity.refer(referral(ref))
    waits.append(time.monotonic() - began)
    for number in range(ACTS):
        began = time.monotonic()
        body = act("clerk", datetime.now(UTC), party=f"P-{number}", kind="interested_person")
        await probity.do(ref, "add_party", body)
        waits.append(time.monotonic() - began)


async def memory(servers: Servers, cases: int) -> dict[str, float]:
    """What the worker as it ships holds for an open case: resident memory over so many, after as many to warm it."""
    environment = {**servers.environment, "PROBITY_TASK_QUEUE": "tuning-memory"}
    held = []
    async with (
        part("worker", environment) as (process, _),
        Probity.connect(Settings.from_environment(environment)) as probity,
    ):
        for count in (cases // 5, cases):
            places = [count // AT_ONCE] * AT_ONCE
            await asyncio.gather(*(_cases(probity, each) for each in places))
            held.append(spent(process.pid)[1])
    return {
        "cases": cases // AT_ONCE * AT_ONCE,
        "KiB a cached case": round((held[1] - held[0]) / (cases // AT_ONCE * AT_ONCE), 1),
        "MiB of the worker at the end": round(held[1] / 1024, 1),
    }


async def _cases(probity: Probity, count: int) -> None:
    for _ in range(count):
        await case(probity, [])


async def measure(rounds: int, seconds: float, chosen: list[str], cases: int) -> dict[str, Any]:
    """Every variant in turn, so many times, the second time from the end; then the memory."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in chosen}
    async with durable() as servers:
        told_of = await surroundings(servers)
        for number in range(rounds):
            for name in chosen if number % 2 == 0 else reversed(chosen):
                found[name].append(await round_of(name, servers, seconds))
                print(name, {key: round(value, 2) for key, value in found[name][-1].items()}, flush=True)
        return {
            **told_of,
            "rounds": rounds,
            "seconds a round": seconds,
            "callers at once": AT_ONCE,
            "variants": {name: told(each, found[SHIPPED]) for name, each in found.items()},
            "memory": await memory(servers, cases) if cases else None,
            "load after": round(os.getloadavg()[0], 1),
        }


def told(rounds: list[dict[str, float]], shipped: list[dict[str, float]]) -> dict[str, Any]:
    """The median of each figure, and throughput beside the shipped worker of the same round."""
    medians = {key: round(statistics.median(each[key] for each in rounds), 2) for key in rounds[0]}
    key = "commands a second"
    ratios = [round(each[key] / beside[key], 2) for each, beside in zip(rounds, shipped, strict=True)]
    return {**medians, "throughput to that as it ships, each round": ratios}


def main() -> None:
    """Measure and keep the results, or be the worker of a variant."""
    ask = argparse.ArgumentParser(prog="python -m benchmarks.tuning", description=__doc__)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--seconds", type=float, default=5)
    ask.add_argument("--cases", type=int, default=500, help="open cases over which memory is measured; 0 for none")
    ask.add_argument("--results", type=Path, default=RESULTS)
    ask.add_argument("--be", choices=VARIANTS, help=argparse.SUPPRESS)
    ask.add_argument("variants", nargs="*", help=f"of: {', '.join(VARIANTS)}")
    asked = ask.parse_args()
    if asked.be:
        VARIANTS[asked.be]()
        import worker

        asyncio.run(worker.main())
        return
    chosen = list(dict.fromkeys([SHIPPED, *(asked.variants or VARIANTS)]))
    result = asyncio.run(measure(asked.rounds, asked.seconds, chosen, asked.cases))
    print(json.dumps(result, indent=2))
    asked.results.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
