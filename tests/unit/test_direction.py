"""The IOPC's own decision and the authority's compliance; the prosecutor; what an officer is told and may ask for."""

from typing import Any

import pytest

from domain.deadlines import explain
from tests.kit import AA, CALENDAR, INVESTIGATOR, IOPC, NO_CASE, OFFICER, Given, Refusal, locally, referred, refusal

HEARING: dict[str, Any] = {"decision": "gross_misconduct", "disposal": "hearing"}
COMPLY = "PRA 2002 Sch 3 para 23; paragraph on directions not read [M m]"
OTHER_TIME = "PCR 2020 reg 20(4)-(5), (8)"


def directed(on: str = "2022-04-27", **facts: Any) -> Given:
    return referred().up_to("submit_report").when("direct_authority", at=on, **facts)


def arranged(on: str = "2023-04-03", day: str = "2023-04-06T10:00+01:00") -> Given:
    return referred().up_to("serve_notice").when("arrange_interview", at=on, proposed_for=day)


# --- The authority decides late, and tells why


def late() -> Given:
    """Nothing was decided on a report of Friday 17 December 2021 by the end of 12 January 2022."""
    return locally().up_to("submit_report", submit_report={"at": "2021-12-17"}).on("2022-01-13")


def test_once_the_time_for_the_decision_is_over_the_officer_is_told_the_reason() -> None:
    case = locally().up_to("submit_report", submit_report={"at": "2021-12-17"}).on("2022-01-12")
    case.no_clock("decision_delay_told/A").when("tell_in_writing", of="delay_of_decision").refused("wrong_stage")
    case = case.on("2022-01-13").clock("decision_delay_told/A", state="due")
    told = case.when("tell_in_writing", of="delay_of_decision").then("told_in_writing", of="delay_of_decision")
    told.clock("decision_delay_told/A", state="met").clock("case_to_answer_decision/A", state="missed")
    told.when("tell_in_writing", of="delay_of_decision").refused("wrong_stage")


def test_a_decision_made_late_does_not_tell_the_reason() -> None:
    case = late().when("decide_case_to_answer", **NO_CASE).clock("decision_delay_told/A", state="due")
    case.when("tell_in_writing", of="delay_of_decision").clock("decision_delay_told/A", state="met")


def test_a_decision_made_in_time_and_told_late_leaves_nothing_to_tell() -> None:
    case = late().when("decide_case_to_answer", at="2022-01-12", **NO_CASE)
    case.clock("decision_delay_told/A", state="withdrawn")
    case.when("tell_in_writing", of="delay_of_decision").refused("wrong_stage")


@pytest.mark.parametrize(
    ("by", "at", "code"), [(INVESTIGATOR, None, "not_permitted"), (AA, "2022-01-12", "out_of_order")]
)
def test_the_authority_tells_why_and_not_before(by: str, at: str | None, code: str) -> None:
    late().when("tell_in_writing", by=by, at=at, of="delay_of_decision").refused(code)


# --- The IOPC decides, the authority complies


def test_the_authority_has_28_days_for_its_views_which_the_iopc_may_shorten() -> None:
    case = referred().up_to("submit_report").when("seek_views", at="2022-03-14")
    case = case.clock("aa_views_to_dg/A", due="2022-04-11", state="running")
    assert "UNVERIFIED" in explain(case.deadline("aa_views_to_dg/A"), CALENDAR)
    shorter: dict[str, Any] = {"deadline": "aa_views_to_dg/A", "until": "2022-03-28", "agreed_by": []}
    case.when("shorten_deadline", **shorter).refused("unlawful", "PRA 2002 Sch 3 para 23; PCMR 2020 Part 3")
    case = case.when("shorten_deadline", by=IOPC, **shorter).clock("aa_views_to_dg/A", due="2022-03-28")
    case.when("give_views", at="2022-03-28").clock("aa_views_to_dg/A", state="met")


def test_the_iopc_shortens_no_other_limit_alone() -> None:
    case = referred().up_to("supply_documents", supply_documents={"at": "2022-09-01"})
    case.when("shorten_deadline", by=IOPC, until="2022-09-05", agreed_by=[]).refused("unlawful", "PCR 2020 reg 22")


def test_the_iopc_does_not_wait_for_views_for_ever() -> None:
    case = referred().up_to("seek_views").when("direct_authority")
    case.clock("aa_views_to_dg/A", state="withdrawn").clock("comply_with_direction/A", state="due")


def test_a_direction_decides_for_the_iopc_and_binds_the_authority() -> None:
    case = directed().clock("case_to_answer_decision_iopc/A", state="met").clock("comply_with_direction/A", state="due")
    assert case.officer().disposal is None
    case = case.when("decide_case_to_answer").then("case_to_answer_decided", directed=True, **HEARING)
    case.clock("comply_with_direction/A", state="met")


