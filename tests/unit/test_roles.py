"""Roles and separation of duties: every cell that refuses, and every rule about who may not act although the role may.

`MAY` was written by hand: a role given to or taken from a command has to be changed here too, and so be meant.
"""

import ast
import re
from pathlib import Path

import pytest

from domain import separation
from domain.case import open_case
from domain.errors import ConflictOfInterest, NotPermitted, Refused
from domain.messages import COMMANDS
from domain.referral import Referral
from domain.separation import SEPARATIONS
from domain.vocabulary import Role
from tests.kit import (
    AA,
    BY_MEETING,
    CALENDAR,
    CHAIR,
    INVESTIGATOR,
    IOPC,
    NOW,
    OFFICER,
    WHO,
    Given,
    Refusal,
    accelerated,
    locally,
    referral,
    referred,
    refusal,
)

FRIEND, TRIBUNAL, BODY = Role.POLICE_FRIEND, Role.APPEALS_TRIBUNAL, Role.LOCAL_POLICING_BODY
SHORT = {
    "AA": Role.APPROPRIATE_AUTHORITY,
    "LPB": Role.LOCAL_POLICING_BODY,
    "PAT": Role.APPEALS_TRIBUNAL,
    "friend": Role.POLICE_FRIEND,
}
MAY = """
open_case: AA clerk intake iopc
add_officer: AA clerk intake investigator iopc
add_allegation: AA clerk intake investigator iopc
add_party: AA clerk intake investigator iopc
assess_referral: AA
refer_to_iopc: AA LPB
record_dsi: AA
call_in: iopc
treat_as_referred: iopc
withdraw_allegation: AA iopc
link_case: AA clerk intake iopc
compare_case: AA iopc
direct_reinvestigation: iopc
direct_present_regulations: iopc
decide_mode: AA iopc
appoint_investigator: AA iopc
assess_severity: AA investigator iopc
serve_notice: AA investigator iopc
record_representations: AA clerk friend investigator iopc officer
arrange_interview: AA investigator iopc
propose_interview_time: clerk friend officer
record_interview: AA investigator iopc
update_party: AA clerk investigator iopc
report_timeliness: AA iopc
stay_proceedings: AA
resume_proceedings: AA
submit_report: investigator iopc
decide_case_to_answer: AA iopc
refer_to_prosecutor: AA iopc
record_prosecution_decision: AA clerk iopc
seek_views: iopc
give_views: AA
direct_authority: iopc
tell_outcome: AA iopc
apply_for_review: AA LPB clerk iopc
decide_review: LPB iopc
recommend_learning: iopc
reply_to_recommendation: AA
impose_restriction: AA
confirm_suspension: AA
record_restriction_representations: AA clerk friend officer
review_restriction: AA
give_review_notice: AA
vary_restriction: AA
lift_restriction: AA
refer_to_proceedings: AA
certify_special_conditions: AA
remit_to_ordinary_track: AA chair friend officer
tell_in_writing: AA investigator iopc
supply_documents: AA
name_panel: AA LPB
object_to_panel: clerk friend officer
decide_objection: AA LPB chair
respond_to_notice: clerk friend officer
exchange_witness_lists: AA clerk friend officer
supply_chair_documents: AA
hold_pre_hearing: chair
apply_for_later_date: AA clerk friend iopc officer
decide_later_date: chair
list_hearing: AA chair clerk
publish_hearing_notice: AA
open_hearing: chair
adjourn_hearing: chair
record_finding: chair
conclude_hearing: chair
reconsider_case_to_answer: AA
withdraw_from_proceedings: AA
impose_outcome: chair
issue_report: chair legal_adviser
notify_officer: AA
publish_outcome: AA
report_to_barred_list: AA
lodge_appeal: clerk friend officer
name_appeal_person: AA
object_to_appeal_person: clerk friend officer
decide_appeal_objection: AA
determine_grounds: AA
arrange_appeal_meeting: AA
propose_appeal_date: clerk friend officer
hold_appeal_meeting: AA
decide_late_notice: PAT
copy_appeal: LPB
supply_appeal_documents: AA
give_appeal_statement: clerk friend officer
reply_to_appeal: AA
list_appeal_hearing: PAT
publish_appeal_notice: AA
decide_appeal: AA PAT
notify_appeal_result: AA
record_departure: AA clerk
notify_reflective_review: AA
give_reflective_account: clerk friend officer
agree_reflective_report: AA
discuss_reflective_report: AA
request_consent_to_leave: clerk friend officer
decide_consent_to_leave: AA
determine_condition_c: iopc
close_case: AA iopc
extend_deadline: AA LPB PAT chair investigator iopc
shorten_deadline: AA chair clerk iopc
set_aside_deadline: AA chair investigator iopc
correct_record: AA clerk iopc
go_live: AA clerk
join_proceedings: AA
sever_proceedings: AA
arrange_pre_hearing: chair
propose_alternative_date: clerk friend officer
direct_privacy: chair
adopt_holidays: AA clerk
hand_over_officer: AA clerk iopc
take_over_officer: AA clerk iopc
give_views_on_reduction: AA
decide_publication: AA chair
end_publication: AA
report_to_advisory_list: AA
record_career_break: AA clerk
reopen_case: AA iopc
"""
ALLOWED = {
    act: {SHORT[each] if each in SHORT else Role(each) for each in roles.split()}
    for act, roles in (line.split(": ") for line in MAY.strip().splitlines())
}
REFUSED = [(act, role) for act, roles in ALLOWED.items() for role in Role if role not in roles]
OTHER_ROLES = [(act, role) for act, roles in ALLOWED.items() for role in sorted(roles) if role is not Role.OFFICER]


