"""The signer signs by schedule, says why it cannot, and signs nothing over a changed record."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError

from activities import store
from activities.record import Records
from activities.store import Pool
from deploy.embedded import Stack
from deploy.roles import SIGNER, as_role
from deploy.signer import SCHEDULE, signer
from domain.errors import Unavailable
from integration.client import connect_temporal
from integration.settings import Settings
from tests.engine import running
from tests.integration.test_store import opening, reference


def write_key(file: Path) -> str:
    """A new key in this file; its public half."""
    key = Ed25519PrivateKey.generate()
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key.public_key().public_bytes_raw().hex()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    write_key(tmp_path / "key.pem")
    return tmp_path / "key.pem"


@pytest.fixture
def settings(stack: Stack, owner_url: str, key: Path) -> Settings:
    return replace(running(stack, as_role(owner_url, SIGNER)), signing_key=key, checkpoint_minutes=30)


@pytest.fixture
async def temporal(settings: Settings) -> AsyncIterator[Client]:
    client = await connect_temporal(settings)
    yield client
    try:
        await client.get_schedule_handle(SCHEDULE).delete()
    except RPCError:
        pass  # it was not made


@pytest.fixture
async def signing(settings: Settings) -> AsyncIterator[Pool]:
    pool = await store.open_pool(settings.database_url)
    yield pool
    await pool.close()


async def signed_by_schedule(client: Client, times: int) -> dict[str, Any]:
    """What the schedule's run gives when it is triggered by hand; `times`: how many there are then."""
    schedule = client.get_schedule_handle(SCHEDULE)
    await schedule.trigger()
    for _ in range(80):
        if len(actions := (await schedule.describe()).info.recent_actions) >= times:
            break
        await asyncio.sleep(0.25)
    begun = actions[-1].action
    assert isinstance(begun, ScheduleActionExecutionStartWorkflow)
    handle = client.get_workflow_handle(begun.workflow_id, run_id=begun.first_execution_run_id)
    result: dict[str, Any] = await handle.result()
    return result


async def test_a_schedule_signs_and_a_new_key_takes_over_without_a_restart(
    settings: Settings, temporal: Client, signing: Pool, records: Records, key: Path
) -> None:
    await records.open_case(opening(reference()))
    async with signer(settings, temporal, signing):
        pass
    async with signer(settings, temporal, signing):  # as at every start
        first = await signed_by_schedule(temporal, 1)
        rotated = write_key(key)
        second = await signed_by_schedule(temporal, 2)
        described = await temporal.get_schedule_handle(SCHEDULE).describe()
    assert [first["number"] + 1, first["cases"]] == [second["number"], second["cases"]]
    assert described.schedule.spec.intervals[0].every.total_seconds() == 1800
    kept = await signing.fetch("SELECT statement, public_key FROM probity.checkpoint ORDER BY number DESC LIMIT 2")
    assert [row["statement"] for row in kept] == [second, first]
    assert [row["public_key"].hex() == rotated for row in kept] == [True, False]


async def test_a_changed_record_fails_the_run_by_name(
    settings: Settings, temporal: Client, signing: Pool, records: Records, owner_url: str
) -> None:
    ref = reference()
    await records.open_case(opening(ref))
    owner = await asyncpg.connect(owner_url)
    try:
        async with signer(settings, temporal, signing):
            await signed_by_schedule(temporal, 1)
            change = "UPDATE probity.checkpoint_head SET head = sha256('x') WHERE stream = $1"
            await owner.execute("SET session_replication_role = replica")
            assert await owner.execute(change, ref) == "UPDATE 1"
            with pytest.raises(WorkflowFailureError) as failed:
                await signed_by_schedule(temporal, 2)
    finally:
        await owner.close()
    stopped = failed.value.cause
    assert isinstance(stopped, ActivityError)
    assert isinstance(stopped.cause, ApplicationError)
    assert stopped.cause.type == "contradicted"
    assert ref in str(stopped.cause)


@pytest.mark.parametrize("wrong", ["no key", "no file", "no right"])
async def test_it_says_why_it_cannot_sign_and_makes_no_schedule(
    wrong: str, settings: Settings, temporal: Client, signing: Pool, pool: Pool, tmp_path: Path
) -> None:
    key = {"no key": None, "no file": tmp_path / "none.pem"}.get(wrong, settings.signing_key)
    told = {"no key": "PROBITY_SIGNING_KEY is not set", "no file": "cannot be read", "no right": "add checkpoints"}
    with pytest.raises(Unavailable, match=told[wrong]):
        async with signer(replace(settings, signing_key=key), temporal, pool if wrong == "no right" else signing):
            pass
    with pytest.raises(RPCError, match="not found"):
        await temporal.get_schedule_handle(SCHEDULE).describe()
