"""Departure: consent to leave (2015 to 2017), whom the regulations reach afterwards, and for what."""

from typing import Any

import pytest

from domain.case import lawful_next
from domain.vocabulary import Role
from domain.working_days import Counting, count
from tests.kit import (
    AA,
    CALENDAR,
    IOPC,
    NO_CASE,
    OFFICER,
    Given,
    Refusal,
    moment,
    ordinary,
    present,
    referred,
    refusal,
)

BOUND = "2016-01-04"  # a matter known while nobody could leave without consent
REG_10A = "PCR 2012 reg 10A, by SI 2014/3347 [V]"
WINDOW = "PCR 2020 reg 4; PCR 2012 reg 5(4), (5), by SI 2017/1134 [V]"
MEETING: dict[str, Any] = {"decision": "misconduct", "disposal": "meeting"}
MISCONDUCT = {"assess_severity": {"severity": "misconduct"}}


def bound(**facts: Any) -> Given:
    return referred(first_known=BOUND, **facts)


def asked() -> Given:
    return bound().when("request_consent_to_leave")


def left(left_on: str, first_known: str = "2020-07-04") -> Given:
    return referred(first_known=first_known).when("record_departure", left_on=left_on)


@pytest.mark.parametrize(
    ("act", "facts", "event", "said"),
    [
        ("request_consent_to_leave", {}, "consent_to_leave_requested", {"departure": "resigned"}),
        ("decide_consent_to_leave", {}, "consent_to_leave_decided", {"consent": False, "ground": None}),
        (
            "decide_consent_to_leave",
            {"consent": True, "ground": "medically_unfit"},
            "consent_to_leave_decided",
            {"consent": True},
        ),
        ("record_departure", {"departure": "retired"}, "officer_departed", {"departure": "retired", "condition": "A"}),
        ("determine_condition_c", {}, "condition_c_determined", {"proceed": True}),
    ],
)
def test_what_an_act_gives(act: str, facts: dict[str, Any], event: str, said: dict[str, Any]) -> None:
    ordinary(act).before(act).when(act, **facts).then(event, **said)


# --- Consent, from 12 January 2015 to 14 December 2017


def test_an_officer_leaves_with_consent() -> None:
    case = asked().when("decide_consent_to_leave", consent=True, ground="exceptional_circumstances")
    assert "given (exceptional circumstances)" in case.facts[0].tell()
    case = case.when("record_departure").then("officer_departed", reached=False)
    assert "do not reach" in case.facts[0].tell()


def test_after_a_refusal_an_officer_may_ask_again() -> None:
    refused = asked().when("decide_consent_to_leave")
    assert "consent to leave refused" in refused.facts[0].tell()
    refused.when("record_departure").refused("unlawful", REG_10A)
    refused.when("request_consent_to_leave").then("consent_to_leave_requested")


@pytest.mark.parametrize(("known", "notice"), [("2015-01-05", "2015-01-11"), (BOUND, "2017-12-15")])
def test_consent_is_not_asked_on_the_day_before_or_after(known: str, notice: str) -> None:
    case = referred(first_known=known)
    case.when("record_departure", at=notice).then("officer_departed")
    case.when("request_consent_to_leave", at=notice).refused("unlawful")


@pytest.mark.parametrize(("known", "notice"), [("2015-01-05", "2015-01-12"), (BOUND, "2017-12-14")])
def test_consent_is_asked_from_the_first_day_to_the_last(known: str, notice: str) -> None:
    case = referred(first_known=known)
    case.when("record_departure", at=notice).refused("unlawful", REG_10A)
    case.when("request_consent_to_leave", at=notice).then("consent_to_leave_requested")


def test_it_is_the_notice_that_needs_consent_and_not_the_leaving() -> None:
    late = {"at": "2018-01-15", "left_on": "2018-01-14"}
    bound().when("record_departure", notice_given_on="2017-12-14", **late).refused("unlawful", REG_10A)
    bound().when("record_departure", notice_given_on="2017-12-15", **late).then("officer_departed", condition="A")


def test_who_gave_notice_before_the_matter_was_known_was_not_bound() -> None:
    case = referred(first_known=BOUND)
    case.when("record_departure", at="2016-01-20", notice_given_on="2016-01-03").then("officer_departed")


