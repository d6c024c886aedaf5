"""The watch finds what Temporal lost, forgot or missed, and mends it without harm to what runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.workflowservice.v1 import (
    ListWorkflowExecutionsRequest,
    PauseWorkflowExecutionRequest,
    UnpauseWorkflowExecutionRequest,
)
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, WorkflowFailureError
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from temporalio.testing import ActivityEnvironment

from activities.record import Act, Records
from activities.store import Pool
from deploy import embedded, register, schedules
from domain.errors import UnknownCase
from integration import watch
from integration.client import Probity
from integration.settings import Settings
from integration.views import views
from integration.watch import Watch
from tests.engine import RING, act, reference, referral, running, suspension, unreadable
from worker import engine
from workflows.case import workflow_id
from workflows.watch import Look, WatchReport, WatchWorkflow

REVIEW = "suspension_review_first/A"
STARTED = ScheduleActionExecutionStartWorkflow


@pytest.fixture(scope="module")
async def settings(database_url: str) -> AsyncIterator[Settings]:
    """A Temporal of this module's own, so that its list of workflows is of these cases only."""
    config = (embedded.TIME_SKIPPING, "frontend.WorkflowPauseEnabled=true")
    async with embedded.stack(None, dynamic_config=config, ui=False) as stack:
        yield running(stack, database_url)


@pytest.fixture(scope="module")
async def probity(settings: Settings, temporal: Client, pool: Pool) -> AsyncIterator[Probity]:
    async with engine(settings, temporal, pool), Probity.connect(settings) as client:
        yield client


async def opened(probity: Probity, clock: str = "live") -> str:
    ref = reference()
    await probity.refer(referral(ref, clock))
    return ref


async def quiet(probity: Probity) -> WatchReport:
    """The report once the list of workflows has caught up with them."""
    for _ in range(40):
        report = await probity.watch()
        if report.well and report.open == report.running:
            return report
        await asyncio.sleep(0.25)
    return report


async def until(probity: Probity, seen: Callable[[WatchReport], bool]) -> WatchReport:
    """The first report in which that is to be seen: the list of workflows lags behind, and the next look sees it."""
    async with asyncio.timeout(30):
        while not seen(report := await probity.watch()):
            await asyncio.sleep(0.25)
    return report


async def test_the_watch_finds_nothing_where_all_is_well(probity: Probity) -> None:
    await opened(probity)
    report = await quiet(probity)
    assert report.well, report.tell()
    assert report.open >= 1
    assert report.numbers()["stranded"] == 0
    assert "Every open case is run" in report.tell()


async def test_a_case_that_nothing_runs_is_found_and_started(probity: Probity, temporal: Client) -> None:
    ref = await opened(probity)
    await temporal.get_workflow_handle(workflow_id(ref)).terminate()
    found = await until(probity, lambda report: report.stranded.count == 1)
    assert (found.stranded.first, found.started, found.well) == ((ref,), 0, False)
    assert ref in found.tell()
    mended = await probity.watch(repair=True)
    assert (mended.stranded.first, mended.started) == ((ref,), 1)
    await probity.do(ref, "add_party", act("clerk", datetime.now(UTC), party="P-1", kind="interested_person"))
    assert (await quiet(probity)).well


async def test_a_workflow_behind_its_record_is_found_and_woken(probity: Probity, temporal: Client, pool: Pool) -> None:
    ref = await opened(probity)
    await quiet(probity)
    case, now = await probity.case(ref), datetime.now(UTC)
    body = suspension(now)
    # Past the workflow, as by a worker whose answer was lost for good, or a reset to a moment before.
    past = Act(stream=ref, command_id="x", command="impose_restriction", body=body, known=case.version, now=now)
    await Records(pool, RING).record(past)
    handle = temporal.get_workflow_handle(workflow_id(ref))
    found = await until(probity, lambda report: report.behind.count == 1)
    assert found.behind.first == (ref,)
    assert (await probity.watch(repair=True)).woken == 1
    assert (await handle.query("state"))["version"] == (await probity.case(ref)).version
    assert REVIEW in await handle.query("deadlines")
    assert (await quiet(probity)).well


