"""A part of the engine as a process of its own, `python -m ...`, that ends with this one, like the worker."""

import asyncio
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
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
    name: str,
    environment: Mapping[str, str],
    module: str = "",
    *arguments: str,
    listener: int | None = None,
    log: Path | None = None,
) -> AsyncIterator[tuple[Process, str]]:
    """From its readiness, with what it said of where it is, to its orderly end. `module`: the name's own unless given.

    `listener`: an open socket, by its number, that it is to have. `log`: the file to whose end it logs; without one its
    log is not kept. An end before its time is told on stderr. Raises `NotStarted`.
    """
    with log.open("a+b") if log else tempfile.TemporaryFile() as written:
        said = partial(_end_of, written, written.tell())
        process = await _spawn(environment, written, module or name, *arguments, listener=listener)
        try:
            told = await _until_ready(name, process, said)
            watch = asyncio.create_task(_say_if_it_ends(name, process, said))
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


async def _until_ready(name: str, process: Process, said: Callable[[], str]) -> str:
    assert process.stdout is not None
    ready = f"probity {name} ready: "
    with suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            async for line in process.stdout:
                if (told := line.decode(errors="replace")).startswith(ready):
                    return told.removeprefix(ready).strip()
            await process.wait()
    raise NotStarted(f"The {name} did not get ready. {said()}")


async def _say_if_it_ends(name: str, process: Process, said: Callable[[], str]) -> None:
    await process.wait()
    print(f"The {name} ended with code {process.returncode}. {said()}", file=sys.stderr)


def _end_of(log: IO[bytes], begun: int) -> str:
    """What this run has said, which began there."""
    log.seek(begun)
    lines = log.read().decode(errors="replace").splitlines()[-6:]
    return "\n  ".join(["The end of its log:", *lines]) if lines else "It said nothing."
