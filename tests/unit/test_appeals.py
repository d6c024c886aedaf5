"""Appeals: from a meeting to a person named for it, from a hearing to the Police Appeals Tribunal."""

from dataclasses import replace
from typing import Any

import pytest

from domain.case import lawful_next
from tests.kit import AA, BY_MEETING, CALENDAR, DISMISSED_BY_SENIOR, Given, Refusal, referred, refusal

REG_45, REG_46, R_10, REG_42 = "PCR 2020 reg 45(3)", "PCR 2020 reg 46", "PAT Rules 2020 r.10", "PCR 2020 reg 42"
TRIBUNAL, POLICING_BODY = "appeals_tribunal", "local_policing_body"
SENIOR: dict[str, Any] = {"by": AA, "who": "senior-1"}


def from_meeting(act: str, **changes: dict[str, Any]) -> Given:
    """The appeal from a meeting that ended in a written warning, up to this act."""
    return referred().up_to(act, **{**BY_MEETING, **changes})


def heard_by_senior() -> Given:
    return from_meeting("hold_appeal_meeting")


@pytest.mark.parametrize(
    ("act", "event", "said"),
    [
        ("lodge_appeal", "appeal_lodged", {"to": "appeals_tribunal", "late": False}),
        ("name_appeal_person", "appeal_person_named", {"person": "senior-1"}),
        ("object_to_appeal_person", "appeal_person_objected", {"person": "senior-1"}),
        ("decide_appeal_objection", "appeal_objection_decided", {"person": "senior-1", "upheld": False}),
        ("determine_grounds", "grounds_determined", {"arguable": True}),
        ("arrange_appeal_meeting", "appeal_meeting_arranged", {}),
        ("propose_appeal_date", "appeal_date_proposed", {}),
        ("hold_appeal_meeting", "appeal_meeting_held", {}),
        ("decide_late_notice", "late_notice_decided", {"admitted": True}),
        ("copy_appeal", "appeal_copied", {}),
        ("supply_appeal_documents", "appeal_documents_supplied", {}),
        ("give_appeal_statement", "appeal_statement_given", {}),
        ("reply_to_appeal", "appeal_replied", {}),
        ("list_appeal_hearing", "appeal_hearing_listed", {}),
        ("publish_appeal_notice", "appeal_notice_published", {}),
        ("decide_appeal", "appeal_decided", {"result": "dismissed", "reinstated": False, "dismissal_stands": True}),
        ("notify_appeal_result", "appeal_result_notified", {}),
    ],
)
def test_what_an_act_of_an_appeal_gives(act: str, event: str, said: dict[str, Any]) -> None:
    referred().up_to(act).then(event, **said)


# --- From a meeting


def test_an_appeal_from_a_meeting_goes_to_a_person_and_from_a_hearing_to_the_tribunal() -> None:
    assert from_meeting("lodge_appeal").outcome().appeal_to == "appeal_meeting"
    assert referred().up_to("lodge_appeal").outcome().appeal_to == "appeals_tribunal"


@pytest.mark.parametrize("rank", ["Assistant Chief Constable", "T/ACC", "chief constable"])
@pytest.mark.parametrize(("known", "citation"), [("2020-07-04", REG_45), ("2018-01-15", "PCR 2012 reg 38")])
def test_from_a_meeting_no_senior_officer_appeals_to_a_person(known: str, citation: str, rank: str) -> None:
    told = told_the_outcome("meeting", f"{known[:4]}-07-10", first_known=known)
    senior = replace(told, case=told.case.with_officer(told.officer().model_copy(update={"rank": rank})))
    refused = senior.when("lodge_appeal").refused("unlawful", citation)
    assert "was not read" in str(refused.refusal)
    assert "lodge_appeal" not in {may.command for may in lawful_next(senior.case, CALENDAR)}
    told.when("lodge_appeal").then("appeal_lodged")


@pytest.mark.parametrize(
    ("known", "clock"), [("2020-07-04", "appeal_from_meeting/A"), ("2018-01-15", "appeal_from_meeting_2012/A")]
)
def test_no_time_for_that_appeal_runs_for_a_senior_officer(known: str, clock: str) -> None:
    report = referred(first_known=known).up_to("issue_report", **BY_MEETING)
    for rank, runs in {"ACC": False, "chief constable": False, "PC": True, "brigadier": True, None: True}.items():
        told = replace(report, case=report.case.with_officer(report.officer().model_copy(update={"rank": rank})))
        told = told.when("notify_officer", at=f"{known[:4]}-07-10")
        told.clock(clock, state="running") if runs else told.no_clock(clock)


