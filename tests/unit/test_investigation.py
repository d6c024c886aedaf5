"""Investigation: from the appointed investigator to the decision on the report, officer by officer."""

from typing import Any

import pytest

from domain.vocabulary import Severity
from tests.kit import AA, INVESTIGATOR, IOPC, Given, Refusal, locally, referred, refusal

REG_23 = "PCR 2020 reg 23"


def under_2012(act: str, **changes: dict[str, Any]) -> Given:
    return referred(first_known="2019-01-02").up_to(act, **changes)


@pytest.mark.parametrize(
    ("act", "facts", "event", "said"),
    [
        ("appoint_investigator", {}, "investigator_appointed", {"investigator": "investigator-1"}),
        ("assess_severity", {"severity": "misconduct"}, "severity_assessed", {"severity": "misconduct", "was": None}),
        ("serve_notice", {}, "notice_served", {"severity": "gross_misconduct", "terms_of_reference": True}),
        ("record_representations", {}, "representations_recorded", {"officer": "A"}),
        ("arrange_interview", {}, "interview_arranged", {"officer": "A"}),
        ("propose_interview_time", {}, "interview_postponed", {"officer": "A"}),
        ("record_interview", {}, "interview_recorded", {"officer": "A"}),
        ("refer_to_prosecutor", {}, "referred_to_prosecutor", {"reasons": "The report indicates an assault"}),
        ("record_prosecution_decision", {}, "prosecution_decided", {"charge": False}),
        ("seek_views", {}, "views_sought", {"officer": "A"}),
        ("give_views", {}, "views_given", {"decision": "misconduct", "disposal": "meeting"}),
        ("direct_authority", {}, "authority_directed", {"disposal": "hearing", "against_view": False}),
        ("update_party", {}, "party_updated", {"party": "P1", "to_officer": False}),
        ("update_party", {"party": "A"}, "party_updated", {"party": "A", "to_officer": True}),
        ("report_timeliness", {}, "timeliness_reported", {"reason": "Many witnesses"}),
        ("stay_proceedings", {}, "proceedings_stayed", {"reasons": "Trial pending"}),
        ("resume_proceedings", {}, "proceedings_resumed", {"because": "criminal_proceedings_concluded"}),
        ("submit_report", {}, "report_submitted", {}),
        ("decide_case_to_answer", {}, "case_to_answer_decided", {"disposal": "hearing", "directed": False}),
    ],
)
def test_what_an_act_gives(act: str, facts: dict[str, Any], event: str, said: dict[str, Any]) -> None:
    referred().before(act).when(act, **facts).then(event, **said)


def test_the_stage_is_that_of_the_least_advanced_officer() -> None:
    case = referred(officers="AB").up_to("appoint_investigator")
    assert case.case.stage == "investigation"
    case = case.up_to("submit_report").when("decide_case_to_answer", officer="A")
    assert [case.case.stage_of(case.officer(ref)) for ref in "AB"] == ["proceedings", "investigation"]
    assert case.case.stage == "investigation"


def test_severity_may_be_assessed_again_upward_or_downward() -> None:
    case = referred().up_to("assess_severity", assess_severity={"severity": "misconduct"})
    case = case.when("assess_severity", severity="gross_misconduct").then("severity_assessed", was="misconduct")
    case = case.when("assess_severity", severity="misconduct").then("severity_assessed", was="gross_misconduct")
    assert case.officer().severity == "misconduct"


def test_a_live_final_warning_is_noted_with_the_severity() -> None:
    case = referred().up_to("assess_severity").when("assess_severity", live_final_warning=True)
    assert case.then("severity_assessed").officer().live_final_warning


CONVICTED = "PCR 2020 reg 2(1), (2A) as amended by SI 2025/558 reg 6 [V]"


@pytest.mark.parametrize("severity", [each.value for each in Severity if each is not Severity.GROSS_MISCONDUCT])
def test_conviction_of_an_indictable_only_offence_is_gross_misconduct_since_2025(severity: str) -> None:
    case = referred(first_known="2025-05-28").up_to("appoint_investigator")
    told = case.when("assess_severity", severity=severity, indictable_only_conviction=True)
    assert told.refused("unlawful", CONVICTED).refusal.lawful == ("gross_misconduct",)  # type: ignore[union-attr]
    gross = case.when("assess_severity", severity="gross_misconduct", indictable_only_conviction=True)
    gross.then("severity_assessed", indictable_only_conviction=True)
    gross.when("assess_severity", severity=severity).refused("unlawful", CONVICTED)  # it stays a conviction
    case.when("assess_severity", severity=severity).then("severity_assessed", indictable_only_conviction=False)


