"""Postgres stopped as by a power cut, in the middle of writing: what was answered stands, and stands once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from activities import store
from activities.record import Answer, Records
from activities.store import Pool
from deploy import embedded
from deploy.migrate import migrate
from deploy.roles import ENGINE, as_role
from domain.errors import Unavailable
from tests.engine import RING
from tests.store import act, check_whole, opening, reference

WRITERS, ENOUGH = 6, 90


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a Postgres of the test's own, with fsync, keeps its data; no Temporal is needed."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "none")
    yield tmp_path / "data"
    embedded.remove(tmp_path / "data")


@asynccontextmanager
async def postgres(data: Path) -> AsyncIterator[Pool]:
    """The server while it lasts, by the engine's connections."""
    async with embedded.stack(data, ui=False) as stack:
        await migrate(stack.database_url)
        pool = await store.open_pool(as_role(stack.database_url, ENGINE), size=WRITERS)
        try:
            yield pool
        finally:
            pool.terminate()


def stop_at_once(data: Path) -> None:
    """The immediate shutdown: no checkpoint, no goodbye; the next start recovers from the log."""
    os.kill(int((data / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)


Answers = dict[tuple[str, str], Answer]


async def write(records: Records, ref: str, answers: Answers) -> str:
    """Act after act until the store is away: the command id of the act that got no answer."""
    number = 0
    while True:
        number += 1
        try:
            answers[ref, f"Q{number}"] = await records.record(act(ref, f"Q{number}"))
        except Unavailable:
            return f"Q{number}"


async def test_an_immediate_stop_under_load_loses_nothing_that_was_answered(data: Path) -> None:
    cases = [reference() for _ in range(WRITERS)]
    answers: Answers = {}
    async with postgres(data) as pool:
        records = Records(pool, RING)
        for ref in cases:
            await records.open_case(opening(ref))
        writers = [asyncio.create_task(write(records, ref, answers)) for ref in cases]
        async with asyncio.timeout(20):
            while len(answers) < ENOUGH:
                await asyncio.sleep(0.001)
        stop_at_once(data)
        cut = dict(zip(cases, await asyncio.gather(*writers), strict=True))
    async with postgres(data) as pool:
        records = Records(pool, RING)
        for (ref, command_id), answer in answers.items():
            assert answer.refusal is None
            assert (await records.record(act(ref, command_id))).told == answer.told
        for ref in cases:
            known = {command_id for case, command_id in answers if case == ref}
            kept = {event.command_id for event in await check_whole(pool, ref) if event.command == "add_party"}
            assert kept - {cut[ref]} == known  # the act without an answer may stand, whole, or not
            await records.record(act(ref, cut[ref]))  # Temporal tries again
            given = [event.command_id for event in await check_whole(pool, ref) if event.command == "add_party"]
            assert sorted(given) == sorted({*known, cut[ref]})
