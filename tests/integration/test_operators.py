"""Mistakes of operators in the Temporal UI and on its command line: none loses, doubles or strands anything."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import (
    PauseWorkflowExecutionRequest,
    ResetWorkflowExecutionRequest,
    UnpauseWorkflowExecutionRequest,
)
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowQueryFailedError
from temporalio.client import WorkflowUpdateFailedError as UpdateFailed
from temporalio.worker import Replayer

from activities import store
from deploy import embedded, register
from domain import working_days
from domain.errors import Unavailable
from integration import client
from integration.client import Probity, connect_temporal
from integration.observability.runtime import address, measured
from integration.plugin import probity_plugin
from integration.settings import Settings
from tests.engine import act, assessment, reference, referral, running, suspension
from tests.integration.test_observability import fetched
from tests.midnight import BEFORE, OWED, move_midnight
from worker import engine
from workflows.case import workflow_id

TASK_COMPLETED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


@pytest.fixture(scope="module")
async def settings(database_url: str) -> AsyncIterator[Settings]:
    """A Temporal of this module's own, on which a workflow can be paused."""
    async with embedded.stack(None, dynamic_config=("frontend.WorkflowPauseEnabled=true",), ui=False) as stack:
        yield running(stack, database_url)


@pytest.fixture(scope="module")
def metrics() -> tuple[str, int]:
    """Where the metrics of this module's worker are told."""
    return address("127.0.0.1:0")


@pytest.fixture(scope="module")
async def temporal(settings: Settings, metrics: tuple[str, int]) -> Client:
    temporal = await connect_temporal(settings, runtime=measured(*metrics))
    await register.register(temporal)
    return temporal


@pytest.fixture(scope="module")
async def probity(settings: Settings, temporal: Client) -> AsyncIterator[Probity]:
    pool = await store.open_pool(settings.database_url)
    try:
        async with engine(settings, temporal, pool), Probity.connect(settings) as probity:
            yield probity
    finally:
        await pool.close()


async def opened(probity: Probity, at: datetime | None = None) -> str:
    ref = reference()
    await probity.refer(referral(ref, known=at))
    return ref


def party(name: str) -> dict[str, Any]:
    return act("clerk", datetime.now(UTC), party=name, kind="interested_person")


async def still_right(probity: Probity, handle: WorkflowHandle[Any, Any], version: int) -> None:
    """The record is as long as it was, and whole, and its workflow knows it all."""
    ref = handle.id.removeprefix(workflow_id(""))
    assert (await state(handle))["version"] == (await probity.case(ref)).version == version
    assert await probity.verify(ref) == []


async def state(handle: WorkflowHandle[Any, Any]) -> Any:
    """The case as its workflow knows it: it may go on in a fresh run between the two, which has to open it first."""
    async with asyncio.timeout(60):
        while True:
            await handle.execute_update("catch_up", rpc_timeout=timedelta(seconds=30))
            try:
                return await handle.query("state")
            except WorkflowQueryFailedError as early:
                assert str(early).startswith("unavailable: This run has not read its case")


async def test_a_case_may_be_reset_to_any_point(probity: Probity, temporal: Client) -> None:
    """Temporal gives the Updates after that point again: the store answers them with what it holds."""
    ref = await opened(probity)
    handle = temporal.get_workflow_handle(workflow_id(ref))
    body = suspension(datetime.now(UTC))
    told = await probity.do(ref, "impose_restriction", body, command_id="k-1")
    for name in ("P-1", "P-2"):
        await probity.do(ref, "add_party", party(name))
    version, first_run = (await probity.case(ref)).version, (await handle.describe()).run_id
    history = await temporal.get_workflow_handle(handle.id, run_id=first_run).fetch_history()
    points = [event.event_id for event in history.events if event.event_type == TASK_COMPLETED]
    assert len(points) >= 4
    for point in points:
        await reset(temporal, handle.id, first_run, point)
        await still_right(probity, handle, version)
        assert await probity.do(ref, "impose_restriction", body, command_id="k-1") == told
    await probity.do(ref, "add_party", party("P-3"))
    await still_right(probity, handle, version + 1)


async def reset(temporal: Client, case: str, run: str, point: int) -> None:
    execution = WorkflowExecution(workflow_id=case, run_id=run)
    request = ResetWorkflowExecutionRequest(
        namespace=temporal.namespace,
        workflow_execution=execution,
        reason="a mistake",
        workflow_task_finish_event_id=point,
        request_id=str(uuid4()),
    )
    await temporal.workflow_service.reset_workflow_execution(request)


