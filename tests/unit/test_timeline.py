"""A case as people read it."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, Group, RenderableType
from rich.text import Text

from domain.messages import COMMANDS, Recorded
from domain.state import Case
from domain.working_days import england_and_wales
from integration.casefile import load
from integration.cli import tables, timeline
from integration.play import play
from tests.kit import Given, referred
from tests.memory import Memory

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


async def example(name: str, until: int | None = None) -> tuple[Case, list[Recorded], Memory]:
    engine = Memory(now=NOW)
    file = load(next(EXAMPLES.glob(f"{name}*")), england_and_wales(), NOW)
    await play(engine, file.model_copy(update={"steps": file.steps[:until]}), now=NOW)
    return await engine.case(file.reference), await engine.events(file.reference), engine


def printed(shown: RenderableType, width: int = 120, *, colour: bool = False, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    text = io.TextIOWrapper(raw, encoding=encoding)
    Console(file=text, width=width, no_color=not colour, force_terminal=colour, highlight=False).print(shown)
    text.flush()
    return raw.getvalue().decode(encoding)


def one_line(text: str) -> str:
    return " ".join(text.split())


async def test_a_case_on_one_page() -> None:
    case, events, engine = await example("04", 18)
    text = one_line(printed(timeline.page(case, events, await engine.lawful_next(case.reference)), 300))
    assert "REHEARSAL-0001 rehearsed" in text
    assert "stage: investigation; severity: gross misconduct; investigation: returned" in text
    assert "A investigation; under suspension; severity: gross misconduct" in text
    assert "MISSED A: Review the suspension: was due by" in text
    assert "OVERDUE Review the suspension: appropriate authority (suspension_review_first/A) [UNVERIFIED]" in text
    assert "submit_report" in text.partition("What may be done next")[2]


@pytest.mark.parametrize("width", [28, 40, 80, 200])
@pytest.mark.parametrize("name", ["01", "04"])
async def test_nothing_is_lost_on_a_narrow_terminal_without_colour(name: str, width: int) -> None:
    case, events, engine = await example(name)
    text = printed(timeline.page(case, events, await engine.lawful_next(case.reference)), width)
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= width
    labels = {"set", "met", "MISSED", "lapsed", "ended"}
    assert labels <= set(text.split())
    assert "..." not in text and "…" not in text


async def test_a_terminal_without_unicode_can_show_it() -> None:
    case, events, engine = await example("03")
    printed(timeline.page(case, events, await engine.lawful_next(case.reference)), encoding="ascii")


async def test_a_miss_that_was_withdrawn_is_told_with_both_dates() -> None:
    case, events, _ = await example("01", 17)
    rows = timeline.happened(case, events)
    missed = next(row for row in rows if "Withdrawn since" in row.text)
    assert (missed.label, missed.style) == ("missed", "yellow")
    assert "it had been done on 9 Feb 2018 and was told late" in missed.text
    text = one_line(printed(timeline.rows(rows), 300))
    assert "9 Feb 2018 16:00 p-2001: told how the investigation stands (told 28 Feb 2018) [illustrative]" in text
    assert "19 Feb 2018 24:00 missed p-2001: Tell the party how the matter is being handled" in text


REPS, REVIEW = "reps_to_investigator/A", "suspension_review_first/A"
CONFIRM = "suspension_written_confirm/A"
DIED = {"at": "2020-07-07", "departure": "died"}
EXTENDED = {"by": "investigator", "deadline": REPS, "at": "2020-07-07", "until": "2021-02-01"}
ASIDE = {"deadline": CONFIRM, "at": "2021-12-01"}


def ends(story: Given) -> list[timeline.TimelineRow]:
    """The rows on which it is told that the time of one of these ended."""
    title = next(story.case.deadlines[each].title for each in (REPS, CONFIRM, REVIEW) if each in story.case.deadlines)
    rows = timeline.happened(story.case, story.record)
    return [row for row in rows if row.label in ("MISSED", "missed", "lapsed") and row.text.startswith(f"{title}: ")]


def unconfirmed() -> Given:
    return referred().when("impose_restriction", oral=True).on("2021-12-01")


def missed_review() -> Given:
    return referred(first_known="2025-04-10").when("impose_restriction", at="2025-04-17").on("2025-06-01")


def lapsed_right() -> Given:
    return referred().up_to("serve_notice").on("2020-12-01")


@pytest.mark.parametrize(
    ("story", "act", "told", "row"),
    [
        (missed_review, "lift_restriction", {"at": "2025-05-16"}, ("missed", "it had fallen away on 16 May 2025")),
        (missed_review, "review_restriction", {"at": "2025-05-16"}, ("missed", "it had been done on 16 May 2025")),
        (lapsed_right, "record_representations", {"at": "2020-07-07"}, ("lapsed", "it had been used on 7 Jul 2020")),
        (lapsed_right, "record_departure", DIED, ("lapsed", "it had fallen away on 7 Jul 2020")),
        (lapsed_right, "extend_deadline", EXTENDED, ("lapsed", "it had been extended on 7 Jul 2020")),
        (unconfirmed, "set_aside_deadline", ASIDE, ("missed", "it was set aside on 1 Dec 2021")),
    ],
)
def test_what_was_noted_at_an_end_and_is_withdrawn_says_so(
    story: Callable[[], Given], act: str, told: dict[str, Any], row: tuple[str, str]
) -> None:
    before = story()
    ended = next(each for each in ends(before))
    assert ended.label in ("MISSED", "lapsed") and "Withdrawn since" not in ended.text
    ended = next(each for each in ends(before.when(act, **told)))
    label, why = row
    assert ended.label == label and f"Withdrawn since: {why}" in ended.text


def test_a_miss_stands_that_was_made_good_late_or_fell_away_afterwards() -> None:
    for act in ("review_restriction", "lift_restriction"):
        (ended,) = ends(missed_review().when(act, at="2025-05-28"))
        assert ended.label == "MISSED" and "Withdrawn since" not in ended.text


async def test_a_live_act_is_late_by_the_day_it_was_recorded() -> None:
    case, events, _ = await example("04", 24)
    rows = [row for row in timeline.happened(case, events) if row.told]
    assert rows == []
    case, events, _ = await example("04", 29)
    late = [row for row in timeline.happened(case, events) if row.told]
    assert {row.text.partition(",")[0] for row in late} >= {"suspension reviewed"}
    assert all(row.told is not None and row.told > row.at.date() for row in late)


async def test_an_act_for_several_officers_is_one_row() -> None:
    case, events, _ = await example("01", 9)
    rows = timeline.happened(case, events)
    imposed = [row for row in rows if row.text.startswith("restricted duties imposed")]
    assert [row.who for row in imposed] == [("A", "B", "C", "D", "E")]
    assert len([row for row in rows if row.text == "is concerned in the case"]) == 1


async def test_marks_stand_on_every_row() -> None:
    case, events, _ = await example("02")
    rows = timeline.happened(case, events)
    lines = [one_line(printed(timeline.rows([row]), 400)).removeprefix("When (London) What happened ") for row in rows]
    for row, line in zip(rows, lines, strict=True):
        assert ("[illustrative]" in line) == row.illustrative
        assert ("[UNVERIFIED]" in line) == row.unverified
    decided = [row for row in rows if "case to answer: gross misconduct" in row.text]
    assert [row.illustrative for row in decided] == [False]
    assert {row.unverified for row in rows if "Begin the hearing" in row.text} == {True}


async def test_deadlines_are_visually_apart() -> None:
    case, events, _ = await example("04", 22)
    styles = {row.label: row.style for row in timeline.happened(case, events)}
    assert (styles["set"], styles["MISSED"], styles["LATE"], styles["met"], styles[""]) == (
        "dim",
        "bold red",
        "yellow",
        "green",
        "bold",
    )


async def test_rows_are_in_the_order_of_what_happened() -> None:
    for name in ("01", "04"):
        case, events, _ = await example(name)
        moments = [row.at for row in timeline.happened(case, events)]
        assert moments == sorted(moments)


def test_moments_are_londons() -> None:
    assert tables.moment(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "2 Jul 2026 00:30"
    assert tables.moment(datetime(2026, 1, 1, 23, 30, tzinfo=UTC)) == "1 Jan 2026 23:30"
    assert tables.day(None) == "as soon as practicable"


def test_text_cannot_steer_the_terminal() -> None:
    assert tables.clean("a\x1b[31mred\u202e \n[bold]b") == "a\ufffd[31mred\ufffd  [bold]b"
    table = tables.listing([{"x": "\x1b[2J[red]x", "overdue": True}], {"x": "x"})
    assert "[red]x" in printed(table) and "\x1b" not in printed(table)
    file, hostile = io.StringIO(), "a\x1b[2J\x9b31m\u202eb\nc"
    for shown in (hostile, Text(hostile), Group(Text(hostile))):
        tables.Terminal(file=file, force_terminal=True, highlight=False).print(shown, style="bold", markup=False)
    assert file.getvalue() == "\x1b[1ma\ufffd[2J\ufffd31m\ufffdb\x1b[0m\n\x1b[1mc\x1b[0m\n" * 3


async def test_the_record_shows_who_told_it_and_its_hash() -> None:
    case, events, _ = await example("01", 3)
    text = printed(timeline.record(events), 160)
    assert f"{case.version} " in text
    assert "appropriate_authority:aa-1" in text
    assert events[0].hash[:12] in text and events[0].hash[:13] not in text


async def test_the_record_breaks_no_word_in_eighty_columns() -> None:
    _, events, _ = await example("04", 9)
    told = printed(timeline.record(events), 80).split()
    for each in events:
        assert each.type in told and f"{each.actor.role}:{each.actor.id}" in told


async def test_a_receipt_shows_only_what_is_new() -> None:
    case, events, _ = await example("01", 9)
    new = [each for each in events if each.command_id == events[-1].command_id]
    text = one_line(printed(timeline.receipt(case, events, new), 200))
    assert "restricted duties imposed" in text and "Investigator appointed" not in text


def test_every_command_is_in_the_catalogue() -> None:
    text = printed(tables.catalogue(COMMANDS), 200)
    assert all(name in text for name in COMMANDS)
    assert "with: officers reasons measure [delegated]" in one_line(text)


def test_what_a_command_does_is_told_in_paragraphs_over_the_whole_width() -> None:
    """It stood in half of it, with the blanks of our own source."""
    name, *lines = printed(tables.catalogue({"add_officer": COMMANDS["add_officer"]}), 80).splitlines()
    assert name == "add_officer" and lines[0].rstrip() == "  Add an officer to the case."
    assert lines[1].startswith("  Whoever is drawn in since 28 May 2025 is under the amendments of that day only")
    assert all(re.match(r" {2}(?: {2})?\S", line) for line in lines)
    assert "  " not in tables.does(COMMANDS["add_officer"])


def test_a_listing_never_breaks_a_reference() -> None:
    row = {"reference": "MISCONDUCT-2026-0001", "title": "Review the suspension of the officer concerned " * 3}
    assert "MISCONDUCT-2026-0001" in printed(tables.listing([row], {"title": "what", "reference": "case"}), 60)


def test_a_listing_marks_what_is_marked() -> None:
    row = {"due": None, "officers": ["A", "B"], "title": "Begin", "unverified": True, "illustrative": True}
    text = printed(tables.listing([row], {"due": "due", "officers": "who", "title": "what"}))
    assert "A, B" in text and "Begin [UNVERIFIED] [illustrative]" in text


async def test_a_mark_follows_what_it_marks_after_one_blank_or_nothing() -> None:
    case, events, _ = await example("01")
    assert "outcome: written warning. [illustrative]" in printed(timeline.page(case, events, []), 300)
    assert printed(tables.listing([{"x": None, "illustrative": True}], {"x": "x"})).splitlines()[1].startswith("[ill")


def test_what_is_void_stays_in_sight_and_says_so() -> None:
    case = referred(first_known="2025-04-10").when("impose_restriction", at="2025-04-17", oral=True)
    case = case.when("confirm_suspension", at="2025-04-22").when("correct_record", at="2025-05-12")
    events = case.record
    text = one_line(printed(timeline.page(case.case, events, ()), 300))
    assert "void A: suspension confirmed in writing" in text
    assert "corrected Event" in text and "was recorded by mistake and is void" in text
    assert "24 Apr 2025 24:00 MISSED" in text
    assert "void: suspension_confirmed" in one_line(printed(timeline.record(events), 300))


def test_where_there_is_nothing_to_list_a_sentence_says_so() -> None:
    assert printed(tables.listing([], {"due": "due"}, "Nothing is owed.")) == "Nothing is owed.\n"


def test_what_is_owed_without_a_day_is_told_since_when() -> None:
    told = referred(first_known="2025-04-10", clock="live").when(
        "impose_restriction", at="2025-04-15", officers=["A"], measure="restricted_duties"
    )
    text = one_line(printed(timeline.page(told.on("2025-05-14").case, [], []), 300))
    assert "owed since 14 May 2025 due Look at the restriction again" in text


def test_of_an_officer_under_other_regulations_than_the_case_these_are_told() -> None:
    """The heading names one regime, and whose time limits and sanctions are another's was nowhere to be seen."""
    case = referred(first_known="2025-01-10").case
    assert "Regulations" not in printed(timeline.officers(case))
    told = referred(first_known="2025-01-10").when(
        "add_officer", officer="D", person="person-d", at="2025-06-12", first_known="2025-06-10"
    )
    assert told.case.regime == "2020"
    of = {line.split()[0]: line for line in printed(timeline.officers(told.case)).splitlines() if line.strip()}
    assert {ref: "Regulations of 2025" in line for ref, line in of.items()} == {
        ref: ref == "D" for ref in told.case.officers
    }


def test_who_investigates_and_who_sits_is_told_by_the_ids_by_which_they_act() -> None:
    text = one_line(printed(timeline.page(referred().up_to("appoint_investigator").case, [], []), 300))
    assert "investigator: investigator-1" in text and "before" not in text
    text = one_line(printed(timeline.page(referred().up_to("name_panel").case, [], []), 300))
    assert "before chair-1, with member-1, member-2, adviser adviser-1" in text
