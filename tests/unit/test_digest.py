"""The digest of a played case: a screen or two, with everything in it that was refused and missed."""

from pathlib import Path

import pytest

from integration.digest import digest
from integration.play import StepOutcome, play
from tests.memory import Memory
from tests.unit.test_play import NOW, example
from tests.unit.test_timeline import one_line, printed

FILES = sorted(path.name for path in (Path(__file__).parents[2] / "examples").glob("[0-9]*.yaml"))


@pytest.mark.parametrize("name", FILES)
async def test_a_case_is_told_on_a_screen_or_two(name: str) -> None:
    engine, file = Memory(now=NOW), example(name)
    result = await play(engine, file, now=NOW)
    case = await engine.case(file.reference)
    told = printed(digest(case, result))
    assert 10 < len(told.splitlines()) < 100
    refused = [step for step in result.steps if step.outcome is StepOutcome.REFUSED]
    for step in refused:
        assert f"refused ({(step.sentence or '').partition(':')[0]})" in told
    for deadline in case.deadlines.values():
        assert (
            not (deadline.missed_at and deadline.due) or deadline.right or f"missed: {deadline.title}" in one_line(told)
        )
    assert f"{len(case.deadlines)} time limits: " in told


async def test_a_step_that_went_wrong_is_in_it() -> None:
    from tests.unit.test_play import ASSESS, file

    engine = Memory(now=NOW)
    result = await play(engine, file(ASSESS.replace("appropriate_authority", "chair")), now=NOW)
    assert "assess referral" in printed(digest(await engine.case("T-0001"), result))