def test_a_senior_officer_appeals_from_a_hearing() -> None:
    told = told_the_outcome("hearing", "2020-07-10")
    senior = replace(told, case=told.case.with_officer(told.officer().model_copy(update={"rank": "ACC"})))
    senior.when("lodge_appeal").then("appeal_lodged", to="appeals_tribunal")


def test_the_right_is_not_taken_from_an_officer_of_whom_no_rank_was_told() -> None:
    told = told_the_outcome("meeting", "2020-07-10")
    unsaid = replace(told, case=told.case.with_officer(told.officer().model_copy(update={"rank": None})))
    unsaid.when("lodge_appeal").then("appeal_lodged", to="appeal_meeting")


def test_the_officer_has_three_working_days_to_object_to_the_person_and_again_to_another() -> None:
    case = from_meeting("lodge_appeal").when("name_appeal_person", at="2020-07-10")
    case.clock("object_to_appeal_person/A", due="2020-07-15")
    case = case.when("object_to_appeal_person").clock("object_to_appeal_person/A", state="met")
    case = case.when("decide_appeal_objection", upheld=True)
    case.when("name_appeal_person").refused("conflict_of_interest")
    case = case.when("name_appeal_person", at="2020-07-17", person="senior-2")
    case.clock("object_to_appeal_person/A/2", due="2020-07-22", state="running")


def test_arguable_grounds_bring_a_meeting_within_five_working_days() -> None:
    case = from_meeting("name_appeal_person").when("determine_grounds", at="2020-07-10")
    case.clock("appeal_meeting_held/A", due="2020-07-17", state="running")
    case = case.when("arrange_appeal_meeting", meets_on="2020-07-16").when("hold_appeal_meeting", at="2020-07-16")
    case.clock("appeal_meeting_held/A", state="met")


def test_without_arguable_grounds_there_is_no_meeting_and_the_appeal_is_dismissed() -> None:
    case = from_meeting("determine_grounds", determine_grounds={"arguable": False})
    case.no_clock("appeal_meeting_held/A").when("arrange_appeal_meeting").refused("out_of_order", REG_46)
    case.when("decide_appeal", **SENIOR, result="set_aside").refused("unlawful", REG_46)
    case.when("decide_appeal", **DISMISSED_BY_SENIOR).then("appeal_decided", to="appeal_meeting")


def test_the_authority_may_extend_the_time_of_the_meeting() -> None:
    case = from_meeting("name_appeal_person").when("determine_grounds", at="2020-07-10")
    case = case.when("extend_deadline", by=AA, deadline="appeal_meeting_held/A", until="2020-07-24", reasons="Illness")
    case.clock("appeal_meeting_held/A", due="2020-07-24", state="extended")


def test_the_officer_may_propose_another_date_within_five_working_days_of_that_given() -> None:
    case = from_meeting("determine_grounds").when("arrange_appeal_meeting", meets_on="2020-07-17")
    case.clock("appeal_meeting_alternative/A", due="2020-07-24")
    case.when("propose_appeal_date", proposed_for="2020-07-17").refused("unlawful", REG_46)
    case.when("propose_appeal_date", proposed_for="2020-07-25").refused("unlawful", REG_46)
    case = case.when("propose_appeal_date", proposed_for="2020-07-24").clock(
        "appeal_meeting_alternative/A", state="met"
    )
    case = case.when("arrange_appeal_meeting", meets_on="2020-07-24").no_clock("appeal_meeting_alternative/A/2")
    case.when("hold_appeal_meeting", at="2020-07-23").refused("out_of_order")


def test_the_officer_is_told_the_result_within_three_working_days_before_the_case_is_closed() -> None:
    case = heard_by_senior().when("decide_appeal", at="2020-07-17", **DISMISSED_BY_SENIOR)
    case.clock("appeal_result_notice/A", due="2020-07-22").when("close_case").refused("out_of_order")
    case = case.when("notify_appeal_result").clock("appeal_result_notice/A", state="met")
    case.when("close_case").then("case_closed")


def test_the_result_of_the_tribunal_is_not_the_authority_s_to_tell() -> None:
    case = referred().up_to("decide_appeal").no_clock("appeal_result_notice/A")
    case.when("notify_appeal_result").refused("wrong_stage", "PCR 2020 reg 47(2)")


