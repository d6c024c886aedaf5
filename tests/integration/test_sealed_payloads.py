"""With keys for payloads Temporal holds nothing of a case that can be read: on a real server, by its own history."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from activities.record import body_hash
from deploy.embedded import Stack
from domain.errors import Refused
from domain.messages import command_from
from integration.client import Probity, connect_temporal
from integration.codec import PayloadKeys
from integration.observability.logs import JsonLines
from integration.plugin import probity_plugin
from integration.settings import Settings
from tests.engine import act, at_work, reference, referral, running, suspension
from workflows.case import workflow_id

OLD, NEW = b"o" * 32, b"n" * 32
TOLD = "Said to have looked up a record"
REASONS = "The officer went back to the house that night"


@pytest.fixture
async def settings(stack: Stack, database_url: str) -> Settings:
    return running(stack, database_url)


def with_keys(settings: Settings, *keys: bytes) -> Settings:
    return replace(settings, payload_keys=PayloadKeys(keys) if keys else None)


async def history(stack: Stack, ref: str) -> WorkflowHistory:
    """What Temporal stores of a case, as whoever gets at its database sees it."""
    temporal = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    return await temporal.get_workflow_handle(workflow_id(ref)).fetch_history()


def payloads(message: Message) -> Iterator[Payload]:
    """Every payload in a message of Temporal's, however deep, search attributes apart: those are never sealed."""
    for field, value in message.ListFields():
        if isinstance(value, SearchAttributes) or field.type != field.TYPE_MESSAGE:
            continue
        for each in [value] if isinstance(value, Message) else value.values() if hasattr(value, "values") else value:
            if isinstance(each, Payload):
                yield each
            else:
                yield from payloads(each)


async def test_temporal_stores_nothing_of_a_case_that_can_be_read(settings: Settings, stack: Stack) -> None:
    ref = reference()
    async with at_work(with_keys(settings, NEW)) as probity:
        await probity.refer(referral(ref))
        body = {**suspension(datetime.now(UTC)), "reasons": REASONS}
        await probity.do(ref, "impose_restriction", body)
        with pytest.raises(Refused, match="Officer A"):
            await probity.do(ref, "impose_restriction", {**suspension(datetime.now(UTC)), "reasons": REASONS})
    held = list((await history(stack, ref)).events)
    of_case = [each for event in held for each in payloads(event)]
    assert len(of_case) > 10
    # The SDK's own account of a local activity stays in the clear: its number, its attempts, its times.
    clear = [each for each in of_case if each.metadata["encoding"] != b"binary/encrypted"]
    assert [each for each in clear if b'"activity_id"' not in each.data] == []
    seen = "\n".join(map(str, held))
    asked = command_from("impose_restriction", body)  # who guesses the text could try its digest on the Update's id
    assert body_hash(asked.name, asked).hex()[:16] not in seen
    assert [text for text in (TOLD, REASONS, "p-1", "aa-1", "Officer A") if text in seen] == []


async def test_the_case_reads_as_before_for_whoever_has_the_keys(settings: Settings, stack: Stack) -> None:
    ref = reference()
    async with at_work(with_keys(settings, NEW)) as probity:
        await probity.refer(referral(ref))
        handle = (await connect_temporal(with_keys(settings, NEW))).get_workflow_handle(workflow_id(ref))
        description = await handle.describe()
        assert await description.static_summary() == f"Misconduct case {ref}, force-01: conduct matter, 2 officers"
        assert "2 officers" in str(await handle.query("__temporal_workflow_metadata"))
    plugin = probity_plugin(PayloadKeys([NEW]))
    await Replayer(workflows=[], plugins=[plugin]).replay_workflow(await history(stack, ref))


async def test_keys_are_rotated_and_introduced_while_cases_run(settings: Settings) -> None:
    ref = reference()
    async with at_work(settings) as probity:  # in the clear, as before there were keys
        await probity.refer(referral(ref))
    async with at_work(with_keys(settings, OLD)) as probity:
        await probity.do(ref, "impose_restriction", suspension(datetime.now(UTC)))
    async with at_work(with_keys(settings, NEW, OLD)) as probity:
        review = act("appropriate_authority", datetime.now(UTC), officer="A", reasons="Still grave.")
        await probity.do(ref, "review_restriction", review)
        assert (await probity.case(ref)).deadlines["suspension_review_next/A"].ticking


async def test_a_worker_without_the_key_leaves_the_case_waiting_and_whole(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ref = reference()
    async with at_work(with_keys(settings, OLD)) as probity:
        await probity.refer(referral(ref))
    asked = with_keys(settings, OLD, NEW)
    async with Probity.connect(asked) as outside:
        async with at_work(with_keys(settings, NEW)):
            waiting = asyncio.create_task(outside.do(ref, "impose_restriction", suspension(datetime.now(UTC))))
            await problem(asked, ref)
            assert not waiting.done()
            lines = [json.loads(JsonLines().format(each)) for each in caplog.records]
            (line, *_) = [each for each in lines if each.get("workflow_id") == workflow_id(ref)]
            assert line["error"].endswith(f"not among PROBITY_PAYLOAD_KEYS: {PayloadKeys([OLD]).ids[0]}.")
        async with at_work(with_keys(settings, NEW, OLD)):
            assert (await waiting).events[0].type == "restriction_imposed"


async def problem(settings: Settings, ref: str) -> None:
    """Wait until the case's history tells of a workflow task that failed."""
    handle = (await connect_temporal(settings)).get_workflow_handle(workflow_id(ref))
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.HasField("workflow_task_failed_event_attributes"):
            return