def test_a_conviction_that_is_told_after_the_assessment_is_taken_up() -> None:
    case = referred(first_known="2025-05-28").up_to("assess_severity", assess_severity={"at": "2025-06-10"})
    convicted = case.when("assess_severity", indictable_only_conviction=True).then("severity_assessed")
    assert convicted.officer().indictable_only_conviction
    assert "conviction of an indictable-only offence" in convicted.facts[0].tell()
    earlier = convicted.when("assess_severity", severity="misconduct", at="2025-06-05")  # of a day before it was known
    earlier.then("severity_assessed", severity="misconduct")


@pytest.mark.parametrize("known", ["2025-05-27", "2018-01-15"])
def test_before_the_amendments_of_2025_a_conviction_decides_nothing(known: str) -> None:
    case = referred(first_known=known).up_to("appoint_investigator")
    case.when("assess_severity", severity="misconduct", indictable_only_conviction=True).then("severity_assessed")


def test_severity_belongs_to_each_officer_and_the_gravest_is_the_case_s() -> None:
    case = referred(officers="AB").up_to("appoint_investigator")
    case = case.when("assess_severity", officer="A", severity="gross_misconduct")
    case = case.when("assess_severity", officer="B", severity="practice_requiring_improvement")
    assert [case.officer(ref).severity for ref in "AB"] == ["gross_misconduct", "practice_requiring_improvement"]
    assert case.case.severity == "gross_misconduct"


def test_notice_may_be_served_on_several_officers_at_once() -> None:
    case = referred(officers="AB").up_to("assess_severity").when("serve_notice")
    case.then("notice_served", "notice_served")
    assert all(case.officer(ref).notice_served for ref in "AB")


def test_a_joint_act_is_done_for_all_officers_or_for_none() -> None:
    case = referred(officers="AB").up_to("appoint_investigator").when("assess_severity", officer="A")
    tried = case.when("serve_notice", officers=["A", "B"])
    tried.refused("out_of_order")  # officer B was not assessed
    assert tried.case == case.case


def test_an_officer_added_during_the_investigation_is_assessed_and_served_too() -> None:
    case = referred().up_to("appoint_investigator").when("add_officer")
    assert set(case.clocks_set()) == {"severity_assessment/C", "written_notice_17/C"}


def test_an_officer_added_before_the_investigation_has_no_duty_owed_yet() -> None:
    assert referred().when("add_officer").clocks_set() == []


def test_the_authority_appoints_the_investigator_of_a_local_investigation() -> None:
    locally().then("investigator_appointed")


def test_another_investigator_may_be_appointed() -> None:
    case = referred().up_to("appoint_investigator").when("appoint_investigator", investigator="investigator-2")
    assert case.then("investigator_appointed").case.investigator == "investigator-2"


def test_the_iopc_may_submit_the_report_of_its_own_investigation() -> None:
    referred().before("submit_report").when("submit_report", by=IOPC).then("report_submitted")


@pytest.mark.parametrize(
    ("decision", "disposal", "facts"),
    [
        ("gross_misconduct", "hearing", {}),
        ("gross_misconduct", "hearing", {"directed": True}),
        ("misconduct", "meeting", {}),
        ("misconduct", "reflective_practice", {"line_manager_consulted": True}),
        ("none", "no_action", {}),
        ("none", "reflective_practice", {"line_manager_consulted": True}),
        ("none", "performance", {"line_manager_consulted": True}),
    ],
)
def test_where_a_decision_leads(decision: str, disposal: str, facts: dict[str, Any]) -> None:
    decided = referred().before("decide_case_to_answer")
    decided = decided.when("decide_case_to_answer", decision=decision, disposal=disposal, **facts)
    decided.then("case_to_answer_decided", decision=decision, disposal=disposal)
    assert decided.officer().finished == (disposal not in ("meeting", "hearing"))


def test_misconduct_with_a_live_final_warning_goes_to_a_hearing() -> None:
    warned = referred().before("decide_case_to_answer", assess_severity={"live_final_warning": True})
    warned.when("decide_case_to_answer", decision="misconduct", disposal="hearing").then("case_to_answer_decided")


def test_misconduct_with_a_live_final_warning_does_not_go_to_a_meeting() -> None:
    warned = referred().before("decide_case_to_answer", assess_severity={"live_final_warning": True})
    warned.when("decide_case_to_answer", decision="misconduct", disposal="meeting").refused("unlawful", REG_23)


@pytest.mark.parametrize("disposal", ["hearing", "meeting"])
def test_misconduct_after_a_reduction_in_rank_may_go_to_a_hearing(disposal: str) -> None:
    reduced = referred().before("decide_case_to_answer", assess_severity={"reduced_in_rank": True})
    reduced.when("decide_case_to_answer", decision="misconduct", disposal=disposal).then("case_to_answer_decided")


