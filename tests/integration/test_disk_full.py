"""The disk is full for the database: an act is refused as `unavailable`, tried again, and recorded once there is space.

Files may grow no further for the processes of Postgres (RLIMIT_FSIZE), which any user can say of their own processes. A
file is limited as a whole, so the table of events is first made larger than a segment of the write-ahead log.
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from temporalio.client import WorkflowHandle

from activities.proof import whole
from activities.record import Records
from activities.store import Pool
from deploy import as_root
from domain.errors import Unavailable
from integration.client import Probity, connect_temporal
from integration.settings import Settings
from tests.engine import act as told
from tests.engine import at_work, patient_activity, referral
from tests.store import act, check_whole, opening, reference
from workflows.case import workflow_id

pytestmark = pytest.mark.skipif(shutil.which("prlimit") is None, reason="only Linux limits another process")

SEGMENT = 16 * 2**20  # of the write-ahead log, which is to go on
SPREAD = """
INSERT INTO probity.event (stream, version, event_id, occurred_at, recorded_at, type, schema_version, actor_role,
                           actor_id, command, command_id, correlation_id, causation_id, data, hash)
SELECT 'FILLER', n, gen_random_uuid(), now(), now(), 'filler', 1, 'clerk', 'c', 'c', n::text, gen_random_uuid(), 'c',
       jsonb_build_object('filler', repeat(md5(n::text), 244)), sha256(n::text::bytea)
FROM generate_series(1, $1::bigint) n
"""


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator[Any]:
    """The owner, over a table of events that is larger than a segment of the log."""
    connection = await asyncpg.connect(owner_url)
    if await connection.fetchval("SELECT pg_relation_size('probity.event')") <= SEGMENT:
        await connection.execute("ALTER TABLE probity.event ALTER COLUMN data SET STORAGE PLAIN")
        await connection.execute(SPREAD, 2_500)
        await connection.execute(
            "VACUUM probity.event"
        )  # so that the file ends where its rows do; in none of its pages is room
    yield connection
    await connection.close()


@asynccontextmanager
async def full(owner: Any) -> AsyncIterator[None]:
    """No file of the database grows beyond the size that the table of events has now."""
    size = await owner.fetchval("SELECT pg_relation_size('probity.event')")
    assert size > SEGMENT
    directory = await owner.fetchval("SELECT current_setting('data_directory')")
    with open(f"{directory}/postmaster.pid", encoding="ascii") as file:
        postmaster = int(file.readline())
    backends = [row["pid"] for row in await owner.fetch("SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL")]
    for pid in (postmaster, *backends):
        _limit(pid, size)
    try:
        yield
    finally:
        backends = [row["pid"] for row in await owner.fetch("SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL")]
        for pid in (postmaster, *backends):
            _limit(pid, "unlimited")


def _limit(pid: int, size: int | str) -> None:
    """By a process of the same user as Postgres, since root in a container may not do it to another user's."""
    command = ["prlimit", "--pid", str(pid), f"--fsize={size}:"]
    done = subprocess.run(command, capture_output=True, text=True, **as_root.identity())
    assert done.returncode == 0 or "No such process" in done.stderr, done.stderr


async def test_an_append_is_refused_whole_and_recorded_once_when_there_is_space(
    owner: Any, records: Records, pool: Pool
) -> None:
    ref = reference()
    await records.open_case(opening(ref))
    done: list[str] = []
    async with full(owner):
        with pytest.raises(Unavailable, match="Postgres answered with"):
            while len(done) < 200:
                assert (await records.record(act(ref, f"Q{len(done)}"))).refusal is None
                done.append(f"Q{len(done)}")
        for _ in range(2):  # as Temporal tries again
            with pytest.raises(Unavailable):
                await records.record(act(ref, f"Q{len(done)}"))
        before = await check_whole(pool, ref)
        assert [each.command_id for each in before if each.command == "add_party"] == done
    done.append(f"Q{len(done)}")
    first = await records.record(act(ref, done[-1]))
    assert first.refusal is None and (await records.record(act(ref, done[-1]))).told == first.told
    whole = await check_whole(pool, ref)
    assert [each.command_id for each in whole if each.command == "add_party"] == done
    assert whole[: len(before)] == before


async def test_the_engine_waits_for_space_in_sight_and_records_each_act_once(
    settings: Settings, pool: Pool, owner: Any
) -> None:
    async with at_work(settings) as probity:
        ref = reference()
        await probity.refer(referral(ref))
        temporal = await connect_temporal(settings)
        handle: WorkflowHandle[Any, Any] = temporal.get_workflow_handle(workflow_id(ref))
        parties = [f"P-{number}" for number in range(30)]
        async with full(owner):
            telling = asyncio.create_task(_tell(probity, ref, parties))
            assert "the store is away" in await asyncio.wait_for(patient_activity(handle), 60)
        await asyncio.wait_for(telling, 60)
        added = [each.data["party"] for each in await probity.events(ref) if each.type == "party_added"]
        assert sorted(added) == sorted(parties)
        assert await whole.verify(pool, ref) == []


async def _tell(probity: Probity, ref: str, parties: list[str]) -> None:
    """One after the other, as a caller does who waits for each answer."""
    for party in parties:
        body = told("clerk", datetime.now(UTC), party=party, kind="interested_person")
        assert (await probity.do(ref, "add_party", body)).events
