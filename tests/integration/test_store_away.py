"""The database goes away under a running engine: what is told meanwhile waits in sight, and is recorded once."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest
from httpx2 import AsyncClient
from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateStage,
)
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

import worker
from activities import connection as connections
from activities import store
from activities.connection import connected, unhurried
from activities.proof import whole
from activities.record import Act, Answer, OpenCase, PassTime, Records
from activities.store import Pool
from deploy.embedded import Stack
from domain.errors import OutOfOrder, Unavailable
from integration import answers
from integration.client import Probity, connect_temporal
from integration.codec import PayloadKeys
from integration.observability import gauges
from integration.settings import Settings
from integration.webhooks.bell import Bell
from integration.webhooks.delivering import delivering
from tests.engine import RING, act, at_work, away, patient_activity, reference, referral, running, suspension
from workflows import case
from workflows.case import CaseWorkflow, workflow_id


@pytest.fixture
async def settings(stack: Stack, database_url: str) -> Settings:
    """A task queue of each test's own: the next one's worker is not to take what this one's left undone."""
    return running(stack, database_url)


@pytest.fixture
async def temporal(settings: Settings) -> Client:
    return await connect_temporal(settings)


async def test_an_act_told_while_the_database_is_away_is_recorded_when_it_is_back(
    settings: Settings, temporal: Client, pool: Pool, stack: Stack, database_url: str
) -> None:
    async with at_work(settings) as probity:
        ref = reference()
        opened = await probity.refer(referral(ref))
        handle = temporal.get_workflow_handle_for(CaseWorkflow.run, workflow_id(ref))
        async with away(stack, database_url):
            told = asyncio.create_task(probity.do(ref, "impose_restriction", suspension(datetime.now(UTC))))
            assert "the store is away" in await patient_activity(handle)
        receipt = await told
        assert receipt.version > opened.version
        imposed = [event for event in await probity.events(ref) if event.type == "restriction_imposed"]
        assert len(imposed) == 1
        assert await whole.verify(pool, ref) == []


@pytest.mark.parametrize("keys", [None, PayloadKeys([b"k" * 32])], ids=["in the clear", "sealed"])
async def test_a_query_before_the_case_is_read_is_told_to_come_again(
    settings: Settings, stack: Stack, database_url: str, keys: PayloadKeys | None
) -> None:
    settings = replace(settings, payload_keys=keys)
    temporal = await connect_temporal(settings)
    async with at_work(settings) as probity:
        matter = referral(reference())
        async with away(stack, database_url):
            handle = await temporal.start_workflow(
                CaseWorkflow.run, matter, id=workflow_id(matter["reference"]), task_queue=settings.task_queue
            )
            await patient_activity(handle)
            for query in ("state", "deadlines", "lawful_next"):
                with pytest.raises(WorkflowQueryFailedError, match=r"^unavailable: .*ask again in a moment"):
                    await handle.query(query)
        await handle.execute_update("catch_up")
        assert (await handle.query("state"))["version"] == (await probity.case(matter["reference"])).version


async def test_what_was_accepted_before_a_cancel_is_recorded(
    settings: Settings, temporal: Client, stack: Stack, database_url: str
) -> None:
    async with at_work(settings) as probity:
        ref = reference()
        await probity.refer(referral(ref))
        handle = temporal.get_workflow_handle_for(CaseWorkflow.run, workflow_id(ref))
        async with away(stack, database_url):
            told = asyncio.create_task(probity.do(ref, "impose_restriction", suspension(datetime.now(UTC))))
            await patient_activity(handle)
            await handle.cancel()
        assert next(event.type for event in (await told).events) == "restriction_imposed"