def test_a_direction_against_the_view_of_the_authority_says_so() -> None:
    case = referred().up_to("give_views")
    against = case.when("direct_authority").then("authority_directed", against_view=True)
    assert against.facts[0].tell().endswith("This is against the authority's view.")
    case.when("direct_authority", decision="misconduct", disposal="meeting").then(
        "authority_directed", against_view=False
    )


def test_the_iopc_may_direct_otherwise_before_the_authority_has_referred_the_officer() -> None:
    case = directed().when("decide_case_to_answer").when("direct_authority", **NO_CASE)
    case.clock("comply_with_direction/A/2", state="due")
    case.when("decide_case_to_answer", **NO_CASE).clock("comply_with_direction/A/2", state="met")


def test_a_direction_is_for_each_officer() -> None:
    case = referred(officers="AB").up_to("submit_report").when("direct_authority", officer="A")
    case.when("decide_case_to_answer", officer="B", **NO_CASE).then("case_to_answer_decided", directed=False)
    case.when("decide_case_to_answer", officer="A", **NO_CASE).refused("unlawful", COMPLY)


def test_a_case_is_not_closed_while_a_direction_is_not_complied_with() -> None:
    case = referred().up_to("submit_report").when("decide_case_to_answer", **NO_CASE).when("direct_authority")
    case.when("close_case").refused("out_of_order")


# --- Severity revised


@pytest.mark.parametrize(("was", "now"), [("misconduct", "gross_misconduct"), ("gross_misconduct", "misconduct")])
def test_an_officer_is_told_of_a_severity_assessed_anew(was: str, now: str) -> None:
    case = referred().up_to("serve_notice", assess_severity={"severity": was}).when("assess_severity", severity=now)
    case = case.then("severity_assessed", was=was, revised=True).clock("severity_change_told/A", state="due")
    case = case.when("tell_in_writing", by=INVESTIGATOR, of="severity_change")
    case.then("told_in_writing").clock("severity_change_told/A", state="met")
    case.when("tell_in_writing", by=INVESTIGATOR, of="severity_change").refused("wrong_stage")


def test_a_new_notice_tells_the_officer_too() -> None:
    case = referred().up_to("serve_notice").when("assess_severity", severity="misconduct").when("serve_notice")
    case.clock("severity_change_told/A", state="met").when("tell_in_writing", of="severity_change").refused(
        "wrong_stage"
    )


def test_before_the_notice_there_is_nothing_to_correct() -> None:
    case = referred().up_to("assess_severity").when("assess_severity", severity="misconduct")
    case.then("severity_assessed", revised=False).no_clock("severity_change_told/A")


def test_a_warning_noted_later_is_no_change_of_severity() -> None:
    case = referred().up_to("serve_notice").when("assess_severity", live_final_warning=True)
    case.then("severity_assessed", revised=False)


def test_an_older_assessment_told_later_changes_nothing_to_tell() -> None:
    case = referred().up_to("serve_notice", assess_severity={"at": "2020-08-01"})
    case.when("assess_severity", at="2020-07-20", severity="misconduct").then("severity_assessed", revised=False)


# --- Another time for an interview


def test_an_interview_is_postponed_to_the_time_that_the_officer_proposes() -> None:
    case = arranged().when("propose_interview_time", proposed_for="2023-04-17T09:00+01:00")
    case.then("interview_postponed").clock("interview_alternative/A", due="2023-04-17", state="met")
    assert str(case.officer().interview_at) == "2023-04-17 09:00:00+01:00"
    assert case.when("record_interview").officer().interview_at is None


def test_an_interview_held_ends_the_chance_to_put_it_off() -> None:
    arranged().when("record_interview", at="2023-04-06").clock("interview_alternative/A", state="withdrawn")


def test_another_date_that_the_investigator_names_may_be_put_off_again() -> None:
    case = arranged().when("arrange_interview", proposed_for="2023-04-20T10:00+01:00")
    case.clock("interview_alternative/A", state="withdrawn").clock("interview_alternative/A/2", due="2023-04-27")


# --- The prosecutor, and afterwards


def test_a_report_that_indicates_an_offence_goes_to_the_prosecutor() -> None:
    case = referred().before("submit_report").when("submit_report", indicates_offence=True)
    assert case.clock("dpp_notification", state="due").deadline("dpp_notification").duty == IOPC
    case.when("refer_to_prosecutor").clock("dpp_notification", state="met")


def test_another_report_does_not() -> None:
    referred().up_to("submit_report").no_clock("dpp_notification")


def test_that_nobody_is_charged_is_an_outcome_and_a_charge_is_not() -> None:
    case = referred().up_to("refer_to_prosecutor")
    case.when("record_prosecution_decision", charge=True).no_clock("outcome_to_parties/P1")
    case = case.when("record_prosecution_decision").clock("outcome_to_parties/P1", state="running")
    case.when("refer_to_prosecutor").then("referred_to_prosecutor")


