"""Hearing: an officer's misconduct proceedings, from the notice of referral to the last finding."""

from typing import Any

import pytest

from domain.case import lawful_next
from tests.kit import AA, CALENDAR, CHAIR, NO_CASE, Given, Refusal, referred, refusal


def meeting(act: str, **facts: Any) -> Given:
    """The ordinary case, as one for a misconduct meeting."""
    return referred(**facts).up_to(
        act,
        decide_case_to_answer={"decision": "misconduct", "disposal": "meeting"},
        name_panel={"members": [], "adviser": None},
        record_finding={"finding": "misconduct"},
    )


def objected(person: str = "member-1") -> Given:
    return referred().up_to("object_to_panel", object_to_panel={"person": person})


@pytest.mark.parametrize(
    ("act", "facts", "event", "said"),
    [
        ("refer_to_proceedings", {}, "referred_to_proceedings", {"hearing": "H1", "proceedings": "hearing"}),
        ("supply_documents", {}, "documents_supplied", {"proceedings": "hearing"}),
        ("name_panel", {}, "panel_named", {"chair": "chair-1", "members": ("member-1", "member-2")}),
        ("object_to_panel", {}, "panel_objected", {"person": "member-1"}),
        ("decide_objection", {}, "objection_decided", {"person": "member-1", "upheld": True}),
        ("respond_to_notice", {"admits": True}, "response_given", {"admits": True, "proceedings": "hearing"}),
        ("exchange_witness_lists", {}, "witness_lists_exchanged", {"proceedings": "hearing"}),
        ("supply_chair_documents", {}, "chair_documents_supplied", {"proceedings": "hearing"}),
        ("hold_pre_hearing", {}, "pre_hearing_held", {"officer": "A"}),
        ("list_hearing", {}, "hearing_listed", {"proceedings": "hearing"}),
        ("publish_hearing_notice", {}, "hearing_notice_published", {"officer": "A"}),
        ("open_hearing", {}, "hearing_opened", {"proceedings": "hearing"}),
        ("adjourn_hearing", {}, "hearing_adjourned", {"reasons": "A witness is ill"}),
        ("record_finding", {}, "finding_recorded", {"allegation": "1", "finding": "gross_misconduct"}),
        ("conclude_hearing", {}, "hearing_concluded", {"finding": "gross_misconduct"}),
        ("withdraw_from_proceedings", {}, "proceedings_withdrawn", {"disposal": "no_action"}),
    ],
)
def test_what_an_act_gives(act: str, facts: dict[str, Any], event: str, said: dict[str, Any]) -> None:
    referred().before(act).when(act, **facts).then(event, **said)


def test_what_was_prepared_is_remembered() -> None:
    hearing = referred().up_to("publish_hearing_notice").hearing()
    assert hearing.documents_supplied and hearing.responded and hearing.lists_exchanged
    assert hearing.chair_has_documents and hearing.notice_published and not hearing.opened
    assert hearing.sitting == ("chair-1", "member-1", "member-2", "adviser-1")


def test_the_form_of_proceedings_is_that_of_the_decision() -> None:
    assert meeting("refer_to_proceedings").hearing().proceedings == "meeting"
    assert referred().up_to("refer_to_proceedings").hearing().proceedings == "hearing"


def test_a_meeting_is_prepared_and_held_without_the_steps_of_a_hearing() -> None:
    case = meeting("respond_to_notice").when("list_hearing").when("open_hearing")
    case.then("hearing_opened", proceedings="meeting")


def test_officers_heard_together_are_opened_together() -> None:
    case = referred(officers="AB").up_to("open_hearing", respond_to_notice={"by": "clerk"})
    case.then("hearing_opened", "hearing_opened")
    assert {case.hearing(ref).ref for ref in "AB"} == {"H1"}


def test_each_officer_has_findings_of_their_own() -> None:
    case = referred(officers="AB").up_to("open_hearing", respond_to_notice={"by": "clerk"})
    case = case.when("record_finding", officer="A", finding="gross_misconduct")
    case = case.when("record_finding", officer="B", finding="not_proven").when("conclude_hearing")
    assert [case.hearing(ref).finding for ref in "AB"] == ["gross_misconduct", "not_proven"]


def test_a_joint_hearing_concludes_for_all_or_for_none() -> None:
    case = referred(officers="AB").up_to("open_hearing", respond_to_notice={"by": "clerk"})
    found = case.when("record_finding", officer="A")
    tried = found.when("conclude_hearing", officers=["A", "B"])
    tried.refused("out_of_order")
    assert tried.case == found.case


