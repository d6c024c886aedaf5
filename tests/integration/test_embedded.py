"""The embedded stack: it starts, answers, stops, and starts again whatever happened to it."""

import asyncio
import logging
import runpy
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import asyncpg
import pytest
from httpx2 import AsyncClient
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from deploy import child, demo, embedded
from deploy.child import Child, NotStarted
from deploy.embedded import Stack, postgres_folder
from deploy.part import part as python_part
from deploy.up import up
from domain.errors import Unavailable

CHECKOUT = Path(__file__).parents[2]

# A process that starts the stack on a folder, leaves a mark in both parts, says so and waits for its end.
VICTIM = """
import asyncio, sys
from pathlib import Path
from time import monotonic
import asyncpg
from temporalio.client import Client
from deploy.embedded import stack

async def main():
    async with stack(Path(sys.argv[1]), ui=False) as running:
        connection = await asyncpg.connect(running.database_url)
        await connection.execute("CREATE TABLE mark (said text); INSERT INTO mark VALUES ('still here')")
        client = await Client.connect(running.temporal_address)
        await client.start_workflow("Waiting", id="mark", task_queue="nobody")
        print(running.temporal_address, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about the embedded parts, whichever servers the rest of the run uses."""
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder that is not left behind, as `tmp_path` is: as root its data lie elsewhere."""
    yield tmp_path / "kept data"
    embedded.remove(tmp_path / "kept data")


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def namespace_state(stack: Stack) -> int:
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    request = DescribeNamespaceRequest(namespace=stack.namespace)
    return (await client.workflow_service.describe_namespace(request)).namespace_info.state


def refuses(address: str) -> bool:
    host, port = address.split(":")
    with socket.socket() as caller:
        return caller.connect_ex((host, int(port))) != 0


async def test_it_answers_and_leaves_nothing(folder: Path) -> None:
    async with embedded.stack(folder) as stack:
        assert await ask(stack.database_url, "SELECT 6 * 7") == 42
        assert await ask(stack.database_url, "SELECT current_setting('listen_addresses')") == ""
        assert await namespace_state(stack) == 1  # registered
        assert stack.ui_url is not None and not refuses(stack.ui_url.removeprefix("http://"))
    assert refuses(stack.temporal_address) and refuses(stack.ui_url.removeprefix("http://"))
    assert not (folder / "postgres" / "postmaster.pid").exists()
    assert_nobody_left(folder)


def assert_nobody_left(folder: Path) -> None:
    """Every process of the stack holds the folder's lock for as long as it lives."""
    with (folder / "lock").open() as lock:
        assert embedded._locked(lock.fileno())


