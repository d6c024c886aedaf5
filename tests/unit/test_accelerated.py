"""The accelerated track: special conditions, the accelerated hearing, and the way back to the ordinary track."""

import pytest

from domain.case import lawful_next
from domain.messages import Actor
from domain.permission import acts_for
from domain.vocabulary import Role
from tests.kit import AA, CALENDAR, CHAIR, OFFICER, Given, Refusal, accelerated, referred, refusal

ADVISER = Role.LEGAL_ADVISER
IN_2012, IN_2020, IN_2025 = "2019-01-02", "2020-07-04", "2025-05-28"


def former(first_known: str = IN_2025, *, at: str = "2025-09-01", **facts: str) -> Given:
    """An officer with a case to answer for gross misconduct who has left the force."""
    case = referred(first_known=first_known).up_to("decide_case_to_answer", decide_case_to_answer={"at": at, **facts})
    return case.when("record_departure")


@pytest.mark.parametrize("first_known", [IN_2012, IN_2020, IN_2025])
def test_special_conditions_lead_to_an_accelerated_hearing(first_known: str) -> None:
    case = referred(first_known=first_known).up_to("certify_special_conditions")
    case.then("special_conditions_certified", certified_by="authority-1")
    assert case.case.stage_of(case.officer()) == "proceedings" and not case.officer().finished
    case.when("refer_to_proceedings").then("referred_to_proceedings", proceedings="accelerated_hearing")


def test_its_report_may_be_left_to_the_legal_adviser_who_was_named_for_it() -> None:
    case = accelerated("impose_outcome", at="2024-12-02", day="2024-12-16")
    for who, about in (("adviser-1", {"A"}), ("adviser-2", set())):
        assert acts_for(case.case, Actor(role=ADVISER, id=who)) == about
    case.when("issue_report", by=ADVISER, who="adviser-2").refused("not_permitted", "PCR 2020 reg 63(1A)")
    case = case.when("issue_report", by=ADVISER).then("outcome_report_issued").clock("amh_report/A", state="met")
    case.when("notify_officer").then("officer_notified")


def test_it_may_be_left_to_the_adviser_since_advisers_came() -> None:
    case = accelerated("impose_outcome", at="2024-04-15", day="2024-04-29")
    case.when("issue_report", by=ADVISER, at="2024-05-06").refused("not_permitted", "PCR 2020 reg 63(1A)")
    case.when("issue_report", by=ADVISER, at="2024-05-07").then("outcome_report_issued")


def test_an_accelerated_hearing_is_held_from_notice_to_outcome() -> None:
    case = accelerated("conclude_hearing").then("hearing_concluded", proceedings="accelerated_hearing")
    case = case.clock("amh_date/A", state="met").clock("amh_response/A", state="met").up_to("notify_officer")
    case.clock("amh_report/A", state="met").clock("publish_outcome/A", state="due").no_clock("officer_response/A")
    case.clock("pat_notice/A", state="running")
    case.when("lodge_appeal").then("appeal_lodged", to="appeals_tribunal")


def test_the_notice_is_told_in_the_words_of_the_field() -> None:
    (notice,) = (fact for fact in accelerated("refer_to_proceedings").facts if fact.name == "referred_to_proceedings")
    assert notice.tell() == "Officer A: referred to an accelerated misconduct hearing"


def test_a_live_final_warning_leaves_a_special_case_no_other_warning() -> None:
    def heard(warned: bool) -> Given:
        case = referred(first_known=IN_2012).up_to("assess_severity", assess_severity={"live_final_warning": warned})
        case = case.up_to("certify_special_conditions").when("refer_to_proceedings", at="2020-08-03")
        panel: dict[str, list[str]] = {"members": []}
        day = "2020-08-17"
        case = case.up_to(
            "conclude_hearing", name_panel=panel, list_hearing={"begins_on": day}, open_hearing={"at": day}
        )
        return case.when("impose_outcome", sanction="final_written_warning")

    heard(warned=False).then("outcome_imposed", sanction="final_written_warning")
    heard(warned=True).refused("unlawful", "PCR 2012 reg 55(3)")


def test_only_the_ordinary_hearing_of_an_officer_certified_later_gives_way() -> None:
    case = referred(first_known=IN_2025).up_to("list_hearing", list_hearing={"begins_on": "2030-01-01"})
    case = case.when("certify_special_conditions").clock("hearing_no_prehearing/A", state="withdrawn")
    case.when("refer_to_proceedings").then("referred_to_proceedings", proceedings="accelerated_hearing")


