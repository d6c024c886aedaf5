"""Cases combined and split: an officer's part goes on elsewhere, and both records keep what they hold."""

import io
from typing import Any

import pytest
from rich.console import Console

from domain.case import fold, lawful_next
from domain.errors import Refused
from domain.handover import HandOverOfficer, OfficerTakenOver, check_receives
from domain.messages import Recorded
from domain.summary import summary
from domain.vocabulary import Regime
from integration.cli.timeline import officers
from tests.invariants import check_standing
from tests.kit import CALENDAR, CHAIR, Given, moment, present, referred
from workflows.page import page

THEIR, OURS = "X-2020-0002", "X-2020-0001"


def other(person: str = "person-z", **facts: Any) -> Given:
    """Another case, about another officer A, unless said otherwise."""
    told = {"reference": THEIR, "officers": [{"officer": "A", "person": person, "rank": "sergeant"}]}
    return referred(**(told | facts))


def handed_over(case: Given, **facts: Any) -> Given:
    return case.when("hand_over_officer", officer="A", **{"to": OURS, **facts})


def arrival(case: Given) -> OfficerTakenOver:
    case.check_not_refused()
    (fact,) = (each for each in case.facts if isinstance(each, OfficerTakenOver))
    return fact


def test_the_giving_case_owes_nothing_more_and_keeps_its_record() -> None:
    case = handed_over(other().up_to("serve_notice"))
    assert case.case.officers["A"].finished
    assert not [each for each in case.case.deadlines.values() if each.subject == "A" and each.outstanding]
    assert any(fact.name == "notice_served" for fact in case.history)
    case.when("close_case").then("case_closed")


def test_wherever_the_officer_is_shown_it_is_said_where_their_part_goes_on() -> None:
    case = handed_over(other().up_to("serve_notice"))
    (told,) = (fact.tell() for fact in case.facts if fact.name == "officer_handed_over")
    assert "their part goes on in case X-2020-0001, which takes it over by `take_over_officer`" in told
    assert "- **A**: goes on in case X-2020-0001 · gross misconduct" in page(case.case)
    assert summary(case.case).officers["A"].handed_to == OURS
    shown = io.StringIO()
    Console(file=shown, width=200).print(officers(case.case))
    assert "goes on in case X-2020-0001; severity: gross misconduct" in shown.getvalue()


def test_nothing_more_is_done_there_about_the_officer() -> None:
    case = handed_over(other().up_to("serve_notice"))
    refused = case.when("impose_restriction").refused("wrong_stage")
    assert "goes on in case X-2020-0001" in str(refused.refusal)
    case.when("hand_over_officer").refused("wrong_stage")
    case.when("add_allegation").refused("wrong_stage")


def test_the_officer_s_part_goes_on_where_it_was_dated_as_it_was_done() -> None:
    suspended = other().when("impose_restriction", at="2020-08-03").when("review_restriction", at="2020-08-28")
    ours = referred().taking_over(handed_over(suspended))
    came = arrival(ours)
    officer = ours.officer(came.officer)
    assert (came.officer, came.was, came.from_case, officer.person) == ("B", "A", THEIR, "person-z")
    assert present(officer.restriction).imposed_at == moment("2020-08-03")
    ours.clock(f"suspension_review_first/{came.officer}", state="met")
    theirs = suspended.deadline("suspension_review_next/A")
    assert ours.deadline(f"suspension_review_next/{came.officer}").due == theirs.due


def test_a_restriction_does_not_end_by_being_handed_over() -> None:
    case = handed_over(other().when("impose_restriction"))
    assert case.case.officers["A"].restriction is None
    assert "restriction_lifted" not in {fact.name for fact in case.facts}


def test_what_fell_due_meanwhile_is_missed_here() -> None:
    given = handed_over(other().when("impose_restriction", at="2020-08-03"), at="2020-08-28")
    ours = referred().taking_over(given, at="2020-09-14").on("2020-09-14T12:00")
    missed = ours.deadline(f"suspension_review_first/{arrival(referred().taking_over(given)).officer}")
    assert missed.overdue and missed.missed_at is not None


