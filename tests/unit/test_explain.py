"""A deadline in words: for a panel member, so without a word of code, and with what became of it."""

import re
from datetime import date

import pytest

from domain.case import fold
from domain.deadlines import DeadlineSet, explain
from domain.regimes import TimeLimit, every_time_limit
from domain.working_days import count
from tests.kit import CALENDAR, Given, accelerated, moment, referred

FIELDS = {"title", "duty", "count", "length", "citation", "mark", "place_inferred", "period", "right"}
CLOCKS = [row for row in every_time_limit() if row.starts_with]


def supplied(on: str = "2020-08-03") -> Given:
    return referred().up_to("supply_documents", supply_documents={"at": on})


def response(case: Given) -> str:
    return explain(case.deadline("officer_response/A"), CALENDAR, case.record)


def test_of_what_was_done_it_says_that_it_was_owed() -> None:
    done = explain(supplied("2024-12-20").when("respond_to_notice").deadline("officer_response/A"), CALENDAR)
    assert done.startswith("Respond to the notice of referral (A): this was owed by the officer. ")


def test_a_deadline_says_whose_it_is_how_it_was_counted_and_where_it_stands() -> None:
    told = response(supplied("2024-12-20"))
    assert told.startswith("Respond to the notice of referral (A): this is owed by the officer. It began with this: ")
    assert "documents supplied. It counts from 20 December 2024. 15 working days beginning with" in told
    assert "end with Wednesday 15 January 2025. Not counted in 2024: " in told
    assert "Wednesday 25 December (Christmas Day)" in told
    assert told.endswith(
        "The time runs. It ends with 15 January 2025. Source: PCR 2020 reg 31(1) (read in the instrument)."
    )


def test_a_figure_from_memory_is_never_shown_as_law() -> None:
    case = referred(first_known="2025-04-10").when("impose_restriction", at="2025-04-17")
    told = explain(case.deadline("suspension_review_first/A"), CALENDAR)
    assert told.endswith("UNVERIFIED: this figure has not been checked against the instrument.")


def test_a_duty_without_a_number_says_so() -> None:
    deadline = referred().up_to("appoint_investigator").deadline("written_notice_17/A")
    told = explain(deadline, CALENDAR)
    assert "It is owed as soon as practicable; no number of days is set. It is owed still." in told
    assert deadline.due is None and deadline.outstanding and not deadline.ticking


def test_a_window_is_explained_with_its_first_day() -> None:
    told = explain(accelerated("refer_to_proceedings").deadline("amh_date/A"), CALENDAR)
    assert "It is a window: not before" in told


def test_an_extension_is_told_with_who_gave_it_and_why() -> None:
    case = supplied("2024-12-20").when("extend_deadline", until="2025-01-31")
    assert "20 December 2024 by the chair: extended from 15 January 2025 to 31 January 2025; Illness." in response(case)
    missed = response(case.on("2025-03-01"))
    assert "31 January 2025: was due by 31 January 2025 and was missed by officer. It was missed, and is owed" in missed
    without_its_record = explain(case.deadline("officer_response/A"), CALENDAR)
    assert "It was changed since, and ends with 31 January 2025." in without_its_record


def test_what_was_corrected_is_not_told() -> None:
    told = response(supplied("2024-12-20").when("extend_deadline", until="2025-01-31").when("correct_record"))
    assert "extended" not in told and "ends with 15 January 2025" in told


def test_a_stay_is_told() -> None:
    told = response(supplied().when("stay_proceedings", at="2020-08-14").when("resume_proceedings", at="2020-09-14"))
    assert "14 August 2020: paused while the proceedings are stayed. 14 September 2020: runs again, until" in told


@pytest.mark.parametrize("row", CLOCKS, ids=lambda row: row.id)
def test_every_limit_is_explained_without_a_word_of_code(row: TimeLimit) -> None:
    since = date(2025, 4, 17)
    due = count(CALENDAR, row.count, row.length, since).due if row.count and row.length else None
    case = referred().case.model_copy(update={"officers": {}})
    started = DeadlineSet(
        occurred_at=moment("2025-04-17"),
        deadline=row.id,
        rule=row.id,
        about="A",
        triggered_by=row.starts_with[0].event,
        trigger=since,
        due=due,
        warn_on=None,
        calendar=CALENDAR.version,
        regime=row.regimes[0],
        **row.model_dump(include=FIELDS),
    )
    deadline = fold([started], case).deadlines[row.id]
    told = explain(deadline, CALENDAR)
    assert not re.search(r"\w_\w|[\[\]{}]|None", told)
    assert told.startswith(f"{row.title} (A): this ")
    assert ("UNVERIFIED" in told) is row.unverified


def test_an_extension_granted_after_the_end_says_so() -> None:
    case = supplied("2024-12-20")
    late = case.when("extend_deadline", at="2025-02-03", until="2025-02-20")
    assert any("(granted after the limit had ended, on which nothing was read)" in fact.tell() for fact in late.facts)
    in_time = case.when("extend_deadline", at="2025-01-15", until="2025-02-20")
    assert not any("granted after" in fact.tell() for fact in in_time.facts)
