"""What a client that is not ours may send to a case: it is refused under a code, and the case goes on."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from deploy.embedded import Stack
from domain.errors import UnknownCase
from integration.client import Probity, connect_temporal
from integration.codec import ENCODING, KEY_ID, PayloadKeys, SealedPayloads
from integration.settings import Settings
from tests.engine import act, at_work, reference, referral, running
from workflows.case import workflow_id

JSON = {"encoding": b"json/plain"}
PARTY = json.dumps(act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")).encode()
BODIES = {
    "not UTF-8": Payload(metadata=JSON, data=PARTY.replace(b"P-1", b"\xff\xfe")),
    "half a character": Payload(metadata=JSON, data=PARTY.replace(b"P-1", b"\\ud800")),
    "NUL": Payload(metadata=JSON, data=PARTY.replace(b"P-1", b"\\u0000")),
    "not JSON": Payload(metadata=JSON, data=PARTY[:-1]),
    "a number beyond JSON's": Payload(metadata=JSON, data=PARTY.replace(b'"P-1"', b"1e999")),
    "deeper than a reader goes": Payload(metadata=JSON, data=b"[" * 100_000 + b"]" * 100_000),
    "larger than a body may be": Payload(metadata=JSON, data=PARTY.replace(b"P-1", b"P" * 300_000)),
    "another encoding": Payload(metadata={"encoding": b"binary/of-another"}, data=PARTY),
    "no encoding": Payload(data=PARTY),
}
SEALED = Payload(metadata={"encoding": ENCODING, KEY_ID: b"of-nobody"}, data=bytes(64))


class Opening(SealedPayloads):
    """Sends what it is given as it is."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


@pytest.fixture(params=[None, PayloadKeys([b"k" * 32])], ids=["in the clear", "sealed"])
def settings(request: pytest.FixtureRequest, stack: Stack, database_url: str) -> Settings:
    return replace(running(stack, database_url), payload_keys=request.param)


@asynccontextmanager
async def speaking(settings: Settings) -> AsyncIterator[tuple[Probity, Client]]:
    """The engine; our client; and a client that sends what it is given, and reads what our worker answers."""
    temporal = await connect_temporal(settings)
    codec = Opening(settings.payload_keys) if settings.payload_keys else None
    converter = replace(temporal.data_converter, payload_codec=codec)
    raw = await Client.connect(settings.temporal_address, data_converter=converter)
    async with at_work(settings) as probity:
        yield probity, raw


def code(failed: WorkflowUpdateFailedError | WorkflowFailureError) -> str | None:
    assert isinstance(failed.cause, ApplicationError) and failed.cause.non_retryable
    return failed.cause.type


async def test_an_update_that_cannot_be_read_is_refused_and_the_next_is_taken(settings: Settings) -> None:
    async with speaking(settings) as (probity, raw):
        ref = reference()
        opened = await probity.refer(referral(ref))
        handle = raw.get_workflow_handle(workflow_id(ref))
        for what, body in [*BODIES.items(), ("sealed under no key of ours", SEALED)]:
            with pytest.raises(WorkflowUpdateFailedError) as failed:
                await handle.execute_update("add_party", RawValue(body))
            assert code(failed.value) == ("unavailable" if body is SEALED else "malformed"), what
        told = await probity.do(ref, "add_party", act("clerk", datetime.now(UTC), party="P-2", kind="complainant"))
        assert (told.version, await probity.verify(ref)) == (opened.version + 1, [])


@pytest.mark.parametrize("offset", ["z", "\N{MINUS SIGN}00:00", "+0000"])
async def test_a_moment_however_it_is_written_is_taken(settings: Settings, offset: str) -> None:
    """What reads it for the validator reads it for the handler too: else tasks would fail as long as it is there."""
    async with speaking(settings) as (probity, raw):
        ref, now = reference(), datetime.now(UTC)
        opened = await probity.refer(referral(ref))
        body = {**act("clerk", now, party="P-1", kind="complainant"), "occurred_at": f"{now:%Y-%m-%d %H:%M:%S}{offset}"}
        async with asyncio.timeout(20):
            await raw.get_workflow_handle(workflow_id(ref)).execute_update("add_party", body)
        assert (await probity.case(ref)).version == opened.version + 1


async def test_a_referral_that_cannot_be_read_starts_no_case(settings: Settings) -> None:
    async with speaking(settings) as (probity, raw):
        for what, body in BODIES.items():
            ref = reference()
            started: Any = await raw.start_workflow(
                "Case", RawValue(body), id=workflow_id(ref), task_queue=settings.task_queue
            )
            with pytest.raises(WorkflowFailureError) as failed:
                await started.result()
            assert code(failed.value) == "malformed", what
            with pytest.raises(UnknownCase):
                await probity.case(ref)