def test_every_command_has_its_line() -> None:
    assert set(ALLOWED) == {"open_case", *COMMANDS}


@pytest.mark.parametrize("act", ALLOWED)
def test_who_may_give_a_command_is_what_was_meant(act: str) -> None:
    assert set(Referral.given_by if act == "open_case" else COMMANDS[act].given_by) == ALLOWED[act]


def opening_refused(by: Role, who: str) -> Refused:
    with pytest.raises(Refused) as refused:
        open_case(referral(actor={"role": by, "id": who}), CALENDAR, NOW)
    return refused.value


@pytest.mark.parametrize(("act", "role"), REFUSED)
def test_nobody_acts_whose_role_it_is_not(act: str, role: Role) -> None:
    if act == "open_case":
        assert type(opening_refused(role, WHO[role])) is NotPermitted
        return
    case = referred()
    case.when(act, by=role, who="someone").refused("not_permitted")


@pytest.mark.parametrize(("act", "role"), OTHER_ROLES)
def test_an_officer_concerned_acts_in_no_other_role(act: str, role: Role) -> None:
    if act == "open_case":
        assert type(opening_refused(role, "person-a")) is ConflictOfInterest
        return
    referred(officers="AB").when(act, by=role, who="person-b").refused("conflict_of_interest")


@pytest.mark.parametrize("act", [act for act, roles in ALLOWED.items() if OFFICER in roles])
def test_an_officer_does_not_act_for_another(act: str) -> None:
    by_clerk = {name: {"by": "clerk"} for name in ("respond_to_notice", "lodge_appeal")}
    case = referred(officers="AB").before(act, **by_clerk)
    case.when(act, by=OFFICER, who="person-a", officer="B").refused("not_permitted")
    case.when(act, by=OFFICER, who="person-a", officers=["A", "B"]).refused("not_permitted")
    case.when(act, by=OFFICER, who="stranger", officer="A").refused("not_permitted")


@pytest.mark.parametrize("act", [act for act, roles in ALLOWED.items() if Role.INVESTIGATOR in roles])
def test_nobody_acts_as_the_investigator_before_one_is_appointed(act: str) -> None:
    refused = referred().up_to("decide_mode").when(act, by=INVESTIGATOR).refused("wrong_stage")
    assert str(refused.refusal) == "No investigator has been appointed yet."


def test_an_officer_who_is_named_by_a_letter_is_told_what_is_wanted() -> None:
    refused = referred().up_to("serve_notice").when("record_representations", who="A").refused("not_permitted")
    assert "by the person's id" in str(refused.refusal) and "person-a" not in str(refused.refusal)