def test_the_other_record_is_named_to_its_last_event() -> None:
    given = handed_over(other().when("impose_restriction"))
    came = arrival(referred().taking_over(given))
    assert (came.version, came.head) == (given.record[-1].version, given.record[-1].hash)


def test_allegations_and_hearings_get_names_that_are_free() -> None:
    charged = other().up_to("refer_to_proceedings")
    ours = referred().up_to("refer_to_proceedings").taking_over(handed_over(charged))
    came = arrival(ours).officer
    assert ours.case.allegations["1"].officers == ("A",)
    assert ours.case.allegations["2"].officers == (came,)
    assert present(ours.officer(came).hearing).ref != present(ours.officer("A").hearing).ref


def test_findings_follow_their_allegation_under_its_new_name() -> None:
    heard = other().up_to("record_finding", respond_to_notice={"by": "clerk"})
    ours = referred().taking_over(handed_over(heard))
    assert present(ours.officer(arrival(ours).officer).hearing).findings == {"2": "gross_misconduct"}


def test_an_extension_goes_with_its_deadline() -> None:
    extended = other().up_to("extend_deadline", supply_documents={"at": "2020-08-03"})
    ours = referred().taking_over(handed_over(extended))
    came = arrival(ours).officer
    assert ours.deadline(f"officer_response/{came}").due == extended.deadline("officer_response/A").due


def test_a_case_is_split_by_opening_another_for_the_officer() -> None:
    whole = referred(reference=THEIR, officers="AB").up_to("serve_notice").when("impose_restriction", officer="B")
    given = whole.when("hand_over_officer", officer="B", to=OURS)
    assert given.case.officers["A"].notice_served and not given.case.officers["A"].finished
    opened = referred(officers=[{"officer": "B", "person": "person-b"}])
    split = opened.taking_over(given, was="B")
    officer = split.officer("B")
    assert officer.notice_served and officer.severity == "gross_misconduct" and officer.restriction is not None
    assert set(split.case.officers) == {"B"}


def test_about_an_officer_who_is_dealt_with_here_only_the_allegations_come() -> None:
    ours = referred().up_to("assess_severity", assess_severity={"severity": "misconduct"})
    ours = ours.taking_over(handed_over(other(person="person-a").up_to("serve_notice")))
    assert set(ours.case.officers) == {"A"}
    assert (ours.officer("A").severity, ours.officer("A").notice_served) == ("misconduct", False)
    assert ours.case.allegations["2"].officers == ("A",)


@pytest.mark.parametrize(
    ("of_the_case", "own"), [({}, {"first_known": "2020-07-02"}), ({"first_known_to_any": "2020-07-01"}, {})]
)
def test_who_is_known_here_from_a_day_of_their_own_is_untouched_yet(
    of_the_case: dict[str, Any], own: dict[str, Any]
) -> None:
    officers = [{"officer": "Z", "person": "person-z", "rank": "sergeant", **own}]
    ours = referred(officers=officers, **of_the_case).taking_over(handed_over(other().when("impose_restriction")))
    assert ours.restriction("Z").measure == "suspension"
    ours.clock("suspension_review_first/Z", state="running")


def test_the_officer_brings_the_regulations_that_govern_their_part() -> None:
    old = handed_over(other(first_known="2019-01-02").when("impose_restriction", at="2020-08-03"))
    ours = referred().taking_over(old)
    assert ours.case.regime_of(arrival(ours).officer) == "2012"
    assert ours.case.regime_of("A") == "2020"


OWN_DAY = [{"officer": "A", "person": "person-z", "rank": "sergeant", "first_known": "2020-07-02"}]


@pytest.mark.parametrize(
    ("day", "facts"),
    [
        ("2020-07-04", {}),
        ("2020-07-01", {"first_known_to_any": "2020-07-01"}),
        ("2020-07-02", {"officers": OWN_DAY, "first_known_to_any": "2020-07-03"}),
    ],
)
def test_the_officer_brings_the_day_on_which_the_allegation_was_first_known(day: str, facts: dict[str, Any]) -> None:
    """Who left after it is reached whenever the matter became known that the part goes on in."""
    ours = referred(first_known="2022-03-01").taking_over(handed_over(other(**facts)))
    came = arrival(ours)
    assert str(came.first_known) == str(ours.case.known_of(ours.officer(came.officer))) == day
    left = {"officer": came.officer, "departure": "resigned", "left_on": "2020-08-03"}
    ours.when("record_departure", **left).then("officer_departed", condition="A")
    onwards = ours.when("hand_over_officer", officer=came.officer, to="X-2020-0007")
    third = referred(reference="X-2020-0007", first_known="2023-03-01").taking_over(onwards, was=came.officer)
    assert str(arrival(third).first_known) == day


