"""A server process that ends with this one, in good order or not."""

import asyncio
import ctypes
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy import as_root

__all__ = ["Child", "NotStarted", "end_with", "stop"]

_START_SECONDS, _STOP_SECONDS, _PROBE_SECONDS = 60.0, 15.0, 0.05
_ORDERLY = signal.SIGINT  # Postgres' fast stop and Temporal's orderly one
_PR_SET_PDEATHSIG = 1
# Loaded here because the child between fork and exec may do very little safely, and loading a library is not of it.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_log = logging.getLogger(__name__)


class NotStarted(RuntimeError):
    """A part did not start: one sentence, then the last lines of its log where it has one."""


@dataclass(frozen=True, slots=True)
class Child:
    """What to run, where its output goes, and the open file whose lock it shares."""

    name: str
    command: Sequence[str | Path]
    log: Path
    lock: int
    unprivileged: bool = False

    @asynccontextmanager
    async def running(self, answers: Callable[[], Awaitable[None]]) -> AsyncIterator[asyncio.Task[str]]:
        """From its first answer to its end. Raises `NotStarted`.

        Gives what is done with its name at an end before its time, which is logged as an error too.
        """
        process = await self._spawn()
        try:
            await self._until(answers, process)
            watch = asyncio.create_task(self._report_end(process))
            try:
                yield watch
            finally:
                watch.cancel()
        finally:
            await stop(process, _ORDERLY, _STOP_SECONDS)

    async def run(self) -> None:
        """To its end. Raises `NotStarted` when it fails."""
        process = await self._spawn()
        try:
            if await process.wait():
                raise NotStarted(self._ended(process))
        finally:
            await stop(process, _ORDERLY, _STOP_SECONDS)

    async def _spawn(self) -> Process:
        # A session of its own: Ctrl-C in the terminal reaches only us, and we stop the parts in order.
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *self.command,
                **(as_root.identity() if self.unprivileged else {}),
                cwd="/",
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
                pass_fds=(self.lock,),
                preexec_fn=partial(end_with, os.getpid()),
            )

    async def _until(self, answers: Callable[[], Awaitable[None]], process: Process) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                while process.returncode is None:
                    with suppress(Exception):  # whatever a half-started server makes its client raise
                        return await answers()
                    await asyncio.sleep(_PROBE_SECONDS)
        raise NotStarted(self._ended(process))

    async def _report_end(self, process: Process) -> str:
        await process.wait()
        _log.error(self._ended(process))
        return self.name

    def _ended(self, process: Process) -> str:
        code = process.returncode
        what = f"did not answer within {_START_SECONDS:.0f} s" if code is None else f"ended with code {code}"
        lines = self.log.read_text(errors="replace").splitlines()
        # A Go program that dies tells why before the stacks of all its goroutines, which would push it out of sight.
        why = [line for line in lines[:-6] if line.startswith(("panic:", "fatal error:"))][-1:]
        return "\n  ".join([f"{self.name} {what}; the end of {self.log}:", *why, *lines[-6:]])


def end_with(parent: int) -> None:
    """Have this process told to end when its parent is gone. For `preexec_fn`; on Linux, elsewhere it does nothing."""
    # A parent that is killed cannot stop its children: the kernel does it, with the signal that we would have sent. It
    # watches the thread that forks, so children are made on the event loop's thread, never in a worker thread.
    if _libc is not None:
        _libc.signal(signal.SIGINT, None)  # what a script runs in the background is born deaf to it
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:  # killed in the meantime: nobody will tell us any more
            os._exit(1)


async def stop(process: Process, number: signal.Signals, seconds: float) -> None:
    """Have it end by this signal; a process that does not heed it in time is killed."""
    if process.returncode is not None:
        return
    process.send_signal(number)
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