@pytest.mark.parametrize("act", [act for act, roles in ALLOWED.items() if FRIEND in roles])
@pytest.mark.parametrize("who", ["investigator-1", "chair-1", "member-1", "adviser-1", "P1"])
def test_the_police_friend_is_not_involved(act: str, who: str) -> None:
    case = referred().up_to("object_to_panel")
    case.when(act, by=FRIEND, who=who).refused("conflict_of_interest", "PCR 2020 reg 7")


def test_the_refusal_says_for_whom_the_act_is() -> None:
    refused = referred().when("impose_restriction", by=CHAIR).refusal
    assert refused is not None
    assert refused.sentence == "The chair may not impose restriction; it is for: appropriate authority."


def test_no_role_is_left_without_a_person_in_these_tests() -> None:
    assert set(WHO) == set(Role)


# --- Separation of duties: a story for each rule that ends in its refusal


def objected(person: str) -> Given:
    return referred().up_to("name_panel").when("object_to_panel", person=person)


def authorised() -> Given:
    """A delegated certification, authorised by acc-1, on which the officer goes to an accelerated hearing."""
    told = {"delegated": True, "authorised_by": "acc-1"}
    case = referred().up_to("certify_special_conditions", certify_special_conditions=told)
    return case.when("refer_to_proceedings", at="2024-12-02").when("supply_documents")


def stood_down() -> Given:
    return objected("member-1").when("decide_objection")


def special_case_before_the_report() -> Given:
    return accelerated("name_panel")


def appealed_from_meeting(act: str) -> Given:
    return referred().up_to(act, **BY_MEETING)