FREE: dict[str, Given] = {
    "the conduct is less than misconduct": bound().up_to(
        "assess_severity", assess_severity={"severity": "practice_requiring_improvement"}
    ),
    "it is misconduct, and there is no live final warning": bound().up_to("assess_severity", **MISCONDUCT),
    "it goes to a meeting": bound().up_to("decide_case_to_answer", **MISCONDUCT, decide_case_to_answer=MEETING),
    "the outcome is imposed": bound().up_to("impose_outcome"),
}
HELD: dict[str, Given] = {
    "the conduct is not assessed yet": bound(),
    "it is gross misconduct": bound().up_to("assess_severity"),
    "it is misconduct, with a live final warning": bound().up_to(
        "assess_severity", assess_severity={"severity": "misconduct", "live_final_warning": True}
    ),
    "it goes to a hearing": bound().up_to("decide_case_to_answer"),
    "it goes to a special case hearing": bound().up_to("certify_special_conditions"),
    "the hearing is over, and the outcome not yet imposed": bound().up_to("conclude_hearing"),
}


@pytest.mark.parametrize("because", FREE)
def test_an_officer_needs_no_consent_when(because: str) -> None:
    FREE[because].when("record_departure").then("officer_departed")
    FREE[because].when("request_consent_to_leave").refused("wrong_stage")


@pytest.mark.parametrize("because", HELD)
def test_an_officer_needs_consent_while(because: str) -> None:
    HELD[because].when("record_departure").refused("unlawful", REG_10A)
    HELD[because].when("request_consent_to_leave").then("consent_to_leave_requested")


def test_nobody_needs_consent_to_die() -> None:
    bound().when("record_departure", departure="died").then("officer_departed", reached=True)


# --- Whom the regulations reach: conditions A, B and C

REACHED = [
    # first known, left on, condition (None: beyond their reach)
    ("2020-07-04", "2020-07-05", "A"),
    ("2020-07-04", "2020-07-04", "A"),
    ("2020-07-04", "2020-07-03", "B"),
    ("2020-07-04", "2019-07-04", "B"),
    ("2020-07-04", "2019-07-03", "C"),
    ("2025-06-02", "2024-06-02", "B"),
    ("2025-06-02", "2024-06-01", "C"),
    ("2018-01-02", "2017-12-15", "B"),
    ("2016-01-04", "2017-12-15", "A"),
    ("2017-12-14", "2017-12-01", None),
]


@pytest.mark.parametrize(("first_known", "left_on", "condition"), REACHED)
def test_by_which_condition_the_regulations_reach_who_left(
    first_known: str, left_on: str, condition: str | None
) -> None:
    case = referred(first_known=first_known).when("record_departure", at="2026-01-05", left_on=left_on)
    case.then("officer_departed", condition=condition, reached=condition is not None)
    assert case.officer().finished == (condition is None)


@pytest.mark.parametrize(
    ("to_any", "left_on", "condition"),
    [
        ("2025-05-20", "2025-05-25", "A"),
        (None, "2025-05-25", "B"),
        ("2025-05-20", "2024-05-25", "B"),
        (None, "2024-05-25", "C"),
    ],
)
def test_it_counts_when_any_policing_body_chief_officer_or_the_iopc_knew(
    to_any: str | None, left_on: str, condition: str
) -> None:
    case = referred(first_known="2025-05-30", first_known_to_any=to_any)
    case.when("record_departure", left_on=left_on).then("officer_departed", condition=condition)


@pytest.mark.parametrize("to_any", ["2025-05-27", None])
def test_of_an_officer_who_was_brought_it_counts_from_the_day_of_the_case_that_they_came_from(
    to_any: str | None,
) -> None:
    theirs = referred(reference="NEW-2025-0002", first_known="2025-05-01")
    case = referred(reference="NEW-2025-0001", first_known="2025-05-30", first_known_to_any=to_any, officers="B")
    given = theirs.when("hand_over_officer", officer="A", to="NEW-2025-0001")
    case = case.taking_over(given, at="2025-06-02")
    assert set(case.case.officers) == {"A", "B"}
    left = case.when("record_departure", officer="A", left_on="2025-05-25")
    left.then("officer_departed", condition="A")


def test_of_an_officer_with_a_day_of_their_own_it_counts_from_that() -> None:
    officers = [{"officer": "A", "person": "person-a", "first_known": "2025-06-10"}]
    case = referred(first_known="2025-01-10", officers=officers, occurred_at="2025-06-12T12:00:00Z")
    case.when("record_departure", left_on="2025-03-03").then("officer_departed", condition="B")


