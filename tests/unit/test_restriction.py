"""Restriction: redeployment, restricted duties, suspension; what is required before, and what ends it (PCR reg 11)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kit import AA, NO_CASE, OFFICER, SUSPENSION, Given, Refusal, referred, refusal

RESTRICTIONS = ["redeployment", "restricted_duties"]


def suspended(**changes: Any) -> Given:
    return referred().when("impose_restriction", **changes)


def restricted(measure: str = "restricted_duties") -> Given:
    return referred().when("impose_restriction", measure=measure)


@pytest.mark.parametrize(
    ("act", "facts", "event", "said"),
    [
        ("impose_restriction", {}, "restriction_imposed", {"measure": "suspension", "oral": False}),
        ("impose_restriction", {"oral": True}, "restriction_imposed", {"measure": "suspension", "oral": True}),
        ("record_restriction_representations", {}, "restriction_representations_recorded", {"measure": "suspension"}),
        ("review_restriction", {}, "restriction_reviewed", {"measure": "suspension"}),
        ("vary_restriction", {}, "restriction_varied", {"was": "suspension", "measure": "restricted_duties"}),
        ("lift_restriction", {}, "restriction_lifted", {"measure": "suspension"}),
    ],
)
def test_what_an_act_gives(act: str, facts: dict[str, Any], event: str, said: dict[str, Any]) -> None:
    referred().before(act).when(act, **facts).then(event, **said)


def test_an_oral_suspension_is_confirmed_in_writing() -> None:
    confirmed = suspended(oral=True).when("confirm_suspension").then("suspension_confirmed")
    assert confirmed.restriction().confirmed


def test_an_officer_who_was_redeployed_may_be_suspended_by_word_of_mouth() -> None:
    case = restricted("redeployment").when("vary_restriction", at="2025-05-24", oral=True, **SUSPENSION)
    case = case.clock("suspension_written_confirm/A", due="2025-05-29", state="running")
    case.when("confirm_suspension").clock("suspension_written_confirm/A", state="met").then("suspension_confirmed")


@pytest.mark.parametrize("measure", RESTRICTIONS)
def test_a_lesser_restriction_asks_for_no_conditions(measure: str) -> None:
    imposed = referred().when(
        "impose_restriction", measure=measure, redeployment_considered=False, public_interest_requires=False
    )
    imposed.then("restriction_imposed", measure=measure)


@pytest.mark.parametrize("condition", ["may_prejudice_investigation", "public_interest_requires"])
def test_either_condition_suffices_for_suspension(condition: str) -> None:
    neither: dict[str, Any] = {"may_prejudice_investigation": False, "public_interest_requires": False}
    referred().when("impose_restriction", **{**neither, condition: True}).then("restriction_imposed")


def test_restrictions_belong_to_each_officer() -> None:
    case = referred(officers="AB").when("impose_restriction", officer="A")
    case = case.when("impose_restriction", officer="B", measure="redeployment")
    assert [case.restriction(ref).measure for ref in "AB"] == ["suspension", "redeployment"]


def test_restricted_duties_may_become_suspension() -> None:
    varied = restricted().when("vary_restriction", **SUSPENSION)
    varied.then("restriction_varied", was="restricted_duties", measure="suspension")


def test_a_review_is_remembered_and_the_restriction_continues() -> None:
    case = suspended(at="2020-07-10").when("review_restriction", at="2020-08-03")
    assert case.restriction().last_review == case.clock_at
    assert case.restriction().measure == "suspension"


def test_a_review_that_ends_the_suspension_settles_its_clock_and_starts_none() -> None:
    case = suspended(at="2020-07-10").when("review_restriction", at="2020-08-03", conditions_met=False)
    case.then("restriction_reviewed", "restriction_lifted", conditions_met=False)
    case.clock("suspension_review_first/A", state="met").no_clock("suspension_review_next/A")
    assert any("no longer met" in fact.tell() for fact in case.facts if fact.name == "restriction_reviewed")


def test_the_officer_is_told_in_writing_what_the_review_decided() -> None:
    case = suspended(at="2020-07-10").when("review_restriction", at="2020-08-03")
    told = case.when("give_review_notice", at="2020-08-06").then("review_notice_given")
    told.clock("suspension_review_notice/A", due="2020-08-06", state="met")
    told.when("give_review_notice").refused("wrong_stage")


def test_the_officer_is_told_of_a_review_that_ended_the_suspension_too() -> None:
    case = suspended(at="2020-07-10").when("review_restriction", at="2020-08-03", conditions_met=False)
    case = case.clock("suspension_review_notice/A", state="running").on("2020-08-07")
    case.clock("suspension_review_notice/A", state="missed").when("give_review_notice").then("review_notice_given")


def test_representations_call_for_a_review() -> None:
    case = suspended(at="2020-07-10").when("record_restriction_representations", at="2020-07-20")
    case = case.clock("suspension_review_reps/A", state="due")
    case.when("review_restriction", at="2020-07-18").clock("suspension_review_reps/A", state="due")
    case.when("review_restriction", at="2020-07-21").clock("suspension_review_reps/A", state="met")


def test_what_is_said_against_a_lesser_restriction_calls_for_no_review() -> None:
    restricted().when("record_restriction_representations").no_clock("suspension_review_reps/A")


def test_an_older_review_told_later_is_not_the_last_one() -> None:
    case = suspended(at="2020-07-10").when("review_restriction", at="2020-08-03")
    older = case.when("review_restriction", at="2020-07-20")
    assert (older.restriction(), older.officer().review_untold) == (case.restriction(), case.officer().review_untold)


def test_an_officer_whose_restriction_was_lifted_may_be_restricted_again() -> None:
    case = suspended().when("lift_restriction").when("impose_restriction", measure="redeployment")
    assert case.then("restriction_imposed").restriction().measure == "redeployment"


ENDINGS = {
    "a review that finds its conditions no longer met": lambda: suspended().when(
        "review_restriction", conditions_met=False
    ),
    "no case to answer": lambda: (
        suspended().up_to("submit_report").when("decide_case_to_answer", decision="none", disposal="no_action")
    ),
    "withdrawal from proceedings": lambda: suspended().up_to("withdraw_from_proceedings"),
    "the outcome": lambda: suspended().up_to("impose_outcome"),
    "departure": lambda: suspended().when("record_departure"),
    "death": lambda: suspended().when("record_departure", departure="died"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_restriction_ends_with(ending: str) -> None:
    case = ENDINGS[ending]()
    assert case.officer().restriction is None
    owed = [d.rule for d in case.case.deadlines.values() if d.rule.startswith("suspension") and d.outstanding]
    assert owed == (["suspension_review_notice"] if case.officer().review_untold else [])


def test_a_restriction_lasts_through_investigation_and_hearing() -> None:
    assert suspended().up_to("record_finding").restriction().measure == "suspension"


def test_the_end_of_one_officer_s_case_does_not_end_the_other_s_restriction() -> None:
    case = referred(officers="AB").when("impose_restriction").up_to("submit_report")
    case = case.when("decide_case_to_answer", officer="A", decision="none", disposal="no_action")
    assert case.officer("A").restriction is None
    assert case.restriction("B").measure == "suspension"


@pytest.mark.parametrize(
    ("ending", "because"),
    [
        ("a review that finds its conditions no longer met", "restriction reviewed"),
        ("no case to answer", "case to answer decided"),
        ("withdrawal from proceedings", "proceedings withdrawn"),
        ("the outcome", "outcome imposed"),
    ],
)
def test_a_restriction_ends_once_and_says_with_what(ending: str, because: str) -> None:
    lifted = [fact for fact in ENDINGS[ending]().facts if fact.name == "restriction_lifted"]
    assert [getattr(fact, "reasons", None) for fact in lifted] == [f"It ends with: {because}."]


@pytest.mark.parametrize(("ending", "because"), [("departure", "officer departed"), ("death", "officer departed")])
def test_a_restriction_that_ends_with_departure_says_so(ending: str, because: str) -> None:
    ENDINGS[ending]().then("officer_departed", "restriction_lifted")
    lifted = [fact for fact in ENDINGS[ending]().facts if fact.name == "restriction_lifted"]
    assert [getattr(fact, "reasons", None) for fact in lifted] == [f"It ends with: {because}."]


REFUSED = {
    "redeployment is considered before suspension": refusal(
        referred,
        "impose_restriction",
        "unlawful",
        "PCR 2020 reg 11(4)(a)",
        redeployment_considered=False,
    ),
    "one of the conditions is met before suspension": refusal(
        referred, "impose_restriction", "unlawful", "PCR 2020 reg 11(4)(b)", public_interest_requires=False
    ),
    "also before restricted duties become suspension": refusal(
        restricted, "vary_restriction", "unlawful", "PCR 2020 reg 11(4)(a)", measure="suspension"
    ),
    "and one of the conditions": refusal(
        restricted,
        "vary_restriction",
        "unlawful",
        "PCR 2020 reg 11(4)(b)",
        measure="suspension",
        redeployment_considered=True,
    ),
    "only a suspension is imposed by word of mouth": refusal(
        referred, "impose_restriction", "malformed", measure="redeployment", oral=True
    ),
    "nor put in the place of another so": refusal(
        suspended, "vary_restriction", "malformed", measure="redeployment", oral=True
    ),
    "no restriction on top of another": refusal(suspended, "impose_restriction", "already_done"),
    "no restriction when the case is over for the officer": refusal(
        lambda: referred().up_to("decide_case_to_answer", decide_case_to_answer=NO_CASE),
        "impose_restriction",
        "wrong_stage",
    ),
    "none on an officer who has left": refusal("record_departure", "impose_restriction", "wrong_stage"),
    "nothing to confirm": refusal(referred, "confirm_suspension", "wrong_stage"),
    "nothing to be said against": refusal(referred, "record_restriction_representations", "wrong_stage"),
    "nothing to review": refusal(referred, "review_restriction", "wrong_stage"),
    "only a suspension has conditions to be met no longer": refusal(
        restricted, "review_restriction", "malformed", conditions_met=False
    ),
    "no review ends what was varied after it": refusal(
        lambda: suspended(at="2020-07-10").when("vary_restriction", at="2020-08-10"),
        "review_restriction",
        "out_of_order",
        at="2020-08-01",
        conditions_met=False,
    ),
    "an officer concerned authorises nothing": refusal(
        referred, "impose_restriction", "conflict_of_interest", delegated=True, authorised_by="person-a"
    ),
    "no review to be told of": refusal(suspended, "give_review_notice", "wrong_stage"),
    "nor of one of a lesser restriction": refusal(
        lambda: restricted().when("review_restriction"), "give_review_notice", "wrong_stage"
    ),
    "no notice before the review": refusal(
        lambda: suspended(at="2020-07-10").when("review_restriction", at="2020-08-03"),
        "give_review_notice",
        "out_of_order",
        at="2020-08-02",
    ),
    "nothing to vary": refusal(referred, "vary_restriction", "wrong_stage"),
    "nothing to lift": refusal(referred, "lift_restriction", "wrong_stage"),
    "a written suspension needs no confirmation": refusal(suspended, "confirm_suspension", "wrong_stage"),
    "one confirmation is enough": refusal(
        lambda: suspended(oral=True).when("confirm_suspension"), "confirm_suspension", "already_done"
    ),
    "the measure is that already": refusal(suspended, "vary_restriction", "already_done", **SUSPENSION),
    "what was not yet imposed is not reviewed": refusal(
        lambda: suspended(at="2020-07-10"), "review_restriction", "out_of_order", at="2020-07-09"
    ),
    "nor lifted": refusal(lambda: suspended(at="2020-07-10"), "lift_restriction", "out_of_order", at="2020-07-09"),
    "an officer who is not in the case": refusal(referred, "impose_restriction", "not_found", officer="Z"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()


def test_no_restriction_is_imposed_once_there_is_an_outcome() -> None:
    referred().up_to("conclude_hearing").when("impose_restriction").then("restriction_imposed")
    referred().up_to("impose_outcome").when("impose_restriction").refused("wrong_stage")


def test_a_restriction_lasts_until_the_outcome_and_its_reviews_with_it() -> None:
    case = suspended(at="2020-07-10").up_to("conclude_hearing")
    assert case.restriction().measure == "suspension"
    case.clock("suspension_review_first/A", state="running").when("impose_outcome").then(
        "outcome_imposed", "restriction_lifted"
    ).clock("suspension_review_first/A", state="withdrawn")


def test_suspension_under_2012_cites_2012() -> None:
    case = referred(first_known="2019-01-02")
    case.when("impose_restriction", redeployment_considered=False).refused("unlawful", "PCR 2012 reg 10")


def test_a_review_before_a_variation_may_be_told_after_it() -> None:
    case = suspended(at="2020-07-10").when("vary_restriction", at="2020-08-10")
    case.when("review_restriction", at="2020-08-01").then("restriction_reviewed", measure="suspension")


DECISIONS: dict[str, tuple[Callable[[], Given], str]] = {
    "to suspend": (referred, "impose_restriction"),
    "to suspend instead of a lesser restriction": (restricted, "vary_restriction"),
    "to continue the suspension": (suspended, "review_restriction"),
    "to put something lesser in its place": (suspended, "vary_restriction"),
    "to end it": (suspended, "lift_restriction"),
}


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_delegated_decision_on_a_suspension_needs_a_senior_officer(decision: str) -> None:
    so_far, act = DECISIONS[decision]
    facts = SUSPENSION if so_far is restricted else {}
    refused = so_far().when(act, delegated=True, **facts)
    refused.refused("unlawful", "PCR 2020 reg 2(4) [V-frag, place inferred]")
    given = so_far().when(act, delegated=True, authorised_by="senior-1", **facts)
    assert [getattr(fact, "authorised_by", None) for fact in given.facts if fact.name.startswith("restriction")] == [
        "senior-1"
    ]


def test_no_authorisation_is_asked_for_lesser_restrictions_nor_under_2012() -> None:
    referred().when("impose_restriction", measure="redeployment", delegated=True).then("restriction_imposed")
    old = referred(first_known="2019-01-02")
    old.when("impose_restriction", delegated=True).then("restriction_imposed", delegated=True)


# --- The clocks of a suspension, under every regime

KNOWN = ["2019-01-02", "2020-07-04", "2025-05-28"]
OF_A_SUSPENSION = {
    "suspension_written_confirm/A": AA,
    "suspension_reps/A": OFFICER,
    "suspension_review_first/A": AA,
}
ENDED = {"lift_restriction": {}, "vary_restriction": {"measure": "redeployment"}}


def clocks(given: Given) -> dict[str, str]:
    return {ref: given.deadline(ref).duty for ref in given.clocks_set()}


@pytest.mark.parametrize("first_known", KNOWN)
def test_a_suspension_by_word_of_mouth_starts_its_clocks(first_known: str) -> None:
    case = referred(first_known=first_known)
    assert clocks(case.when("impose_restriction", oral=True)) == OF_A_SUSPENSION
    case = case.when("impose_restriction", measure="redeployment")
    assert clocks(case) == {"restriction_review/A": AA}
    assert clocks(case.when("vary_restriction")) == {"restriction_review/A/2": AA}
    assert clocks(case.when("vary_restriction", oral=True, **SUSPENSION)) == OF_A_SUSPENSION


@pytest.mark.parametrize("first_known", KNOWN)
def test_what_is_said_and_reviewed_settles_them_and_starts_others(first_known: str) -> None:
    case = referred(first_known=first_known).when("impose_restriction").when("record_restriction_representations")
    assert clocks(case.clock("suspension_reps/A", state="met")) == {"suspension_review_reps/A": AA}
    case = case.when("review_restriction").clock("suspension_review_reps/A", state="met")
    again = "suspension_review_next/A"
    assert case.deadline(again).rule == "suspension_review_next" + ("_2012" if case.case.regime == "2012" else "")
    assert clocks(case) == {again: AA, "suspension_review_notice/A": AA}
    case = case.clock("suspension_review_first/A", state="met").when("review_restriction")
    case.clock(again, state="met").clock("suspension_review_notice/A", state="withdrawn")
    assert clocks(case) == {f"{again}/2": AA, "suspension_review_notice/A/2": AA}


@pytest.mark.parametrize("act", ENDED)
def test_the_end_of_a_suspension_ends_all_but_the_notice_of_a_review(act: str) -> None:
    case = suspended(oral=True).when(act, **ENDED[act])
    assert {case.deadline(ref).state for ref in OF_A_SUSPENSION} == {"withdrawn"}
    case = suspended().when("review_restriction").when("record_restriction_representations").when(act, **ENDED[act])
    case.clock("suspension_review_next/A", state="withdrawn").clock("suspension_review_reps/A", state="withdrawn")
    case.clock("suspension_review_notice/A", state="running")


def test_a_lesser_restriction_is_looked_at_again_and_again() -> None:
    case = restricted().when("review_restriction").clock("restriction_review/A", state="withdrawn")
    assert clocks(case) == {"restriction_review/A/2": AA}
    case.when("vary_restriction", **SUSPENSION).clock("restriction_review/A/2", state="withdrawn")
    case.when("lift_restriction").clock("restriction_review/A/2", state="withdrawn")


CONSULT = "PCR 2020 reg 11; PCR 2012 reg 10 [M h]"


def handled(mode: str = "independent", **facts: Any) -> Given:
    return referred(**facts).up_to("decide_mode", decide_mode={"mode": mode})


CONSULTED: dict[str, tuple[str, dict[str, Any]]] = {
    "before an officer is suspended": ("impose_restriction", {}),
    "before the suspension is lifted": ("lift_restriction", {}),
    "before a lesser restriction takes its place": ("vary_restriction", {}),
    "before a review ends it": ("review_restriction", {"conditions_met": False}),
}


@pytest.mark.parametrize("mode", ["independent", "directed"])
@pytest.mark.parametrize("decision", CONSULTED)
def test_the_iopc_is_consulted(decision: str, mode: str) -> None:
    act, facts = CONSULTED[decision]
    case = handled(mode).before(act)
    refused = case.when(act, **facts, iopc_consulted=False).refused("unlawful", CONSULT).refusal
    assert refused is not None and refused.sentence.endswith(": `iopc_consulted` says so.")
    assert case.when(act, **facts, iopc_consulted=True).refusal is None


def test_the_iopc_is_not_consulted_on_what_neither_suspends_nor_ends_a_suspension() -> None:
    case = handled().when("impose_restriction", measure="redeployment", iopc_consulted=False)
    case = case.when("lift_restriction", iopc_consulted=False).when("impose_restriction")
    case.when("review_restriction", iopc_consulted=False).then("restriction_reviewed")


def test_the_iopc_is_consulted_only_on_what_it_handles() -> None:
    alone: dict[str, Any] = {"iopc_consulted": False}
    handled("local").when("impose_restriction", **alone).then("restriction_imposed")
    handled("managed", first_known="2019-01-02").when("impose_restriction", **alone).refused("unlawful", CONSULT)
    handled("supervised", first_known="2019-01-02").when("impose_restriction", **alone).then("restriction_imposed")


def test_who_was_suspended_before_the_iopc_took_the_matter_was_suspended_without_it() -> None:
    case = referred().up_to("decide_mode", decide_mode={"at": "2020-08-01"})
    case.when("impose_restriction", at="2020-07-20", iopc_consulted=False).then("restriction_imposed")


def test_the_outcome_ends_a_suspension_whether_or_not_the_iopc_was_consulted() -> None:
    case = handled().when("impose_restriction").up_to("impose_outcome")
    assert case.officer().restriction is None


def test_a_restriction_that_ended_is_not_followed_by_an_earlier_one() -> None:
    case = referred().up_to(
        "lift_restriction", impose_restriction={"at": "2020-08-03"}, lift_restriction={"at": "2020-09-01"}
    )
    case.when("impose_restriction", at="2020-08-20").refused("out_of_order")
    case.when("impose_restriction", at="2020-09-02").then("restriction_imposed")
