"""What the harnesses of a whole engine share: servers that keep what they are told, and what a process spent."""

import os
import platform
import statistics
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from deploy import embedded
from deploy.migrate import migrate
from deploy.register import register
from deploy.roles import ENGINE, as_role
from integration.client import connect_temporal
from integration.settings import Settings
from tests.engine import MASTER_KEY

__all__ = ["Servers", "durable", "milliseconds", "spent", "surroundings"]


@dataclass(frozen=True)
class Servers:
    """Where Postgres and Temporal answer, as the environment of a worker, and the owner's address of the database."""

    environment: dict[str, str]
    owner_url: str

    @property
    def settings(self) -> Settings:
        """As a client needs them."""
        return Settings.from_environment(self.environment)


@asynccontextmanager
async def durable() -> AsyncIterator[Servers]:
    """The embedded stack with data: Postgres with fsync, Temporal's dev server on a file; migrated and registered."""
    with tempfile.TemporaryDirectory(prefix="probity-bench-") as name:
        folder, keys = Path(name), Path(name) / "master-keys"
        folder.chmod(0o755)
        keys.write_bytes(b64encode(MASTER_KEY))
        try:
            async with embedded.stack(folder, ui=False) as stack:
                environment = {
                    "DATABASE_URL": as_role(stack.database_url, ENGINE),
                    "TEMPORAL_ADDRESS": stack.temporal_address,
                    "TEMPORAL_NAMESPACE": stack.namespace,
                    "PROBITY_MASTER_KEYS": str(keys),
                    "PROBITY_LOG_LEVEL": "ERROR",
                }
                servers = Servers(environment, stack.database_url)
                await migrate(stack.database_url)
                await register(await connect_temporal(servers.settings))
                yield servers
        finally:
            embedded.remove(folder)
            folder.mkdir(exist_ok=True)  # for the context manager, which removes it once more


async def surroundings(servers: Servers) -> dict[str, Any]:
    """What was measured on, and how durable the record was."""
    connection = await asyncpg.connect(servers.owner_url)
    told = {
        name: await connection.fetchval(f"SHOW {name}") for name in ("server_version", "fsync", "synchronous_commit")
    }
    await connection.close()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "postgres": told,
        "temporal": "dev server on a file",
        "load before": round(os.getloadavg()[0], 1),
    }


def spent(pid: int) -> tuple[float, float]:
    """Processor seconds and resident KiB of a process and its children; nothing where there is no /proc."""
    seconds, memory = 0.0, 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for each in (pid, *map(int, children.read_text().split())) if children.exists() else ():
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        memory += int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1024
    return seconds, memory


def milliseconds(waits: Sequence[float]) -> dict[str, float]:
    """p50 and p99 of waits in seconds."""
    cuts = statistics.quantiles(waits, n=100)
    return {"p50 ms": round(1000 * cuts[49], 1), "p99 ms": round(1000 * cuts[98], 1)}
