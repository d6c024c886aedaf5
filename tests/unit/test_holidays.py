"""A holiday proclaimed after deadlines were set: what runs moves, what is past or settled does not.

The case is counted by a table without 19 September 2022, which was proclaimed on 10 September, nine days before.
"""

from datetime import date

import pytest

from domain.case import lawful_next
from domain.deadlines import DeadlineRecomputed, DeadlineWarned, explain, moves
from domain.working_days import Calendar, england_and_wales
from tests.kit import CALENDAR, OLDER, Given, accelerated, referred

PROCLAIMED = "2022-09-10T12:00"
RESPONSE = "officer_response/A"


def supplied(on: str, clock: str = "live") -> Given:
    """A case whose officer has 15 working days from `on`, by the table as it was then."""
    case = referred(calendar=OLDER, first_known="2022-05-03", clock=clock)
    return case.up_to("supply_documents", supply_documents={"at": on})


def adopted(case: Given, at: str = PROCLAIMED) -> Given:
    return case.when("adopt_holidays", at=at)


def test_a_running_deadline_moves_by_the_day_that_was_proclaimed() -> None:
    before = supplied("2022-09-05").clock(RESPONSE, due="2022-09-26")
    after = adopted(before).clock(RESPONSE, due="2022-09-27", state="running")
    moved = next(fact for fact in after.facts if isinstance(fact, DeadlineRecomputed))
    assert (moved.was_due, moved.calendar) == (date(2022, 9, 26), CALENDAR.version)
    assert moved.because == "19 September 2022 is now a holiday (State Funeral of Queen Elizabeth II)"
    assert "Monday 19 September" in explain(after.deadline(RESPONSE), CALENDAR)


def test_what_ends_before_the_day_stays() -> None:
    case = supplied("2022-08-25").clock(RESPONSE, due="2022-09-16")
    assert RESPONSE not in [move.deadline.id for move in moves(case.case, CALENDAR)]
    adopted(case).clock(RESPONSE, due="2022-09-16")


def test_a_case_that_the_day_does_not_touch_has_nothing_to_adopt() -> None:
    case = referred(calendar=OLDER, first_known="2022-05-03", clock="live")
    case = case.up_to("serve_notice", serve_notice={"at": "2022-08-25"}).clock(
        "officer_progress_update_first/A", due="2022-09-22"
    )  # four weeks, in which every day counts
    assert not list(moves(case.case, CALENDAR))
    case.when("adopt_holidays", at=PROCLAIMED).refused("already_done")


def test_what_is_settled_stays() -> None:
    case = supplied("2022-09-05").when("name_panel", at="2022-09-06").when("respond_to_notice", at="2022-09-08")
    assert RESPONSE not in [move.deadline.id for move in moves(case.case, CALENDAR)]
    adopted(case).clock(RESPONSE, due="2022-09-26", state="met")


def test_what_was_missed_before_it_was_told_stays_missed() -> None:
    """Told only in October: the day that ended on 26 September is not given back in silence."""
    case = supplied("2022-09-05").on("2022-10-03")
    assert RESPONSE not in [move.deadline.id for move in moves(case.case, CALENDAR)]


def test_a_day_that_the_chair_fixed_stays() -> None:
    case = supplied("2022-09-05").when("name_panel", at="2022-09-06")
    case = case.when("extend_deadline", at="2022-09-07", until="2022-10-10", deadline=RESPONSE)
    assert RESPONSE not in [move.deadline.id for move in moves(case.case, CALENDAR)]


def test_a_stayed_clock_keeps_its_days() -> None:
    stayed = supplied("2022-09-05").when("stay_proceedings", at="2022-09-09")
    told = adopted(stayed).clock(RESPONSE, due="2022-09-27", state="paused")
    resumed = told.when("resume_proceedings", at="2022-10-03")
    by_one_table = supplied("2022-09-05").when("stay_proceedings", at="2022-09-09")
    by_one_table = by_one_table.when("resume_proceedings", at="2022-10-03")
    assert resumed.deadline(RESPONSE).due == by_one_table.deadline(RESPONSE).due