SEPARATED: dict[str, list[Refusal]] = {
    "concerned_acts": [refusal(referred, "assess_referral", "conflict_of_interest", who="person-a")],
    "concerned_investigates": [
        refusal(
            "decide_mode", "appoint_investigator", "conflict_of_interest", "PCR 2020 reg 15", investigator="person-a"
        )
    ],
    "party_investigates": [
        refusal("decide_mode", "appoint_investigator", "conflict_of_interest", "PCR 2020 reg 15", investigator="P1")
    ],
    "managed_investigates": [
        refusal(
            "decide_mode",
            "appoint_investigator",
            "conflict_of_interest",
            "PCR 2020 reg 15",
            managed_by=["manager-1", "person-a"],
        )
    ],
    "sitter_investigates": [
        refusal(special_case_before_the_report, "appoint_investigator", "conflict_of_interest", investigator="chair-1")
    ],
    "involved_chairs": [refusal("supply_documents", "list_hearing", "conflict_of_interest", who="investigator-1")],
    "involved_sits": [
        refusal("supply_documents", "name_panel", "conflict_of_interest", chair="person-a"),
        refusal("supply_documents", "name_panel", "conflict_of_interest", members=["investigator-1"]),
        refusal("supply_documents", "name_panel", "conflict_of_interest", adviser="P1"),
    ],
    "stood_down_sits": [refusal(stood_down, "name_panel", "conflict_of_interest")],
    "certifier_sits": [
        refusal(
            lambda: accelerated("supply_documents", at="2024-12-02"),
            "name_panel",
            "conflict_of_interest",
            "PCR 2020 reg 2(4C)",
            chair="authority-1",
            members=[],
            adviser=None,
            sits_as={"authority-1": "delegate"},
        ),
        refusal(
            authorised,
            "name_panel",
            "conflict_of_interest",
            "PCR 2020 reg 2(4C)",
            chair="acc-1",
            members=[],
            adviser=None,
            sits_as={"acc-1": "delegate"},
        ),
    ],
    "objected_decides": [
        refusal(
            lambda: objected("chair-1"),
            "decide_objection",
            "conflict_of_interest",
            by=AA,
            who="chair-1",
            person="chair-1",
        ),
        refusal(
            lambda: objected("adviser-1"),
            "decide_objection",
            "conflict_of_interest",
            by=BODY,
            who="adviser-1",
            person="adviser-1",
        ),
        refusal(
            lambda: appealed_from_meeting("object_to_appeal_person"),
            "decide_appeal_objection",
            "conflict_of_interest",
            who="senior-1",
        ),
    ],
    "sitter_decides_appeal": [
        refusal("lodge_appeal", "decide_appeal", "conflict_of_interest", who=who)
        for who in ("chair-1", "member-2", "adviser-1")
    ],
    "concerned_authorises": [
        refusal(referred, "impose_restriction", "conflict_of_interest", delegated=True, authorised_by="person-a"),
        refusal(
            "serve_notice",
            "certify_special_conditions",
            "conflict_of_interest",
            delegated=True,
            authorised_by="person-a",
        ),
    ],
    "involved_friend": [
        refusal(
            "serve_notice",
            "record_representations",
            "conflict_of_interest",
            "PCR 2020 reg 7",
            by=FRIEND,
            who="investigator-1",
        )
    ],
    "decider_concerned": [
        refusal("appoint_investigator", "add_officer", "conflict_of_interest", person="investigator-1"),
        refusal(special_case_before_the_report, "add_officer", "conflict_of_interest", person="chair-1"),
    ],
    "manager_concerned": [
        refusal(
            lambda: referred().before("appoint_investigator").when("appoint_investigator", managed_by=["manager-1"]),
            "add_officer",
            "conflict_of_interest",
            "PCR 2020 reg 15",
            person="manager-1",
        )
    ],
    "adds_themselves": [refusal(referred, "add_officer", "conflict_of_interest", who="person-c")],
    "own_officer": [refusal("serve_notice", "record_representations", "not_permitted", who="person-b")],
    "named_chair": [
        refusal("name_panel", "list_hearing", "not_permitted", who="chair-2"),
        refusal("conclude_hearing", "impose_outcome", "not_permitted", who="chair-2"),
        refusal("name_panel", "extend_deadline", "not_permitted", who="chair-2"),
    ],
    "appointed_investigator": [refusal("serve_notice", "submit_report", "not_permitted", who="investigator-2")],
    "mode_of_referred": [
        refusal("refer_to_iopc", "decide_mode", "not_permitted", "PRA 2002 Sch 3 para 15", by=AA, mode="local")
    ],
    "independent_investigator": [refusal("decide_mode", "appoint_investigator", "not_permitted", by=AA)],
    "directed_decides": [refusal("direct_authority", "decide_case_to_answer", "not_permitted", by=IOPC)],
    "told_by_authority": [
        refusal("withdraw_from_proceedings", "tell_in_writing", "not_permitted", by=by) for by in (INVESTIGATOR, IOPC)
    ],
    "objection_to_member": [
        refusal(lambda: objected("member-1"), "decide_objection", "not_permitted", "PCR 2020 reg 35(5)", by=by)
        for by in (AA, BODY)
    ],
    "adviser_reports": [
        refusal("impose_outcome", "issue_report", "not_permitted", "PCR 2020 reg 63(1A)", by="legal_adviser"),
        refusal(
            lambda: accelerated("impose_outcome"),
            "issue_report",
            "not_permitted",
            "PCR 2020 reg 63(1A)",
            by="legal_adviser",
        ),
        refusal(
            lambda: accelerated("impose_outcome", at="2024-12-02", day="2024-12-16", first_known="2019-01-02"),
            "issue_report",
            "not_permitted",
            by="legal_adviser",
        ),
    ],
    "chair_fixes_day": [
        refusal("hold_pre_hearing", "list_hearing", "not_permitted", "PCR 2020 reg 33", by=by) for by in (AA, "clerk")
    ],
    "objection_to_chair": [refusal(lambda: objected("chair-1"), "decide_objection", "not_permitted", person="chair-1")],
    "returned_by_chair": [
        refusal(lambda: accelerated("open_hearing"), "remit_to_ordinary_track", "not_permitted", "PCR 2020 reg 50(1)")
    ],
    "remitted_by_authority": [
        refusal(
            lambda: accelerated("name_panel"),
            "remit_to_ordinary_track",
            "not_permitted",
            "PCR 2020 reg 50(1)",
            by=CHAIR,
        )
    ],
    "former_officer_opts": [
        refusal(
            lambda: accelerated("name_panel"),
            "remit_to_ordinary_track",
            "not_permitted",
            "PCR 2020 Sch 1 as amended by SI 2025/558; saving reg 64(3)",
            by=by,
        )
        for by in (OFFICER, FRIEND)
    ],
    "appeal_to_tribunal": [refusal("lodge_appeal", "decide_appeal", "not_permitted", by=AA)],
    "appeal_person": [
        refusal(
            lambda: appealed_from_meeting("name_appeal_person"), "determine_grounds", "not_permitted", who="senior-2"
        )
    ],
    "involved_determines_appeal": [
        refusal(
            lambda: appealed_from_meeting("lodge_appeal"), "name_appeal_person", "conflict_of_interest", person=person
        )
        for person in ("person-a", "chair-1", "investigator-1")
    ],
    "who_extends": [
        refusal("supply_documents", "extend_deadline", "not_permitted", "PCR 2020 reg 31(1)", by=by, until="2020-09-07")
        for by in (AA, IOPC, TRIBUNAL)
    ],
    "others_deadline": [
        *(
            refusal(
                "supply_documents",
                "set_aside_deadline",
                "not_permitted",
                "PCR 2020 reg 31(1)",
                by=by,
                deadline="officer_response/A",
            )
            for by in (AA, CHAIR, IOPC, INVESTIGATOR)
        ),
        *(
            refusal(referred, "set_aside_deadline", "not_permitted", "PCR 2020 reg 19(2)(a)", by=by)
            for by in (CHAIR, IOPC)
        ),
        refusal(
            "appoint_investigator",
            "set_aside_deadline",
            "not_permitted",
            "PCR 2020 reg 17(1)",
            deadline="written_notice_17/A",
        ),
    ],
}