def test_who_is_dealt_with_here_keeps_the_day_that_they_have_here() -> None:
    once = referred(first_known="2022-03-01").taking_over(handed_over(other()))
    again = once.taking_over(handed_over(other(reference="X-2020-0003", first_known="2020-09-01")))
    assert arrival(again).first_known is None
    assert str(again.case.known_of(again.officer(arrival(again).officer))) == "2020-07-04"


def test_what_was_taken_over_before_the_day_came_along_has_the_day_of_its_new_case() -> None:
    ours = referred(first_known="2022-03-01").taking_over(handed_over(other()))
    told = [each for each in ours.record if each.type == "officer_taken_over"]
    older = [each.model_copy(update={"schema_version": 1, "data": without(each, "first_known")}) for each in told]
    record = [older[0] if each in told else each for each in ours.record]
    case = fold(each.event() for each in record)
    assert str(case.known_of(case.officer(arrival(ours).officer))) == "2022-03-01"


def without(told: Recorded, name: str) -> dict[str, Any]:
    return {key: value for key, value in told.data.items() if key != name}


def test_what_was_corrected_there_does_not_come() -> None:
    undone = other().when("impose_restriction").when("correct_record")
    ours = referred().taking_over(handed_over(undone))
    assert ours.officer(arrival(ours).officer).restriction is None


def handed_back() -> Given:
    """A suspended officer's part that was handed over to the wrong case, taken over there and handed back."""
    given = handed_over(other().when("impose_restriction", at="2020-08-03"))
    wrong = referred().taking_over(given)
    back = wrong.when("hand_over_officer", officer="B", to=THEIR)
    return given.taking_over(back, was="B")


def test_what_was_handed_over_to_the_wrong_case_is_handed_back() -> None:
    case = handed_back()
    came = arrival(case).officer
    assert (came, case.officer(came).person, case.officer("A").handed_to) == ("B", "person-z", OURS)
    assert case.restriction(came).imposed_at == moment("2020-08-03")
    assert [each.officers for each in case.case.allegations.values()] == [("A",), (came,)]
    case.clock(f"suspension_review_first/{came}", due="2020-08-31")
    check_standing(case.case, case.history)
    assert case.when("review_restriction", officer=came, at="2020-08-28").officer(came).restriction


OF_THE_AUTHORITY = handed_over(other("authority-1"), by="clerk")
REFUSED = [
    ("out_of_order", "has not been handed over to this case", lambda: (referred(), other())),
    (
        "out_of_order",
        "has not been handed over to this case",
        lambda: (referred(), handed_over(other(), to="X-3-1")),
    ),
    (
        "conflict_of_interest",
        "investigates, sits or acts",
        lambda: (referred(), OF_THE_AUTHORITY),
    ),
    (
        "already_done",
        "taken over already",
        lambda: (referred().taking_over(handed_over(other())), handed_over(other())),
    ),
    (
        "wrong_stage",
        "has been decided",
        lambda: (referred().up_to("refer_to_proceedings"), handed_over(other("person-a"))),
    ),
]


@pytest.mark.parametrize(("code", "said", "cases"), REFUSED)
def test_what_cannot_be_taken_over_is_refused(code: str, said: str, cases: Any) -> None:
    ours, theirs = cases()
    refused = ours.taking_over(theirs).refused(code)
    assert said in str(refused.refusal)


def test_nothing_is_taken_over_before_it_was_handed_over() -> None:
    refused = referred().taking_over(handed_over(other(), at="2020-07-20"), at="2020-07-10").refused("out_of_order")
    assert "was handed over later than that" in str(refused.refusal)


