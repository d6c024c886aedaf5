"""The digest of a played case: a screen or two, with everything in it that was refused and missed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.state import DeadlineState
from integration.cli.digest import digest
from integration.cli.timeline import heading
from integration.play import PlayResult, StepOutcome, play
from tests.kit import Given, referred
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
    assert f"{len(case.deadlines)} time limits: " in told


@pytest.mark.parametrize("name", FILES)
async def test_what_is_told_as_missed_is_what_is_counted_as_missed(name: str) -> None:
    engine, file = Memory(now=NOW), example(name)
    result = await play(engine, file, now=NOW)
    case = await engine.case(file.reference)
    told = printed(digest(case, result), 300)
    missed = [each for each in case.deadlines.values() if each.state is DeadlineState.MISSED]
    assert told.count("\n  missed: ") == len(missed) and f" {len(missed)} missed" in told
    assert all(f"  missed: {each.title}" in told for each in missed)


async def test_a_miss_that_was_withdrawn_is_told_as_withdrawn() -> None:
    engine, file = Memory(now=NOW), example(FILES[0])
    result = await play(engine, file, now=NOW)
    told = one_line(printed(digest(await engine.case(file.reference), result)))
    what = "Tell the party how the matter is being handled, p-2001, due 19 Feb 2018"
    assert f" missed: {what}" not in told
    assert f"miss withdrawn: {what}; it had been done on 9 Feb 2018 and was told late" in told


def test_what_took_a_miss_away_is_said_each_time() -> None:
    case, nothing = late().case, PlayResult(file="x", reference="T-0001", steps=())
    missed = next(each for each in case.overdue if each.subject == "A")
    over = {"ended_at": datetime(2025, 5, 1, tzinfo=UTC)}
    for state, said in (
        (DeadlineState.WITHDRAWN, "it had fallen away on 1 May 2025, which was told late"),
        (DeadlineState.NOT_APPLICABLE, "it was set aside on 1 May 2025"),
    ):
        changed = case.with_deadline(missed.model_copy(update={**over, "state": state}))
        told = one_line(printed(digest(changed, nothing), 300))
        assert f"miss withdrawn: Review the suspension, A, due 19 May 2025; {said}" in told
        assert " missed: Review the suspension, B" in told and " missed: Review the suspension, A" not in told


def test_a_miss_that_was_extended_afterwards_is_told_with_its_day() -> None:
    missed = referred().up_to("name_panel", supply_documents={"at": "2020-08-03"}).on("2020-09-07")
    then = missed.when("extend_deadline", at="2020-09-07T10:00", until="2020-10-01")
    nothing = PlayResult(file="x", reference="X-2020-0001", steps=())
    what = "Respond to the notice of referral, A, due 24 Aug 2020"
    said = f"missed at first: {what}; it was extended afterwards, to 1 Oct 2020"
    for case in (then, then.when("respond_to_notice", at="2020-09-30")):
        told = one_line(printed(digest(case.case, nothing), 300))
        assert said in told and " missed: Respond" not in told
    again = one_line(printed(digest(then.on("2020-10-02").case, nothing), 300))
    assert " missed: Respond to the notice of referral, A, due 1 Oct 2020" in again and said not in again


def late() -> Given:
    """Two officers whose suspension nobody has reviewed."""
    told = referred(first_known="2025-04-10", clock="live", officers="AB")
    return told.when("impose_restriction", at="2025-04-17", officers=["A", "B"]).on("2025-06-20")


def test_the_heading_says_what_is_overdue() -> None:
    case = late().case
    assert f"{len(case.overdue)} overdue: " in (told := one_line(heading(case, ()).plain))
    assert "Review the suspension (A, due 19 May 2025); Review the suspension (B, due 19 May 2025)" in told
    many = case.model_copy(update={"deadlines": {str(n): case.overdue[0] for n in range(9)}})
    assert heading(many, ()).plain.endswith("Review the suspension (A, due 19 May 2025); and 5 more")


async def test_a_step_that_went_wrong_is_in_it() -> None:
    from tests.unit.test_play import ASSESS, file

    engine = Memory(now=NOW)
    result = await play(engine, file(ASSESS.replace("appropriate_authority", "chair")), now=NOW)
    assert "assess referral" in printed(digest(await engine.case("T-0001"), result))