def test_the_gravest_finding_is_the_hearing_s() -> None:
    case = referred().when("add_allegation").up_to("record_finding", record_finding={"finding": "misconduct"})
    case = case.when("record_finding", allegation="2", finding="not_proven").when("conclude_hearing")
    case.then("hearing_concluded", finding="misconduct")


@pytest.mark.parametrize(("first", "second"), [("authority", "officer"), ("officer", "authority")])
def test_each_side_supplies_its_own_list_of_witnesses(first: str, second: str) -> None:
    clocks = {"authority": "witness_lists/A", "officer": "witness_lists_officer/A"}
    case = referred().up_to("respond_to_notice").when("exchange_witness_lists", of=first)
    case = case.clock(clocks[first], state="met").clock(clocks[second], state="running")
    assert not case.hearing().lists_exchanged
    case.when("exchange_witness_lists", of=first).refused("already_done")
    case = case.when("exchange_witness_lists", of=second).clock(clocks[second], state="met")
    assert case.hearing().lists_exchanged


def test_an_adjourned_hearing_goes_on_when_it_is_opened_again() -> None:
    case = referred().up_to("adjourn_hearing")
    case.when("record_finding").refused("wrong_stage")
    assert not case.when("open_hearing").then("hearing_opened").hearing().adjourned


def test_a_hearing_may_be_listed_again_and_its_notice_is_published_again() -> None:
    case = referred().up_to("publish_hearing_notice", list_hearing={"begins_on": "2020-09-01"})
    case = case.when("list_hearing", begins_on="2020-10-01").then("hearing_listed")
    case.when("publish_hearing_notice").then("hearing_notice_published")


def test_a_pre_hearing_that_moves_the_day_asks_for_another_notice() -> None:
    case = referred().up_to("supply_chair_documents").when("list_hearing", begins_on="2020-09-01")
    case = case.when("publish_hearing_notice").when("hold_pre_hearing", begins_on="2020-10-01")
    case.clock("public_notice_hearing/A/2", due="2020-09-24", state="running")
    case.when("publish_hearing_notice").then("hearing_notice_published")


def test_the_chair_decides_an_objection_to_a_member() -> None:
    case = objected().when("decide_objection")
    assert case.hearing().members == ("member-2",)
    assert case.hearing().objections == ()


def test_an_objection_that_fails_leaves_the_panel_as_it_was() -> None:
    assert objected().when("decide_objection", upheld=False).hearing().members == ("member-1", "member-2")


@pytest.mark.parametrize("by", [AA, "local_policing_body"])
@pytest.mark.parametrize(("person", "left"), [("chair-1", (None, "adviser-1")), ("adviser-1", ("chair-1", None))])
def test_the_authority_or_policing_body_decides_an_objection_to_the_chair_or_adviser(
    by: str, person: str, left: tuple[str | None, str | None]
) -> None:
    hearing = objected(person).when("decide_objection", by=by, person=person).hearing()
    assert (hearing.chair, hearing.adviser) == left


def test_another_chair_is_named_after_an_objection_was_upheld() -> None:
    case = objected("chair-1").when("decide_objection", by=AA, person="chair-1")
    case.when("name_panel", chair="chair-2").then("panel_named", chair="chair-2").clock("object_to_chair/A/2")


def test_an_objection_to_who_no_longer_sits_does_not_hold_up_the_hearing() -> None:
    case = objected().when("name_panel", members=["member-3", "member-4"]).when("list_hearing")
    case.when("open_hearing").then("hearing_opened")


def test_who_stood_down_is_not_named_again() -> None:
    objected().when("decide_objection").when("name_panel").refused("conflict_of_interest")


def test_without_a_case_to_answer_the_proceedings_have_to_be_withdrawn() -> None:
    case = referred().before("open_hearing").when("reconsider_case_to_answer").then("case_to_answer_fell_away")
    case = case.clock("withdrawal_duty/A", state="due")
    assert case.deadline("withdrawal_duty/A").duty == "appropriate_authority"
    case.when("open_hearing").refused("out_of_order", "PCR 2020 reg 27(1)(a)")
    assert "open_hearing" not in {act.command for act in lawful_next(case.case, CALENDAR)}
    case = case.when("withdraw_from_proceedings").clock("withdrawal_duty/A", state="met")
    assert case.officer().finished


def test_that_duty_keeps_the_case_open_until_the_withdrawal_is_told() -> None:
    case = referred().up_to("reconsider_case_to_answer")
    case.when("close_case").refused("wrong_stage")
    case = case.when("withdraw_from_proceedings").when("tell_in_writing")
    case.when("close_case").then("case_closed")