def test_a_warning_of_a_meeting_is_set_aside() -> None:
    case = heard_by_senior().when("decide_appeal", **SENIOR, result="set_aside")
    case.then("appeal_decided", to="appeal_meeting", reinstated=False)
    assert (case.outcome().sanction, case.outcome().live_until, case.outcome().set_aside) == ("no_action", None, True)


def test_whoever_sat_or_investigated_does_not_determine_the_appeal() -> None:
    case = from_meeting("lodge_appeal")
    for person in ("chair-1", "investigator-1", "person-a"):
        case.when("name_appeal_person", person=person).refused("conflict_of_interest")


@pytest.mark.parametrize("act", ["determine_grounds", "hold_appeal_meeting", "decide_appeal"])
def test_only_the_person_named_determines_the_appeal(act: str) -> None:
    way = {"determine_grounds": "name_appeal_person", "hold_appeal_meeting": "arrange_appeal_meeting"}
    from_meeting(way.get(act, "hold_appeal_meeting")).when(act, by=AA, who="authority-1").refused("not_permitted")


def test_the_tribunal_does_not_decide_an_appeal_from_a_meeting() -> None:
    heard_by_senior().when("decide_appeal", by=TRIBUNAL, who="senior-1").refused("not_permitted")


# --- To the tribunal


def test_the_papers_of_an_appeal_follow_each_other() -> None:
    case = referred().up_to("lodge_appeal").when("copy_appeal", at="2020-07-10")
    case = case.clock("pat_respondent_docs/A", due="2020-07-31").when("supply_appeal_documents", at="2020-07-31")
    case = case.clock("pat_respondent_docs/A", state="met").clock("pat_appellant_statement/A", due="2020-08-28")
    case = case.when("give_appeal_statement", at="2020-08-28").clock("pat_appellant_statement/A", state="met")
    case = case.clock("pat_respondent_reply/A", due="2020-09-28").when("reply_to_appeal", at="2020-09-28")
    case.clock("pat_respondent_reply/A", state="met")


def test_the_tribunal_extends_the_time_of_the_papers_and_the_authority_does_not() -> None:
    case = referred().up_to("lodge_appeal").when("copy_appeal", at="2020-07-10")
    longer: dict[str, Any] = {"deadline": "pat_respondent_docs/A", "until": "2020-08-31", "reasons": "Many papers"}
    case.when("extend_deadline", by=AA, **longer).refused("not_permitted", "PAT Rules 2020 r.13(3)")
    case.when("extend_deadline", by=TRIBUNAL, **longer).clock("pat_respondent_docs/A", due="2020-08-31")


def test_the_tribunal_s_hearing_is_published_five_working_days_before_it() -> None:
    case = referred().up_to("lodge_appeal").when("list_appeal_hearing", begins_on="2020-09-07")
    case = case.clock("pat_public_notice/A", due="2020-08-28").when("publish_appeal_notice")
    case = case.clock("pat_public_notice/A", state="met").when("list_appeal_hearing", begins_on="2020-10-05")
    case.clock("pat_public_notice/A/2", due="2020-09-28", state="running")


def test_what_is_owed_in_an_appeal_falls_away_with_it() -> None:
    case = referred().up_to("copy_appeal").when("list_appeal_hearing", begins_on="2020-09-07").when("decide_appeal")
    case.clock("pat_respondent_docs/A", state="withdrawn").clock("pat_public_notice/A", state="withdrawn")


def told_the_outcome(proceedings: str, at: str, **facts: Any) -> Given:
    changes = BY_MEETING if proceedings == "meeting" else {}
    return referred(**facts).up_to("issue_report", **changes).when("notify_officer", at=at)


@pytest.mark.parametrize(
    ("proceedings", "last", "late", "citation"),
    [("hearing", "2020-07-24", "2020-07-25", R_10), ("meeting", "2020-07-21", "2020-07-22", REG_45)],
)
def test_an_appeal_out_of_time_is_refused_and_one_told_late_is_not(
    proceedings: str, last: str, late: str, citation: str
) -> None:
    case = told_the_outcome(proceedings, "2020-07-10")
    case.when("lodge_appeal", at=f"{last}T23:59").then("appeal_lodged", late=False)
    case.on(late).when("lodge_appeal", at=f"{last}T23:59").then("appeal_lodged", late=False)
    case.when("lodge_appeal", at=f"{late}T00:00").refused("unlawful", citation)


