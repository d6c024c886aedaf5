"""The examples against the domain alone: quick, and on many a day."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from domain.working_days import england_and_wales, london_date
from integration.casefile import CaseFile, load
from integration.play import StepOutcome, play
from tests.memory import Memory

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("[0-9]*.yaml"))
CALENDAR = england_and_wales()
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
# The only days that are in the public record.
PUBLIC = {
    "MSG-2018-0001": {"2019-09-09"},
    "STOP-2020-0001": {"2022-04-27", "2023-09-18", "2023-10-25", "2024-10-04"},
    "SCHOOL-2021-0001": {"2023-09-14", "2025-06-02", "2025-06-26"},
    "REHEARSAL-0001": set(),
}


def read(path: Path) -> CaseFile:
    return load(path, CALENDAR, NOW)


def test_there_are_four() -> None:
    assert [read(path).reference for path in EXAMPLES] == list(PUBLIC)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
async def test_every_expectation_holds_to_the_end_of_the_case(path: Path) -> None:
    engine = Memory(now=NOW)
    result = await play(engine, read(path), now=NOW)
    assert result.failures == ()
    closed = (await engine.case(result.reference)).closed_at is not None
    assert closed == (path.stem != "04-rehearsed-suspension")  # which stays open, to be looked at
    kinds = [step.outcome for step in result.steps]
    assert kinds.count(StepOutcome.HELD) >= 5
    assert kinds.count(StepOutcome.REFUSED) >= 1


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
async def test_what_is_not_public_is_marked_illustrative(path: Path) -> None:
    file = read(path)
    result = await play(Memory(now=NOW), file, now=NOW)
    acts = [step for step in result.steps if step.outcome is StepOutcome.DONE and not step.illustrative]
    assert {str(london_date(step.at)) for step in acts} == PUBLIC[file.reference]
    assert file.referral["illustrative"] is True


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
async def test_a_recorded_file_is_told_in_order_unless_it_says_so(path: Path) -> None:
    moments = [step.at for step in read(path).steps if isinstance(step.at, datetime)]
    late = [later for earlier, later in pairwise(moments) if later < earlier]
    assert len(late) == (1 if path.stem.startswith("01") else 0)


async def test_the_examples_are_refused_in_many_ways() -> None:
    codes = {step.refused for path in EXAMPLES for step in read(path).steps if step.refused}
    assert codes >= {"out_of_order", "not_permitted", "conflict_of_interest", "unlawful", "wrong_stage", "already_done"}


@pytest.mark.parametrize(
    "start",
    [
        "2026-03-28T23:59",  # the night in which summer time begins
        "2026-04-02T09:00",  # the eve of Good Friday
        "2026-05-22T14:00",
        "2026-06-06T00:10",  # a Saturday
        "2026-08-30T23:59",
        "2026-10-11T09:30",
        "2026-12-24T18:00",
        "2027-01-01T12:00",
        "2028-02-29T10:00",
    ],
)
async def test_the_rehearsal_holds_on_whatever_day_it_begins(start: str) -> None:
    now = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert (await play(Memory(now=now), read(EXAMPLES[-1]), now=now)).failures == ()
