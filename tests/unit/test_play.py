"""Case files: how they are read, and how they are played."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import DuplicateReference, Malformed
from domain.messages import Recorded
from domain.working_days import LONDON, england_and_wales
from integration.casefile import CaseFile, Offset, case_file, load, mapping_from
from integration.play import PlayResult, StepOutcome, differences, play
from tests.memory import Crash, Memory

CALENDAR = england_and_wales()
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
HEAD = """
about: A file for tests
clock: recorded
referral:
  reference: T-0001
  force: force-01
  origin: complaint
  first_known: 2020-07-04
  at: 2020-07-06T09:00+01:00
  by: intake:in-1
  officers: [{officer: A, person: p-1}]
  allegations: [{allegation: a1, summary: Said so., officers: [A]}]
steps:
"""
ASSESS = """
  - at: 2020-07-06T10:00+01:00
    by: appropriate_authority:aa-1
    do: assess_referral
    with: {kind: voluntary, reasons: The gravity.}
"""
REFER = """
  - {at: 2020-07-07T10:00+01:00, by: "appropriate_authority:aa-1", do: refer_to_iopc}
"""
BEFORE = {StepOutcome.DONE_BEFORE, StepOutcome.REFUSED_BEFORE, StepOutcome.HELD}


def file(steps: str = "  []", head: str = HEAD) -> CaseFile:
    return case_file("t.yaml", head + steps, CALENDAR, NOW)


async def played(steps: str) -> PlayResult:
    return await play(Memory(), file(steps))


def outcomes(result: PlayResult) -> list[str]:
    return [step.outcome.value for step in result.steps]


def test_hours_are_as_long_over_a_change_of_clocks() -> None:
    start = datetime(2027, 3, 27, 20, tzinfo=LONDON)
    assert Offset("+12h").after(start, CALENDAR) == datetime(2027, 3, 28, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "start", "moment"),
    [
        ("+3d", "2026-11-23T10:00+00:00", "2026-11-26T10:00+00:00"),
        ("-3d", "2026-11-23T10:00+00:00", "2026-11-20T10:00+00:00"),
        ("+2h", "2026-11-23T23:00+00:00", "2026-11-24T01:00+00:00"),
        (
            "+1wd",
            "2026-12-24T10:00+00:00",
            "2026-12-29T10:00+00:00",
        ),  # Christmas on a Friday, Boxing Day made good on Monday
        ("-1wd", "2026-12-29T10:00+00:00", "2026-12-24T10:00+00:00"),
        ("+1wd", "2026-11-21T10:00+00:00", "2026-11-23T10:00+00:00"),
        ("+0wd", "2026-11-21T10:00+00:00", "2026-11-21T10:00+00:00"),
        ("+5wd 15:30", "2026-11-23T10:00+00:00", "2026-11-30T15:30+00:00"),
        ("today 09:00", "2026-11-23T10:00+00:00", "2026-11-23T09:00+00:00"),
        ("now", "2026-11-23T10:00+00:00", "2026-11-23T10:00+00:00"),
        ("+1d", "2027-03-27T10:00+00:00", "2027-03-28T10:00+01:00"),  # summer time begins: ten stays ten
    ],
)
def test_offsets_count_from_a_moment_in_london(told: str, start: str, moment: str) -> None:
    assert Offset(told).after(datetime.fromisoformat(start), CALENDAR) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ("  - {at: 2020-07-06 10:00, do: close_case}", "step 1: at"),
        ("  - {at: 2020-07-06T10:00:00, expect: {}}", "step 1: at"),
        ("  - {at: 2020-07-06, expect: {}}", "step 1: at"),
        ("  - {at: +3d, expect: {}}", "step 1: at: only a rehearsed file"),
        ("  - {at: now, expect: {}}", "step 1: at: a recorded file"),
        ("  - {wiht: {}, do: close_case}", "step 1: wiht: no such field"),
        ("  - {do: close_case}", "step 1: body: by: an act says who did it"),
        ("  - {}", "step 1: body: a step has either do or expect"),
        ("  - {do: close_casse, by: 'iopc:i'}", "did you mean 'close_case'"),
        ("  - {do: close_case, by: 'ipoc:i'}", "did you mean 'iopc'"),
        ("  - {do: close_case, by: 'iopc:i', refused: wrong_stag}", "did you mean 'wrong_stage'"),
        ("  - {expect: {stge: referral}}", "expect: there is no 'stge' (did you mean 'stage'?)"),
        ("  - {expect: {officers: {A: {severty: x}}}}", "expect.officers.A: there is no 'severty'"),
        ("  - {expect: {deadlines: {x: {du: x}}}}", "expect.deadlines.x: there is no 'du'"),
        ("  - {expect: {deadlines: [1]}}", "expect.deadlines is not a mapping"),
        ("  - {expect: {}, illustrative: true}", "belong to do"),
        (
            ASSESS + "  - {do: refer_to_iopc, by: 'iopc:i', with: {kidn: x}}",
            "step 2: refer_to_iopc: there is no field 'kidn'; it has none.",
        ),
        (ASSESS.replace("voluntary", "volunteered"), "step 1: assess_referral: kind"),
        ("  just: text", "steps: is not a list"),
        ("  - {at: soon, expect: {}}", "is not counted from the step before, as +3d, +5wd 10:00 or now"),
        ("  - {at: +٣d, expect: {}}", "is not counted from the step before"),
        ("  - at: 1\n    by: x\n    at: 2", "t.yaml: line 16, column 5: 'at' stands there twice"),
        ("  - [", "t.yaml: line 14, column 6: it is no YAML that is understood here."),
        ("  - at: b: c", "t.yaml: line 14, column 10: it is no YAML that is understood here."),
        ("  - !Doe x", "t.yaml: line 14, column 5: it is no YAML that is understood here."),
    ],
)
def test_what_is_wrong_with_a_file_is_named(steps: str, sentence: str) -> None:
    with pytest.raises(Malformed) as wrong:
        file(steps)
    assert wrong.value.sentence.startswith("t.yaml")
    assert sentence in wrong.value.sentence
    assert "\n" not in wrong.value.sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("about: A file for tests", "aboot: A file for tests", "aboot: no such field"),
        ("clock: recorded", "clock: never", "clock"),
        ("2020-07-06T09:00+01:00", "2020-07-06T09:00", "referral: occurred_at"),
        ("intake:in-1", "in-1", "referral: by: who acts is told as role:id"),
        ("intake:in-1", "", "referral: by: is missing: who refers it is told as role:id"),
        ("  reference: T-0001\n", "", "referral: reference"),
        ("  force:", "  clock: live\n  force:", "referral: clock: is recorded for the whole file"),
    ],
)
def test_what_is_wrong_with_its_head_is_named(old: str, new: str, sentence: str) -> None:
    with pytest.raises(Malformed) as wrong:
        file(head=HEAD.replace(old, new))
    assert sentence in str(wrong.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="no such file"):
        load(tmp_path / "none.yaml", CALENDAR, NOW)
    (tmp_path / "latin.yaml").write_bytes(b"about: caf\xe9")
    with pytest.raises(Malformed, match="is not UTF-8 text"):
        load(tmp_path / "latin.yaml", CALENDAR, NOW)


def test_yaml_dates_stay_text_and_json_is_read_too() -> None:
    text = "{a: 2020-07-01, b: 2020-07-01T10:00:00Z, c: 12, d: true, e: null}"
    assert mapping_from(text, "t") == {"a": "2020-07-01", "b": "2020-07-01T10:00:00Z", "c": 12, "d": True, "e": None}
    assert mapping_from('{"a": {"b": [1]}}', "t") == {"a": {"b": [1]}}
    for wrong in ("text", "[1]", "1: a", "a: &x [*x]\nb: !!python/object:os.system x"):
        with pytest.raises(Malformed):
            mapping_from(wrong, "t")


async def test_a_file_is_played_and_its_expectations_hold() -> None:
    result = await played(ASSESS + REFER + "  - {at: 2020-07-08T10:00+01:00, expect: {stage: referral, closed: false}}")
    assert outcomes(result) == ["done", "done", "done", "held"]
    assert result.failures == ()


async def test_an_expectation_that_fails_says_what_was_expected_and_found() -> None:
    expect = "  - {at: 2020-08-08T10:00+01:00, expect: {stage: outcome, officers: {A: {severity: misconduct}, B: {}}}}"
    result = await played(expect + ASSESS)
    assert result.failures == (
        "t.yaml: step 1: expected stage to be outcome, found referral; expected officers.A.severity to be misconduct, "
        "found nothing; expected officers.B to be nothing, found nothing.",
    )
    assert outcomes(result) == ["done", "failed", "done"]  # an expectation that fails does not stop the file


async def test_an_act_that_is_refused_against_the_file_stops_it() -> None:
    result = await played(REFER + ASSESS)
    assert result.failures == (
        "t.yaml: step 1: expected refer_to_iopc to be done; it was refused as out_of_order: "
        "Assess first whether the matter is to be referred.",
    )
    assert outcomes(result) == ["done", "failed"]


async def test_a_refusal_that_is_expected_has_to_come_with_its_code() -> None:
    refused = REFER.replace("}", ", refused: out_of_order}")
    assert outcomes(await played(refused + ASSESS + REFER)) == ["done", "refused", "done", "done"]
    result = await played(REFER.replace("}", ", refused: unlawful}"))
    assert "expected refer_to_iopc to be refused as unlawful; it was refused as out_of_order" in result.failures[0]
    result = await played(ASSESS + refused)
    assert result.failures == ("t.yaml: step 2: expected refer_to_iopc to be refused as out_of_order; it was done.",)


async def test_a_recorded_case_is_judged_as_time_would_leave_it_and_nothing_is_written() -> None:
    engine = Memory()
    expect = "  - {at: 2021-07-04T00:00+01:00, expect: {deadlines: {timeliness_pcr_first: {state: due}}}}"
    assert (await play(engine, file(expect))).failures == ()
    assert [event.type for event in await engine.events("T-0001")].count("duty_arose") == 0


def example(name: str) -> CaseFile:
    return load(Path(__file__).parents[2] / "examples" / name, CALENDAR, NOW)


def identity(event: Recorded) -> tuple[str, int, str]:
    return event.command_id, event.version, event.type


@pytest.mark.parametrize("name", ["01-messages-on-a-phone.yaml", "04-rehearsed-suspension.yaml"])
@pytest.mark.parametrize("commands", [1, 9, 25, 40])
async def test_a_file_that_was_cut_off_goes_on_where_it_stopped(name: str, commands: int) -> None:
    whole, cut = Memory(now=NOW), Memory(now=NOW, crash_before=commands)
    await play(whole, example(name), now=NOW)
    with pytest.raises(Crash):
        await play(cut, example(name), now=NOW)
    again = await play(cut, example(name), now=NOW + timedelta(hours=1))
    assert again.failures == ()
    assert again.steps[0].outcome is StepOutcome.DONE_BEFORE
    reference = again.reference
    assert list(map(identity, await cut.events(reference))) == list(map(identity, await whole.events(reference)))


@pytest.mark.parametrize("name", ["02-stop-of-two-athletes.yaml", "04-rehearsed-suspension.yaml"])
async def test_a_file_that_was_played_changes_nothing_when_played_again(name: str) -> None:
    engine = Memory(now=NOW)
    await play(engine, example(name), now=NOW)
    before = await engine.events(example(name).reference)
    again = await play(engine, example(name), now=NOW)
    assert again.failures == ()
    assert {step.outcome for step in again.steps} <= BEFORE
    assert await engine.events(again.reference) == before


async def test_played_again_a_step_says_what_is_in_the_record_of_it() -> None:
    refused = (
        ASSESS.replace("10:00", "09:30").replace("appropriate_authority", "chair") + "    refused: not_permitted\n"
    )
    engine = Memory()
    assert outcomes(await play(engine, file(refused + ASSESS))) == ["done", "refused", "done"]
    assert outcomes(await play(engine, file(refused + ASSESS))) == ["done_before", "refused_before", "done_before"]
    twice = await play(engine, file(refused + ASSESS + "    refused: already_done\n"))
    assert twice.failures == (
        "t.yaml: step 2: expected assess_referral to be refused as already_done; it is recorded.",
    )


async def test_a_reference_that_another_matter_has_is_refused() -> None:
    engine = Memory()
    await play(engine, file(ASSESS))
    with pytest.raises(DuplicateReference, match="taken by another matter"):
        await play(engine, file(ASSESS, HEAD.replace("p-1", "p-2")))


def test_a_difference_names_its_place() -> None:
    found = {"a": {"b": 1, "c": None}, "d": True}
    assert list(differences({"a": {"b": 1}, "d": True, "e": None}, found)) == []
    assert list(differences({"a": {"b": 2}, "d": False}, found)) == [
        "expected a.b to be 2, found 1",
        "expected d to be false, found true",
    ]
    assert list(differences({"x": {"y": 1}}, found)) == ["expected x to be something, found nothing"]
    assert list(differences({"a": None}, found)) == ["expected a to be nothing, found something"]