@pytest.mark.parametrize("because", ["prejudice_ended", "criminal_proceedings_concluded"])
def test_after_the_criminal_proceedings_the_authority_decides(because: str) -> None:
    case = referred(officers="AB").up_to("submit_report").when("decide_case_to_answer", officer="A")
    case = case.when("stay_proceedings").when("resume_proceedings", because=because)
    case = case.no_clock("post_criminal_determination/A").clock("post_criminal_determination/B", state="due")
    case.when("decide_case_to_answer", officer="B").clock("post_criminal_determination/B", state="met")


def test_a_new_stay_puts_that_decision_off() -> None:
    case = (
        referred().up_to("submit_report").when("stay_proceedings").when("resume_proceedings").when("stay_proceedings")
    )
    case.clock("post_criminal_determination/A", state="withdrawn")


REFUSED = {
    "no views before the report": refusal("serve_notice", "seek_views", "out_of_order", "PCR 2020 reg 23(1)"),
    "no views on the authority's own investigation": refusal(
        lambda: locally().up_to("submit_report"), "seek_views", "wrong_stage", "PRA 2002 Sch 3 para 23"
    ),
    "and no direction": refusal(
        lambda: locally().up_to("submit_report"), "direct_authority", "wrong_stage", "PRA 2002 Sch 3 para 23"
    ),
    "no direction before the report": refusal("serve_notice", "direct_authority", "out_of_order", "PCR 2020 reg 23(1)"),
    "no views that nobody asked for": refusal("submit_report", "give_views", "out_of_order"),
    "nor twice": refusal("give_views", "give_views", "out_of_order"),
    "nor before they were asked for": refusal(
        lambda: referred().up_to("submit_report").when("seek_views", at="2022-03-14"),
        "give_views",
        "out_of_order",
        at="2022-03-13",
    ),
    "no direction after the referral to proceedings": refusal(
        "refer_to_proceedings", "direct_authority", "wrong_stage"
    ),
    "no direction to what is unlawful": refusal(
        "submit_report", "direct_authority", "unlawful", "PCR 2020 reg 23", disposal="meeting"
    ),
    "the authority does not decide otherwise than directed": refusal(
        directed, "decide_case_to_answer", "unlawful", COMPLY, **NO_CASE
    ),
    "the IOPC does not decide in its place": refusal(directed, "decide_case_to_answer", "not_permitted", by=IOPC),
    "nobody complies before the direction": refusal(
        directed, "decide_case_to_answer", "out_of_order", at="2022-04-26", **HEARING
    ),
    "another time after the last day": refusal(
        arranged, "propose_interview_time", "unlawful", OTHER_TIME, proposed_for="2023-04-18T00:00+01:00"
    ),
    "a time before the one that was named": refusal(
        arranged, "propose_interview_time", "unlawful", OTHER_TIME, proposed_for="2023-04-05T10:00+01:00"
    ),
    "nor that time again": refusal(
        arranged, "propose_interview_time", "unlawful", OTHER_TIME, proposed_for="2023-04-06T10:00+01:00"
    ),
    "another time in the past": refusal(
        arranged, "propose_interview_time", "malformed", at="2023-04-04", proposed_for="2023-04-03T10:00+01:00"
    ),
    "another time twice": refusal(
        lambda: arranged().when("propose_interview_time", proposed_for="2023-04-06T10:01+01:00"),
        "propose_interview_time",
        "unlawful",
        OTHER_TIME,
        proposed_for="2023-04-07T10:00+01:00",
    ),
    "another time after the chance has gone": refusal(
        lambda: arranged().on("2023-04-18"), "propose_interview_time", "unlawful", OTHER_TIME
    ),
    "another time for no interview": refusal("serve_notice", "propose_interview_time", "out_of_order"),
    "by another officer": refusal(arranged, "propose_interview_time", "not_permitted", by=OFFICER, who="person-b"),
    "no file before the investigation": refusal("decide_mode", "refer_to_prosecutor", "wrong_stage"),
    "no second file before the decision on the first": refusal(
        "refer_to_prosecutor", "refer_to_prosecutor", "already_done"
    ),
    "no decision without a file": refusal("serve_notice", "record_prosecution_decision", "out_of_order"),
    "no decision before the file": refusal(
        lambda: referred().up_to("serve_notice").when("refer_to_prosecutor", at="2021-01-05"),
        "record_prosecution_decision",
        "out_of_order",
        at="2021-01-04",
    ),
    "an investigator tells of no withdrawal": refusal(
        "withdraw_from_proceedings", "tell_in_writing", "not_permitted", by=INVESTIGATOR
    ),
    "nobody tells of a severity that did not change": refusal(
        "withdraw_from_proceedings", "tell_in_writing", "not_found", by=AA, of="severity_change"
    ),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()
