"""All of Temporal is lost, with hundreds of open cases: all go on from the record, no deadline is lost or doubled."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy import embedded, register
from domain import working_days
from domain.errors import Unavailable
from domain.messages import Recorded
from integration.client import Probity, Receipt, connect_temporal
from tests.engine import act, assessment, at_work, reference, referral, running
from tests.midnight import BEFORE, OWED, move_midnight

CASES = int(os.environ.get("PROBITY_LOST_CASES", "200"))


@asynccontextmanager
async def running_on(folder: Path, database_url: str) -> AsyncIterator[Probity]:
    """The engine on a Temporal that keeps its database in this folder."""
    async with embedded.stack(folder, ui=False) as stack:
        settings = running(stack, database_url)
        await register.register(await connect_temporal(settings))
        async with at_work(settings) as probity:
            yield probity


async def assessed(probity: Probity, at: datetime) -> str:
    ref = reference()
    await probity.refer(referral(ref, "live", known=at))
    await assess(probity, ref, at)
    return ref


async def assess(probity: Probity, ref: str, at: datetime) -> Receipt:
    """Sent until it is answered, as callers have to: hundreds of cases take their time to start."""
    while True:
        try:
            return await probity.do(ref, "assess_referral", assessment(at), command_id="assess")
        except Unavailable:
            await asyncio.sleep(1)


async def enforced(probity: Probity, ref: str) -> list[Recorded]:
    """The misses of the duty, as the record has them."""
    events = await probity.events(ref)
    return [each for each in events if each.type == "deadline_missed" and each.data["deadline"] == OWED]


async def test_every_deadline_is_enforced_once_after_temporal_was_lost(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr(working_days, "LONDON", working_days.LONDON)  # put back at the end
    now = datetime.now(UTC)
    today, since = now.date(), now - BEFORE
    move_midnight(today, now.replace(microsecond=0) + timedelta(hours=6))
    async with running_on(tmp_path, database_url) as probity:
        cases: list[str] = []
        while len(cases) < CASES:
            cases += await asyncio.gather(*(assessed(probity, since) for _ in range(10)))
        lead = (datetime.now(UTC) - now) / 2  # they go on in less than half the time that they took to begin
        told = (await probity.events(cases[0]))[1].command_id
    for file in tmp_path.glob("temporal.db*"):
        file.unlink()
    async with running_on(tmp_path, database_url) as probity:
        assert (await probity.watch()).stranded.count == len(cases)
        midnight = (datetime.now(UTC) + lead).replace(microsecond=0)
        move_midnight(today, midnight)
        started, failed = await probity.resume()
        assert (sorted(started), failed) == (sorted(cases), [])
        assert await probity.resume() == ([], [])
        again = await assess(probity, cases[0], since)
        assert (again.events[0].command_id, told) == ("assess", f"refer/{cases[0]}")
        assert [ref for ref in cases if await enforced(probity, ref)] == [] or datetime.now(UTC) > midnight
        await asyncio.sleep(max(0.0, (midnight - datetime.now(UTC)).total_seconds()))
        lacking = cases
        async with asyncio.timeout(120):
            while lacking := [ref for ref in lacking if not await enforced(probity, ref)]:
                await asyncio.sleep(1)
        late = act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")
        await asyncio.gather(*(probity.do(ref, "add_party", late) for ref in cases[:5]))
        lateness = []
        for ref in cases:
            missed = await enforced(probity, ref)
            assert [each.occurred_at for each in missed] == [midnight]
            lateness.append(missed[0].recorded_at - midnight)
            assert await probity.verify(ref) == []
        assert min(lateness) >= timedelta(0)