def test_of_several_only_the_one_without_a_case_to_answer_is_withdrawn() -> None:
    case = referred(officers="AB").up_to("name_panel").when("reconsider_case_to_answer", officer="B")
    case = case.no_clock("withdrawal_duty/A").when("withdraw_from_proceedings", officer="B")
    case.when("respond_to_notice", officer="A").then("response_given", officer="A")


def test_the_duty_to_withdraw_was_read_of_the_2020_regulations_only() -> None:
    case = referred(first_known="2019-01-02").before("open_hearing").when("reconsider_case_to_answer")
    case = case.no_clock("withdrawal_duty/A")
    case.when("open_hearing").refused("out_of_order")


def test_a_finding_told_late_belongs_to_a_session() -> None:
    case = referred().up_to("adjourn_hearing").when("open_hearing", at="2021-03-01")
    case.when("record_finding", at="2021-02-01").refused("out_of_order")
    opened = next(fact.occurred_at for fact in case.history if fact.name == "hearing_opened")
    case.when("record_finding", at=opened).then("finding_recorded")


def test_a_chair_who_is_not_named_is_not_supplied_with_documents() -> None:
    case = referred().up_to("supply_documents").when("supply_chair_documents")
    case.refused("out_of_order", "PCR 2020 reg 32(6)")


def test_withdrawal_ends_the_case_for_the_officer() -> None:
    case = referred().up_to("withdraw_from_proceedings")
    assert case.officer().finished
    assert case.case.stage_of(case.officer()) == "closed"


