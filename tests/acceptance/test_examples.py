"""The examples, from referral to outcome, on a real Temporal and a real Postgres."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from activities import store
from activities.proof import whole
from deploy.embedded import Stack
from domain.working_days import england_and_wales
from integration.casefile import CaseFile, load
from integration.client import Probity
from integration.play import StepOutcome, play
from integration.settings import Settings
from tests.engine import at_work, reference, running
from tests.memory import Memory

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("[0-9]*.yaml"))
BEFORE = {StepOutcome.DONE_BEFORE, StepOutcome.REFUSED_BEFORE, StepOutcome.HELD}


@pytest.fixture(scope="module")
async def settings(stack: Stack, database_url: str) -> Settings:
    return running(stack, database_url)


@pytest.fixture(scope="module")
async def probity(settings: Settings) -> AsyncIterator[Probity]:
    """A client of a running engine."""
    async with at_work(settings) as client:
        yield client


def example(path: Path) -> CaseFile:
    """The file under a reference of its own, so that it may be played on a server that has played it."""
    file = load(path, england_and_wales(), datetime.now(UTC))
    return file.model_copy(update={"referral": {**file.referral, "reference": reference()}})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
async def test_an_example_plays_to_its_end(probity: Probity, settings: Settings, path: Path) -> None:
    file = example(path)
    result = await play(probity, file)
    assert result.failures == ()
    assert len(result.steps) == len(file.steps) + 1
    case = await probity.case(file.reference)
    assert (case.closed_at is not None) == (path.stem != "04-rehearsed-suspension")  # which stays open to be looked at
    assert case.version == len(await probity.events(file.reference))
    assert await _sound(settings, file.reference)

    again = await play(probity, file)
    assert again.failures == ()
    assert {step.outcome for step in again.steps} <= BEFORE
    assert (await probity.case(file.reference)).version == case.version


async def _sound(settings: Settings, ref: str) -> bool:
    pool = await store.open_pool(settings.database_url)
    try:
        return await whole.verify(pool, ref) == []
    finally:
        await pool.close()


async def test_the_engine_records_what_the_domain_alone_gives(probity: Probity) -> None:
    file = example(EXAMPLES[0])
    memory = Memory()
    await play(memory, file)
    await play(probity, file)
    told = [(each.type, each.occurred_at, each.data) for each in await probity.events(file.reference)]
    assert told == [(each.type, each.occurred_at, each.data) for each in await memory.events(file.reference)]


async def test_a_file_that_was_cut_off_goes_on(probity: Probity) -> None:
    file = example(EXAMPLES[1])
    part = file.model_copy(update={"steps": file.steps[:30]})
    assert (await play(probity, part)).failures == ()
    result = await play(probity, file)
    assert result.failures == ()
    assert [step.outcome for step in result.steps].count(StepOutcome.DONE_BEFORE) > 20
    assert (await probity.case(file.reference)).closed_at is not None
