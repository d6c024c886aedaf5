"""A worker of several processes: all poll, they stop together, and end together when one of them does."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from base64 import b64encode
from pathlib import Path
from uuid import uuid4

import pytest

from deploy import processes
from deploy.embedded import Stack
from deploy.processes import addresses
from domain.errors import Unavailable
from integration.settings import Settings
from tests.engine import MASTER_KEY

CHECKOUT = Path(__file__).parents[2]


async def started(stack: Stack, database_url: str, folder: Path) -> Process:
    """A worker of two processes, both of them ready."""
    keys = folder / "master-keys"
    keys.write_bytes(b64encode(MASTER_KEY))
    environment = {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "TEMPORAL_NAMESPACE": stack.namespace,
        "PROBITY_TASK_QUEUE": f"probity-{uuid4()}",
        "PROBITY_MASTER_KEYS": str(keys),
        "PROBITY_PROCESSES": "2",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", cwd=CHECKOUT, env={**os.environ, **environment}, stdout=PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        for _ in range(2):
            assert (await process.stdout.readline()).startswith(b"probity worker ready")
    return process


def children(process: Process) -> list[int]:
    told = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(each) for each in told.read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="tells processes apart by /proc, which Linux has")
async def test_processes_stop_together_and_end_together(stack: Stack, database_url: str, tmp_path: Path) -> None:
    process = await started(stack, database_url, tmp_path)
    both = children(process)
    assert len(both) == 2
    process.terminate()
    async with asyncio.timeout(40):
        assert await process.wait() == 0
    assert not any(Path(f"/proc/{each}").exists() for each in both)

    process = await started(stack, database_url, tmp_path)
    both = children(process)
    os.kill(both[0], 9)
    async with asyncio.timeout(40):
        assert await process.wait() != 0, "whoever started it has to start it again"
    assert not any(Path(f"/proc/{each}").exists() for each in both)


async def test_where_one_cannot_be_started_those_before_it_end(monkeypatch: pytest.MonkeyPatch) -> None:
    started = list[Process]()

    async def spawn(number: int) -> Process:
        if number:
            raise BlockingIOError("Resource temporarily unavailable")
        started.append(await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(60)"))
        return started[0]

    monkeypatch.setattr(processes, "_spawn", spawn)
    async with asyncio.timeout(20):
        with pytest.raises(BlockingIOError):
            await processes.together(2, asyncio.Event())
    left = [each for each in started if each.returncode is None]
    for each in left:
        each.kill()
        await each.wait()
    assert started and not left


def test_each_process_tells_its_metrics_on_a_port_of_its_own() -> None:
    told = {"PROBITY_METRICS_ADDRESS": "0.0.0.0:9464", "PROBITY_HEALTH_ADDRESS": "127.0.0.1:0"}
    assert addresses(told, 2) == {"PROBITY_METRICS_ADDRESS": "0.0.0.0:9466"}


@pytest.mark.parametrize("told", ["0", "-1", "two", "65"])
def test_a_number_of_processes_that_makes_no_sense_is_refused(told: str) -> None:
    with pytest.raises(Unavailable, match="PROBITY_PROCESSES"):
        Settings.from_environment({"DATABASE_URL": "postgresql://nowhere", "PROBITY_PROCESSES": told})