def test_the_investigation_of_the_others_goes_on() -> None:
    case = referred(officers="AB").up_to("serve_notice").when("certify_special_conditions", officer="A")
    case = case.when("submit_report")
    assert [each.officers for each in lawful_next(case.case, CALENDAR) if each.command == "decide_case_to_answer"] == [
        ("B",)
    ]


def test_nothing_is_owed_on_the_report_about_an_officer_who_is_heard_already() -> None:
    case = referred(officers="AB").up_to("serve_notice").when("certify_special_conditions", officer="A")
    case.when("submit_report").no_clock("case_to_answer_decision_iopc/A").clock("case_to_answer_decision_iopc/B")


def test_the_chief_officer_who_certified_may_sit() -> None:
    case = accelerated("supply_documents", at="2024-12-02")
    case.when("name_panel", chair="authority-1", members=[]).then("panel_named", chair="authority-1")


# --- Back to the ordinary track


def test_the_authority_sends_a_case_back_before_the_hearing_begins() -> None:
    case = accelerated("list_hearing").when("remit_to_ordinary_track")
    case.then("remitted_to_ordinary_track", because="direction")
    case.clock("amh_date/A", state="withdrawn").clock("amh_response/A")
    assert (case.officer().hearing, case.officer().disposal, case.case.stage) == (None, None, "investigation")
    case = case.when("tell_in_writing", of="remission").clock("amh_remission_notice/A", state="met")
    case.when("submit_report").when("decide_case_to_answer").when("refer_to_proceedings").then(
        "referred_to_proceedings", proceedings="hearing"
    )


def test_a_case_that_was_decided_goes_back_to_a_hearing() -> None:
    case = referred(first_known=IN_2025).up_to("decide_case_to_answer").when("certify_special_conditions")
    case = case.clock("notice_of_referral/A", state="withdrawn").when("remit_to_ordinary_track")
    case = case.clock("notice_of_referral/A/2", state="due")
    case.when("refer_to_proceedings").then("referred_to_proceedings", proceedings="hearing")


def test_the_chair_returns_a_case_once_the_hearing_has_begun() -> None:
    case = accelerated("open_hearing").when("remit_to_ordinary_track", by=CHAIR)
    case.then("remitted_to_ordinary_track", because="returned_by_chair").no_clock("amh_remission_notice/A")


def test_a_case_sent_back_may_be_certified_again() -> None:
    accelerated("list_hearing").when("remit_to_ordinary_track").when("certify_special_conditions").then(
        "special_conditions_certified"
    )


# --- Former officers


@pytest.mark.parametrize("first_known", [IN_2020, IN_2025])
def test_a_former_officer_is_on_the_accelerated_track_by_default_since_28_may_2025(first_known: str) -> None:
    before = former(first_known, at="2025-09-01").when("refer_to_proceedings")
    before.then("referred_to_proceedings", proceedings="accelerated_hearing")


def test_the_day_of_the_notice_decides() -> None:
    late = former(IN_2020, at="2025-05-26").when("refer_to_proceedings", at="2025-05-28T00:00")
    late.then("referred_to_proceedings", proceedings="accelerated_hearing")
    in_time = former(IN_2020, at="2025-05-26").when("refer_to_proceedings", at="2025-05-27T23:59")
    in_time.then("referred_to_proceedings", proceedings="hearing")


def test_the_2012_regulations_were_not_amended() -> None:
    former(IN_2012).when("refer_to_proceedings").then("referred_to_proceedings", proceedings="hearing")


@pytest.mark.parametrize(("by", "because"), [(OFFICER, "officer_opted"), (AA, "authority_required")])
@pytest.mark.parametrize("after", ["", "refer_to_proceedings"])
def test_a_former_officer_may_opt_for_a_hearing_and_the_authority_may_require_one(
    by: str, because: str, after: str
) -> None:
    case = former().when(after) if after else former()
    case = case.when("remit_to_ordinary_track", by=by).then("remitted_to_ordinary_track", because=because)
    case = case.no_clock("amh_remission_notice/A").when("refer_to_proceedings")
    case.then("referred_to_proceedings", proceedings="hearing")


def linked() -> Given:
    """A matter of 2025 with officers A and B, one of 2020 being open against A alone: B is under the amendments."""
    links = [{"reference": "X-2020-0009", "open_under": "2020", "officers": ["A"]}]
    return referred(first_known=IN_2025, officers="AB", linked_cases=links)


