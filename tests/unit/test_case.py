"""The case: who may act in it, when, and what it offers next."""

from datetime import timedelta
from types import new_class
from typing import Any

import pytest

from domain import case as rules
from domain import departure, investigation, outcome, referral, restriction
from domain.case import evolve, lawful_next
from domain.messages import COMMANDS, EVENTS, Command, OfficerCommand, command_from
from domain.state import Allegation, Party
from domain.summary import summary
from domain.vocabulary import PartyKind, Role
from integration.samples import sample
from tests.kit import (
    AA,
    BY_MEETING,
    CALENDAR,
    EXAMPLES,
    NOW,
    OFFICER,
    Given,
    Refusal,
    accelerated,
    referred,
    refusal,
)

SCH_3 = "PRA 2002 Sch 3 para 15"


def test_every_act_has_its_example() -> None:
    assert set(EXAMPLES) == set(COMMANDS)
    assert all(Role(example.by) in COMMANDS[act].given_by for act, example in EXAMPLES.items())


# --- When


REFUSED = {
    "nothing is done before the matter was known": refusal(
        referred, "add_party", "out_of_order", at="2020-07-03T23:59:59"
    ),
    "nothing is done in the future": refusal(referred, "add_party", "malformed", at=NOW + timedelta(seconds=61)),
    "a live case does not go live": refusal(lambda: referred(clock="live"), "go_live", "wrong_stage"),
    "a rehearsed case does not go live": refusal(lambda: referred(clock="rehearsed"), "go_live", "wrong_stage"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()


def test_what_is_done_on_the_day_the_matter_was_known_is_not_too_early() -> None:
    referred().when("add_party", at="2020-07-04T00:00").then("party_added")


def test_a_clock_that_runs_a_minute_ahead_is_forgiven() -> None:
    at = NOW + timedelta(seconds=60)
    referred().when("add_party", at=at).then("party_added")


def test_an_imported_case_goes_live() -> None:
    case = referred().when("go_live").then("case_went_live")
    assert case.case.clock == "live"
    case.when("go_live").refused("wrong_stage")


@pytest.mark.parametrize("act", [act for act in COMMANDS if act != "reopen_case"])
def test_nothing_is_done_in_a_case_that_is_closed(act: str) -> None:
    referred().up_to("close_case").when(act).refused("wrong_stage")


@pytest.mark.parametrize("act", [act for act, kind in COMMANDS.items() if issubclass(kind, OfficerCommand)])
def test_nothing_is_done_about_an_officer_who_is_not_in_the_case(act: str) -> None:
    by = EXAMPLES[act].by if EXAMPLES[act].by != OFFICER else "clerk"
    so_far = "submit_report" if act == "decide_case_to_answer" else "appoint_investigator"
    referred().up_to(so_far).when(act, by=by, officer="Z").refused("not_found")


# --- What is remembered


def test_every_fact_is_one_version() -> None:
    case = referred().up_to("impose_outcome")
    assert case.case.version == len(case.history)


def test_an_illustrative_act_marks_its_facts_and_its_deadlines() -> None:
    case = referred().when("impose_restriction", illustrative=True)
    assert all(fact.illustrative for fact in case.facts)
    assert case.deadline("suspension_review_first/A").illustrative


@pytest.mark.parametrize(("imposed", "reviewed"), [(True, False), (False, True)])
def test_what_an_illustrative_act_settles_is_illustrative_and_so_is_what_settles_it(
    imposed: bool, reviewed: bool
) -> None:
    case = referred().when("impose_restriction", illustrative=imposed).when("review_restriction", illustrative=reviewed)
    assert [fact.illustrative for fact in case.facts if fact.name == "deadline_met"] == [True]


@pytest.mark.parametrize(
    ("act", "stage"),
    [
        ("decide_mode", "referral"),
        ("appoint_investigator", "investigation"),
        ("submit_report", "investigation"),
        ("decide_case_to_answer", "proceedings"),
        ("record_finding", "proceedings"),
        ("conclude_hearing", "outcome"),
        ("issue_report", "outcome"),
        ("close_case", "closed"),
    ],
)
def test_how_far_the_case_has_come(act: str, stage: str) -> None:
    assert referred().up_to(act).case.stage == stage


def test_every_fact_is_remembered_by_one_part() -> None:
    assert set(EVENTS.values()) <= set(rules._EVOLVE)


# --- What has no branch is a fault of ours, and no refusal of the law


@pytest.mark.parametrize("name", EVENTS)
def test_every_fact_has_its_branch(name: str) -> None:
    heard = referred().when("impose_restriction").up_to("impose_outcome").case
    deadlines = {"words": next(iter(heard.deadlines.values()))}
    parties = {"words": Party(ref="words", kind=PartyKind.COMPLAINANT)}
    allegations = {"A": Allegation(ref="A", standards=(), officers=("A",))}
    heard = heard.model_copy(update={"deadlines": deadlines, "parties": parties, "allegations": allegations})
    schema = EVENTS[name].model_json_schema()
    event = EVENTS[name].model_validate(sample(schema, schema.get("$defs", {})))
    assert evolve(None if name == "case_referred" else heard, event).version


BRANCHES = {
    "referral": referral.ReferralAct,
    "investigation": investigation.InvestigationAct,
    "restriction": restriction.RestrictionAct,
    "outcome": outcome.OutcomeAct,
    "departure": departure.DepartureAct,
    "no part": Command,
}


@pytest.mark.parametrize("kind", BRANCHES.values(), ids=BRANCHES)
def test_an_act_whose_branch_was_forgotten_is_a_fault(kind: type[Command]) -> None:
    forgotten: Any = new_class("Forgotten", (kind,))
    act = forgotten.model_construct(occurred_at=NOW, officers=("A",))
    with pytest.raises(TypeError, match="forgotten"):
        list(rules._facts(referred().case, act, CALENDAR))


# --- What it offers


def offered(act: str | None) -> dict[str, tuple[str, ...]]:
    case = referred(officers="AB") if act is None else referred(officers="AB").up_to(act)
    return {possible.command: possible.officers for possible in lawful_next(case.case, CALENDAR)}


def test_a_new_case_offers_its_assessment_and_no_hearing() -> None:
    possible = offered(None)
    assert {"assess_referral", "add_officer", "impose_restriction", "stay_proceedings", "go_live"} <= set(possible)
    assert possible["impose_restriction"] == ("A", "B")
    assert not {"refer_to_iopc", "appoint_investigator", "serve_notice", "open_hearing", "close_case"} & set(possible)


def test_what_is_offered_says_who_may_do_it_and_for_whom() -> None:
    case = referred(officers="AB").up_to("appoint_investigator").when("assess_severity", officer="B")
    served = next(possible for possible in lawful_next(case.case, CALENDAR) if possible.command == "serve_notice")
    assert (served.officers, served.given_by) == (("B",), (AA, "investigator", "iopc"))


def test_a_closed_case_offers_only_to_be_reopened() -> None:
    assert [act.command for act in lawful_next(referred().up_to("close_case").case, CALENDAR)] == ["reopen_case"]


# --- The page


def test_the_page_of_a_case_says_how_it_stands() -> None:
    case = referred(officers="AB").up_to("serve_notice").when("impose_restriction", officer="A", at="2020-07-07")
    page = summary(case.on("2020-08-20").case)
    assert (page.reference, page.stage, page.severity, page.regime) == (
        "X-2020-0001",
        "investigation",
        "gross_misconduct",
        "2020",
    )
    assert (page.officers["A"].restriction, page.officers["B"].restriction) == ("suspension", "none")
    assert (page.next_deadline, str(page.next_due)) == ("timeliness_pcmr_iopc", "2021-07-03")
    assert page.overdue == 4  # the review, both progress updates, the complainant's
    review = page.deadlines["suspension_review_first/A"]
    assert (str(review.due), review.state, review.overdue, review.unverified) == ("2020-08-04", "missed", True, True)


def test_the_page_of_a_case_tells_a_right_from_a_duty_and_since_when_a_period_is_over() -> None:
    named = summary(referred().up_to("name_panel").case).deadlines
    assert (named["object_to_chair/A"].kind, named["officer_response/A"].kind) == ("right", "duty")
    over = summary(referred().up_to("serve_notice").on("2021-07-20").case).deadlines["timeliness_pcr_first"]
    assert (over.kind, str(over.due), over.overdue, str(over.owed_since)) == (
        "period",
        "2021-07-03",
        False,
        "2021-07-04",
    )


def test_the_page_of_a_case_at_its_end() -> None:
    page = summary(referred().up_to("close_case").case)
    assert page.closed
    assert page.next_deadline is None
    officer = page.officers["A"]
    assert (officer.hearing, officer.finding, officer.sanction) == (
        "hearing",
        "gross_misconduct",
        "dismissal_without_notice",
    )


def test_a_command_that_is_told_again_is_refused_for_what_the_case_became() -> None:
    case = referred().when("assess_referral")
    told = command_from("assess_referral", case.body("assess_referral"))
    assert case.told(told).refusal is not None


RESTS_ON = [
    ("serve_notice", "assess_severity"),
    ("submit_report", "appoint_investigator"),
    ("respond_to_notice", "supply_documents"),
    ("conclude_hearing", "open_hearing"),
    ("notify_officer", "impose_outcome"),
    ("lodge_appeal", "notify_officer"),
    ("decide_appeal", "notify_officer"),
]


@pytest.mark.parametrize(("act", "rests_on"), RESTS_ON)
def test_no_act_is_dated_before_what_it_rests_on(act: str, rests_on: str) -> None:
    case = referred().before(act, **{rests_on: {"at": "2020-09-01"}})
    case.when(act, at="2020-08-31").refused("out_of_order")


def lawful_instead(case: Given) -> tuple[str, ...]:
    assert case.refusal is not None
    return case.refusal.lawful


def test_a_refusal_says_what_may_be_done_instead_and_by_whom() -> None:
    refused = referred().when("refer_to_iopc")
    assert "assess_referral" in lawful_instead(refused.refused("out_of_order"))
    assert "refer_to_iopc" not in lawful_instead(refused)
    by_officer = referred().up_to("serve_notice").when("assess_severity", by="officer", severity="misconduct")
    assert lawful_instead(by_officer.refused("not_permitted")) == ("record_representations",)


def test_what_may_be_done_instead_is_about_the_officer_who_was_named() -> None:
    case = referred(officers="AB").up_to("appoint_investigator").when("impose_restriction", officer="A")
    assert "review_restriction" in lawful_instead(case.when("impose_restriction", officer="A"))
    refused = case.when("review_restriction", officer="B").refused("wrong_stage")
    assert "impose_restriction" in lawful_instead(refused) and "vary_restriction" not in lawful_instead(refused)


def test_nothing_is_offered_to_whoever_is_not_the_investigator() -> None:
    for story in (referred().up_to("decide_mode"), referred().up_to("appoint_investigator")):
        assert lawful_instead(story.when("add_party", by="investigator", who="investigator-2")) == ()


def test_nothing_is_offered_about_an_officer_who_is_someone_else() -> None:
    served = referred(officers="AB").up_to("serve_notice")
    refused = served.when("record_representations", officers=["A"], who="person-b").refused("not_permitted")
    assert lawful_instead(refused) == ()
    both = served.when("record_representations", officers=["A", "B"], who="person-b").refused("not_permitted")
    assert "record_representations" not in lawful_instead(both)


def test_nothing_is_offered_to_a_chair_of_other_proceedings() -> None:
    refused = referred().up_to("name_panel").when("list_hearing", by="chair", who="chair-2").refused("not_permitted")
    offered = [COMMANDS[act] for act in lawful_instead(refused)]
    assert not [act.name for act in offered if issubclass(act, OfficerCommand)]


def test_what_was_refused_because_of_who_gave_it_is_not_offered() -> None:
    refused = referred().up_to("supply_documents").when("extend_deadline", by=AA, until="2020-09-07")
    assert lawful_instead(refused) and "extend_deadline" not in lawful_instead(refused)


def test_whoever_may_not_act_at_all_is_told_of_no_other_act() -> None:
    case = referred().when("assess_referral", who="person-a").refused("conflict_of_interest")
    assert lawful_instead(case) == ()


MISCONDUCT = {"decision": "misconduct"}
CHOICES = {
    "gross misconduct goes to a hearing": (
        "submit_report",
        "decide_case_to_answer",
        {"disposal": "meeting"},
        ("hearing",),
    ),
    "without a case to answer there are no proceedings": (
        "submit_report",
        "decide_case_to_answer",
        {"decision": "none", "disposal": "hearing"},
        ("no_action", "reflective_practice", "performance"),
    ),
    "misconduct goes to a meeting": (
        "submit_report",
        "decide_case_to_answer",
        {**MISCONDUCT, "disposal": "hearing"},
        ("meeting", "no_action", "reflective_practice", "performance"),
    ),
    "management action is gone": (
        "submit_report",
        "decide_case_to_answer",
        {**MISCONDUCT, "disposal": "management_action"},
        ("no_action", "reflective_practice", "performance"),
    ),
    "nobody manages since 2020": (
        "refer_to_iopc",
        "decide_mode",
        {"mode": "managed"},
        ("local", "directed", "independent", "returned"),
    ),
}


@pytest.mark.parametrize(("so_far", "act", "facts", "lawful"), CHOICES.values(), ids=CHOICES)
def test_where_a_value_is_refused_the_lawful_ones_are_named(
    so_far: str, act: str, facts: dict[str, str], lawful: tuple[str, ...]
) -> None:
    refused = referred().up_to(so_far).when(act, **facts)
    assert refused.refusal is not None and refused.refusal.code == "unlawful"
    assert lawful_instead(refused) == lawful


def test_a_matter_that_was_not_referred_is_investigated_locally() -> None:
    case = referred().when("assess_referral", kind="not_required")
    assert lawful_instead(case.when("decide_mode", by=AA, mode="directed").refused("unlawful", SCH_3)) == ("local",)


@pytest.mark.parametrize(
    ("so_far", "changes", "act", "citation"),
    [
        ("refer_to_iopc", {}, "decide_mode", SCH_3),
        ("decide_mode", {"decide_mode": {"mode": "independent"}}, "appoint_investigator", None),
    ],
)
def test_what_only_the_iopc_may_do_now_is_offered_to_nobody_else(
    so_far: str, changes: dict[str, dict[str, str]], act: str, citation: str | None
) -> None:
    case = referred().up_to(so_far, **changes)
    assert [each.given_by for each in lawful_next(case.case, CALENDAR) if each.command == act] == [("iopc",)]
    case.when(act, by=AA).refused("not_permitted", citation)


def test_what_a_meeting_and_an_accelerated_hearing_may_find() -> None:
    meeting = referred().up_to("open_hearing", **BY_MEETING).when("record_finding")
    assert lawful_instead(meeting.refused("unlawful")) == ("not_proven", "misconduct")
    fast = accelerated("open_hearing").when("record_finding", finding="misconduct")
    assert lawful_instead(fast.refused("unlawful", "PCR 2020 reg 62")) == ("not_proven", "gross_misconduct")


def test_a_2012_case_without_proceedings_may_come_to_management_action() -> None:
    case = referred(first_known="2019-01-02").up_to("submit_report")
    refused = case.when("decide_case_to_answer", decision="none", disposal="reflective_practice")
    assert lawful_instead(refused.refused("unlawful", "PCR 2020 Part 6")) == (
        "no_action",
        "management_action",
        "performance",
    )