def test_a_late_notice_waits_for_the_tribunal_s_chair() -> None:
    case = told_the_outcome("hearing", "2020-07-10")
    case = case.when("lodge_appeal", at="2020-08-20", late_because="In hospital").then("appeal_lodged", late=True)
    case = case.clock("pat_notice/A", state="lapsed")
    case.when("copy_appeal").refused("out_of_order", R_10)
    case.when("decide_appeal").refused("out_of_order", R_10)
    admitted = case.when("decide_late_notice")
    admitted.when("copy_appeal").then("appeal_copied")
    turned_away = case.when("decide_late_notice", admitted=False, reasons="No good reason")
    assert turned_away.officer().finished
    turned_away.when("decide_appeal").refused("wrong_stage")


def test_reasons_do_not_make_a_meeting_s_appeal_in_time() -> None:
    case = told_the_outcome("meeting", "2020-07-10")
    case.when("lodge_appeal", at="2020-07-22", late_because="In hospital").refused("unlawful", REG_45)


def test_the_2012_rules_ask_for_no_documents_from_the_respondent() -> None:
    case = referred(first_known="2019-01-02").up_to("supply_appeal_documents")
    case.no_clock("pat_respondent_docs/A").clock("pat_appellant_statement/A", state="running")


# --- What becomes of the outcome


def test_an_appeal_that_fails_leaves_the_outcome_as_it_was() -> None:
    case = referred().up_to("decide_appeal")
    assert case.outcome().sanction == "dismissal_without_notice"
    assert not (case.outcome().set_aside or case.outcome().reinstated)


def test_an_officer_whose_dismissal_is_set_aside_is_reinstated_and_comes_off_the_barred_list() -> None:
    case = referred().up_to("report_to_barred_list").up_to("lodge_appeal").when("decide_appeal", result="set_aside")
    case.then("appeal_decided", reinstated=True, off_barred_list=True)
    assert (case.outcome().set_aside, case.outcome().reinstated) == (True, True)
    assert (case.outcome().sanction, case.outcome().barred_list_reported) == ("no_action", False)
    assert case.facts[0].tell().endswith("Reinstated. Taken off the barred list.")


def test_a_lesser_sanction_in_the_place_of_dismissal_reinstates_too() -> None:
    case = referred().up_to("lodge_appeal")
    case = case.when("decide_appeal", result="substituted", sanction="final_written_warning")
    case.then("appeal_decided", reinstated=True, off_barred_list=False)
    assert case.outcome().sanction == "final_written_warning"


def test_a_former_officer_is_taken_off_the_list_and_not_reinstated() -> None:
    case = referred().up_to("conclude_hearing").when("record_departure")
    case = case.when("impose_outcome", sanction="would_have_been_dismissed").when("report_to_barred_list")
    case = case.up_to("lodge_appeal").when("decide_appeal", result="set_aside")
    case.then("appeal_decided", reinstated=False, off_barred_list=True)


def test_a_warning_put_in_the_place_of_dismissal_lives_as_long_as_any() -> None:
    case = referred().up_to("lodge_appeal")
    case = case.when("decide_appeal", at="2025-06-26", result="substituted", sanction="final_written_warning")
    assert str(case.outcome().live_until) == "2027-06-25"


@pytest.mark.parametrize("sanction", ["management_advice", "dismissal_with_notice", "would_have_been_dismissed"])
def test_an_appeal_puts_in_its_place_what_the_panel_could_have_imposed(sanction: str) -> None:
    appeal = referred().up_to("lodge_appeal")
    appeal.when("decide_appeal", result="substituted", sanction=sanction).refused("unlawful", REG_42)


def test_nobody_is_reported_to_the_barred_list_whose_dismissal_was_set_aside() -> None:
    case = referred().up_to("lodge_appeal").when("decide_appeal", result="set_aside")
    case.clock("barred_list_report/A", state="withdrawn")


