"""An engine whose parts can be killed and started again in place: Postgres, Temporal and a worker, each at its address.

The embedded stack starts and ends as one; here each part is taken away while the others run.
"""

import os
import signal
import sys
import time
from asyncio.subprocess import Process
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from deploy import embedded, register
from deploy.child import Child, NotStarted, stop
from deploy.migrate import migrate
from deploy.roles import ENGINE, as_role
from integration.client import connect_temporal
from integration.settings import Settings

__all__ = ["Part", "Rough", "rough"]

ROOT = Path(__file__).parents[1]


@dataclass
class Part:
    """A process that may be killed, or stopped in order, and started again."""

    child: Child
    answers: Callable[[], Awaitable[None]]
    _running: Process | None = field(default=None, init=False)

    async def start(self) -> None:
        """Start it and wait for its first answer; again if it dies at once, as Postgres does beside its orphans."""
        until = time.monotonic() + 60
        while True:
            self._running = await self.child._spawn()
            try:
                return await self.child._until(self.answers, self._running)
            except NotStarted:
                await self.stop()
                if time.monotonic() > until:
                    raise

    async def kill(self) -> None:
        """As by a power cut."""
        if self._running is not None and self._running.returncode is None:
            self._running.kill()
            await self._running.wait()

    async def stop(self) -> None:
        """In order."""
        if self._running is not None:
            await stop(self._running, signal.SIGINT, 15)


@dataclass
class Rough:
    """The parts, and how to reach them."""

    postgres: Part
    temporal: Part
    worker: Part
    owner_url: str
    settings: Settings


@asynccontextmanager
async def rough(folder: Path, module: str) -> AsyncIterator[Rough]:
    """Postgres (fsync on) and Temporal (its database in a file), migrated and registered; the worker is yours to start.

    `module`: what the worker runs as. At the end all are stopped, in order.
    """
    async with AsyncExitStack() as at_the_end:
        place = embedded._Place(folder, await at_the_end.enter_async_context(embedded._alone(folder)), kept=True)
        postgres, owner_url = await _postgres(place, at_the_end.enter_context(ExitStack()))
        await postgres.start()
        at_the_end.push_async_callback(postgres.stop)
        temporal, address = _temporal(place, at_the_end.enter_context(embedded.held_ports(3)))
        await temporal.start()
        at_the_end.push_async_callback(temporal.stop)
        keys = folder / "master-keys"
        keys.write_bytes(b64encode(os.urandom(32)))
        environment = {"DATABASE_URL": as_role(owner_url, ENGINE), "TEMPORAL_ADDRESS": address}
        environment["PROBITY_MASTER_KEYS"] = str(keys)
        os.environ.update({**environment, "PYTHONPATH": str(ROOT)})  # a child gets what this process has
        settings = Settings.from_environment()
        await migrate(owner_url)
        await register.register(await connect_temporal(settings))
        worker = Part(place.child("Worker", sys.executable, "-m", module), _ready(folder / "worker.log"))
        parts = Rough(postgres, temporal, worker, owner_url, settings)
        at_the_end.push_async_callback(worker.stop)
        yield parts


async def _postgres(place: embedded._Place, cleanup: ExitStack) -> tuple[Part, str]:
    home = await embedded._cluster(place)
    sockets = embedded._socket_folder(home, cleanup)
    url = f"postgresql://postgres@/postgres?host={quote(str(sockets))}&port=5432"
    options = ["listen_addresses=", f'unix_socket_directories="{sockets}"', "timezone=UTC", "max_connections=200"]
    command: list[str | Path] = [embedded.postgres_folder() / "bin" / "postgres", "-D", home, "-p", "5432"]
    for option in options:
        command += ["-c", option]
    return Part(place.child("Postgres", *command, unprivileged=True), lambda: embedded._answers_sql(url)), url


def _temporal(place: embedded._Place, ports: list[int]) -> tuple[Part, str]:
    port, http, metrics = ports
    address = f"127.0.0.1:{port}"
    command: list[str | Path] = [embedded.temporal_binary(), "server", "start-dev", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--namespace=default", f"--http-port={http}", f"--metrics-port={metrics}", "--log-level=warn"]
    command += ["--headless", f"--db-filename={place.folder / 'temporal.db'}"]
    command += ["--dynamic-config-value=frontend.enableServerVersionCheck=false"]
    return Part(place.child("Temporal", *command), lambda: embedded._answers_temporal(address, "default")), address


def _ready(log: Path) -> Callable[[], Awaitable[None]]:
    """Whether the worker has said once more that it is ready: its log is appended to."""
    seen = 0

    async def said_so() -> None:
        nonlocal seen
        count = log.read_text(errors="replace").count("probity worker ready")
        if count <= seen:
            raise TimeoutError
        seen = count

    return said_so
