"""Whoever started an engine or a test is killed: nothing that it started outlives it."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from deploy import embedded

ROOT = Path(__file__).parents[2]
NAMED = ("DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "MAKELEVEL")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in NAMED} | {"PYTHONPATH": str(ROOT)}

# A run of one test, which starts a process, says so and waits for its end.
TEST = """
import subprocess

def test_of_one_who_waits():
    process = subprocess.Popen(["sleep", "600"])
    print("it runs", flush=True)
    process.wait()
"""
PARTS = ("postgres", "temporal", "worker", "integration.gateway", "integration.codec_server")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child when its parent is killed")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A working folder; the data of an engine are not left behind in it."""
    yield tmp_path
    embedded.remove(tmp_path / ".probity")


async def started(folder: Path, words: str, *command: str, stderr: int | None = None) -> Process:
    """A process that has said this."""
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=ENVIRONMENT, stdout=PIPE, stderr=stderr)
    assert process.stdout is not None
    async with asyncio.timeout(60):
        async for line in process.stdout:
            if words in line.decode():
                return process
    raise AssertionError("it ended early")


def children(pid: int) -> list[int]:
    """The processes that this one has started."""
    told = [each.read_text().split() for each in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for each in told for child in each]


def below(pid: int) -> list[int]:
    """The processes that this one has started, and those that they have."""
    return [each for child in children(pid) for each in (child, *below(child))]


async def killed(process: Process) -> None:
    """Kill it, as nobody can defend themselves against, and see whatever it had started end."""
    ends = [os.pidfd_open(each) for each in below(process.pid)]
    process.kill()
    try:
        async with asyncio.timeout(40):
            await process.wait()  # its output too has to end, which they share
            await gone(ends)
    finally:
        for end in ends:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(end, signal.SIGKILL)
            os.close(end)


async def gone(ends: Iterable[int]) -> None:
    for end in ends:
        over = asyncio.Event()
        asyncio.get_running_loop().add_reader(end, over.set)
        await over.wait()
        asyncio.get_running_loop().remove_reader(end)


def called(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def program(pid: int) -> str:
    """What runs there: the name of the file, or of the module that Python runs."""
    name, *arguments = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return arguments[1] if arguments[0] == "-m" else Path(name).name


async def test_what_a_test_has_started_ends_when_the_run_is_killed(folder: Path) -> None:
    (folder / "test_one.py").write_text(TEST)
    options = ("-p", "tests.conftest", "-p", "no:cacheprovider", "-s", "-q", "--rootdir", str(folder))
    # Deaf to SIGINT, as what a script runs in the background.
    deaf = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")
    run = await started(folder, "it runs", *deaf, sys.executable, "-m", "pytest", *options, str(folder))
    assert [called(each) for each in below(run.pid)] == ["sleep 600 "]
    await killed(run)


async def test_every_part_ends_when_the_engine_is_killed(folder: Path) -> None:
    engine = await started(folder, "Probity is up", sys.executable, "-m", "deploy.up")
    running = [called(each) for each in below(engine.pid)]
    assert all(any(part in each for each in running) for part in PARTS), running
    await killed(engine)


async def test_the_engine_ends_when_the_make_that_started_it_is_killed(folder: Path) -> None:
    (folder / "Makefile").write_text(f"up:\n\t@{sys.executable} -m deploy.up\n")
    make = await started(folder, "Starting Postgres", "make")
    assert any("deploy.up" in called(each) for each in below(make.pid))
    await killed(make)


@pytest.mark.parametrize("part", ["Postgres", "Temporal", "The worker"])
async def test_the_engine_ends_in_order_when_a_part_that_it_cannot_do_without_ends(part: str, folder: Path) -> None:
    """Without Postgres or Temporal it stayed up and did nothing, and only a log said so."""
    engine = await started(folder, "Probity is up", sys.executable, "-m", "deploy.up", stderr=PIPE)
    try:
        (pid,) = (each for each in children(engine.pid) if part.lower().removeprefix("the ") in program(each))
        os.kill(pid, signal.SIGKILL if part == "The worker" else signal.SIGINT)
        async with asyncio.timeout(60):
            out, err = await engine.communicate()
    finally:
        if engine.returncode is None:
            await killed(engine)
    assert engine.returncode == 3
    assert f"unavailable: {part} has ended, and no deadline is enforced without it: start again.\n" in err.decode()
    assert "ended with code" in err.decode() and "The cases are kept in .probity." in out.decode()
    assert "Traceback" not in err.decode()
    assert not (folder / ".probity" / "env").exists()