@pytest.mark.parametrize(("person", "code"), [("person-a", "wrong_stage"), ("person-z", None)])
def test_nothing_is_handed_over_to_a_case_that_is_done_with_that_person(person: str, code: str | None) -> None:
    """It could be taken over nowhere: nothing of a handing over can be voided, and its own case is done with it."""
    giving, decided = other(person), referred().up_to("refer_to_proceedings")
    command = HandOverOfficer.model_validate(giving.body("hand_over_officer", officers=["A"], to=OURS))
    try:
        check_receives(giving.case, decided.case, command)
    except Refused as refused:
        assert (refused.code, "officer A there, is decided" in refused.sentence) == (code, True)
    else:
        assert code is None


def test_a_case_is_not_handed_over_to_itself() -> None:
    handed_over(other(), to=THEIR).refused("malformed")


def test_what_stands_in_a_restricted_case_is_told_in_no_case_that_is_not() -> None:
    hidden, shown = handed_over(other(restricted=True)), handed_over(other())
    refused = referred().taking_over(hidden).refused("not_permitted")
    assert str(refused.refusal) == (
        "Case X-2020-0002 is restricted and case X-2020-0001 is not: refer the receiving case as restricted."
    )
    for given in (hidden, shown):
        arrival(referred(restricted=True).taking_over(given))


def test_neither_is_for_the_chair() -> None:
    handed_over(other(), by=CHAIR).refused("not_permitted")
    referred().taking_over(handed_over(other()), by=CHAIR).refused("not_permitted")


def test_what_is_handed_over_and_taken_over_is_not_voided() -> None:
    given = handed_over(other())
    given.when("correct_record", event=given.last_act("officer_handed_over")).refused("malformed")
    ours = referred().taking_over(given)
    ours.when("correct_record", event=ours.last_act("officer_taken_over")).refused("malformed")


def supplied(**facts: Any) -> Given:
    """Another case with an officer who was supplied with the documents on 3 August 2020: 15 working days to respond."""
    officers = [{"officer": "A", "person": "person-z"}]
    case = referred(reference="X-2020-0002", officers=officers, **facts)
    return case.up_to("supply_documents", supply_documents={"at": "2020-08-03"})


def given_over(case: Given) -> Given:
    return case.when("hand_over_officer", to="X-2020-0001", at="2020-10-05")


def test_the_days_of_a_stay_in_the_other_case_are_not_lost() -> None:
    stayed = supplied().when("stay_proceedings", at="2020-08-05").when("resume_proceedings", at="2020-10-01")
    stayed.clock("officer_response/A", due="2020-10-20")
    here = referred().taking_over(given_over(stayed), at="2020-10-06")
    here.clock("officer_response/B", due="2020-10-20", state="running")


def test_what_is_stayed_there_is_stayed_here_first() -> None:
    there = given_over(supplied().when("stay_proceedings", at="2020-08-05"))
    referred().taking_over(there, at="2020-10-06").refused("out_of_order")
    here = referred().when("stay_proceedings", at="2020-08-05").taking_over(there, at="2020-10-06")
    here.clock("officer_response/B", state="paused")
    here.when("resume_proceedings", at="2020-10-07").clock("officer_response/B", due="2020-10-26")


def test_what_ran_there_stops_where_the_proceedings_are_stayed() -> None:
    there = given_over(supplied())
    here = referred().when("stay_proceedings", at="2020-08-04").taking_over(there, at="2020-10-06")
    here.clock("officer_response/B", due="2020-08-24", state="missed")


def test_no_duty_that_was_done_there_arises_again_here() -> None:
    there = supplied().when("name_panel", at="2020-08-04").when("supply_chair_documents", at="2020-09-01")
    there.clock("documents_to_chair/A", state="met")
    here = referred().up_to("appoint_investigator").taking_over(given_over(there), at="2020-10-06")
    here.no_clock("severity_assessment/B").no_clock("written_notice_17/B")
    here.on("2020-12-01").clock("officer_response/B", state="missed").clock("documents_to_chair/B", state="met")