async def test_a_pool_whose_database_is_away_says_nothing_of_its_own_and_goes_on_when_it_is_back(
    stack: Stack, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is away is told by whoever needs it, in a line of ours; the log of the driver held tracebacks."""
    pool = await store.open_pool(database_url)
    async with away(stack, database_url):
        await asyncio.sleep(1.5)
        with pytest.raises(Unavailable, match="Postgres"):
            async with store.transaction(pool):
                pass
        await asyncio.sleep(0.5)
    async with store.transaction(pool) as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await pool.close()
    assert not [record.getMessage() for record in caplog.records if record.name.startswith("asyncpg")]


@asynccontextmanager
async def standing_still(database_url: str, folder: Path) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """The database behind a relay, and what lets it through: while that is cleared, Postgres seems to stand still."""
    (host, port), through = (
        (parse_qs(urlsplit(database_url).query)[name][0] for name in ("host", "port")),
        asyncio.Event(),
    )
    name = f".s.PGSQL.{port}"

    async def relayed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while heard := await reader.read(65536):
                await through.wait()
                writer.write(heard)
        writer.close()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, asks = await asyncio.open_unix_connection(f"{host}/{name}")
        await asyncio.gather(relayed(reader, asks), relayed(answers, writer))

    through.set()
    async with await asyncio.start_unix_server(met, folder / name):
        yield database_url.replace(quote(host), quote(str(folder))), through
        through.set()


async def test_an_attempt_on_a_database_that_stands_still_is_over_in_time(database_url: str) -> None:
    """It lasted as long as the database stood still; so gauges and alert said that all was well."""
    with TemporaryDirectory(prefix="probity-") as folder:  # a path that is short enough for a socket
        async with standing_still(database_url, Path(folder)) as (url, through):
            pool = await store.open_pool(url)
            through.clear()
            for use in (store.transaction, connected):
                begun = monotonic()
                with pytest.raises(Unavailable, match=r"^Postgres (did not answer|was not done in time)"):
                    async with asyncio.timeout(20), use(pool) as connection:
                        await connection.fetchval("SELECT 1")
                assert monotonic() - begun < 5
            through.set()
            async with store.transaction(pool) as connection:
                assert await connection.fetchval("SELECT 1") == 1
            await pool.close()


async def test_work_over_all_cases_is_given_up_where_the_database_stands_still(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server would end it after five minutes, but not one that stands still: so it lasted as long as that."""
    monkeypatch.setattr(connections, "LONGEST", 1.0)
    with TemporaryDirectory(prefix="probity-") as folder:
        async with standing_still(database_url, Path(folder)) as (url, through):
            pool = await store.open_pool(url)
            for before in (True, False):  # it stands still before anything is asked, or amid the work
                begun = monotonic()
                with pytest.raises(Unavailable, match=r"^Postgres (did not answer|was not done in time)"):
                    if before:
                        through.clear()
                    async with asyncio.timeout(20), unhurried(pool) as connection:
                        through.clear()
                        await connection.fetchval("SELECT 1")
                assert monotonic() - begun < 5
                through.set()
            async with unhurried(pool) as connection:
                for _ in range(4):  # together longer than one may last
                    assert await connection.fetchval("SELECT 1 FROM pg_sleep(0.4)") == 1
            await asyncio.sleep(2)  # and nothing is cut that is no longer in use, or another's by now
            assert pool.get_idle_size() == pool.get_size() == 1
            await pool.close()


async def test_who_cannot_connect_is_told_whether_postgres_runs_there(stack: Stack, database_url: str) -> None:
    """`Check DATABASE_URL` sent people to a setting that was right while Postgres was down, or starting up."""
    nobody = socket.create_server(("127.0.0.1", 0))
    port = nobody.getsockname()[1]
    nobody.close()
    with pytest.raises(Unavailable, match=r"\. Does Postgres run where DATABASE_URL says\?"):
        await store.open_pool(f"postgresql://x@127.0.0.1:{port}/x")
    with pytest.raises(Unavailable, match=r"does not exist\. Postgres runs there .*: check DATABASE_URL\."):
        await store.open_pool(stack.database_url.replace("/postgres?", "/no_such_database?"))
    with (
        pytest.raises(Unavailable, match=r"starting up\. Postgres runs there and takes nobody in just now"),
        store.reaching(),
    ):
        raise asyncpg.CannotConnectNowError("the database system is starting up")


@asynccontextmanager
async def working(temporal: Client, settings: Settings, records: Records) -> AsyncIterator[Probity]:
    """A client of a worker whose activities are these."""
    activities: list[Callable[..., Any]] = [
        records.open_case,
        records.load_case,
        records.record,
        records.enforce_deadlines,
    ]
    async with Worker(temporal, task_queue=settings.task_queue, activities=activities):
        async with Probity.connect(settings) as probity:
            yield probity


def cause(failed: WorkflowUpdateFailedError) -> tuple[str | None, str]:
    assert isinstance(failed.cause, ApplicationError)
    return failed.cause.type, failed.cause.message


class Stuck(Records):
    """Activities of which the one that enforces deadlines never succeeds."""

    @activity.defn
    async def enforce_deadlines(self, passed: PassTime) -> Answer:
        raise Unavailable(f"Case {passed.stream} cannot be enforced.")


@pytest.mark.parametrize("told_meanwhile", [True, False], ids=["an act meanwhile", "none"])
async def test_a_cancel_while_a_deadline_is_enforced_leaves_what_was_accepted(
    settings: Settings, temporal: Client, pool: Pool, told_meanwhile: bool
) -> None:
    async with working(temporal, settings, Stuck(pool, RING)) as probity:
        ref = reference()
        matter = referral(ref, known=datetime.now(UTC) - timedelta(days=500))  # a report is overdue
        handle = await temporal.start_workflow(
            CaseWorkflow.run, matter, id=workflow_id(ref), task_queue=settings.task_queue
        )
        await patient_activity(handle)
        caught_up = await handle.start_update("catch_up", wait_for_stage=WorkflowUpdateStage.ACCEPTED)
        for _ in range(12):  # more than Temporal lets wait for one case
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await handle.execute_update("look_again")
            assert cause(refused.value) == ("unavailable", "The case waits for the store already.")
        if told_meanwhile:
            told = asyncio.create_task(probity.do(ref, "impose_restriction", suspension(datetime.now(UTC))))
            async for event in handle.fetch_history_events(wait_new_event=True):
                accepted = event.workflow_execution_update_accepted_event_attributes.accepted_request
                if accepted.input.name == "impose_restriction":
                    break
        await handle.cancel()
        if told_meanwhile:
            assert "restriction_imposed" in {event.type for event in (await told).events}
        with pytest.raises(WorkflowFailureError) as ended:
            async with asyncio.timeout(20):
                await handle.result()
        assert isinstance(ended.value.cause, CancelledError)
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await caught_up.result()
        assert cause(refused.value) == ("unavailable", "The case was cancelled meanwhile.")


class Lasting(Records):
    """Activities that take longer over what time brings than the workflow task below lasts."""

    begun = asyncio.Event()

    @activity.defn
    async def enforce_deadlines(self, passed: PassTime) -> Answer:
        self.begun.set()
        await asyncio.sleep(3)
        return await super().enforce_deadlines(passed)


async def test_a_cancel_that_meets_a_slow_store_ends_the_case_too(
    settings: Settings, temporal: Client, pool: Pool
) -> None:
    """It was taken for a store that is away, and the case went on; Temporal takes no second cancel."""
    async with working(temporal, settings, Lasting(pool, RING)):
        ref = reference()
        handle = await temporal.start_workflow(
            CaseWorkflow.run,
            referral(ref, known=datetime.now(UTC) - timedelta(days=500)),
            id=workflow_id(ref),
            task_queue=settings.task_queue,
            task_timeout=timedelta(seconds=2),  # a task that lasts longer is told of the cancel meanwhile
        )
        await Lasting.begun.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as ended:
            async with asyncio.timeout(20):
                await handle.result()
        assert isinstance(ended.value.cause, CancelledError)


async def test_a_fault_of_ours_after_an_outage_is_told_as_one_too(
    settings: Settings, temporal: Client, pool: Pool, stack: Stack, database_url: str
) -> None:
    async with working(temporal, settings, Broken(pool, RING)) as probity:
        ref = reference()
        await probity.refer(referral(ref))
        handle = temporal.get_workflow_handle_for(CaseWorkflow.run, workflow_id(ref))
        party = act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")
        async with away(stack, database_url):
            told = asyncio.create_task(probity.do(ref, "add_party", party))
            assert "the store is away" in await patient_activity(handle)
        with pytest.raises(Unavailable, match=r"The engine failed \(KeyError"):
            await told


class Failing(Records):
    """Activities with a fault of ours in what time brings."""

    @activity.defn
    async def enforce_deadlines(self, passed: PassTime) -> Answer:
        raise KeyError("a text that may be personal")


async def test_a_fault_of_ours_in_what_time_brings_waits_in_sight_and_whoever_acts_is_told(
    settings: Settings, temporal: Client, pool: Pool
) -> None:
    async with working(temporal, settings, Failing(pool, RING)) as probity:
        ref = reference()
        matter = referral(ref, known=datetime.now(UTC) - timedelta(days=500))  # a report is overdue
        handle = await temporal.start_workflow(
            CaseWorkflow.run, matter, id=workflow_id(ref), task_queue=settings.task_queue
        )
        assert "the engine fails on this, retrying until a release is there" in await patient_activity(handle)
        with pytest.raises(Unavailable, match=r"^The engine failed \(KeyError, enforce_deadlines:\d+\)\.$"):
            async with asyncio.timeout(20):
                await probity.do(ref, "impose_restriction", suspension(datetime.now(UTC)))
        assert "personal" not in str([event async for event in handle.fetch_history_events()])
        assert "personal" not in str(await handle.describe())
        await handle.terminate()


class FailingLater(Failing):
    """The same, first seen after an outage."""

    away = True

    @activity.defn
    async def enforce_deadlines(self, passed: PassTime) -> Answer:
        if self.away:
            raise Unavailable("Postgres is away.")
        return await super().enforce_deadlines(passed)


async def test_what_is_at_fault_after_an_outage_is_told_to_whoever_acts_too(
    settings: Settings, temporal: Client, pool: Pool
) -> None:
    """Whoever acted waited for a store that had long been back, and was told nothing."""
    failing = FailingLater(pool, RING)
    async with working(temporal, settings, failing) as probity:
        ref = reference()
        matter = referral(ref, known=datetime.now(UTC) - timedelta(days=500))
        handle = await temporal.start_workflow(
            CaseWorkflow.run, matter, id=workflow_id(ref), task_queue=settings.task_queue
        )
        assert "the store is away" in await patient_activity(handle)
        failing.away = False
        async with asyncio.timeout(30):
            async for event in handle.fetch_history_events(wait_new_event=True):
                if b"the engine fails on this" in event.user_metadata.summary.data:
                    break
        with pytest.raises(Unavailable, match=r"^The engine failed \(KeyError"):
            await probity.do(ref, "impose_restriction", suspension(datetime.now(UTC)))
        await handle.terminate()


@pytest.mark.parametrize("fails", [KeyError("x"), OutOfOrder("Something else comes first.")], ids=["fails", "refuses"])
async def test_what_was_answered_so_once_may_be_answered_otherwise_later(
    settings: Settings, temporal: Client, pool: Pool, fails: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporal keeps what a handler answered under its Update's id for as long as the run lasts."""
    broken = Broken(pool, RING)
    broken.fails = fails
    async with working(temporal, settings, broken) as probity:
        ref = reference()
        before = await probity.refer(referral(ref))
        party = act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")
        with pytest.raises((Unavailable, OutOfOrder)):
            await probity.do(ref, "add_party", party, command_id="again")
        assert broken.asked == (2 if isinstance(fails, KeyError) else 1)  # what was refused just now is not asked twice
        broken.fails = None
        monkeypatch.setattr(answers, "AGO", timedelta())
        told = await probity.do(ref, "add_party", party, command_id="again")
        assert {event.command_id for event in told.events} == {"again"} and told.version == before.version + 1
        assert await probity.do(ref, "add_party", party, command_id="again") == told


async def test_a_temporal_that_is_away_is_told_as_such_by_whatever_asks_it(settings: Settings) -> None:
    nobody = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{nobody.getsockname()[1]}"
    nobody.close()
    settings = replace(settings, temporal={"target_host": address})
    async with Probity.connect(settings) as probity:
        for ask in (probity.watch, probity.upgrade, probity.resume):
            with pytest.raises(
                Unavailable, match="Temporal cannot be reached; does it run where TEMPORAL_ADDRESS says"
            ):
                await ask()


class Behind(Records):
    """Activities over a store whose clock is far behind that of Temporal until it is put right."""

    right = False

    @activity.defn
    async def enforce_deadlines(self, passed: PassTime) -> Answer:
        until = passed.until if self.right else passed.until - timedelta(days=1000)
        return await super().enforce_deadlines(passed.model_copy(update={"until": until}))


async def test_a_case_whose_day_has_not_come_by_the_clock_of_the_store_waits_and_takes_acts(
    settings: Settings, temporal: Client, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case, "APART", timedelta(seconds=1))
    behind = Behind(pool, RING)
    async with working(temporal, settings, behind) as probity:
        ref, known = reference(), datetime.now(UTC) - timedelta(days=500)  # a report is overdue
        handle = await temporal.start_workflow(
            CaseWorkflow.run, referral(ref, known=known), id=workflow_id(ref), task_queue=settings.task_queue
        )
        async for event in handle.fetch_history_events(wait_new_event=True):
            if b"ahead of the database's" in event.user_metadata.summary.data:
                break
        told = await probity.do(ref, "add_party", act("clerk", known, party="P-1", kind="interested_person"))
        for update in ("catch_up", "look_again"):  # whoever waits for the case does not wait for the clocks
            assert await handle.execute_update(update, rpc_timeout=timedelta(seconds=20)) == told.version
        assert {"party_added", "duty_arose"} & {event.type for event in await probity.events(ref)} == {"party_added"}
        behind.right = True
        await handle.execute_update("look_again")
        assert "duty_arose" in {event.type for event in await probity.events(ref)}


SPOIL = """
GRANT UPDATE ON probity.text_key TO CURRENT_USER; SET session_replication_role = replica;
UPDATE probity.text_key SET wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1) WHERE stream = 'REF';
REVOKE UPDATE ON probity.text_key FROM CURRENT_USER;
"""


async def test_an_act_whose_text_cannot_be_sealed_or_opened_is_answered_and_holds_nothing_up(
    settings: Settings, owner_url: str
) -> None:
    """It will not pass by itself, so nobody waits for it, and the case enforces its deadlines and takes other acts."""
    async with at_work(settings) as probity:
        ref, now = reference(), datetime.now(UTC)
        opened = await probity.refer(referral(ref))
        owner = await asyncpg.connect(owner_url)
        await owner.execute(SPOIL.replace("REF", ref))
        await owner.close()
        with pytest.raises(Unavailable, match=r"cannot be opened \(damaged_key\)"):
            async with asyncio.timeout(20):
                await probity.do(ref, "impose_restriction", suspension(now))
        party = act("clerk", now, party="P-1", kind="interested_person")
        assert (await probity.do(ref, "add_party", party)).version == opened.version + 1


class Slow(Behind):
    """The same, two seconds behind, and right by the second time."""

    @activity.defn
    async def enforce_deadlines(self, passed: PassTime) -> Answer:
        answer = await super().enforce_deadlines(passed)
        self.right = True
        return answer.model_copy(update={"now": passed.now - timedelta(seconds=2)})


async def test_a_case_looks_again_as_soon_as_its_day_has_come_by_the_clock_of_the_store(
    settings: Settings, temporal: Client, pool: Pool
) -> None:
    async with working(temporal, settings, Slow(pool, RING)) as probity:
        ref, known = reference(), datetime.now(UTC) - timedelta(days=500)
        await probity.refer(referral(ref, known=known))
        async with asyncio.timeout(30):  # half of what it takes where nobody knows how far the clocks are apart
            while "duty_arose" not in {event.type for event in await probity.events(ref)}:
                await asyncio.sleep(0.1)


class Broken(Records):
    """Activities with a fault of ours in one command, or which refuse it, until they are mended."""

    fails: Exception | None = KeyError("a text that may be personal")
    asked = 0

    async def _act(self, seen: store.Seen, act: Act) -> store.Done:
        if act.command == "add_party":
            self.asked += 1
            if self.fails is not None:
                raise self.fails
        return await super()._act(seen, act)

    @activity.defn
    async def open_case(self, opening: OpenCase) -> Answer:
        if opening.referral["force"] == "nowhere":
            raise KeyError("a text that may be personal")
        return await super().open_case(opening)


async def test_a_fault_of_ours_fails_its_command_and_is_counted_and_the_case_goes_on(
    settings: Settings, pool: Pool
) -> None:
    buffer = MetricBuffer(10_000)
    temporal = await connect_temporal(settings, runtime=Runtime(telemetry=TelemetryConfig(metrics=buffer)))
    async with working(temporal, settings, Broken(pool, RING)) as probity:
        ref, now = reference(), datetime.now(UTC)
        before = await probity.refer(referral(ref))
        with pytest.raises(
            Unavailable, match=r"The engine failed \(KeyError, _act:\d+ .*nothing was recorded"
        ) as failed:
            await probity.do(ref, "add_party", act("clerk", now, party="P-1", kind="interested_person"))
        assert "personal" not in str(failed.value)
        with pytest.raises(Unavailable, match=r"The engine failed \(KeyError, open_case:\d+\); nothing was recorded"):
            await probity.refer({**referral(reference()), "force": "nowhere"})
        after = await probity.do(ref, "impose_restriction", suspension(now))
        assert after.events[0].version == before.version + 1
    counted = [each.value for each in buffer.retrieve_updates() if each.metric.name == "probity_faults"]
    assert counted == [1, 1, 1]  # the act, the same asked again, the referral


async def test_the_gauges_and_the_log_tell_that_the_database_or_temporal_is_away(
    pool: Pool, stack: Stack, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    buffer, answers = MetricBuffer(1_000), [True]
    meter = Runtime(telemetry=TelemetryConfig(metrics=buffer)).metric_meter

    async def temporal() -> bool:
        if not answers[0]:
            raise RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b"")
        return True

    async def told(name: str, wanted: int) -> None:
        while wanted not in [each.value for each in buffer.retrieve_updates() if each.metric.name == name]:
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(gauges.watch(pool, meter, temporal, every=0.05))
    async with asyncio.timeout(60):
        await told("probity_store_up", 1)
        async with away(stack, database_url):
            await told("probity_store_up", 0)
            await told("probity_temporal_up", 1)
        await told("probity_store_up", 1)
        answers[0] = False
        await told("probity_temporal_up", 0)
        await told("probity_store_up", 1)
        answers[0] = True
        await told("probity_temporal_up", 1)
        await told("probity_temporal_up", 1)  # the log has it when the next look is told
    watching.cancel()
    told_in_order = dict.fromkeys(
        " ".join(each.getMessage().split()[:3]) for each in caplog.records if each.name == gauges.__name__
    )
    assert list(told_in_order) == [
        "Postgres is away:",
        "Postgres answers again:",
        "Temporal is away:",
        "Temporal answers again:",
    ]
    assert all("docs/run.md" in each.getMessage() for each in caplog.records if "is away" in each.getMessage())


@asynccontextmanager
async def read_only(stack: Stack, database_url: str) -> AsyncIterator[None]:
    """As on a replica after a failover: whoever was connected is not, and whoever connects anew can only read."""
    name = urlsplit(database_url).path.removeprefix("/")
    gone = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1"
    server = await asyncpg.connect(stack.database_url)
    try:
        await server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await server.execute(gone, name)
        yield
    finally:
        await server.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await server.execute(gone, name)
        await server.close()


async def test_a_database_that_can_only_be_read_is_told_as_one_that_is_away(
    settings: Settings, temporal: Client, pool: Pool, stack: Stack, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Every act waited, and whoever was asked said that all was well, so that nobody was called."""
    buffer = MetricBuffer(1_000)
    runtime = cast(
        "Runtime", SimpleNamespace(metric_meter=Runtime(telemetry=TelemetryConfig(metrics=buffer)).metric_meter)
    )
    polling = cast("Worker", SimpleNamespace(is_running=True, is_shutdown=False, client=temporal))
    settings = replace(settings, health_address="127.0.0.1:0")

    def told() -> dict[str, float]:
        return {each.metric.name: each.value for each in buffer.retrieve_updates()}

    async with Probity.connect(settings) as probity, AsyncClient() as http:
        async with worker.watched(settings, polling, runtime, pool) as at:
            assert await probity.postgres_answers() and (await http.get(f"{at}/ready")).status_code == 200
            async with read_only(stack, database_url):
                ready = await http.get(f"{at}/ready")
                assert (ready.status_code, ready.json()["postgres"]) == (503, False)
                with pytest.raises(Unavailable, match="takes no writes"):
                    await probity.postgres_answers()
        told()
        async with (
            read_only(stack, database_url),
            worker.watched(settings, polling, runtime, pool),
            asyncio.timeout(60),
        ):
            while not any("takes no writes" in each.getMessage() for each in caplog.records):
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.1)
            gauges = told()
            assert gauges["probity_store_up"] == 0 and "probity_open_cases" in gauges
        assert await probity.postgres_answers()


async def test_a_worker_ends_when_its_bell_or_its_gauges_do(
    settings: Settings, temporal: Client, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ValueError

    with monkeypatch.context() as broken, pytest.raises(Unavailable, match="The bell ended"):
        broken.setattr(Bell, "watch", fail)
        async with asyncio.timeout(20), delivering(settings, temporal, RING):
            await asyncio.sleep(60)
    monkeypatch.setattr(worker, "watch", fail)
    polling, runtime = cast("Worker", None), cast("Runtime", SimpleNamespace(metric_meter=None))
    with pytest.raises(Unavailable, match="The gauges ended"):
        async with asyncio.timeout(20), worker.watched(settings, polling, runtime, pool):
            await asyncio.sleep(60)