async def test_a_case_is_asked_what_it_knows_while_its_record_moves_and_where_every_one_is(
    probity: Probity, temporal: Client, pool: Pool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, asked = await opened(probity), list[str]()

    async def ask(_: Watch, case: watch._Open) -> bool:
        asked.append(case.reference)
        return False

    monkeypatch.setattr(Watch, "_is_behind", ask)
    looking = Watch(pool, temporal, settings.task_queue)

    async def looked(*, every: bool = False) -> bool:
        asked.clear()
        await looking.look(Look(repair=False, every=every))
        return ref in asked

    async with asyncio.timeout(30):
        while not await looked():
            pass
    monkeypatch.setattr(watch, "RECENT", timedelta(0))
    async with asyncio.timeout(30):  # until the list of workflows shows what it publishes
        while await looked():
            await asyncio.sleep(0.25)
    assert await looked(every=True)


async def test_a_fault_of_ours_over_one_case_keeps_the_watch_from_no_other(
    probity: Probity,
    temporal: Client,
    pool: Pool,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, whole = await opened(probity), await opened(probity)
    await quiet(probity)

    async def ask(_: Watch, case: watch._Open) -> bool:
        if case.reference == broken:
            raise KeyError("a text that may be personal")
        return case.reference == whole

    monkeypatch.setattr(Watch, "_is_behind", ask)
    report = await Watch(pool, temporal, settings.task_queue).look(Look(repair=False, every=True))
    assert (report.silent.first, report.behind.first, report.well) == ((broken,), (whole,), False)
    assert "could not be looked at: KeyError" in caplog.text and "personal" not in caplog.text


async def test_that_no_worker_polls_is_said_once_and_all_is_not_well(
    probity: Probity, temporal: Client, pool: Pool
) -> None:
    await opened(probity)
    report = await Watch(pool, temporal, "of-nobody").look(Look(repair=False, every=True))
    assert (report.well, report.silent.count) == (False, 0)
    assert "No worker polls" in report.tell()


async def test_what_the_watch_found_is_told_as_metrics(
    probity: Probity, temporal: Client, pool: Pool, settings: Settings
) -> None:
    ref, buffer = await opened(probity), MetricBuffer(1_000)
    await temporal.get_workflow_handle(workflow_id(ref)).terminate()
    await until(probity, lambda report: report.stranded.count == 1)
    surroundings = ActivityEnvironment()
    surroundings.metric_meter = Runtime(telemetry=TelemetryConfig(metrics=buffer)).metric_meter
    report = await surroundings.run(Watch(pool, temporal, settings.task_queue).look, Look())
    told = {each.metric.name: each.value for each in buffer.retrieve_updates()}
    assert (told["probity_watch_stranded"], told["probity_watch_started"], told["probity_watch_late"]) == (1, 1, 0)
    assert told["probity_watch_timestamp_seconds"] == pytest.approx(report.at.timestamp())


async def test_a_limit_that_ended_unenforced_is_found_without_any_timer(
    probity: Probity, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = await opened(probity)
    last = max(each.due for each in (await probity.case(ref)).deadlines.values() if each.due)
    assert (await probity.watch()).late.count == 0
    monkeypatch.setattr(watch, "london_date", lambda _: last)
    assert ref not in (await probity.watch()).late.first
    monkeypatch.setattr(watch, "london_date", lambda _: last + timedelta(days=1))
    found = await probity.watch(repair=True)
    assert ref in found.late.first
    assert found.woken >= found.late.count


async def test_the_watch_leaves_a_paused_case_alone(
    probity: Probity, temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = await opened(probity)
    names = {"namespace": temporal.namespace, "workflow_id": workflow_id(ref)}
    await temporal.workflow_service.pause_workflow_execution(PauseWorkflowExecutionRequest(**names))
    for _ in range(40):
        if (found := await probity.watch(repair=True)).paused.count:
            break
        await asyncio.sleep(0.25)
    assert (found.paused.first, found.started, found.well) == ((ref,), 0, True)
    shown = {view: await listed(temporal, view) for view in ("paused", "new")}
    assert shown["paused"] == [workflow_id(ref)] and workflow_id(ref) in shown["new"]
    assert await probity.resume(ref) == ([], [])
    last = max(each.due for each in (await probity.case(ref)).deadlines.values() if each.due)
    with monkeypatch.context() as later:
        later.setattr(watch, "london_date", lambda _: last + timedelta(days=1))
        found = await probity.watch()
    assert ref in found.late.first and ref in found.paused.first and not found.well
    await temporal.workflow_service.unpause_workflow_execution(UnpauseWorkflowExecutionRequest(**names))
    await probity.do(ref, "add_party", act("clerk", datetime.now(UTC), party="P-1", kind="interested_person"))
    assert (await quiet(probity)).paused.count == 0


async def test_a_case_that_cannot_be_read_is_named_before_anything_falls_due(probity: Probity, owner_url: str) -> None:
    ref = await opened(probity)
    await quiet(probity)
    kept = await unreadable(owner_url, ref)
    try:
        found = await probity.watch()
    finally:
        await unreadable(owner_url, ref, to=kept)  # not any more
    assert (found.silent.first, found.well) == ((ref,), False)
    assert (await probity.watch()).well


async def test_another_workflow_under_the_id_of_a_case_does_not_pass_for_it(probity: Probity, temporal: Client) -> None:
    ref = await opened(probity)
    await temporal.get_workflow_handle(workflow_id(ref)).terminate()
    other = await temporal.start_workflow("Other", id=workflow_id(ref), task_queue="of-nobody")
    for _ in range(40):  # the list of workflows lags behind
        if (found := await probity.watch(repair=True)).silent.count:
            break
        await asyncio.sleep(0.25)
    assert (found.silent.first, found.started, found.well) == ((ref,), 0, False)
    assert await probity.resume(ref) == ([], [ref])
    await other.terminate()
    assert await probity.resume(ref) == ([ref], [])


async def listed(temporal: Client, view: str) -> list[str]:
    query = views(datetime.now(UTC))[view].query
    ask = ListWorkflowExecutionsRequest(namespace=temporal.namespace, query=query)
    shown = await temporal.workflow_service.list_workflow_executions(ask)
    return [each.execution.workflow_id for each in shown.executions]


async def test_a_schedule_runs_the_watch(probity: Probity, temporal: Client, settings: Settings) -> None:
    ref = await opened(probity)
    await temporal.get_workflow_handle(workflow_id(ref)).terminate()
    await until(probity, lambda report: report.stranded.count == 1)
    for _ in range(2):  # as at every start
        await schedules.watch(temporal, settings.task_queue)
    schedule = temporal.get_schedule_handle(schedules.WATCH_SCHEDULE)
    await schedule.trigger()
    for _ in range(80):
        if actions := (await schedule.describe()).info.recent_actions:
            break
        await asyncio.sleep(0.25)
    begun = actions[0].action
    assert isinstance(begun, ScheduleActionExecutionStartWorkflow)
    run = temporal.get_workflow_handle_for(WatchWorkflow.run, begun.workflow_id)
    report = await run.result()
    assert (report.stranded.first, report.started) == ((ref,), 1)
    await schedule.delete()


async def test_a_look_that_nobody_ends_does_not_hold_back_the_next(
    temporal: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One was under way when the last worker of its version ended: it stayed open, and every look after was skipped."""
    monkeypatch.setattr(schedules, "LONGEST", timedelta(seconds=1))
    await schedules.watch(temporal, f"{settings.task_queue}-gone")
    schedule = temporal.get_schedule_handle(schedules.WATCH_SCHEDULE)
    begun: set[str] = set()
    async with asyncio.timeout(20):
        while len(begun) < 2:
            await schedule.trigger()
            await asyncio.sleep(0.25)
            actions = [each.action for each in (await schedule.describe()).info.recent_actions]
            begun = {each.first_execution_run_id for each in actions if isinstance(each, STARTED)}
    await schedule.delete()


async def test_who_registers_is_told_that_an_operator_has_paused_the_watch(
    temporal: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It said that the watch looks over all cases, which the alert of a watch that does not had sent people to see."""
    monkeypatch.setattr(Settings, "from_environment", lambda: settings)
    await register.main()
    assert "the watch looks over all cases every ten minutes" in capsys.readouterr().out
    schedule = temporal.get_schedule_handle(schedules.WATCH_SCHEDULE)
    await schedule.pause()
    await register.main()
    assert "the watch is PAUSED" in (told := capsys.readouterr().out) and "--schedule-id watch --unpause" in told
    assert (await schedule.describe()).schedule.state.paused
    await schedule.delete()


async def test_resume_is_safe_to_repeat_and_beside_cases_that_run(probity: Probity, temporal: Client) -> None:
    ref, other = await opened(probity), await opened(probity)
    await temporal.get_workflow_handle(workflow_id(ref)).cancel()
    with pytest.raises(WorkflowFailureError):
        await temporal.get_workflow_handle(workflow_id(ref)).result()
    both = await asyncio.gather(probity.resume(ref, other), probity.resume(ref, other))
    assert sorted(started for started, _ in both) == [[], [ref]]
    assert await probity.resume() == ([], [])
    with pytest.raises(UnknownCase):
        await probity.resume("T-NOBODY")


async def test_a_closed_case_is_not_resumed_and_a_reopened_one_is(probity: Probity, temporal: Client) -> None:
    ref = await opened(probity)
    handle, at = temporal.get_workflow_handle(workflow_id(ref)), datetime.now(UTC)
    for officer in ("A", "B"):
        await probity.do(ref, "record_departure", act("clerk", at, officer=officer, departure="died"))
    await probity.do(ref, "close_case", act("appropriate_authority", at))
    await handle.result()
    assert await probity.resume(ref) == ([], [])
    again = act("appropriate_authority", datetime.now(UTC), reasons="A witness came forward")
    await probity.do(ref, "reopen_case", again)
    await handle.terminate()
    assert await probity.resume(ref) == ([ref], [])
    await handle.execute_update("catch_up")
    assert (await handle.query("state"))["closed"] is False


@pytest.mark.parametrize("cut", [False, True], ids=["at once", "after it was cut off"])
async def test_a_rehearsed_case_resumes_on_its_own_clock(
    cut: bool, probity: Probity, temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise TimeoutError

    ref = await opened(probity, "rehearsed")
    await probity.skip(ref, datetime.now(UTC) + timedelta(days=400))
    await probity.do(ref, "impose_restriction", suspension(await probity.now(ref)))
    last = (await probity.events(ref))[-1].recorded_at
    await temporal.get_workflow_handle(workflow_id(ref)).terminate()
    if cut:
        with monkeypatch.context() as off:
            off.setattr(watch, "skip_to", away)
            assert await probity.resume(ref) == ([], [ref])
    assert await probity.resume(ref) == ([] if cut else [ref], [])
    assert await probity.now(ref) >= last
    due = (await probity.case(ref)).deadlines[REVIEW].due_at
    await probity.skip(ref, due + timedelta(hours=1))
    missed = [event for event in await probity.events(ref) if event.type == "deadline_missed"]
    assert (await probity.case(ref)).deadlines[REVIEW].overdue
    assert [event.occurred_at for event in missed].count(due) == 1
