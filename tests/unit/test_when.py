"""When an act was done is judged, and not when it was told: by what it rests on, and by a stay."""

from typing import Any

import pytest

from domain.case import lawful_next
from tests.kit import AA, CALENDAR, CHAIR, NO_CASE, Given, Refusal, accelerated, referred, refusal


def referred_again() -> Given:
    """On the accelerated track until 10 August 2020, and referred to an ordinary hearing on 20 August."""
    case = accelerated("name_panel").when("remit_to_ordinary_track", at="2020-08-10")
    case = case.up_to("submit_report", submit_report={"at": "2020-08-11"})
    return case.when("decide_case_to_answer").when("refer_to_proceedings", at="2020-08-20", hearing="H2")


def decided_twice() -> Given:
    case = referred().up_to("submit_report").when("decide_case_to_answer", at="2020-09-01", **NO_CASE)
    return case.when("decide_case_to_answer", at="2020-09-10")


def supplied(at: str = "2020-08-20") -> Given:
    return referred().up_to("name_panel", supply_documents={"at": at})


def stayed_in_august() -> Given:
    case = referred().up_to("list_hearing", list_hearing={"begins_on": "2020-08-20"})
    return case.when("stay_proceedings", at="2020-08-10").when("resume_proceedings", at="2020-09-10")


def in_session() -> Given:
    case = referred().up_to("open_hearing", open_hearing={"at": "2020-09-01"})
    return case.when("record_finding", at="2020-09-05")


@pytest.mark.parametrize(
    "case",
    [
        refusal(referred_again, "supply_documents", "out_of_order", at="2020-08-05"),
        refusal(referred_again, "name_panel", "out_of_order", at="2020-08-05"),
        refusal(decided_twice, "refer_to_proceedings", "out_of_order", at="2020-09-05"),
        refusal(decided_twice, "decide_case_to_answer", "out_of_order", at="2020-09-05", **NO_CASE),
        refusal(supplied, "extend_deadline", "out_of_order", at="2020-08-19", until="2020-10-01"),
        refusal(supplied, "shorten_deadline", "out_of_order", at="2020-08-19", until="2020-08-28"),
        refusal(supplied, "set_aside_deadline", "out_of_order", at="2020-08-19", by=CHAIR, deadline="hearing_100wd/A"),
        refusal(supplied, "withdraw_from_proceedings", "out_of_order", at="2020-07-06T10:00:30"),
        refusal(in_session, "conclude_hearing", "out_of_order", at="2020-09-03"),
        refusal(stayed_in_august, "open_hearing", "unlawful", "PCR 2020 reg 10", at="2020-08-25"),
        refusal(lambda: referred().before("close_case"), "close_case", "out_of_order", at="2020-07-06T10:01:00", by=AA),
    ],
)
def test_nothing_is_done_before_what_it_rests_on_nor_within_a_stay(case: Refusal) -> None:
    case.holds()


def stayed_on(day: str) -> Given:
    case = referred().up_to("list_hearing", list_hearing={"begins_on": "2020-08-03"})
    return case.when("stay_proceedings", at=day)


def test_a_hearing_held_before_the_stay_may_be_told_while_it_lasts() -> None:
    case = stayed_on("2020-08-10").when("open_hearing", at="2020-08-04").then("hearing_opened")
    case = case.clock("hearing_no_prehearing/A", state="met")
    case.when("record_finding", at="2020-08-05").then("finding_recorded")
    case.when("record_finding", at="2020-08-10").refused("unlawful", "PCR 2020 reg 10")


def test_what_is_stayed_is_not_offered() -> None:
    stayed = stayed_on("2020-08-10")
    assert "open_hearing" not in {act.command for act in lawful_next(stayed.case, CALENDAR)}
    resumed = stayed.when("resume_proceedings", at="2020-09-10")
    assert "open_hearing" in {act.command for act in lawful_next(resumed.case, CALENDAR)}


def test_after_the_stay_the_hearing_is_opened() -> None:
    stayed_in_august().when("open_hearing", at="2020-09-10").then("hearing_opened")


def test_a_clock_that_began_in_a_stay_told_late_keeps_its_days_and_gains_none() -> None:
    stayed = supplied().when("stay_proceedings", at="2020-08-01").when("resume_proceedings", at="2020-09-10")
    stayed.clock("officer_response/A", due="2020-10-01")


def test_a_right_does_not_lapse_in_a_stay_told_late() -> None:
    case = referred().up_to("name_panel", name_panel={"at": "2020-08-03"}).on("2020-08-10")
    case.clock("object_to_chair/A", state="lapsed")
    stayed = case.when("stay_proceedings", at="2020-08-04").clock("object_to_chair/A", state="paused")
    stayed.when("resume_proceedings", at="2020-09-01").when("object_to_panel", at="2020-09-02").then("panel_objected")


def test_those_heard_together_have_one_panel() -> None:
    case = referred(officers="AB").up_to("supply_documents").when("name_panel", officer="A")
    other: dict[str, Any] = {"members": ["member-3", "member-4"]}
    case.when("name_panel", officer="B", **other).refused("unlawful", "PCR 2020 reg 25")
    case.when("name_panel", **other).then("panel_named", "panel_named")


def test_a_duty_without_a_day_that_arose_in_a_stay_does_not_keep_it_from_ending() -> None:
    case = referred().up_to("certify_special_conditions").when("stay_proceedings").when("refer_to_proceedings")
    case = case.up_to("name_panel", name_panel={"members": []}).when(
        "direct_privacy", held="public", notice_required=True
    )
    case.clock("amh_public_notice/A", state="due").clock("amh_date/A", state="paused")
    case.when("resume_proceedings").clock("amh_date/A", state="running").clock("amh_public_notice/A", state="due")