def test_the_officers_own_regime_says_what_the_decision_and_the_proceedings_know() -> None:
    officers = [{"officer": "A", "person": "person-z"}]
    there = referred(reference="X-2020-0002", first_known="2019-03-04", officers=officers).up_to("serve_notice")
    here = referred().up_to("serve_notice").taking_over(there.when("hand_over_officer", to="X-2020-0001"))
    here = here.when("submit_report")
    lesser: dict[str, Any] = {"officer": "B", "decision": "misconduct", "line_manager_consulted": True}
    here.when("decide_case_to_answer", **lesser, disposal="reflective_practice").refused("unlawful", "PCR 2020 Part 6")
    here.when("decide_case_to_answer", **lesser, disposal="management_action").then("case_to_answer_decided")
    heard = here.when("decide_case_to_answer", officer="B").when("refer_to_proceedings", officer="B")
    heard = heard.when("supply_documents", officer="B").when("name_panel", officer="B")
    heard = heard.when("supply_chair_documents", officer="B")
    heard.when("hold_pre_hearing", officer="B").refused("unlawful")


def owed(case: Given, who: str) -> set[tuple[str, Any]]:
    return {(each.rule, each.due) for each in case.case.deadlines.values() if each.subject == who and each.outstanding}


NOT_INVESTIGATED = {("severity_assessment", None), ("written_notice_17", None)}  # owed once there is an investigator
STAGES = [
    "refer_to_iopc",
    "appoint_investigator",
    "assess_severity",
    "serve_notice",
    "impose_restriction",
    "review_restriction",
    "record_interview",
    "refer_to_prosecutor",
    "certify_special_conditions",
    "decide_case_to_answer",
    "tell_outcome",
    "refer_to_proceedings",
    "supply_documents",
    "name_panel",
    "extend_deadline",
]


@pytest.mark.parametrize("stage", STAGES)
def test_wherever_it_stands_the_same_is_owed_about_the_officer_in_the_case_that_takes_over(stage: str) -> None:
    there = other().up_to(stage)
    given = handed_over(there)
    where_nobody_investigates = referred().taking_over(given)
    came = arrival(where_nobody_investigates).officer
    assert owed(where_nobody_investigates, came) == owed(there, "A") - NOT_INVESTIGATED
    investigated = referred().up_to("appoint_investigator").taking_over(given)
    served, assessed = there.officer().notice_served, there.officer().severity is not None
    begins = set() if served else NOT_INVESTIGATED - {("severity_assessment", None)} if assessed else NOT_INVESTIGATED
    assert owed(investigated, came) == owed(there, "A") | begins


def test_between_a_report_and_the_decision_on_it_nobody_is_handed_over() -> None:
    """The report is on the whole case and stays there: the fifteen days for the decision on it would be lost."""
    reported = other().up_to("submit_report")
    refused = handed_over(reported).refused("out_of_order")
    assert str(refused.refusal) == "The report awaits the decision whether officer A has a case to answer."
    assert not [each for each in lawful_next(reported.case, CALENDAR) if each.command == "hand_over_officer"]
    handed_over(reported.when("decide_case_to_answer")).check_not_refused()


def test_an_officer_keeps_the_regulations_they_came_under_whatever_comes_to_govern_this_case() -> None:
    """Also where these are the case's own at the time: a link told later may bring the case under older ones."""
    ours = referred().taking_over(handed_over(other().up_to("serve_notice")))
    came = arrival(ours).officer
    assert ours.case.regime is ours.case.regime_of(came) is Regime.PCR_2020
    linked = ours.when("link_case", open_under="2012")
    assert linked.case.regime is Regime.PCR_2012
    assert linked.case.regime_of(came) is Regime.PCR_2020


def test_nobody_sits_on_a_panel_that_comes_along_who_is_concerned_here_or_investigates() -> None:
    there = given_over(supplied().when("name_panel", at="2020-08-04"))
    here = referred(officers=[{"officer": "A", "person": "member-1"}])
    here.taking_over(there, at="2020-10-06").refused("conflict_of_interest")
    here = referred().up_to("appoint_investigator", appoint_investigator={"investigator": "member-1"})
    here.taking_over(there, at="2020-10-06").refused("conflict_of_interest")