def test_a_reduction_in_rank_leaves_a_live_final_warning_no_meeting_and_2012_no_hearing() -> None:
    told = {"assess_severity": {"reduced_in_rank": True, "live_final_warning": True}}
    warned = referred().before("decide_case_to_answer", **told)
    warned.when("decide_case_to_answer", decision="misconduct", disposal="meeting").refused("unlawful", REG_23)
    old = referred(first_known="2018-01-15").before("decide_case_to_answer", assess_severity={"reduced_in_rank": True})
    old = old.when("decide_case_to_answer", decision="misconduct", disposal="hearing")
    assert "reduction" not in str(old.refused("unlawful").refusal)


def test_management_action_was_the_low_level_disposal_of_2012() -> None:
    decided = under_2012("submit_report").when("decide_case_to_answer", decision="none", disposal="management_action")
    decided.then("case_to_answer_decided", disposal="management_action")


def test_performance_needs_no_line_manager_under_2012() -> None:
    under_2012("submit_report").when("decide_case_to_answer", decision="none", disposal="performance").then(
        "case_to_answer_decided"
    )


def test_a_decision_may_change_until_the_officer_is_referred_to_proceedings() -> None:
    case = referred().up_to(
        "decide_case_to_answer", decide_case_to_answer={"decision": "none", "disposal": "no_action"}
    )
    assert case.case.stage_of(case.officer()) == "closed"
    case = case.when("decide_case_to_answer", decision="misconduct", disposal="meeting")
    assert case.case.stage_of(case.officer()) == "proceedings"