REG_45_7, R_14 = "PCR 2020 reg 45(7), (12)", "PAT Rules 2020; rule not read"
REFUSED = {
    "nothing is appealed before the hearing is concluded": refusal("record_finding", "lodge_appeal", "wrong_stage"),
    "no appeal is decided before": refusal("record_finding", "decide_appeal", "wrong_stage"),
    "no appeal without an outcome": refusal("conclude_hearing", "lodge_appeal", "out_of_order"),
    "no appeal decided without an outcome": refusal("conclude_hearing", "decide_appeal", "out_of_order"),
    "the officer is told before an appeal": refusal(
        "issue_report", "lodge_appeal", "out_of_order", "PCR 2020 reg 43(2)"
    ),
    "one appeal": refusal("lodge_appeal", "lodge_appeal", "already_done"),
    "not even after it was decided": refusal("decide_appeal", "lodge_appeal", "already_done"),
    "there is no appeal to decide": refusal("notify_officer", "decide_appeal", "wrong_stage"),
    "the authority does not decide the tribunal's appeals": refusal(
        "lodge_appeal", "decide_appeal", "not_permitted", by=AA
    ),
    "a substitution says by what": refusal("lodge_appeal", "decide_appeal", "malformed", result="substituted"),
    "nothing else does": refusal(
        "lodge_appeal", "decide_appeal", "malformed", result="dismissed", sanction="written_warning"
    ),
    "nobody is named for the tribunal": refusal("lodge_appeal", "name_appeal_person", "wrong_stage"),
    "nothing late is to be admitted": refusal("lodge_appeal", "decide_late_notice", "already_done"),
    "no objection to nobody": refusal(
        lambda: from_meeting("lodge_appeal"), "object_to_appeal_person", "out_of_order", REG_45_7
    ),
    "one objection at a time": refusal("object_to_appeal_person", "object_to_appeal_person", "already_done"),
    "no objection to decide": refusal("name_appeal_person", "decide_appeal_objection", "out_of_order", REG_45_7),
    "no grounds while an objection is undecided": refusal(
        "object_to_appeal_person", "determine_grounds", "out_of_order", REG_45_7
    ),
    "the grounds are determined once": refusal("determine_grounds", "determine_grounds", "already_done"),
    "nobody else is named after that": refusal("determine_grounds", "name_appeal_person", "wrong_stage"),
    "no meeting before a date": refusal("determine_grounds", "hold_appeal_meeting", "out_of_order", REG_46),
    "no other date before one": refusal("determine_grounds", "propose_appeal_date", "out_of_order", REG_46),
    "no appeal meeting in the past": refusal(
        "determine_grounds", "arrange_appeal_meeting", "malformed", meets_on="2020-07-01"
    ),
    "one meeting": refusal("hold_appeal_meeting", "hold_appeal_meeting", "already_done"),
    "it is not arranged after it": refusal("hold_appeal_meeting", "arrange_appeal_meeting", "wrong_stage"),
    "no appeal decided before its grounds": refusal(
        "name_appeal_person", "decide_appeal", "out_of_order", REG_46, **SENIOR
    ),
    "nor before its meeting": refusal("arrange_appeal_meeting", "decide_appeal", "out_of_order", REG_46, **SENIOR),
    "no paper of the tribunal's in a meeting's appeal": refusal("name_appeal_person", "copy_appeal", "wrong_stage"),
    "the notice is copied once": refusal("copy_appeal", "copy_appeal", "already_done"),
    "the policing body copies it": refusal("lodge_appeal", "copy_appeal", "not_permitted", by=AA),
    "no documents before": refusal("lodge_appeal", "supply_appeal_documents", "out_of_order", "PAT Rules 2020 r.13(3)"),
    "no statement before the documents": refusal(
        "copy_appeal", "give_appeal_statement", "out_of_order", "PAT Rules 2020 r.13(4)-(6) [M m]"
    ),
    "no reply before the statement": refusal(
        "supply_appeal_documents", "reply_to_appeal", "out_of_order", "PAT Rules 2020 r.13 [M m]"
    ),
    "no public notice before the day is fixed": refusal("lodge_appeal", "publish_appeal_notice", "out_of_order", R_14),
    "one public notice": refusal("publish_appeal_notice", "publish_appeal_notice", "already_done"),
    "no tribunal in the past": refusal("lodge_appeal", "list_appeal_hearing", "malformed", begins_on="2020-07-01"),
    "the result is told once": refusal("notify_appeal_result", "notify_appeal_result", "already_done"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_in_an_appeal(law: Refusal) -> None:
    law.holds()


def test_only_the_acts_of_its_own_track_are_offered() -> None:
    offered = {each.command for each in lawful_next(from_meeting("lodge_appeal").case, CALENDAR)}
    assert "name_appeal_person" in offered and "copy_appeal" not in offered and "decide_appeal" not in offered
    offered = {each.command for each in lawful_next(referred().up_to("lodge_appeal").case, CALENDAR)}
    assert "copy_appeal" in offered and "name_appeal_person" not in offered and "decide_late_notice" not in offered
