"""One process that appends for some seconds: `python -m benchmarks.appending`. `WRITERS` connections over all of them.

One Python process is soon the limit of what it measures, so `benchmarks.record` starts one or several of these, lets
them begin at once, and adds up.
"""

import asyncio
import json
import os
import sys
import time
from typing import Any

from activities import store
from benchmarks.contenders import Bare, BareRows, Engine, EventSourcing, Store, opened
from deploy.roles import ENGINE, as_role

__all__ = ["WRITERS", "measure", "server_cpu"]

WRITERS = 32
WARM = 10  # appends of each writer before the clock runs: statements are planned by then


async def _contender(name: str, url: str, streams: list[str]) -> Any:
    if name == "eventsourcing":
        return EventSourcing(url, len(streams))
    engine = name in ("store", "engine")
    pool = await store.open_pool(as_role(url, ENGINE) if engine else url, size=len(streams))
    await asyncio.gather(
        *(pool.fetchval("SELECT pg_sleep(0.05)") for _ in streams)
    )  # every connection, before the clock
    if engine:
        await opened(pool, streams)
    match name:
        case "store":
            return await Store.over(pool, streams)
        case "engine":
            return Engine(pool)
    return {"bare": Bare, "bare_same_rows": BareRows}[name](pool)


async def _run(name: str, url: str, streams: list[str], seconds: float) -> dict[str, Any]:
    contender = await _contender(name, url, streams)
    for _ in range(WARM):
        await asyncio.gather(*map(contender.append, streams))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)  # the word to begin
    took: list[float] = []
    cpu, began = time.process_time(), time.perf_counter()
    end = began + seconds

    async def write(stream: str) -> None:
        while (before := time.perf_counter()) < end and await contender.append(stream):
            took.append(time.perf_counter() - before)

    await asyncio.gather(*map(write, streams))
    return {"took": took, "seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}


async def measure(name: str, url: str, postmaster: int, round: str, processes: int, seconds: float) -> dict[str, Any]:
    """What this many processes of a contender, on fresh cases, came to."""
    each = WRITERS // processes
    children = []
    for number in range(processes):
        streams = [f"{round}-{number}-{writer}".upper() for writer in range(each)]
        arguments = [sys.executable, "-m", "benchmarks.appending", name, url, str(seconds), *streams]
        pipe = asyncio.subprocess.PIPE
        children.append(await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe, limit=2**26))
    for child in children:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"ready\n"
    before = server_cpu(postmaster)
    told = await asyncio.gather(*(child.communicate(b"go\n") for child in children))
    server = server_cpu(postmaster) - before
    results = [json.loads(out) for out, _ in told]
    took = sorted(one for result in results for one in result["took"])
    cpu = sum(result["cpu"] for result in results)
    return {
        "per_second": sum(len(result["took"]) / result["seconds"] for result in results),
        **{f"p{cut}_ms": took[len(took) * cut // 100] * 1000 for cut in (50, 95, 99)},
        "client_cpu_us": cpu / len(took) * 1e6,
        "server_cpu_us": server / len(took) * 1e6,
    }


def server_cpu(postmaster: int) -> float:
    """Processor seconds of a server and its children, also of those that have ended; 0 where there is no /proc."""
    ticks = 0
    for pid in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else []):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(pid) == postmaster:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == postmaster:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    name, url, seconds, *streams = sys.argv[1:]
    result = asyncio.run(_run(name, url, streams, float(seconds)))
    print(json.dumps(result))
    sys.stdout.flush()
    os._exit(0)  # connections end with the process
