"""Several worker processes as one: started together, stopped together, and ended together when one of them ends.

A Python process decides on cases on one core. What an orchestrator would do with replicas this does on one machine.
"""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from functools import partial

from deploy.child import end_with

__all__ = ["addresses", "together"]

ADDRESSES = ("PROBITY_METRICS_ADDRESS", "PROBITY_HEALTH_ADDRESS")


def addresses(env: Mapping[str, str], number: int) -> dict[str, str]:
    """Where process `number` tells its metrics and health: each port counted up, one that is chosen left so."""
    shifted = {}
    for name in ADDRESSES:
        host, _, port = env.get(name, "").rpartition(":")
        if port.isdecimal() and int(port):
            shifted[name] = f"{host}:{int(port) + number}"
    return shifted


async def together(count: int, stop: asyncio.Event) -> int:
    """Run so many workers until `stop`, or until one ends: then the others end too, for whoever starts us again.

    Gives the exit code: 0 when told to stop and all ended well.
    """
    running = list[Process]()
    told = asyncio.create_task(stop.wait())
    try:
        for number in range(count):
            running.append(await _spawn(number))
        ended = [asyncio.create_task(each.wait()) for each in running]
        await asyncio.wait([told, *ended], return_when=asyncio.FIRST_COMPLETED)
    finally:  # also where one of them cannot be started
        told.cancel()
        for each in running:
            if each.returncode is None:
                each.terminate()
        codes = await asyncio.gather(*(each.wait() for each in running))
    return 0 if stop.is_set() and not any(codes) else next(filter(None, codes), 1)


async def _spawn(number: int) -> Process:
    env = {**os.environ, **addresses(os.environ, number), "PROBITY_PROCESSES": "1"}
    # A session of its own: Ctrl-C in the terminal reaches only us, and we stop them in order.
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", env=env, start_new_session=True, preexec_fn=partial(end_with, os.getpid())
    )