REFUSED = {
    "no investigator before the mode": refusal(referred, "appoint_investigator", "out_of_order"),
    "an officer concerned does not investigate": refusal(
        "decide_mode", "appoint_investigator", "conflict_of_interest", "PCR 2020 reg 15", investigator="person-a"
    ),
    "nor under 2012": refusal(
        lambda: under_2012("decide_mode"), "appoint_investigator", "conflict_of_interest", investigator="person-a"
    ),
    "the authority does not appoint to an independent investigation": refusal(
        "decide_mode", "appoint_investigator", "not_permitted", by=AA
    ),
    "that investigator is appointed already": refusal("appoint_investigator", "appoint_investigator", "already_done"),
    "nothing is investigated before an investigator is appointed": refusal(
        "decide_mode", "assess_severity", "wrong_stage"
    ),
    "no notice before": refusal("decide_mode", "serve_notice", "wrong_stage"),
    "no representations before": refusal("decide_mode", "record_representations", "wrong_stage"),
    "no interview arranged before": refusal("decide_mode", "arrange_interview", "wrong_stage"),
    "no interview held before": refusal("decide_mode", "record_interview", "wrong_stage"),
    "no report before": refusal("decide_mode", "submit_report", "wrong_stage"),
    "no severity after the report": refusal("submit_report", "assess_severity", "wrong_stage", severity="misconduct"),
    "no notice after the report": refusal("submit_report", "serve_notice", "wrong_stage"),
    "no representations after it": refusal("submit_report", "record_representations", "wrong_stage"),
    "no interview arranged after it": refusal("submit_report", "arrange_interview", "wrong_stage"),
    "no interview held after it": refusal("submit_report", "record_interview", "wrong_stage"),
    "no second report": refusal("submit_report", "submit_report", "wrong_stage"),
    "the severity is that already": refusal("assess_severity", "assess_severity", "already_done"),
    "notice says how severe, so severity comes first": refusal("appoint_investigator", "serve_notice", "out_of_order"),
    "representations answer a notice": refusal(
        "assess_severity", "record_representations", "out_of_order", "PCR 2020 reg 18(1) [V-frag]"
    ),
    "under 2012 too": refusal(lambda: under_2012("assess_severity"), "record_representations", "out_of_order"),
    "no interview is arranged without notice": refusal(
        "assess_severity", "arrange_interview", "out_of_order", "PCR 2020 reg 20(2) [V]"
    ),
    "no interview is held without notice": refusal(
        "assess_severity", "record_interview", "out_of_order", "PCR 2020 reg 20(2) [V]"
    ),
    "an interview is not proposed for the past": refusal(
        "serve_notice", "arrange_interview", "malformed", at="2020-07-10T10:00", proposed_for="2020-07-10T10:00+01:00"
    ),
    "a stranger is not kept informed": refusal(referred, "update_party", "not_found", party="P9"),
    "what is stayed is not stayed again": refusal("stay_proceedings", "stay_proceedings", "already_done"),
    "what is not stayed is not resumed": refusal(referred, "resume_proceedings", "wrong_stage"),
    "only the investigator appointed submits the report": refusal(
        "serve_notice", "submit_report", "not_permitted", who="investigator-2"
    ),
    "no report while an officer is not assessed": refusal(
        lambda: referred(officers="AB").up_to("appoint_investigator").when("assess_severity", officer="A"),
        "submit_report",
        "out_of_order",
    ),
    "the report comes before the decision": refusal(
        "serve_notice", "decide_case_to_answer", "out_of_order", "PCR 2020 reg 23(1)"
    ),
    "and under 2012": refusal(lambda: under_2012("serve_notice"), "decide_case_to_answer", "out_of_order"),
    "no decision after referral to proceedings": refusal(
        "refer_to_proceedings", "decide_case_to_answer", "wrong_stage"
    ),
    "gross misconduct does not go to a meeting": refusal(
        "submit_report", "decide_case_to_answer", "unlawful", REG_23, disposal="meeting"
    ),
    "gross misconduct does not end without proceedings": refusal(
        "submit_report", "decide_case_to_answer", "unlawful", REG_23, disposal="no_action"
    ),
    "without a case to answer there is no hearing": refusal(
        "submit_report", "decide_case_to_answer", "unlawful", REG_23, decision="none", disposal="hearing"
    ),
    "nor a meeting": refusal(
        "submit_report", "decide_case_to_answer", "unlawful", REG_23, decision="none", disposal="meeting"
    ),
    "misconduct goes to a hearing only with a live final warning": refusal(
        "submit_report", "decide_case_to_answer", "unlawful", REG_23, decision="misconduct", disposal="hearing"
    ),
    "the IOPC does not direct itself": refusal(
        "submit_report", "decide_case_to_answer", "malformed", by=IOPC, directed=True
    ),
    "2012 knew no reflective practice": refusal(
        lambda: under_2012("submit_report"),
        "decide_case_to_answer",
        "unlawful",
        "PCR 2020 Part 6",
        decision="none",
        disposal="reflective_practice",
        line_manager_consulted=True,
    ),
    "management action ended with 2012": refusal(
        "submit_report",
        "decide_case_to_answer",
        "unlawful",
        "PCR 2020 Part 6",
        decision="none",
        disposal="management_action",
    ),
    "the line manager is consulted before reflective practice": refusal(
        "submit_report",
        "decide_case_to_answer",
        "unlawful",
        "PCR 2020 reg 27(3) or 23 [V-frag, place inferred]",
        decision="none",
        disposal="reflective_practice",
    ),
    "and before performance procedures": refusal(
        "submit_report",
        "decide_case_to_answer",
        "unlawful",
        "PCR 2020 reg 27(3) or 23 [V-frag, place inferred]",
        decision="none",
        disposal="performance",
    ),
    "an officer who is not in the case": refusal("appoint_investigator", "assess_severity", "not_found", officer="Z"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()


def test_no_investigator_is_appointed_after_the_report() -> None:
    case = referred().up_to("submit_report")
    case.when("appoint_investigator", investigator="investigator-2").refused("wrong_stage")


@pytest.mark.parametrize("act", ["assess_severity", "serve_notice", "arrange_interview", "record_interview"])
def test_only_the_investigator_appointed_acts_as_the_investigator(act: str) -> None:
    referred().before(act).when(act, by=INVESTIGATOR, who="investigator-2").refused("not_permitted")


@pytest.mark.parametrize("act", ["assess_severity", "decide_case_to_answer"])
def test_nothing_is_decided_about_an_officer_who_died(act: str) -> None:
    case = referred().before(act).when("record_departure", departure="died")
    case.when(act).refused("wrong_stage")


def test_what_was_resumed_may_be_stayed_again() -> None:
    referred().up_to("resume_proceedings").when("stay_proceedings").then("proceedings_stayed")


def test_it_is_remembered_that_the_officer_answered_the_notice() -> None:
    assert not referred().up_to("serve_notice").officer().represented
    assert referred().up_to("record_representations").officer().represented


def test_proceedings_are_not_resumed_before_they_were_stayed() -> None:
    case = referred().up_to("supply_documents").when("stay_proceedings", at="2020-07-20")
    case.when("resume_proceedings", at="2020-07-15").refused("out_of_order")


def test_an_older_assessment_told_later_does_not_replace_the_newer_one() -> None:
    case = referred().up_to("assess_severity", assess_severity={"at": "2020-08-01"})
    case = case.when("assess_severity", at="2020-07-20", severity="misconduct")
    assert case.officer().severity == "gross_misconduct"
