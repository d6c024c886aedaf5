"""A part of the engine as a process of its own, `python -m ...`, that ends with this one, like the worker."""

import asyncio
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

from deploy.child import NotStarted, end_with, stop

__all__ = ["part"]

ROOT = Path(__file__).parents[1]
START_SECONDS, STOP_SECONDS = 60.0, 30.0  # the worker lets an append under way end, for at most 25 s


@asynccontextmanager
async def part(
    name: str, environment: Mapping[str, str], module: str = "", *arguments: str, listener: int | None = None
) -> AsyncIterator[tuple[Process, str]]:
    """From its readiness, with what it said of where it is, to its orderly end. `module`: the name's own unless given.

    `listener`: an open socket, by its number, that it is to have. An end before its time is told on stderr. Raises
    `NotStarted`.
    """
    with tempfile.TemporaryFile() as log:
        process = await _spawn(environment, log, module or name, *arguments, listener=listener)
        try:
            told = await _until_ready(name, process, log)
            watch = asyncio.create_task(_say_if_it_ends(name, process, log))
            try:
                yield process, told
            finally:
                watch.cancel()
        finally:
            await stop(process, signal.SIGTERM, STOP_SECONDS)


async def _spawn(environment: Mapping[str, str], log: IO[bytes], *module: str, listener: int | None) -> Process:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *module),
        env={**os.environ, **environment, "PYTHONPATH": path},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=log,
        start_new_session=True,  # Ctrl-C in the terminal reaches only us, and we stop the parts in order
        preexec_fn=partial(end_with, os.getpid()),
        pass_fds=() if listener is None else (listener,),
    )


async def _until_ready(name: str, process: Process, log: IO[bytes]) -> str:
    assert process.stdout is not None
    ready = f"probity {name} ready: "
    with suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            async for line in process.stdout:
                if (said := line.decode(errors="replace")).startswith(ready):
                    return said.removeprefix(ready).strip()
            await process.wait()
    raise NotStarted(f"The {name} did not get ready. {_end_of(log)}")


async def _say_if_it_ends(name: str, process: Process, log: IO[bytes]) -> None:
    await process.wait()
    print(f"The {name} ended with code {process.returncode}. {_end_of(log)}", file=sys.stderr)


def _end_of(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode(errors="replace").splitlines()[-6:]
    return "\n  ".join(["The end of its log:", *lines]) if lines else "It said nothing."
