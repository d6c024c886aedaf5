"""A case whose history has grown long goes on in a fresh one, and a command sent again is still answered."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from activities.proof import whole
from activities.store import Connection, Pool
from deploy import embedded
from domain.errors import AlreadyDone
from integration.settings import Settings
from tests.engine import act, at_work, reference, referral, running, suspension
from tests.integration.test_operators import TASK_COMPLETED, reset, still_right
from workflows.case import workflow_id

SHORT = "limit.historyCount.suggestContinueAsNew=40"


@pytest.fixture(scope="module")
async def settings(database_url: str) -> AsyncIterator[Settings]:
    """A Temporal of this module's own, which suggests to continue as new early."""
    async with embedded.stack(None, dynamic_config=(embedded.TIME_SKIPPING, SHORT), ui=False) as stack:
        yield running(stack, database_url)


async def test_a_long_history_continues_as_new(settings: Settings, temporal: Client, pool: Pool) -> None:
    async with at_work(settings) as probity:
        ref = reference()
        await probity.refer(referral(ref))
        handle = temporal.get_workflow_handle(workflow_id(ref))
        first = (await handle.describe()).run_id
        body = suspension(datetime.now(UTC))
        told = await probity.do(ref, "impose_restriction", body, command_id="k-1")
        for n in range(20):
            party = act("clerk", datetime.now(UTC), party=f"P-{n}", kind="interested_person")
            await probity.do(ref, "add_party", party, command_id=f"p-{n}")
        assert (await handle.describe()).run_id != first
        version = (await probity.case(ref)).version
        again = await probity.do(ref, "impose_restriction", body, command_id="k-1")
        assert (again, (await probity.case(ref)).version) == (told, version)
        assert told.events[0].event_id == (await probity.events(ref, told.events[0].version - 1))[0].event_id
        with pytest.raises(AlreadyDone):
            await probity.do(ref, "impose_restriction", body)
        assert await whole.verify(pool, ref) == []


# Where their events would stand is of no account: a case that resumes reads the ids.
GIVEN = """
INSERT INTO probity.command (stream, command_id, name, body_hash, first_version, last_version, recorded_at)
SELECT $1, left(n || repeat(md5(n::text), 10), 300), 'add_party', sha256(''), n, n, now()
FROM generate_series(1000, 8999) AS n
"""


async def test_a_case_of_thousands_of_commands_resumes(settings: Settings, temporal: Client, owner: Connection) -> None:
    """Their ids, each of 300 letters, were 2.4 MB, and Temporal takes 2 MiB."""
    own = replace(settings, task_queue=f"{settings.task_queue}-4")
    async with at_work(own) as probity:
        ref = reference()
        await probity.refer(referral(ref))
        version = (await probity.case(ref)).version
        await owner.execute(GIVEN, ref)
        async with asyncio.timeout(30):
            looked = await temporal.get_workflow_handle(workflow_id(ref)).execute_update("look_again")
        assert looked == version


async def test_a_case_may_be_reset_to_a_point_of_a_run_before(settings: Settings, temporal: Client) -> None:
    own = replace(settings, task_queue=f"{settings.task_queue}-3")
    async with at_work(own) as probity:
        ref = reference()
        await probity.refer(referral(ref))
        handle = temporal.get_workflow_handle(workflow_id(ref))
        first, body = (await handle.describe()).run_id, suspension(datetime.now(UTC))
        told = await probity.do(ref, "impose_restriction", body, command_id="k-1")
        for n in range(12):
            party = act("clerk", datetime.now(UTC), party=f"P-{n}", kind="interested_person")
            await probity.do(ref, "add_party", party)
        assert (await handle.describe()).run_id != first
        version = (await probity.case(ref)).version
        history = await temporal.get_workflow_handle(handle.id, run_id=first).fetch_history()
        point = next(each.event_id for each in history.events if each.event_type == TASK_COMPLETED)
        await reset(temporal, handle.id, first, point)
        await still_right(probity, handle, version)
        assert await probity.do(ref, "impose_restriction", body, command_id="k-1") == told
        await still_right(probity, handle, version)


async def test_deadlines_outlive_continue_as_new(settings: Settings, temporal: Client) -> None:
    own = replace(settings, task_queue=f"{settings.task_queue}-2")
    async with at_work(own) as probity:
        ref = reference()
        await probity.refer(referral(ref, "rehearsed"))
        await probity.do(ref, "impose_restriction", suspension(await probity.now(ref)))
        for n in range(12):
            party = act("clerk", await probity.now(ref), party=f"P-{n}", kind="interested_person")
            await probity.do(ref, "add_party", party)
        due = (await probity.case(ref)).deadlines["suspension_review_first/A"].due_at
        await probity.skip(ref, due + timedelta(hours=1))
        assert (await probity.case(ref)).deadlines["suspension_review_first/A"].overdue