@pytest.mark.parametrize("first_known", [IN_2012, IN_2020])
def test_what_waited_for_a_criminal_case_is_certified_after_the_report(first_known: str) -> None:
    case = referred(first_known=first_known).up_to("submit_report")
    case = case.when("stay_proceedings").when("resume_proceedings").when("certify_special_conditions")
    case.then("special_conditions_certified")


REFUSED = {
    "both conditions": refusal(
        "serve_notice", "certify_special_conditions", "unlawful", "PCR 2020 reg 49(2)", without_delay=False
    ),
    "both of them": refusal(
        "serve_notice", "certify_special_conditions", "unlawful", "PCR 2020 reg 49(2)", sufficient_evidence=False
    ),
    "only gross misconduct": refusal(
        lambda: referred().up_to("serve_notice", assess_severity={"severity": "misconduct"}),
        "certify_special_conditions",
        "out_of_order",
        "PCR 2020 reg 49(2)",
    ),
    "not before an assessment": refusal(
        "appoint_investigator", "certify_special_conditions", "out_of_order", "PCR 2020 reg 49(2)"
    ),
    "certified once": refusal("certify_special_conditions", "certify_special_conditions", "already_done"),
    "not after the report, before 2025": refusal(
        "submit_report", "certify_special_conditions", "unlawful", "SI 2025/558 regs 59, 66 [V]"
    ),
    "nor under 2012, by what 2012 says": refusal(
        lambda: referred(first_known=IN_2012).up_to("submit_report"),
        "certify_special_conditions",
        "unlawful",
        "PCR 2012 reg 41 [V, place inferred]",
    ),
    "nor for whom the amendments govern in a matter that they do not": refusal(
        lambda: linked().up_to("submit_report"),
        "certify_special_conditions",
        "unlawful",
        "SI 2025/558 regs 59, 66",
        officer="B",
    ),
    "nor for a part of an older matter that goes on here": refusal(
        lambda: referred(first_known=IN_2025).when("take_over_officer").up_to("submit_report"),
        "certify_special_conditions",
        "unlawful",
        "SI 2025/558 regs 59, 66",
        officer="B",
    ),
    "not after a direction of the IOPC": refusal(
        lambda: referred(first_known=IN_2025).up_to("decide_case_to_answer", decide_case_to_answer={"directed": True}),
        "certify_special_conditions",
        "unlawful",
        "SI 2025/558 reg 59",
    ),
    "not without a case to answer for gross misconduct": refusal(
        lambda: referred(first_known=IN_2025).up_to(
            "decide_case_to_answer", decide_case_to_answer={"decision": "misconduct", "disposal": "meeting"}
        ),
        "certify_special_conditions",
        "wrong_stage",
    ),
    "not once the hearing has begun": refusal(
        lambda: referred(first_known=IN_2025).up_to("open_hearing"), "certify_special_conditions", "wrong_stage"
    ),
    "not for who is done with": refusal("withdraw_from_proceedings", "certify_special_conditions", "wrong_stage"),
    "a delegate asks a senior officer": refusal(
        "serve_notice",
        "certify_special_conditions",
        "unlawful",
        "PCR 2020 reg 2(4) [V-frag, place inferred]",
        delegated=True,
    ),
    "who is not an officer concerned": refusal(
        "serve_notice",
        "certify_special_conditions",
        "conflict_of_interest",
        delegated=True,
        authorised_by="person-a",
    ),
    "no other decision about a certified case": refusal(
        lambda: referred().up_to("certify_special_conditions").when("submit_report"),
        "decide_case_to_answer",
        "wrong_stage",
    ),
    "no accelerated hearing without special conditions": refusal(
        "submit_report", "decide_case_to_answer", "unlawful", "PCR 2020 reg 23", disposal="accelerated_hearing"
    ),
    "also for misconduct": refusal(
        "submit_report",
        "decide_case_to_answer",
        "unlawful",
        "PCR 2020 reg 49",
        decision="misconduct",
        disposal="accelerated_hearing",
    ),
    "no notice before the certification": refusal(
        "certify_special_conditions", "refer_to_proceedings", "out_of_order", at="2020-07-05"
    ),
    "a delegate who certified does not sit": refusal(
        lambda: accelerated("supply_documents", at="2024-12-02"),
        "name_panel",
        "conflict_of_interest",
        "PCR 2020 reg 2(4C)",
        chair="authority-1",
        members=[],
        sits_as={"authority-1": "delegate"},
    ),
    "the chief officer delegated to nobody before 2024": refusal(
        lambda: accelerated("supply_documents"),
        "name_panel",
        "unlawful",
        "PCR 2020 reg 55(1), (2)",
        members=[],
        sits_as={"chair-1": "delegate"},
    ),
    "one person conducts it": refusal(
        lambda: accelerated("supply_documents"), "name_panel", "unlawful", "PCR 2020 reg 55(1), (2)"
    ),
    "no pre-hearing": refusal(
        lambda: accelerated("supply_chair_documents"), "hold_pre_hearing", "unlawful", "PCR 2020 Part 5"
    ),
    "not listed before the 10th working day": refusal(
        lambda: accelerated("name_panel"), "list_hearing", "unlawful", "PCR 2020 reg 52(1)", begins_on="2020-08-14"
    ),
    "nor after the 15th": refusal(
        lambda: accelerated("name_panel"), "list_hearing", "unlawful", "PCR 2020 reg 52(1)", begins_on="2020-08-25"
    ),
    "not opened before the window of the one who replaces": refusal(
        lambda: (
            accelerated("list_hearing", at="2024-12-02", day="2024-12-16")
            .when("object_to_panel", person="chair-1")
            .when("decide_objection", by=AA, person="chair-1")
            .when("name_panel", at="2024-12-10", chair="chair-2", members=[])
        ),
        "open_hearing",
        "unlawful",
        "PCR 2020 reg 52(1A)",
        at="2024-12-16",
        who="chair-2",
    ),
    "gross misconduct or nothing": refusal(
        lambda: accelerated("open_hearing"), "record_finding", "unlawful", "PCR 2020 reg 62", finding="misconduct"
    ),
    "nothing to send back": refusal("refer_to_proceedings", "remit_to_ordinary_track", "wrong_stage"),
    "nor when it is over": refusal(
        lambda: accelerated("conclude_hearing"), "remit_to_ordinary_track", "wrong_stage", by=CHAIR
    ),
    "not by the chair before it begins": refusal(
        lambda: accelerated("list_hearing"),
        "remit_to_ordinary_track",
        "not_permitted",
        "PCR 2020 reg 50(1)",
        by=CHAIR,
    ),
    "not by the authority after that": refusal(
        lambda: accelerated("open_hearing"), "remit_to_ordinary_track", "not_permitted", "PCR 2020 reg 50(1)"
    ),
    "a serving officer does not choose": refusal(
        lambda: accelerated("list_hearing"),
        "remit_to_ordinary_track",
        "not_permitted",
        "PCR 2020 Sch 1 as amended by SI 2025/558; saving reg 64(3)",
        by=OFFICER,
    ),
    "nor anyone by default before 28 May 2025": refusal(
        lambda: former(IN_2020, at="2025-01-06"),
        "remit_to_ordinary_track",
        "unlawful",
        "PCR 2020 Sch 1 as amended by SI 2025/558; saving reg 64(3)",
    ),
    "nothing to be told of": refusal("refer_to_proceedings", "tell_in_writing", "wrong_stage"),
    "nor of something else": refusal("withdraw_from_proceedings", "tell_in_writing", "not_found", of="remission"),
    "nor before it": refusal("withdraw_from_proceedings", "tell_in_writing", "out_of_order", at="2020-07-05"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()


def test_the_officer_is_told_in_writing_of_a_withdrawal() -> None:
    case = referred().up_to("withdraw_from_proceedings").clock("withdrawal_told/A", state="due")
    case.when("close_case").refused("out_of_order")
    case.when("tell_in_writing").then("told_in_writing", of="withdrawal").clock("withdrawal_told/A", state="met")
    referred(first_known=IN_2012).up_to("withdraw_from_proceedings").when("tell_in_writing").refused("wrong_stage")


def test_the_other_track_is_no_way_round_a_withdrawal() -> None:
    case = accelerated("supply_documents").when("reconsider_case_to_answer").clock("withdrawal_duty/A", state="due")
    case.when("remit_to_ordinary_track").refused("out_of_order", "PCR 2020 reg 27(1)(a)")
    case = referred(first_known=IN_2025).up_to("name_panel").when("reconsider_case_to_answer")
    case.when("certify_special_conditions").refused("out_of_order", "PCR 2020 reg 27(1)(a)")