REGS_30_35 = "PCR 2020 regs 30, 35; PCR 2012 reg 21"
REFUSED = {
    "no referral without a decision for proceedings": refusal("submit_report", "refer_to_proceedings", "wrong_stage"),
    "none without a case to answer": refusal(
        lambda: referred().before("decide_case_to_answer").when("decide_case_to_answer", **NO_CASE),
        "refer_to_proceedings",
        "wrong_stage",
    ),
    "the case to answer falls away once": refusal(
        "reconsider_case_to_answer", "reconsider_case_to_answer", "already_done"
    ),
    "not while the IOPC directs": refusal(
        lambda: referred().before("name_panel", decide_case_to_answer={"directed": True}),
        "reconsider_case_to_answer",
        "unlawful",
        "PCR 2020 reg 27, of what the IOPC directed [M h]",
    ),
    "none twice": refusal("refer_to_proceedings", "refer_to_proceedings", "already_done"),
    "none after withdrawal": refusal("withdraw_from_proceedings", "refer_to_proceedings", "wrong_stage"),
    "the officer's documents are supplied once": refusal("supply_documents", "supply_documents", "already_done"),
    "the officer responds once": refusal("respond_to_notice", "respond_to_notice", "already_done"),
    "the lists are exchanged once": refusal("exchange_witness_lists", "exchange_witness_lists", "already_done"),
    "the chair's documents are supplied once": refusal(
        "supply_chair_documents", "supply_chair_documents", "already_done"
    ),
    "there is one pre-hearing": refusal("hold_pre_hearing", "hold_pre_hearing", "already_done"),
    "a notice is published once": refusal("publish_hearing_notice", "publish_hearing_notice", "already_done"),
    "the officer responds to documents": refusal(
        "refer_to_proceedings", "respond_to_notice", "out_of_order", "PCR 2020 reg 31(1)"
    ),
    "witness lists follow the response": refusal(
        "supply_documents", "exchange_witness_lists", "out_of_order", "PCR 2020 reg 31(4)"
    ),
    "the officer has the documents before the chair": refusal(
        "refer_to_proceedings", "supply_chair_documents", "out_of_order", "PCR 2020 reg 32(6)"
    ),
    "the chair has the documents before the pre-hearing": refusal(
        "name_panel", "hold_pre_hearing", "out_of_order", "PCR 2020 reg 33(1)(a), (10)"
    ),
    "notice is given of a day": refusal(
        "name_panel", "publish_hearing_notice", "out_of_order", "PCR 2020 reg 36; PCR 2012 reg 27A [M h]"
    ),
    "nobody is objected to before being named": refusal(
        "supply_documents", "object_to_panel", "out_of_order", REGS_30_35
    ),
    "no objection, no decision": refusal("name_panel", "decide_objection", "out_of_order", REGS_30_35),
    "no objection to who does not sit": refusal("name_panel", "object_to_panel", "not_found", person="stranger"),
    "no objection twice": refusal(objected, "object_to_panel", "already_done"),
    "no decision on an objection to someone else": refusal(
        objected, "decide_objection", "not_found", person="member-2"
    ),
    "the authority does not decide on a member": refusal(
        objected, "decide_objection", "not_permitted", "PCR 2020 reg 35(5)", by=AA
    ),
    "the chair does not decide on the chair": refusal(
        lambda: objected("chair-1"), "decide_objection", "not_permitted", person="chair-1"
    ),
    "nobody sits twice": refusal("supply_documents", "name_panel", "malformed", chair="member-1"),
    "an officer concerned does not sit": refusal(
        "supply_documents", "name_panel", "conflict_of_interest", chair="person-a"
    ),
    "not even as a member": refusal(
        "supply_documents", "name_panel", "conflict_of_interest", members=["member-1", "person-a"]
    ),
    "nor as adviser": refusal("supply_documents", "name_panel", "conflict_of_interest", adviser="person-a"),
    "the investigator does not sit": refusal(
        "supply_documents", "name_panel", "conflict_of_interest", chair="investigator-1"
    ),
    "one person conducts a meeting": refusal(
        lambda: meeting("supply_documents"), "name_panel", "unlawful", "PCR 2020 reg 28(3)"
    ),
    "also under 2012": refusal(
        lambda: meeting("supply_documents", first_known="2019-01-02"), "name_panel", "unlawful", "as PCR 2020 reg 28(3)"
    ),
    "a meeting has no pre-hearing": refusal(
        lambda: meeting("supply_chair_documents"), "hold_pre_hearing", "unlawful", "PCR 2020 reg 39"
    ),
    "a meeting is private": refusal(
        lambda: meeting("list_hearing"), "publish_hearing_notice", "unlawful", "PCR 2020 reg 39"
    ),
    "also under the 2012 Regulations": refusal(
        lambda: meeting("list_hearing", first_known="2019-01-02"), "publish_hearing_notice", "unlawful"
    ),
    "a hearing is not listed for the past": refusal(
        "supply_chair_documents", "list_hearing", "malformed", at="2020-07-10", begins_on="2020-07-09"
    ),
    "nor by the pre-hearing": refusal(
        "supply_chair_documents", "hold_pre_hearing", "malformed", at="2020-07-10", begins_on="2020-07-09"
    ),
    "no hearing without a panel": refusal(
        lambda: referred().up_to("supply_documents").when("list_hearing"), "open_hearing", "out_of_order", REGS_30_35
    ),
    "no hearing before an objection is decided": refusal(
        lambda: objected().when("list_hearing"), "open_hearing", "out_of_order", REGS_30_35
    ),
    "no hearing without a day": refusal("name_panel", "open_hearing", "out_of_order", "PCR 2020 reg 29(5)-(7)"),
    "no hearing before its day": refusal(
        lambda: referred().up_to("list_hearing", list_hearing={"at": "2020-08-03", "begins_on": "2020-08-10"}),
        "open_hearing",
        "out_of_order",
        at="2020-08-09T23:59",
    ),
    "no hearing while proceedings are stayed": refusal(
        lambda: referred().up_to("list_hearing").when("stay_proceedings"),
        "open_hearing",
        "unlawful",
        "PCR 2020 reg 10",
    ),
    "nor under 2012": refusal(
        lambda: referred(first_known="2019-01-02").up_to("list_hearing").when("stay_proceedings"),
        "open_hearing",
        "unlawful",
        "PCR 2012 reg 9",
    ),
    "a hearing in session is not opened": refusal("open_hearing", "open_hearing", "already_done"),
    "no finding before the hearing": refusal("list_hearing", "record_finding", "wrong_stage"),
    "no adjournment before it": refusal("list_hearing", "adjourn_hearing", "wrong_stage"),
    "no conclusion before it": refusal("list_hearing", "conclude_hearing", "wrong_stage"),
    "no conclusion while adjourned": refusal("adjourn_hearing", "conclude_hearing", "wrong_stage"),
    "no adjournment while adjourned": refusal("adjourn_hearing", "adjourn_hearing", "wrong_stage"),
    "no conclusion without every finding": refusal("open_hearing", "conclude_hearing", "out_of_order"),
    "no finding on an allegation that was not made": refusal(
        "open_hearing", "record_finding", "not_found", allegation="9"
    ),
    "no finding on another officer's allegation": refusal(
        lambda: (
            referred(officers="AB")
            .when("add_allegation", officers=["B"])
            .up_to("open_hearing", respond_to_notice={"by": "clerk"})
        ),
        "record_finding",
        "not_found",
        officer="A",
        allegation="2",
    ),
    "no second finding on an allegation": refusal("record_finding", "record_finding", "already_done"),
    "a meeting does not find gross misconduct": refusal(
        lambda: meeting("open_hearing"), "record_finding", "unlawful", finding="gross_misconduct"
    ),
    "withdrawn from proceedings to proceedings": refusal(
        "name_panel", "withdraw_from_proceedings", "malformed", disposal="meeting"
    ),
    "an officer who is not in the case": refusal("submit_report", "refer_to_proceedings", "not_found", officer="Z"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()


IN_PROCEEDINGS = [
    "supply_documents",
    "name_panel",
    "object_to_panel",
    "decide_objection",
    "respond_to_notice",
    "exchange_witness_lists",
    "supply_chair_documents",
    "hold_pre_hearing",
    "list_hearing",
    "publish_hearing_notice",
    "reconsider_case_to_answer",
    "withdraw_from_proceedings",
]
IN_SESSION = ["open_hearing", "adjourn_hearing", "record_finding", "conclude_hearing"]


@pytest.mark.parametrize("act", IN_PROCEEDINGS + IN_SESSION)
@pytest.mark.parametrize("so_far", ["decide_case_to_answer", "withdraw_from_proceedings", "conclude_hearing"])
def test_proceedings_run_from_referral_to_conclusion_or_withdrawal(so_far: str, act: str) -> None:
    referred().up_to(so_far).when(act).refused("wrong_stage")


@pytest.mark.parametrize("act", IN_PROCEEDINGS)
@pytest.mark.parametrize("so_far", ["open_hearing", "adjourn_hearing"])
def test_nothing_is_prepared_or_withdrawn_once_the_hearing_has_begun(so_far: str, act: str) -> None:
    before = "PCR 2020 reg 27(1)" if act == "withdraw_from_proceedings" else None
    referred().up_to(so_far).when(act).refused("wrong_stage", before)


@pytest.mark.parametrize("act", ["hold_pre_hearing", "list_hearing", "open_hearing"])
def test_only_the_chair_who_was_named_acts_as_chair(act: str) -> None:
    referred().before(act).when(act, by=CHAIR, who="chair-2").refused("not_permitted")


def test_the_case_cannot_be_heard_by_one_chair_and_found_by_another() -> None:
    referred().up_to("open_hearing").when("record_finding", who="chair-2").refused("not_permitted")


def test_2012_knew_no_pre_hearing() -> None:
    referred(first_known="2019-01-02").before("hold_pre_hearing").when("hold_pre_hearing").refused("unlawful")


@pytest.mark.parametrize(
    ("first_known", "disposal"), [("2020-07-04", "management_action"), ("2019-01-02", "reflective_practice")]
)
def test_a_case_is_withdrawn_to_what_its_regime_knows(first_known: str, disposal: str) -> None:
    case = referred(first_known=first_known).before("withdraw_from_proceedings")
    case.when("withdraw_from_proceedings", disposal=disposal).refused("unlawful", "PCR 2020 Part 6")


def test_the_line_manager_is_consulted_before_a_withdrawal_to_reflective_practice() -> None:
    case = referred().before("withdraw_from_proceedings")
    case.when("withdraw_from_proceedings", disposal="reflective_practice").refused(
        "unlawful", "PCR 2020 reg 27(3) or 23 [V-frag, place inferred]"
    )


def test_an_officer_who_faces_no_allegation_does_not_come_to_a_hearing() -> None:
    allegations = [{"allegation": "1", "summary": "Struck him", "officers": ["A"]}]
    case = referred(officers="AB", allegations=allegations).up_to("submit_report")
    case.when("decide_case_to_answer", officer="B").refused("unlawful", "PCR 2020 reg 23")


def test_a_hearing_beyond_the_calendar_is_refused_and_not_an_accident() -> None:
    referred().before("list_hearing").when("list_hearing", begins_on="2041-01-07").refused("malformed")


def test_a_meeting_and_a_hearing_are_not_the_same_proceedings() -> None:
    case = referred(officers="AB").up_to("submit_report").when("decide_case_to_answer", officer="A")
    case = case.when("decide_case_to_answer", officer="B", decision="misconduct", disposal="meeting")
    case.when("refer_to_proceedings", hearing="H1").refused("unlawful")


@pytest.mark.parametrize("act", ["refer_to_proceedings", "open_hearing"])
def test_no_proceedings_against_an_officer_who_died(act: str) -> None:
    referred().before(act).when("record_departure", departure="died").when(act).refused("wrong_stage")
