"""A worker as it runs in service: its logs, its metrics, its health, on a real Temporal and a real Postgres."""

import asyncio
import json
import os
import re
import signal
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock, call
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import uuid4

import asyncpg
import pytest
import typer
from typer.testing import CliRunner

from activities import store
from activities.proof import checkpoints
from activities.record import Act, OpenCase, Records
from activities.webhooks.subscribers import Wanted
from deploy import embedded
from deploy.embedded import Stack
from deploy.register import register
from deploy.roles import ENGINE, KEEPER, SIGNER, as_role
from domain.errors import Refused, Stale, Unavailable
from integration.beside import beside
from integration.cli.main import app
from integration.client import Probity, connect_temporal
from integration.codec_server import serve
from integration.listening import listening
from integration.observability import gauges
from integration.observability.health import health
from integration.observability.logs import release
from integration.observability.runtime import address
from integration.settings import Settings
from tests.engine import MASTER_KEY, RING, SIGNING, act, held_fast, reference, referral, suspension
from tests.receiver import Says, receiver

CHECKOUT = Path(__file__).parents[2]


@dataclass
class Served:
    """A worker process: where it tells its metrics and health, and where its log goes."""

    metrics: str
    health: str
    log: Path
    process: asyncio.subprocess.Process
    settings: Settings
    probity: Probity

    async def samples(self) -> dict[str, float]:
        """Every sample of the metrics endpoint, by name and labels."""
        text = (await fetched(self.metrics))[1]
        return {name: float(value) for name, value in re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)}

    async def total(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that carry these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        found = await self.samples()
        return sum(v for k, v in found.items() if k.partition("{")[0] == name and all(each in k for each in wanted))

    async def until(self, name: str, **labels: str) -> None:
        """Until it is told as more than nothing."""
        async with asyncio.timeout(60):
            while not await self.total(name, **labels):
                await asyncio.sleep(0.2)

    def logged(self) -> list[dict[str, Any]]:
        """What it logged so far, each line an object."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]


async def ready(served: Served) -> None:
    """Until the worker says that it is ready: on a busy machine a check may take longer than it waits."""
    async with asyncio.timeout(60):
        while (await fetched(f"{served.health}/ready"))[0] != 200:
            pass


async def fetched(url: str) -> tuple[int, str]:
    def get() -> tuple[int, str]:
        try:
            with urlopen(url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    return await asyncio.to_thread(get)


@asynccontextmanager
async def serving(environment: Mapping[str, str], log: Path) -> AsyncIterator[Served]:
    keys = log.with_name("master-keys")
    keys.write_bytes(b64encode(MASTER_KEY))
    environment = {**environment, "PROBITY_MASTER_KEYS": str(keys)}
    settings = Settings.from_environment(environment)
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.brisk",
            cwd=CHECKOUT,
            env={**os.environ, **environment},
            stdout=-1,
            stderr=stderr,
        )
    try:
        assert process.stdout is not None
        ready = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        places = re.findall(r"http://[\d.:]+", ready)
        assert len(places) == 2, (ready, log.read_text())
        async with Probity.connect(settings) as probity:
            yield Served(f"{places[0]}/metrics", places[1], log, process, settings, probity)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 40) == 0, log.read_text("utf-8")[-2000:]


@pytest.fixture(scope="module")
async def served(stack: Stack, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    environment = {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "TEMPORAL_NAMESPACE": stack.namespace,
        "PROBITY_TASK_QUEUE": f"probity-{uuid4()}",
        "PROBITY_WEBHOOKS_DEVELOPMENT": "on",
    }
    async with serving(environment, tmp_path_factory.mktemp("worker") / "log") as served:
        yield served


async def test_a_command_is_timed_logged_and_told_without_what_it_says(served: Served) -> None:
    ref = reference()
    await served.probity.refer(referral(ref))
    secret = "Said to have known Jane Roe."
    told = {**suspension(datetime.now(UTC)), "reasons": secret}
    await served.probity.do(ref, "impose_restriction", told, command_id="c-1")
    assert await served.total("probity_command_latency_seconds_count", command="impose_restriction") == 1
    assert await served.total("temporal_workflow_task_execution_latency_count") > 0
    (line,) = [each for each in served.logged() if each.get("command_id") == "c-1"]
    told = {
        "level": "info",
        "logger": "activities.metrics",
        "message": "recorded",
        "case": ref,
        "version": line["version"],
    }
    told |= {"command": "impose_restriction", "command_id": "c-1", "activity_type": "record", "attempt": 1}
    told |= {"workflow_id": f"case/{ref}", "run_id": line["run_id"]}
    assert {name: said for name, said in line.items() if name != "at"} == told
    (opened,) = [each for each in served.logged() if each.get("command_id") == f"refer/{ref}"]
    assert (opened["message"], opened["command"], opened["workflow_id"]) == ("recorded", "open_case", f"case/{ref}")
    for written in (served.log.read_text("utf-8"), (await fetched(served.metrics))[1]):
        assert "Jane Roe" not in written
        assert "p-1" not in written


async def test_a_worker_says_in_its_first_line_what_it_is_and_where(served: Served) -> None:
    """So that each start is seen in a log that goes on."""
    said = f"ready: version {release()}, task queue {served.settings.task_queue}, metrics {served.metrics}, health "
    lines = [each["message"] for each in served.logged() if each["logger"] == "probity.worker"]
    assert lines == [said + f"{served.health}"]


async def test_a_refusal_is_counted_by_its_code(served: Served) -> None:
    ref = reference()
    await served.probity.refer(referral(ref))
    with pytest.raises(Refused) as refused:
        await served.probity.do(ref, "close_case", act("appropriate_authority", datetime.now(UTC)))
    code = refused.value.code
    assert await served.total("probity_refusals_total", command="close_case", code=code) == 1
    ahead = (await served.probity.case(ref)).version + 9  # which the store alone can tell
    with pytest.raises(Stale):
        await served.probity.do(ref, "add_party", party("P-1"), expected=ahead)
    assert await served.total("probity_refusals_total", command="add_party", code="stale") == 1


async def test_a_command_that_comes_again_after_the_run_is_counted_as_answered_from_the_store(
    served: Served, database_url: str
) -> None:
    """In another run Temporal does not know the id any more, and the store does."""
    ref, body = reference(), suspension(datetime.now(UTC))
    await served.probity.refer(referral(ref))
    first = await served.probity.do(ref, "impose_restriction", body, command_id="again")
    handle = served.probity._temporal.get_workflow_handle(f"case/{ref}")
    await handle.terminate()
    queue = (await handle.describe()).task_queue
    await served.probity._temporal.start_workflow("Case", id=f"case/{ref}", task_queue=queue)
    second = await served.probity.do(ref, "impose_restriction", body, command_id="again")
    assert [each.event_id for each in second.events] == [each.event_id for each in first.events]
    assert await served.total("probity_replays_total", command="impose_restriction") == 1


async def test_a_deadline_that_passed_before_it_was_told_is_not_called_late(served: Served) -> None:
    ref, since = reference(), datetime.now(UTC) - timedelta(days=45)
    await served.probity.refer(referral(ref, known=since - timedelta(hours=1)))
    before = await served.total("probity_deadline_lateness_seconds_count")
    await served.probity.do(ref, "impose_restriction", suspension(since))
    async with asyncio.timeout(20):
        while await served.total("probity_deadline_lateness_seconds_count") == before:
            await asyncio.sleep(0.2)
    assert await served.total("probity_deadline_lateness_seconds_sum") < 60 * (before + 5)
    (line,) = [each for each in served.logged() if each.get("case") == ref and each["command"] == "enforce_deadlines"]
    assert (line["message"], line["workflow_id"]) == ("recorded", f"case/{ref}")
    assert (await served.probity.case(ref)).overdue


async def test_a_deadline_that_passed_while_nothing_ran_its_case_is_called_as_late_as_it_is(
    served: Served, database_url: str
) -> None:
    """What counts is since when the record knew of the limit, and not when the run that enforces it read the case."""
    ref, known = reference(), datetime.now(UTC) - timedelta(days=368)  # a report is owed after twelve months
    pool = await store.open_pool(database_url)
    told = OpenCase(referral=referral(ref, known=known), command_id=f"refer/{ref}", now=datetime.now(UTC))
    assert (await Records(pool, RING).open_case(told)).refusal is None
    await pool.close()
    before = await served.total("probity_deadline_lateness_seconds_sum")
    await asyncio.sleep(2)  # in which nothing runs it
    assert await served.probity.resume(ref) == ([ref], [])
    async with asyncio.timeout(20):
        while await served.total("probity_deadline_lateness_seconds_sum") - before < 2:
            await asyncio.sleep(0.2)


async def test_the_gauges_tell_what_the_record_holds(served: Served, owner_url: str) -> None:
    await served.until("probity_overdue_deadlines", rule="suspension_review_first")
    assert await served.total("probity_open_cases") >= 4
    assert await served.total("probity_store_up") == 1
    owner = await asyncpg.connect(owner_url)
    async with owner.transaction():
        await owner.execute("SELECT pg_current_xact_id()")  # open, it holds back from the feed whatever comes after it
        await served.probity.refer(referral(reference()))
        await served.until("probity_feed_held_back_events")
        await served.until("probity_feed_lag_seconds")
    await owner.close()


async def test_the_age_of_the_last_checkpoint_is_told(served: Served, owner_url: str) -> None:
    signer = await store.open_pool(as_role(owner_url, SIGNER))
    await checkpoints.make(signer, SIGNING)
    await signer.close()
    await served.until("probity_checkpoint_age_seconds")
    assert await served.total("probity_checkpoint_age_seconds") < 600


async def test_where_no_checkpoint_was_ever_signed_none_is_told_to_be_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or an installation that signs nothing would be called for the wrong reason."""
    meter = Mock()
    for age in (None, 61.5):
        monkeypatch.setattr(checkpoints, "age", AsyncMock(return_value=age))
        await gauges._tell_checkpoint(Mock(), meter)
    assert meter.mock_calls == [
        call.create_gauge_float("probity_checkpoint_age_seconds"),
        call.create_gauge_float().set(61.5),
    ]


async def test_an_act_that_had_to_be_decided_on_again_is_counted(served: Served, records: Records) -> None:
    """Another than the case's own workflow writes to it without a pause, here this process."""
    ref = reference()
    await served.probity.refer(referral(ref))

    async def others() -> None:
        version = 0
        for number in count():
            body, now = party(f"O-{number}"), datetime.now(UTC)
            told = Act(stream=ref, command_id=f"o-{number}", command="add_party", body=body, known=version, now=now)
            version = (await records.record(told)).version

    async with beside("Another writer", others()), asyncio.timeout(60):
        while not await served.total("probity_append_conflicts_total"):
            await served.probity.do(ref, "add_party", party(f"P-{uuid4().hex[:8]}"))
    assert await served.probity.verify(ref) == []


def party(name: str) -> dict[str, Any]:
    return act("clerk", datetime.now(UTC), party=name, kind="interested_person")


async def test_what_becomes_of_webhooks_is_told_by_subscriber(served: Served, owner_url: str) -> None:
    keeping = replace(served.settings, database_url=as_role(owner_url, KEEPER))
    async with receiver() as hook, Probity.connect(keeping) as keeper:
        await keeper.subscribers.add(Wanted(subscription="hr", url=hook.url))
        await served.probity.refer(referral(reference()))
        await served.until("probity_webhooks_total", subscription="hr", outcome="delivered")
        assert await served.total("probity_webhook_latency_seconds_count", subscription="hr") >= 1
        hook.behave = lambda _: Says(500)
        await served.probity.refer(referral(reference()))
        await served.until("probity_webhooks_total", subscription="hr", outcome="waiting")
        await served.until("probity_webhooks_waiting", subscription="hr")
        await served.until("probity_webhooks_oldest_waiting_seconds", subscription="hr")
        assert any(each.startswith("probity_webhooks_dead_letters{") for each in await served.samples())
        await keeper.subscribers.remove("hr")


async def test_a_worker_at_work_is_healthy_and_ready(served: Served) -> None:
    assert await fetched(f"{served.health}/health") == (200, '{"alive": true}')
    status, body = await fetched(f"{served.health}/ready")
    assert (status, json.loads(body)) == (200, {"worker": True, "postgres": True, "temporal": True})
    assert (await fetched(f"{served.health}/other"))[0] == 404


async def test_a_worker_without_its_database_lives_and_is_not_ready(
    stack: Stack, migrated: str, tmp_path: Path
) -> None:
    from tests.conftest import _database, _url

    async with _database(stack.database_url, migrated) as name:
        environment = {
            "DATABASE_URL": as_role(_url(stack.database_url, name), ENGINE),
            "TEMPORAL_ADDRESS": stack.temporal_address,
            "TEMPORAL_NAMESPACE": stack.namespace,
            "PROBITY_TASK_QUEUE": f"probity-{uuid4()}",
        }
        async with serving(environment, tmp_path / "log") as served:
            await ready(served)
            owner = await asyncpg.connect(stack.database_url)
            try:
                await owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
                await owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            finally:
                await owner.close()
            status, body = await fetched(f"{served.health}/ready")
            assert (status, json.loads(body)["postgres"], json.loads(body)["worker"]) == (503, False, True)
            assert (await fetched(f"{served.health}/health"))[0] == 200
        assert [each["message"] for each in served.logged() if each["logger"] == "probity.worker"][1:] == [
            "told to stop"
        ]


async def test_a_worker_without_temporal_lives_and_is_not_ready(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    async with AsyncExitStack() as temporal:
        own = await temporal.enter_async_context(embedded.stack(None, ui=False))
        environment = {"DATABASE_URL": database_url, "TEMPORAL_ADDRESS": own.temporal_address}
        await register(await connect_temporal(Settings.from_environment(environment)))
        async with serving(environment, tmp_path / "log") as served:
            await ready(served)
            await temporal.aclose()
            status, body = await fetched(f"{served.health}/ready")
            assert (status, json.loads(body)) == (503, {"worker": True, "postgres": True, "temporal": False})
            assert (await fetched(f"{served.health}/health"))[0] == 200


async def test_who_asks_for_nothing_does_not_disturb() -> None:
    async with health("127.0.0.1", 0, {}) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"nonsense\r\n")
        assert await reader.read() == b""
        writer.close()
        assert (await fetched(f"http://127.0.0.1:{port}/ready"))[0] == 200


async def test_a_part_that_stands_still_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a Postgres whose disk hangs: the driver waits for it to take back the query, and so did who asked."""
    let_go = asyncio.Event()

    async def stands_still() -> bool:
        await held_fast(let_go)
        raise OSError

    async def breaks() -> bool:
        raise OSError

    monkeypatch.setattr("integration.observability.health.PATIENCE", 0.2)
    async with asyncio.timeout(10), health("127.0.0.1", 0, {"postgres": stands_still, "temporal": breaks}) as port:
        told = await fetched(f"http://127.0.0.1:{port}/ready")
        let_go.set()
    assert (told[0], json.loads(told[1])) == (503, {"postgres": False, "temporal": False})


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    """Of the gateway, the codec server and a worker alike."""
    with listening("127.0.0.1", 0) as taken:
        told = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unavailable, match=f"^Cannot listen on {told}: address already in use\\.$"):
            address(told)


def test_a_certificate_that_cannot_be_served_with_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway said that it was ready, and failed inside; the codec server ended in a traceback."""
    (keys := tmp_path / "payload-keys").write_text(b64encode(bytes(32)).decode())
    monkeypatch.setenv("PROBITY_PAYLOAD_KEYS", str(keys))
    (no_key := tmp_path / "key.pem").write_text("no key")
    told = CliRunner().invoke(app, ["gateway", "--development", "--certificate", str(no_key)])
    said = "The certificate and its key cannot be read, or do not belong together"
    assert (told.exit_code, told.stdout, told.stderr) == (3, "", f"unavailable: {said} (SSLError).\n")
    with pytest.raises(Unavailable, match=said):
        serve(certificate=tmp_path / "none.pem", development=True)
    with pytest.raises(Unavailable, match="--certificate"):
        serve(private_key=no_key, development=True)


def test_a_port_of_the_codec_server_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.argv", ["codec_server", "--development", "--port", "70000"])
        typer.run(serve)
    assert "65535" in capsys.readouterr().err
