"""The whole engine on the embedded stack: servers, schema, search attributes, worker, signer, gateway, codec server."""

import asyncio
import os
import secrets
import shlex
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from temporalio.client import Client

from activities.store import open_pool
from deploy import embedded, schedules
from deploy.child import NotStarted, end_with
from deploy.embedded import Stack
from deploy.keys import Keys, kept_keys
from deploy.migrate import migrate
from deploy.part import part
from deploy.register import register
from deploy.roles import ENGINE, GATEWAY, OPENER, SIGNER, as_role
from deploy.signer import SCHEDULE, signer
from domain.errors import Unavailable
from integration.client import connect_temporal
from integration.observability.logs import kept_as_json
from integration.settings import Settings

__all__ = [
    "ROOT",
    "Running",
    "command_line",
    "engine",
    "exports",
    "run",
    "until_stopped",
    "where",
]

ROOT = Path(__file__).parents[1]
SERVERS = ("DATABASE_URL", "TEMPORAL_ADDRESS")  # which of them the environment names is not started
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
async def engine(data: Path | None, *, ui: bool = True, sealed: bool = True) -> AsyncIterator[Running]:
    """Start everything, in order; at the end stop it in the opposite order. Data are kept in `data` if it is given.

    `sealed`: Temporal stores ciphertext, which a codec server opens. Raises `NotStarted` and `Unavailable`.
    """
    async with (
        kept_keys(data, sealed=sealed) as keys,
        _codec(sealed) as codec,
        embedded.stack(data, ui=ui, codec=codec.endpoint) as stack,
    ):
        environment = {
            "PROBITY_MASTER_KEYS": str(keys.master),
            **keys.of_payloads(sealed=sealed),
            **codec.environment,
            "PROBITY_READER": "clerk:first-look",
            "PROBITY_PURPOSE": PURPOSE,
            "DATABASE_URL": as_role(stack.database_url, ENGINE),
            "TEMPORAL_ADDRESS": stack.temporal_address,
            "TEMPORAL_NAMESPACE": stack.namespace,
            **({"PROBITY_UI_URL": stack.ui_url} if stack.ui_url else {}),
        }
        settings = Settings.from_environment({**os.environ, **environment})
        temporal = await _prepared(stack, settings)
        async with (
            part("worker", environment, log=keys.beside("worker.log")) as (worker, _),
            _signing(settings, stack, temporal, keys),
            codec.served(environment, stack, keys.beside("codec-server.log")),
            _gateway(environment, stack, keys) as gateway,
        ):
            told = {
                **environment,
                "PROBITY_SIGNING_KEY": str(settings.signing_key or keys.signing),  # for who exports, and not the worker
                "PROBITY_GATEWAY_URL": gateway,
            }
            yield Running(stack, settings, told, worker)


async def _prepared(stack: Stack, settings: Settings) -> Client:
    """Give the servers what the engine needs of them. Raises `Unavailable`."""
    try:
        await migrate(stack.database_url)
        temporal = await connect_temporal(settings)
        await register(temporal)
        await schedules.watch(temporal, settings.task_queue)
    except Unavailable as away:
        if not (named := [name for name in SERVERS if os.environ.get(name)]):
            raise
        # Whoever typed `. .probity/env` here in an earlier run may not know that it names servers, which are gone.
        told = f"{' and '.join(named)} {'is' if len(named) == 1 else 'are'} set in this shell, as by `. .probity/env`"
        start = f"to have servers started here type `unset {' '.join(named)}`, or use a new terminal"
        raise Unavailable(f"{away} {told}: {start}.") from None
    return temporal


@dataclass(frozen=True)
class _Codec:
    """Where the codec server is to listen, and the key, of this run only, that it asks for. No listener: none runs."""

    listener: socket.socket | None
    key: str

    @property
    def endpoint(self) -> str | None:
        """With the key in it: the Temporal UI, which gives it to whoever opens it, has no other way to show one."""
        if self.listener is None:
            return None
        host, port = self.listener.getsockname()
        return f"http://{host}:{port}/{self.key}"

    @property
    def environment(self) -> dict[str, str]:
        """For the command line of Temporal."""
        return {"TEMPORAL_CODEC_ENDPOINT": self.endpoint} if self.endpoint else {}

    def served(self, environment: Mapping[str, str], stack: Stack, log: Path) -> AbstractAsyncContextManager[object]:
        """The codec server at work."""
        if self.listener is None:
            return nullcontext()
        own = {**environment, "DATABASE_URL": as_role(stack.database_url, OPENER), "PROBITY_CODEC_KEY": self.key}
        number = self.listener.fileno()
        arguments = ["--development", "--listener", str(number)]
        arguments += ["--ui-origin", stack.ui_url] if stack.ui_url else []
        return part("codec server", own, "integration.codec_server", *arguments, listener=number, log=log)


