"""An act upon a running case that cannot be read: one waits until it can be, whoever comes after is told at once."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateStage
from temporalio.exceptions import ApplicationError

from domain.errors import Unreadable
from integration.client import Probity
from integration.settings import Settings
from tests.engine import act, assessment, patient_activity, reference, referral, suspension, unreadable
from workflows.case import CaseWorkflow, workflow_id

TYPE = "SELECT type FROM probity.event WHERE stream = $1 AND version = 2"
MEND = "UPDATE probity.event SET type = $2 WHERE stream = $1 AND version = 2"


@pytest.mark.parametrize("cold", [False, True], ids=["it ran before", "it starts"])
async def test_who_tells_temporal_itself_waits_once_and_is_then_told_by_code(
    cold: bool, probity: Probity, settings: Settings, owner_url: str
) -> None:
    ref, now = reference(), datetime.now(UTC)
    opened = await probity.refer(referral(ref))
    temporal = await Client.connect(**settings.temporal)  # as anybody has one
    case = temporal.get_workflow_handle_for(CaseWorkflow.run, workflow_id(ref))
    owner = await asyncpg.connect(owner_url)
    await owner.execute("SET session_replication_role = replica")
    kept = await owner.fetchval(TYPE, ref)
    if cold:
        await case.terminate()
    await unreadable(owner_url, ref)
    try:
        if cold:
            await temporal.start_workflow("Case", id=workflow_id(ref), task_queue=settings.task_queue)
            first = None
        else:
            first = await case.start_update(
                "assess_referral", assessment(now), id="first", wait_for_stage=WorkflowUpdateStage.ACCEPTED
            )
        assert "the case cannot be read, retrying until it can" in await patient_activity(case)
        sentence = f"Event 2 of case {ref} is of a type that this release does not know."
        body = act("clerk", now, party="P9", kind="complainant")
        for _ in range(2):
            with pytest.raises(WorkflowUpdateFailedError) as told:
                async with asyncio.timeout(30):
                    await case.execute_update("add_party", body, id="second")
            cause = told.value.cause
            assert isinstance(cause, ApplicationError) and (cause.type, cause.message) == ("unreadable", sentence)
            assert cause.details[0]["code"] == "unreadable" and cause.non_retryable
        with pytest.raises(Unreadable, match="does not know"):
            await probity.do(ref, "impose_restriction", suspension(now))
        version = await owner.fetchval("SELECT version FROM probity.stream WHERE stream = $1", ref)
        assert version == opened.version  # nothing was recorded
    finally:
        await owner.execute(MEND, ref, kept)
        await owner.close()
    async with asyncio.timeout(60):
        if first is not None:
            await first.result()
        await case.execute_update("catch_up")
        await case.execute_update("add_party", body, id="second")  # as it was sent
    types = [event.type for event in await probity.events(ref)]
    assert types.count("party_added") == 1 and types.count("referral_assessed") == (0 if cold else 1)
    assert await probity.verify(ref) == []
