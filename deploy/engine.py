"""The whole engine on the embedded stack: servers, schema, search attributes, worker, signer, gateway."""

import asyncio
import os
import shlex
import signal
import sys
import tempfile
from asyncio.subprocess import Process
from base64 import b64encode
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from temporalio.client import Client

from activities.store import open_pool
from deploy import embedded, schedules
from deploy.child import NotStarted
from deploy.embedded import Stack
from deploy.migrate import migrate
from deploy.part import part
from deploy.register import register
from deploy.roles import ENGINE, GATEWAY, SIGNER, as_role
from deploy.signer import SCHEDULE, new_key, signer
from domain.errors import Unavailable
from integration.client import connect_temporal
from integration.settings import Settings

__all__ = ["LOUD", "Running", "command_line", "engine", "exports", "run", "until_stopped"]

ROOT = Path(__file__).parents[1]
CHECKPOINT_MINUTES = 5  # where nothing else is said: whoever looks for the first time does not wait for an hour
PURPOSE = "A first look at the engine: nobody has said why"
LOUD = (
    f"NOT FOR REAL CASES: with these settings whoever reads free text about people is recorded as clerk:first-look,\n"
    f'with the purpose "{PURPOSE}". Set PROBITY_READER, and give --purpose, to say who reads and why.'
)


@dataclass(frozen=True)
class Running:
    """An engine at work: where its parts are, and how to reach it as settings and as environment."""

    stack: Stack
    settings: Settings
    environment: Mapping[str, str]
    worker: Process

    @property
    def gateway(self) -> str:
        """Where cases are over HTTP."""
        return self.environment["PROBITY_GATEWAY_URL"]


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
        served = {**environment, "DATABASE_URL": as_role(stack.database_url, GATEWAY)}
        async with (
            part("worker", environment) as (worker, _),
            _signing(settings, stack, temporal, signing_key),
            part("gateway", served, "integration.gateway", "--development") as (_, gateway),
        ):
            told = {
                **environment,
                "PROBITY_SIGNING_KEY": str(settings.signing_key or signing_key),  # for who exports, and not the worker
                "PROBITY_GATEWAY_URL": gateway,
            }
            yield Running(stack, settings, told, worker)


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