async def test_a_closed_case_that_is_reset_ends_as_it_had(probity: Probity, temporal: Client) -> None:
    ref = await opened(probity)
    handle = temporal.get_workflow_handle(workflow_id(ref))
    at = datetime.now(UTC)
    for officer in "AB":
        await probity.do(ref, "record_departure", act("clerk", at, officer=officer, departure="died"))
    await probity.do(ref, "close_case", act("appropriate_authority", at))
    ended, version = await handle.result(), (await probity.case(ref)).version
    first_run = (await handle.describe()).run_id
    history = await handle.fetch_history()
    points = [event.event_id for event in history.events if event.event_type == TASK_COMPLETED]
    for point in (points[0], points[-1]):
        await reset(temporal, handle.id, first_run, point)
        assert await temporal.get_workflow_handle(handle.id).result() == ended
        assert (await probity.case(ref)).version == version
        assert await probity.verify(ref) == []


async def test_a_case_that_was_terminated_goes_on_when_it_is_resumed(probity: Probity, temporal: Client) -> None:
    ref = await opened(probity)
    handle = temporal.get_workflow_handle(workflow_id(ref))
    body = suspension(datetime.now(UTC))
    told = await probity.do(ref, "impose_restriction", body, command_id="k-1")
    await handle.terminate()
    assert await probity.do(ref, "impose_restriction", body, command_id="k-1") == told
    with pytest.raises(Unavailable, match=f"probity resume {ref}"):
        await probity.do(ref, "add_party", party("P-1"))
    assert await probity.resume(ref) == ([ref], [])
    await probity.do(ref, "add_party", party("P-1"))
    assert await probity.do(ref, "impose_restriction", body, command_id="k-1") == told
    await still_right(probity, handle, told.version + 1)


async def test_a_cancelled_case_is_not_ended_by_it(probity: Probity, temporal: Client) -> None:
    ref = await opened(probity)
    handle = temporal.get_workflow_handle(workflow_id(ref))
    version = (await probity.case(ref)).version
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert (await probity.case(ref)).closed_at is None
    async with asyncio.timeout(30):  # the list of workflows lags behind; the next look finds what one has missed
        while ref not in (await probity.watch(repair=True)).stranded.first:
            await asyncio.sleep(0.25)
    await still_right(probity, handle, version)


async def test_a_deadline_of_a_paused_case_is_enforced_when_it_is_unpaused(
    probity: Probity, temporal: Client, metrics: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_days, "LONDON", working_days.LONDON)  # put back at the end
    monkeypatch.setattr(client, "PATIENCE", timedelta(seconds=10))
    now = datetime.now(UTC)
    move_midnight(now.date(), now.replace(microsecond=0) + timedelta(hours=6))
    ref = await opened(probity, now - BEFORE)
    midnight = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=10)
    move_midnight(now.date(), midnight)
    await probity.do(ref, "assess_referral", assessment(now - BEFORE))
    names = {"namespace": temporal.namespace, "workflow_id": workflow_id(ref)}
    await temporal.workflow_service.pause_workflow_execution(PauseWorkflowExecutionRequest(**names))
    with pytest.raises(Unavailable):
        await probity.do(ref, "add_party", party("P-1"))
    await asyncio.sleep(max(0.0, (midnight - datetime.now(UTC)).total_seconds()) + 2)
    assert not (await probity.case(ref)).deadlines[OWED].overdue
    before = await lateness(*metrics)
    await temporal.workflow_service.unpause_workflow_execution(UnpauseWorkflowExecutionRequest(**names))
    async with asyncio.timeout(30):
        while not (await probity.case(ref)).deadlines[OWED].overdue:
            await asyncio.sleep(0.2)
    missed = [each for each in await probity.events(ref) if each.type == "deadline_missed"]
    assert [each.occurred_at for each in missed if each.data["deadline"] == OWED] == [midnight]
    assert await lateness(*metrics) - before >= 2, "so late it was, and is told so"


async def lateness(host: str, port: int) -> float:
    """The seconds by which deadlines were enforced late, of all together."""
    told = (await fetched(f"http://{host}:{port}/metrics"))[1]
    return sum(map(float, re.findall(r"^probity_deadline_lateness_seconds_sum\S* (\S+)$", told, re.MULTILINE)))


async def test_messages_of_unknown_names_change_nothing(probity: Probity, temporal: Client) -> None:
    ref = await opened(probity)
    handle = temporal.get_workflow_handle(workflow_id(ref))
    version = (await probity.case(ref)).version
    await handle.signal("hurry_up", {"please": True})
    with pytest.raises(UpdateFailed):
        await handle.execute_update("promote_officer", {"officer": "A"})
    with pytest.raises(WorkflowQueryFailedError):
        await handle.query("gossip")
    await still_right(probity, handle, version)
    await probity.do(ref, "add_party", party("P-1"))
    await still_right(probity, handle, version + 1)
    await Replayer(workflows=[], plugins=[probity_plugin()]).replay_workflow(await handle.fetch_history())
