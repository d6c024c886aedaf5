"""A stay for criminal proceedings: what it stops, what ends it, and a stay or its end that is told late."""

import pytest

from domain.regimes import every_time_limit
from tests.kit import Given, referred
from tests.kit import refusal as law

RESPONSE = "officer_response/A"


def supplied() -> Given:
    return referred().up_to("supply_documents", supply_documents={"at": "2020-08-03"})


def stayed() -> Given:
    """Six working days are left."""
    return supplied().when("stay_proceedings", at="2020-08-14").clock(RESPONSE, state="paused")


@pytest.mark.parametrize("because", ["prejudice_ended", "criminal_proceedings_concluded"])
def test_either_event_lets_the_proceedings_go_on(because: str) -> None:
    case = stayed().when("resume_proceedings", at="2021-03-01", because=because)
    case.then("proceedings_resumed", because=because).clock(RESPONSE, due="2021-03-09", state="running")


def test_nothing_else_ends_a_stay() -> None:
    """Not an appeal in the criminal case, whose rights are disregarded: the case has ended before it."""
    with pytest.raises(Exception, match="because"):
        stayed().when("resume_proceedings", at="2021-03-01", because="appeal_decided")


def test_only_the_limits_of_proceedings_stop() -> None:
    """What is to be done after they have ended, and about the investigation or a suspension, goes on."""
    stops = {row.id for row in every_time_limit() if row.pauses}
    goes_on = {row.id for row in every_time_limit() if row.starts_with and not row.pauses}
    assert {"officer_response", "witness_lists", "documents_to_chair", "pre_hearing", "meeting_held"} <= stops
    assert {"amh_date", "amh_response", "hearing_no_prehearing", "hearing_held_2012", "object_to_chair"} <= stops
    assert {"suspension_review_first", "update_parties_first", "timeliness_pcr_first"} <= goes_on
    assert {"outcome_report", "barred_list_report", "appeal_from_meeting", "officer_progress_update_first"} <= goes_on


@pytest.mark.parametrize("act", ["open_hearing", "hold_pre_hearing", "record_finding"])
def test_no_proceedings_take_place_during_a_stay(act: str) -> None:
    law(lambda: referred().before(act).when("stay_proceedings"), act, "unlawful", "PCR 2020 reg 10").holds()


def test_a_stay_told_late_brings_back_a_right_that_had_lapsed() -> None:
    case = supplied().when("name_panel", at="2020-08-12").on("2020-12-01").clock("object_to_chair/A", state="lapsed")
    case = case.when("stay_proceedings", at="2020-08-14").clock("object_to_chair/A", state="paused")
    case.when("resume_proceedings", at="2020-12-02").clock("object_to_chair/A", due="2020-12-03", state="running")


def test_a_clock_that_started_during_a_stay_told_late_keeps_all_its_days() -> None:
    told_first = referred().up_to("refer_to_proceedings").when("stay_proceedings", at="2020-08-03")
    told_first = told_first.when("supply_documents", at="2020-08-10").when("resume_proceedings", at="2021-03-01")
    told_last = referred().up_to("refer_to_proceedings").when("supply_documents", at="2020-08-10")
    told_last = told_last.when("stay_proceedings", at="2020-08-03").when("resume_proceedings", at="2021-03-01")
    assert told_last.deadline(RESPONSE).due == told_first.deadline(RESPONSE).due


def test_what_was_done_after_the_clock_ran_again_is_late_though_the_end_of_the_stay_is_told_later() -> None:
    case = stayed().when("name_panel").when("respond_to_notice", at="2021-04-01").clock(RESPONSE, state="met")
    case = case.when("resume_proceedings", at="2021-03-01").clock(RESPONSE, due="2021-03-09", state="missed")
    assert not case.deadline(RESPONSE).overdue


def test_what_was_done_in_the_days_that_were_left_stays_done_in_time() -> None:
    case = stayed().when("name_panel").when("respond_to_notice", at="2021-03-05").clock(RESPONSE, state="met")
    case = case.when("resume_proceedings", at="2021-03-01").clock(RESPONSE, due="2021-03-09", state="met")
    assert not any(getattr(fact, "miss_withdrawn", False) for fact in case.facts)
    during = stayed().when("name_panel").when("respond_to_notice", at="2020-12-01")
    during.when("resume_proceedings", at="2021-03-01").clock(RESPONSE, due="2020-08-24", state="met")


def test_a_clock_that_an_extension_told_during_a_stay_lets_run_longer_stands_still_from_the_stay() -> None:
    """It was granted before the limit ended, so the limit was running when the proceedings were stayed."""
    missed = supplied().when("name_panel", at="2020-08-04").on("2020-09-01").clock(RESPONSE, state="missed")
    case = missed.when("stay_proceedings", at="2020-09-02").clock(RESPONSE, state="missed")
    case = case.when("extend_deadline", at="2020-08-20", deadline=RESPONSE, until="2020-10-01")
    case = case.clock(RESPONSE, state="paused").on("2020-12-01").clock(RESPONSE, state="paused")
    case.when("resume_proceedings", at="2021-03-01").clock(RESPONSE, state="running", due="2021-03-30")


def test_an_extension_that_had_ended_before_the_stay_leaves_the_limit_missed() -> None:
    case = supplied().when("name_panel", at="2020-08-04").on("2020-09-01").when("stay_proceedings", at="2020-09-02")
    case = case.when("extend_deadline", at="2020-08-20", deadline=RESPONSE, until="2020-08-27")
    case.on("2020-12-01").clock(RESPONSE, state="missed", due="2020-08-27")


def test_a_clock_of_the_regulations_that_come_to_govern_during_a_stay_stands_still_as_the_one_before() -> None:
    case = stayed().when("link_case", at="2020-08-20").clock(RESPONSE, state="withdrawn")
    case = case.clock("officer_response_2012/A", state="paused").on("2020-12-01")
    case = case.clock("officer_response_2012/A", state="paused").when("resume_proceedings", at="2021-03-01")
    case.clock("officer_response_2012/A", state="running", due="2021-03-08")
