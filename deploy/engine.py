"""The whole engine on the embedded stack: servers, schema, search attributes, worker, signer. For `demo` and `up`."""

import asyncio
import os
import shlex
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from base64 import b64encode
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from temporalio.client import Client

from activities.store import open_pool
from deploy import embedded, schedules
from deploy.child import NotStarted, end_with_parent
from deploy.embedded import Stack
from deploy.migrate import migrate
from deploy.register import register
from deploy.roles import ENGINE, SIGNER, as_role
from deploy.signer import SCHEDULE, new_key, signer
from domain.errors import Unavailable
from integration.client import connect_temporal
from integration.settings import Settings

__all__ = ["LOUD", "Running", "command_line", "engine", "exports", "run", "until_stopped"]

ROOT = Path(__file__).parents[1]
READY = b"probity worker ready"
CHECKPOINT_MINUTES = 5  # where nothing else is said: whoever looks for the first time does not wait for an hour
PURPOSE = "A first look at the engine: nobody has said why"
LOUD = (
    f"NOT FOR REAL CASES: with these settings whoever reads free text about people is recorded as clerk:first-look,\n"
    f'with the purpose "{PURPOSE}". Set PROBITY_READER, and give --purpose, to say who reads and why.'
)
START_SECONDS, STOP_SECONDS = 60.0, 30.0  # the worker lets an append under way end, for at most 25 s


@dataclass(frozen=True)
class Running:
    """An engine at work: where its parts are, and how to reach it as settings and as environment."""

    stack: Stack
    settings: Settings
    environment: Mapping[str, str]
    worker: Process


@asynccontextmanager
async def engine(data: Path | None, *, ui: bool = True) -> AsyncIterator[Running]:
    """Start everything, in order; at the end stop it in the opposite order. Data are kept in `data` if it is given.

    Raises `NotStarted` and `Unavailable`.
    """
    async with embedded.stack(data, ui=ui) as stack, _keys(data) as (keys, signing_key):
        environment = {
            "PROBITY_MASTER_KEYS": str(keys),
            "PROBITY_READER": "clerk:first-look",
            "PROBITY_PURPOSE": PURPOSE,
            "DATABASE_URL": as_role(stack.database_url, ENGINE),
            "TEMPORAL_ADDRESS": stack.temporal_address,
            "TEMPORAL_NAMESPACE": stack.namespace,
            **({"PROBITY_UI_URL": stack.ui_url} if stack.ui_url else {}),
        }
        settings = Settings.from_environment({**os.environ, **environment})
        await migrate(stack.database_url)
        temporal = await connect_temporal(settings)
        await register(temporal)
        await schedules.watch(temporal, settings.task_queue)
        async with _worker(environment) as worker, _signing(settings, stack, temporal, signing_key):
            signed = {
                **environment,
                "PROBITY_SIGNING_KEY": str(settings.signing_key or signing_key),
            }  # for who exports, and not the worker
            yield Running(stack, settings, signed, worker)


@asynccontextmanager
async def _keys(data: Path | None) -> AsyncIterator[tuple[Path, Path]]:
    """The files of a master key and of a signing key, made once and kept with the data: for a first look."""
    with tempfile.TemporaryDirectory(prefix="probity-") as temporary:
        folder = (data or Path(temporary)).resolve()
        master, signing = folder / "master-keys", folder / "signing-key.pem"
        _make_once(master, b64encode(os.urandom(32)) + b"\n")
        _make_once(signing, new_key())
        yield master, signing


def _make_once(file: Path, content: bytes) -> None:
    """Whole or not at all, and for its owner's eyes from the first byte on."""
    if not file.exists():
        fresh = file.with_name(f"{file.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_bytes(content)
        fresh.rename(file)


@asynccontextmanager
async def _signing(settings: Settings, stack: Stack, temporal: Client, key: Path) -> AsyncIterator[None]:
    """The signer, in this process, which is not the worker's: it signs at once, and then as its schedule says."""
    minutes = settings.checkpoint_minutes if "PROBITY_CHECKPOINT_MINUTES" in os.environ else CHECKPOINT_MINUTES
    own = replace(
        settings,
        database_url=as_role(stack.database_url, SIGNER),
        signing_key=settings.signing_key or key,
        checkpoint_minutes=minutes,
    )
    pool = await open_pool(own.database_url, size=2)
    try:
        async with signer(own, temporal, pool):
            await temporal.get_schedule_handle(SCHEDULE).trigger()
            yield
    finally:
        await pool.close()


@asynccontextmanager
async def _worker(environment: Mapping[str, str]) -> AsyncIterator[Process]:
    """`python -m worker` from its readiness to its orderly end. An end before its time is told on stderr."""
    with tempfile.TemporaryFile() as log:
        process = await _spawn(environment, log)
        try:
            await _until_ready(process, log)
            watch = asyncio.create_task(_say_if_it_ends(process, log))
            try:
                yield process
            finally:
                watch.cancel()
        finally:
            await _stop(process)


async def _spawn(environment: Mapping[str, str], log: IO[bytes]) -> Process:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "worker",
        env={**os.environ, **environment, "PYTHONPATH": path},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=log,
        start_new_session=True,  # Ctrl-C in the terminal reaches only us, and we stop the parts in order
        preexec_fn=end_with_parent,
    )


async def _until_ready(process: Process, log: IO[bytes]) -> None:
    assert process.stdout is not None
    with suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            async for line in process.stdout:
                if line.startswith(READY):
                    return
            await process.wait()
    raise NotStarted(f"The worker did not get ready. {_end_of(log)}")


async def _say_if_it_ends(process: Process, log: IO[bytes]) -> None:
    await process.wait()
    print(f"The worker ended with code {process.returncode}. {_end_of(log)}", file=sys.stderr)


def _end_of(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode(errors="replace").splitlines()[-6:]
    return "\n  ".join(["The end of its log:", *lines]) if lines else "It said nothing."


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def exports(environment: Mapping[str, str]) -> list[str]:
    """Lines for a shell that point the command line at the engine."""
    return [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]


def command_line() -> str:
    """How the command line is called in this environment, as it would be typed here."""
    script = Path(sys.executable).parent / "probity"
    if script.exists():
        return shlex.quote(_near(script))
    return f"{shlex.quote(_near(Path(sys.executable)))} -m integration.cli"


def _near(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


async def until_stopped(running: Running) -> int:
    """Wait for SIGINT or SIGTERM, under `run`, or for the worker's end. Returns the exit code: without it, 3."""
    with suppress(asyncio.CancelledError):
        await running.worker.wait()
        print(
            "unavailable: The worker has ended, and no deadline is enforced without it: start again.", file=sys.stderr
        )
        return 3
    return 0


def run(work: Coroutine[Any, Any, int]) -> int:
    """Run to the end and return the exit code; the first SIGINT or SIGTERM stops it in good order.

    Trouble in starting is told in one sentence: exit code 3.
    """
    try:
        return asyncio.run(_stoppable(work))
    except (NotStarted, Unavailable) as error:
        print(f"unavailable: {error}", file=sys.stderr)
        return 3


async def _stoppable(work: Coroutine[Any, Any, int]) -> int:
    task, loop = asyncio.ensure_future(work), asyncio.get_running_loop()
    stopped: list[int] = []

    def stop(number: int) -> None:
        # Only the first: a second one would cut off the orderly end that the first began.
        if not stopped:
            stopped.append(number)
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        return 128 + stopped[0] if stopped else 1