@asynccontextmanager
async def _codec(sealed: bool) -> AsyncIterator[_Codec]:
    if not sealed:
        yield _Codec(None, "")
        return
    # Open before the UI is told of it and until its server has it, so that nobody else gets the port meanwhile.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield _Codec(listener, secrets.token_urlsafe(32))


@asynccontextmanager
async def _gateway(environment: Mapping[str, str], stack: Stack, keys: Keys) -> AsyncIterator[str]:
    """The gateway at work, where it was in the last run if that port is free; its address."""
    own = {**environment, "DATABASE_URL": as_role(stack.database_url, GATEWAY)}
    with embedded.kept_ports(keys.beside("gateway.ports"), 1) as (port,):
        arguments = ("--development", "--port", str(port))
        async with part("gateway", own, "integration.gateway", *arguments, log=keys.beside("gateway.log")) as (_, at):
            yield at


def where(running: Running, typed: Iterable[str], *remarks: str) -> str:
    """Where its parts are, and what may be typed in another terminal: lines to be copied."""
    stack = running.stack
    parts = [
        _temporal_ui(stack),
        f"Gateway       {running.gateway}/docs/  (development mode: no token is asked for)",
        _who_opens(running),
        f"Postgres      {stack.database_url}",
    ]
    commands = "\n".join(f"  {line}" for line in typed)
    return "\n\n".join(["\n".join(parts), "In another terminal, in this folder:", commands, *remarks, LOUD])


def _temporal_ui(stack: Stack) -> str:
    """Where the Temporal UI is, and where in it a case is told: it opens on a list and timelines that say little."""
    if stack.ui_url is None:
        return "Temporal UI   not started here"
    return f"Temporal UI   {stack.ui_url}\n{'':14}open a case, then User Metadata; columns and views: docs/operator.md"


def _who_opens(running: Running) -> str:
    """What Temporal stores, and who can read it."""
    if "TEMPORAL_CODEC_ENDPOINT" not in running.environment:
        return "Payloads      in the clear: whoever reads Temporal's database reads the cases"
    return "Codec server  DEVELOPMENT MODE: whoever opens the UI or has these settings reads what is sealed in Temporal"


@asynccontextmanager
async def _signing(settings: Settings, stack: Stack, temporal: Client, keys: Keys) -> AsyncIterator[None]:
    """The signer, in this process, which is not the worker's: it signs at once, and then as its schedule says."""
    minutes = settings.checkpoint_minutes if "PROBITY_CHECKPOINT_MINUTES" in os.environ else CHECKPOINT_MINUTES
    own = replace(
        settings,
        database_url=as_role(stack.database_url, SIGNER),
        signing_key=settings.signing_key or keys.signing,
        witness=settings.witness or keys.beside("witness.jsonl"),
        checkpoint_minutes=minutes,
    )
    pool = await open_pool(own.database_url, size=2)
    try:
        with kept_as_json(keys.beside("signer.log"), signer.__module__, "temporalio"):
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
    """Wait for SIGINT or SIGTERM, under `run`, or for the end of the worker or a server: 3 then is the exit code."""
    ends = {asyncio.create_task(_worker_ended(running.worker)), *running.stack.ends}
    with suppress(asyncio.CancelledError):
        ended, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        without = f"{ended.pop().result()} has ended, and no deadline is enforced without it: start again."
        print(f"unavailable: {without}", file=sys.stderr)
        return 3
    return 0


async def _worker_ended(worker: Process) -> str:
    await worker.wait()
    return "The worker"


def run(work: Coroutine[Any, Any, int]) -> int:
    """Run to the end and return the exit code; the first SIGINT or SIGTERM stops it in good order.

    Trouble in starting is told in one sentence: exit code 3.
    """
    if "MAKELEVEL" in os.environ:  # make started us, and would leave us running if it were killed
        end_with(os.getppid())
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