STORIES = [(name, story) for name, stories in SEPARATED.items() for story in stories]


def said_by(name: str, sentence: str) -> bool:
    """Whether a sentence is one that this rule says."""
    words = re.split(r"{\w+(?:!r)?}", SEPARATIONS[name].says)
    return re.fullmatch(".+".join(map(re.escape, words)), sentence) is not None


@pytest.mark.parametrize(("name", "story"), STORIES, ids=[f"{name} {n}" for n, (name, _) in enumerate(STORIES)])
def test_duties_are_kept_apart(name: str, story: Refusal) -> None:
    refused = story.holds()
    assert type(refused) is SEPARATIONS[name].kind
    assert said_by(name, refused.sentence)


def test_an_officer_concerned_does_not_refer_the_matter() -> None:
    assert said_by("concerned_refers", opening_refused(Role.INTAKE, "person-a").sentence)


def test_every_rule_has_its_story_and_names_commands_that_exist() -> None:
    elsewhere = {"concerned_refers", "decider_taken_over"}  # above, and in test_handover.py
    assert set(SEPARATED) | elsewhere == set(SEPARATIONS)
    assert {act for rule in SEPARATIONS.values() for act in rule.on.commands} <= set(ALLOWED)


def test_no_conflict_of_interest_is_refused_but_by_a_rule_with_a_name() -> None:
    """Elsewhere it would be missing from the page: name it in `domain/separation.py`."""
    for path in Path(separation.__file__).parent.rglob("*.py"):
        calls = (each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.Call))
        assert "ConflictOfInterest" not in {each.func.id for each in calls if isinstance(each.func, ast.Name)}, path


# --- And what is kept apart hinders nobody else


def test_an_investigator_managed_by_someone_else_is_appointed() -> None:
    case = locally().when("appoint_investigator", by=AA, investigator="investigator-2", managed_by=["manager-1"])
    case.then("investigator_appointed", managed_by=("manager-1",))
    case = case.when("appoint_investigator", by=AA, investigator="investigator-3")
    case.when("add_officer", person="manager-1").then("officer_added")


def test_a_police_friend_who_has_no_part_in_the_matter_acts_for_the_officer() -> None:
    referred().up_to("serve_notice").when("record_representations", by=FRIEND).then("representations_recorded")