def test_a_clock_that_was_resumed_moves_too() -> None:
    stayed = supplied("2022-08-22").when("stay_proceedings", at="2022-08-24")
    case = stayed.when("resume_proceedings", at="2022-09-05").clock(RESPONSE, due="2022-09-22")
    adopted(case).clock(RESPONSE, due="2022-09-23")


def test_nobody_is_warned_twice_of_what_moved() -> None:
    case = supplied("2022-09-01").on("2022-09-20")
    assert case.deadline(RESPONSE).warned
    after = adopted(case, "2022-09-20T12:00").clock(RESPONSE, due="2022-09-23", state="running")
    assert not [fact for fact in after.on("2022-09-23").facts if isinstance(fact, DeadlineWarned)]


def test_who_was_not_warned_yet_is_warned_of_the_new_day() -> None:
    case = adopted(supplied("2022-09-05"))
    assert str(case.deadline(RESPONSE).warn_on) == "2022-09-20"
    assert [fact.due for fact in case.on("2022-09-21").facts if isinstance(fact, DeadlineWarned)] == [date(2022, 9, 27)]


def test_a_warning_that_the_move_leaves_in_the_past_comes_the_day_after() -> None:
    """The table has a holiday less, so the day comes earlier, and so would a warning that is not given yet."""
    case = referred(calendar=OLDER, first_known="2020-05-04", clock="live").up_to(
        "supply_documents", supply_documents={"at": "2020-07-13"}
    )
    assert str(case.deadline(RESPONSE).warn_on) == "2020-07-28"
    case = adopted(case, "2020-07-27T12:00").clock(RESPONSE, due="2020-08-03")
    assert str(case.deadline(RESPONSE).warn_on) == "2020-07-28"


def test_a_window_moves_at_both_its_ends() -> None:
    case = accelerated("refer_to_proceedings", at="2022-09-02", calendar=OLDER, first_known="2022-05-03", clock="live")
    window = case.clock("amh_date/A", due="2022-09-23").deadline("amh_date/A")
    assert str(window.opens_on) == "2022-09-16"
    moved = adopted(case).clock("amh_date/A", due="2022-09-26").deadline("amh_date/A")
    assert str(moved.opens_on) == "2022-09-16"


def test_a_day_counted_back_is_never_moved_before_the_day_of_the_move() -> None:
    case = supplied("2022-08-01").up_to("supply_chair_documents", name_panel={"at": "2022-08-02"})
    case = case.when("list_hearing", at="2022-09-01", begins_on="2022-09-23").clock(
        "public_notice_hearing/A", due="2022-09-16"
    )
    adopted(case, "2022-09-16T09:00").clock("public_notice_hearing/A", due="2022-09-16")
    adopted(case, "2022-09-12T09:00").clock("public_notice_hearing/A", due="2022-09-15")


def test_it_is_offered_only_while_something_would_move() -> None:
    def offered(case: Given, table: Calendar = CALENDAR) -> bool:
        return "adopt_holidays" in {each.command for each in lawful_next(case.case, table)}

    case = supplied("2022-09-05")
    assert offered(case)
    assert not offered(case, OLDER)  # by the table it was counted by
    assert not offered(adopted(case))
    adopted(case).when("adopt_holidays", at="2022-09-11").refused("already_done")


def test_an_imported_case_is_counted_anew_when_it_goes_live() -> None:
    case = supplied("2022-09-05", clock="recorded")
    case.when("adopt_holidays", at=PROCLAIMED).refused("wrong_stage")
    live = Given(case.case, case.clock_at, (), case.history, case.record, case.acts).when("go_live", at=PROCLAIMED)
    live.clock(RESPONSE, due="2022-09-27", state="running")


def test_a_table_that_is_not_the_one_in_use_is_refused() -> None:
    supplied("2022-09-05").when("adopt_holidays", at=PROCLAIMED, table="1999-01").refused("malformed")


def test_a_correction_after_it_leaves_the_new_day() -> None:
    case = adopted(supplied("2022-09-05")).when("name_panel", at="2022-09-12")
    case.when("correct_record", at="2022-09-13").clock(RESPONSE, due="2022-09-27", state="running")


@pytest.mark.parametrize("version", [OLDER.version, CALENDAR.version])
def test_every_table_is_kept(version: str) -> None:
    assert england_and_wales(version).version == version