def test_the_window_is_twelve_months_from_the_day_the_officer_left() -> None:
    due = {day: str(count(CALENDAR, Counting.MONTHS_AFTER, 12, moment(day).date()).due) for day in LEFT}
    assert due == LEFT


LEFT = {
    "2019-07-04": "2020-07-04",
    "2019-02-28": "2020-02-28",
    "2020-02-29": "2021-02-28",
    "2019-08-31": "2020-08-31",
    "2019-12-31": "2020-12-31",
}


def test_the_case_of_who_left_beyond_their_reach_is_over() -> None:
    case = referred(first_known="2014-01-02").up_to("serve_notice").when("record_departure")
    case.then("officer_departed", reached=False)
    assert not [each.id for each in case.case.deadlines.values() if each.subject == "A" and each.outstanding]
    case.when("assess_severity").refused("wrong_stage")
    case.when("add_allegation").refused("wrong_stage")
    assert "add_allegation" not in {each.command for each in lawful_next(case.case, CALENDAR)}
    case.when("close_case").then("case_closed")


@pytest.mark.parametrize("first_known", [BOUND, "2020-07-04"])
def test_who_leaves_after_the_outcome_is_told_of_it_and_may_appeal(first_known: str) -> None:
    case = referred(first_known=first_known).up_to("impose_outcome").when("record_departure")
    case.then("officer_departed", condition=None, reached=True).up_to("lodge_appeal").then("appeal_lodged")


def test_who_left_long_before_is_proceeded_against_when_the_iopc_finds_it_proportionate() -> None:
    case = left("2018-01-02").before("refer_to_proceedings")
    assert "condition C" in next(fact.tell() for fact in case.history if fact.name == "officer_departed")
    case.when("refer_to_proceedings").refused("unlawful", WINDOW)
    case.when("determine_condition_c").when("refer_to_proceedings").then("referred_to_proceedings")


def test_who_left_long_before_is_not_proceeded_against_when_it_does_not() -> None:
    case = left("2018-01-02").up_to("serve_notice").when("determine_condition_c", proceed=False)
    assert "not found reasonable" in case.facts[0].tell()
    assert case.officer().finished
    assert not [each.id for each in case.case.deadlines.values() if each.subject == "A" and each.outstanding]
    case.when("determine_condition_c").refused("wrong_stage")


# --- For what: gross misconduct only


@pytest.mark.parametrize("departure", ["resigned", "retired"])
def test_the_case_of_an_officer_who_leaves_goes_on(departure: str) -> None:
    case = referred().up_to("refer_to_proceedings").when("record_departure", departure=departure)
    assert "goes on for gross misconduct only (condition A)" in case.facts[0].tell()
    assert not case.officer().finished
    case.up_to("open_hearing").then("hearing_opened")


def test_the_accelerated_hearing_of_an_officer_who_leaves_goes_on_too() -> None:
    case = referred().up_to("certify_special_conditions").when("record_departure")
    case.when("refer_to_proceedings").then("referred_to_proceedings", proceedings="accelerated_hearing")


def test_nothing_less_goes_to_proceedings_against_who_left() -> None:
    case = referred().up_to("submit_report", **MISCONDUCT).when("record_departure")
    case.when("decide_case_to_answer", **MEETING).refused("unlawful", WINDOW)
    case.when("decide_case_to_answer", decision="misconduct", disposal="no_action").then("case_to_answer_decided")


def test_nor_does_misconduct_with_a_live_final_warning() -> None:
    warned = {"assess_severity": {"severity": "misconduct", "live_final_warning": True}}
    case = referred().up_to("submit_report", **warned).when("record_departure")
    case.when("decide_case_to_answer", decision="misconduct", disposal="hearing").refused("unlawful", WINDOW)


