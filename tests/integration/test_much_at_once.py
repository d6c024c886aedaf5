"""Acts that give much text: Temporal takes 2 MiB at once, and terminates a workflow whose task gives more than 4."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pydantic_core import to_json
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateStage

from activities.record import Act, Answer, OpenCase, Records
from deploy.embedded import Stack
from integration.client import Probity
from integration.settings import Settings
from tests.engine import act, at_work, away, reference, referral, suspension
from tests.integration.test_operators import TASK_COMPLETED, reset, still_right
from workflows.case import workflow_id

TOLD = "record_restriction_representations"
TEMPORAL_TAKES = 2 * 1024 * 1024
EVERY = [f"A{n}" for n in range(40)]


def statement(length: int) -> dict[str, Any]:
    return act("clerk", datetime.now(UTC), officers=EVERY, statement="x" * length)


def opening(ref: str) -> dict[str, Any]:
    """A referral of forty officers."""
    allegation = {"allegation": "1", "summary": "Said.", "officers": EVERY}
    officers = [{"officer": each, "person": f"p-{each}"} for each in EVERY]
    return referral(ref) | {"officers": officers, "allegations": [allegation]}


def suspending() -> dict[str, Any]:
    one = suspension(datetime.now(UTC))
    del one["officer"]
    return {**one, "officers": EVERY}


async def suspended(probity: Probity, temporal: Client) -> WorkflowHandle[Any, Any]:
    """A case whose forty officers are suspended."""
    ref = reference()
    await probity.refer(opening(ref))
    await probity.do(ref, "impose_restriction", suspending())
    return temporal.get_workflow_handle(workflow_id(ref))


async def test_the_most_that_an_act_may_give_has_room(records: Records) -> None:
    """The store had recorded it, and what it answered failed the workflow tasks of the case."""
    ref, now = reference(), datetime.now(UTC)
    opened = await records.open_case(OpenCase(referral=opening(ref), command_id="open", now=now))

    async def given(command: str, body: dict[str, Any], known: int) -> Answer:
        name = f"{command}-{uuid4()}"
        return await records.record(Act(stream=ref, command_id=name, command=command, body=body, known=known, now=now))

    last = await given("impose_restriction", suspending(), opened.version)
    taken, refused = 1_000, 20_000
    while refused - taken > 1:
        length = (taken + refused) // 2
        answer = await given(TOLD, statement(length), last.version)
        if answer.refusal is None:
            last, taken = answer, length
        else:
            assert "at once" in answer.refusal.sentence
            refused = length
    assert 10_000 < taken and len(to_json(last)) < TEMPORAL_TAKES


async def test_acts_that_wait_for_the_store_together_are_all_answered(
    settings: Settings, temporal: Client, stack: Stack, database_url: str
) -> None:
    """They were answered in one workflow task, and Temporal terminated the case."""
    async with at_work(settings) as probity:
        case = await suspended(probity, temporal)
        async with away(stack, database_url):
            given = [
                await case.start_update(TOLD, statement(length), wait_for_stage=WorkflowUpdateStage.ACCEPTED)
                for length in range(12_000, 12_004)
            ]
        assert all([await each.result() for each in given])
        await still_right(probity, case, (await probity.case(case.id.removeprefix(workflow_id("")))).version)


async def test_a_case_that_has_given_much_may_be_reset(settings: Settings, temporal: Client) -> None:
    """Temporal gives it every act again, and the store told it all that had happened since."""
    async with at_work(settings) as probity:
        case = await suspended(probity, temporal)
        run = (await case.describe()).run_id
        for _ in range(4):
            given = await probity.do(case.id.removeprefix(workflow_id("")), TOLD, statement(12_000))
        history = await temporal.get_workflow_handle(case.id, run_id=run).fetch_history()
        points = [event.event_id for event in history.events if event.event_type == TASK_COMPLETED]
        for point in (points[0], points[-1]):
            await reset(temporal, case.id, run, point)
            await still_right(probity, temporal.get_workflow_handle(case.id), given.version)