async def test_no_web_page_drives_temporal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its HTTP API asks nobody who they are, and answers with what lets any page read it and write to it."""
    chosen: list[int] = []
    held = embedded.held_ports

    @contextmanager
    def noted(count: int, wanted: Iterable[int]) -> Iterator[list[int]]:
        with held(count, wanted) as ports:
            chosen.extend(ports)
            yield ports

    monkeypatch.setattr(embedded, "held_ports", noted)
    async with embedded.stack(None) as stack:
        _, ui, http, _ = chosen
        foreign = {"Origin": "https://evil.example"}
        async with AsyncClient(headers=foreign) as page:
            for host in (f"127.0.0.1:{http}", f"localhost:{http}", "evil.example"):
                asked = await page.get(
                    f"http://127.0.0.1:{http}/api/v1/namespaces/default/workflows", headers={"Host": host}
                )
                assert asked.status_code == 403, host
            async with asyncio.timeout(20):  # the UI asks by gRPC, and is there a moment after the server
                while (await page.get(f"http://127.0.0.1:{ui}/api/v1/namespaces")).status_code != 200:
                    await asyncio.sleep(0.1)
        assert await namespace_state(stack) == 1


async def test_psql_takes_the_url() -> None:
    async with embedded.stack(None, ui=False) as stack:
        psql = await asyncio.create_subprocess_exec(
            postgres_folder() / "bin" / "psql", stack.database_url, "-Atc", "SELECT 'hello'", stdout=subprocess.PIPE
        )
        assert (await psql.communicate())[0] == b"hello\n"


async def test_a_temporary_stack_leaves_no_data() -> None:
    async with embedded.stack(None, ui=False) as stack:
        data = Path(str(await ask(stack.database_url, "SHOW data_directory")))
        assert data.is_dir()
    assert not data.exists()


async def test_two_at_once_do_not_disturb_each_other(folder: Path) -> None:
    async with embedded.stack(None, ui=False) as first:
        async with embedded.stack(folder, ui=False) as second:
            assert first.database_url != second.database_url
            assert first.temporal_address != second.temporal_address
            await ask(second.database_url, "CREATE TABLE only_here ()")
            assert await namespace_state(second) == 1
        assert await ask(first.database_url, "SELECT to_regclass('only_here')") is None
        assert await namespace_state(first) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a port cannot be held for a server")
def test_a_port_held_for_a_server_is_given_to_nobody_else() -> None:
    """Before, a server's port was asked for and let go, and a test's client was given it before the server came."""
    with ExitStack() as cleanup:
        held = cleanup.enter_context(embedded.held_ports(1000))
        others = [cleanup.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(1000)]
        callers = [cleanup.enter_context(socket.create_connection(other.getsockname())) for other in others]
        given = {each.getsockname()[1] for each in (*others, *callers)}
        assert len(set(held)) == 1000 and given.isdisjoint(held)
        cleanup.enter_context(socket.create_server(("127.0.0.1", held[0])))  # as the server does


def test_a_port_is_kept_from_run_to_run_while_it_is_free(tmp_path: Path) -> None:
    """The browser keeps columns, and a terminal its settings, for an address; each run had others."""
    with embedded.kept_ports(tmp_path / "ports", 3) as first:
        pass
    with embedded.kept_ports(tmp_path / "ports", 3) as second:
        assert second == first
    with socket.create_server(("127.0.0.1", first[1])):
        with embedded.kept_ports(tmp_path / "ports", 3) as third:
            assert third[::2] == first[::2] and third[1] != first[1]
    with embedded.kept_ports(tmp_path / "ports", 3) as last:
        assert last == third


@pytest.mark.parametrize("told", ["", "no number", "99999\n99999999999"])
def test_what_does_not_tell_a_port_is_no_reason_not_to_start(told: str, tmp_path: Path) -> None:
    (tmp_path / "ports").write_text(told)
    with embedded.kept_ports(tmp_path / "ports", 2) as ports:
        assert len(set(ports)) == 2 and all(1024 < port < 65536 for port in ports)


async def test_a_folder_serves_one_run_at_a_time_and_says_so_at_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with embedded.stack(folder, ui=False):
        began = monotonic()
        for second in (embedded.stack(folder, ui=False).__aenter__, lambda: up(folder)):
            with pytest.raises(NotStarted, match=r"in use by another run: .* `make up ARGS=\"--data FOLDER\"`\.$"):
                await second()
        assert monotonic() - began < 5
    assert "Starting" not in capsys.readouterr().out


async def test_what_a_killed_run_left_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LOCK_SECONDS", 0.1)
    folder.mkdir()
    with (folder / "lock").open("w") as orphan:
        assert embedded._locked(orphan.fileno())
        with pytest.raises(NotStarted, match="A run that was killed"):
            async with embedded.stack(folder, ui=False):
                pass


async def test_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 25)
    async with embedded.stack(folder, ui=False) as stack:
        assert await ask(stack.database_url, "SELECT 1") == 1
    embedded.remove(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child when its parent is killed")
async def test_it_survives_a_hard_kill(folder: Path) -> None:
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, folder, cwd=CHECKOUT, stdout=subprocess.PIPE
    )
    assert victim.stdout is not None
    address = (await victim.stdout.readline()).decode().strip()
    assert address and not refuses(address)
    victim.send_signal(signal.SIGKILL)
    await victim.wait()

    async with embedded.stack(folder, ui=False) as stack:
        assert stack.temporal_address == address, "the one before has let go of it"
        assert await ask(stack.database_url, "SELECT said FROM mark") == "still here"
        client = await Client.connect(stack.temporal_address)
        assert (await client.get_workflow_handle("mark").describe()).workflow_type == "Waiting"


async def test_servers_that_the_environment_names_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/cases")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "cases")
    async with embedded.stack(None) as stack:
        assert stack == Stack("postgresql://elsewhere/cases", "temporal.example:7233", "cases", None)


async def never_answers() -> None:
    raise ConnectionRefusedError


async def answers() -> None:
    return None


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    with (tmp_path / "lock").open("w") as file:
        yield file.fileno()


def part(script: str, folder: Path, lock: int) -> Child:
    return Child("Part", ("sh", "-c", script), folder / "part.log", lock)


async def test_a_part_that_ends_at_once_says_why(tmp_path: Path, lock: int) -> None:
    with pytest.raises(NotStarted, match=r"Part ended with code 3; the end of .*part.log:\n  no such luck"):
        async with part("echo no such luck; exit 3", tmp_path, lock).running(never_answers):
            pass


async def test_a_part_that_dies_of_a_fault_shows_the_fault_before_its_stacks(tmp_path: Path, lock: int) -> None:
    dies = "echo 'panic: no such luck'; for n in 1 2 3 4 5 6 7 8; do echo goroutine $n; done; exit 2"
    with pytest.raises(NotStarted, match=r"ended with code 2; .*\n  panic: no such luck\n  goroutine 3"):
        async with part(dies, tmp_path, lock).running(never_answers):
            pass


async def test_a_part_that_never_answers_is_stopped(tmp_path: Path, lock: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_START_SECONDS", 0.2)
    monkeypatch.setattr(child, "_STOP_SECONDS", 0.2)
    with pytest.raises(NotStarted, match="Part did not answer within"):
        async with part("trap '' INT; exec sleep 600", tmp_path, lock).running(never_answers):
            pass


async def test_a_part_that_ends_early_is_reported(tmp_path: Path, lock: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="deploy.child"):
        async with part("echo gone; exit 4", tmp_path, lock).running(answers):
            while not caplog.records:
                await asyncio.sleep(0.01)
    assert "Part ended with code 4" in caplog.text and "gone" in caplog.text


async def test_a_part_of_ours_keeps_its_log_and_tells_of_this_run_alone(tmp_path: Path) -> None:
    """It was a file without a name, and gone with the part."""
    (log := tmp_path / "worker.log").write_text("of an earlier run\n")
    with pytest.raises(NotStarted, match=r"did not get ready\. The end of its log:\n  .*No module .*nowhere") as failed:
        async with python_part("worker", {}, "nowhere", log=log):
            raise AssertionError("it started")
    assert "earlier" not in str(failed.value)
    assert log.read_text().startswith("of an earlier run\n") and "nowhere" in log.read_text()


async def test_a_folder_of_data_that_cannot_be_one_is_said_in_a_sentence(tmp_path: Path) -> None:
    """One that nobody may look into, or write in, was a traceback."""
    (data := tmp_path / "data").write_text("")
    (taken := tmp_path / "taken" / "run").mkdir(parents=True)
    wrong = {data: "file exists", taken.parent: "is a directory", tmp_path / (300 * "x"): "file name too long"}
    for folder, why in wrong.items():
        with pytest.raises(NotStarted, match=rf"^{folder} cannot be the folder of the data: {why}\.$"):
            await up(folder)
        with pytest.raises(NotStarted, match=rf" cannot be the folder of the data: {why}\.$"):
            async with embedded.stack(folder):
                raise AssertionError("it started")


async def test_servers_that_are_named_and_away_are_said_to_be_so_by_the_shell(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After `. .probity/env` and a stop, it asked whether Postgres runs, which it was told to start."""
    monkeypatch.setenv("DATABASE_URL", f"postgresql://postgres@/postgres?host={folder}&port=5432")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    said = (
        r"^Cannot reach .* DATABASE_URL and TEMPORAL_ADDRESS are set in this shell, .* `unset DATABASE_URL TEMPORAL_A"
    )
    with pytest.raises(Unavailable, match=said):
        await up(folder)


@pytest.mark.parametrize("program", ["many", "register"])
def test_what_a_program_does_not_know_it_refuses(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One gave a traceback, the other did its work."""
    monkeypatch.setattr(sys, "argv", [program, "--bogus"])
    with pytest.raises(SystemExit) as left, warnings.catch_warnings(action="ignore"):
        runpy.run_module(f"deploy.{program}", run_name="__main__")
    assert left.value.code == 2 and "--bogus" in capsys.readouterr().err


def test_what_the_demonstration_does_not_know_it_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    """It played on as if nothing had been asked."""
    with pytest.MonkeyPatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr("sys.argv", ["demo", "--ful1"])
        patched.setattr(demo, "run", lambda playing: playing.close())
        demo.main()
    assert "--ful1" in capsys.readouterr().err