@pytest.mark.parametrize("disposal", ["reflective_practice", "performance"])
@pytest.mark.parametrize("decision", ["none", "misconduct"])
def test_who_left_does_not_reflect_nor_improve(decision: str, disposal: str) -> None:
    told: dict[str, Any] = {"decision": decision, "disposal": disposal, "line_manager_consulted": True}
    case = referred().up_to("submit_report", **MISCONDUCT)
    case.when("decide_case_to_answer", **told).then("case_to_answer_decided")
    refused = case.when("record_departure").when("decide_case_to_answer", **told)
    refused = refused.refused("unlawful", "PCR 2020 Sch 1 para 1")
    assert present(refused.refusal).lawful == ("no_action",)
    listed = referred().up_to("list_hearing").when("record_departure")
    withdrawn = listed.when("withdraw_from_proceedings", disposal=disposal, line_manager_consulted=True)
    withdrawn.refused("unlawful", "PCR 2020 Sch 1 para 1")


def test_a_meeting_that_was_decided_on_is_not_begun_when_the_officer_leaves() -> None:
    meeting = {**MISCONDUCT, "decide_case_to_answer": MEETING, "name_panel": {"members": [], "adviser": None}}
    decided = referred().up_to("decide_case_to_answer", **meeting).when("record_departure")
    decided.when("refer_to_proceedings").refused("unlawful", WINDOW)
    decided.when("decide_case_to_answer", **NO_CASE).then("case_to_answer_decided")
    listed = referred().up_to("list_hearing", **meeting).when("record_departure")
    listed.when("open_hearing").refused("unlawful", WINDOW)
    listed.when("withdraw_from_proceedings").then("proceedings_withdrawn")


def test_the_case_of_an_officer_who_died_is_over() -> None:
    case = referred().up_to("refer_to_proceedings").when("record_departure", departure="died")
    assert case.officer().finished
    case.when("close_case").then("case_closed")


def test_the_case_of_another_officer_goes_on_when_one_leaves_or_dies() -> None:
    case = referred(officers="AB").up_to("serve_notice").when("record_departure", officer="A", departure="died")
    case.when("assess_severity", officer="B", severity="misconduct").then("severity_assessed")


def test_an_officer_who_resigned_may_die() -> None:
    case = referred().when("record_departure").when("record_departure", departure="died")
    assert case.officer().finished


REFUSED = {
    "an officer leaves once": refusal("record_departure", "record_departure", "malformed"),
    "and dies once": refusal(
        lambda: referred().when("record_departure", departure="died"),
        "record_departure",
        "already_done",
        departure="died",
    ),
    "nobody has left before leaving": refusal(referred, "record_departure", "malformed", left_on="2020-07-07"),
    "nobody leaves before giving notice": refusal(
        referred, "record_departure", "malformed", notice_given_on="2020-07-06", left_on="2020-07-05"
    ),
    "consent is given for a reason that the law knows": refusal(
        asked, "decide_consent_to_leave", "unlawful", REG_10A, consent=True
    ),
    "there is no consent without a request": refusal(bound, "decide_consent_to_leave", "wrong_stage"),
    "a request is decided once": refusal(
        lambda: asked().when("decide_consent_to_leave"), "decide_consent_to_leave", "wrong_stage"
    ),
    "one request is enough": refusal(asked, "request_consent_to_leave", "already_done"),
    "nobody asks leave to die": refusal(bound, "request_consent_to_leave", "malformed", departure="died"),
    "who left needs no consent": refusal(
        lambda: bound().when("record_departure", at="2018-01-15"), "request_consent_to_leave", "wrong_stage"
    ),
    "nobody does in a matter that was known when the rule had gone": refusal(
        lambda: referred(first_known="2017-12-15"), "request_consent_to_leave", "wrong_stage"
    ),
    "since 2020 nobody does": refusal(referred, "request_consent_to_leave", "wrong_stage"),
    "the IOPC determines nothing about who serves": refusal(referred, "determine_condition_c", "wrong_stage"),
    "nor about who left within the window": refusal("record_departure", "determine_condition_c", "wrong_stage"),
    "nor twice": refusal(
        lambda: ordinary("determine_condition_c").when("determine_condition_c"), "determine_condition_c", "already_done"
    ),
}


FOR = {
    "request_consent_to_leave": {OFFICER, "police_friend", "clerk"},
    "decide_consent_to_leave": {AA},
    "record_departure": {AA, "clerk"},
    "determine_condition_c": {IOPC},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", FOR)
def test_whose_it_is(act: str, role: str) -> None:
    given = ordinary(act).before(act).when(act, by=role)
    if role in FOR[act]:
        given.check_not_refused()
    else:
        given.refused("not_permitted")


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()
