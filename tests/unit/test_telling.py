"""Telling people: the outcome, the complainant's right to a review, what is to be learnt."""

from typing import Any

import pytest

from tests.kit import AA, IOPC, NO_CASE, Given, Refusal, referred, refusal

REVIEW_IN_TIME = "PCMR 2020 reg 29(2)"


def decided(on: str = "2022-04-27", **facts: Any) -> Given:
    return referred().up_to("submit_report").when("decide_case_to_answer", at=on, **facts)


def told(on: str = "2022-05-05", first_known: str = "2020-07-04", **facts: Any) -> Given:
    return referred(first_known=first_known).before("tell_outcome").when("tell_outcome", at=on, **facts)


@pytest.mark.parametrize(
    ("act", "facts", "event", "said"),
    [
        ("tell_outcome", {"at": "2022-05-05"}, "outcome_told", {"party": "P1", "review_right": True}),
        ("apply_for_review", {}, "review_applied", {"party": "P1"}),
        ("decide_review", {}, "review_decided", {"party": "P1", "upheld": False}),
        ("recommend_learning", {}, "learning_recommended", {"recommendation": "R1"}),
        ("reply_to_recommendation", {}, "recommendation_answered", {"recommendation": "R1"}),
    ],
)
def test_what_an_act_gives(act: str, facts: dict[str, Any], event: str, said: dict[str, Any]) -> None:
    referred().before(act).when(act, **facts).then(event, **said)


def test_every_party_is_told_the_outcome() -> None:
    case = referred(parties=("P1", "P2")).up_to("decide_case_to_answer")
    case = case.when("tell_outcome", party="P1", review_right=False)
    case.clock("outcome_to_parties/P1", state="met").clock("outcome_to_parties/P2", state="running")


def test_a_second_outcome_does_not_put_off_the_day_by_which_the_first_is_told() -> None:
    case = referred(officers="AB").up_to("submit_report")
    case = case.when("decide_case_to_answer", at="2022-04-27", officer="A")
    case = case.when("decide_case_to_answer", at="2022-04-29", officer="B", **NO_CASE)
    case.clock("outcome_to_parties/P1", due="2022-05-05", state="running").no_clock("outcome_to_parties/P1/2")
    case = case.when("tell_outcome", at="2022-05-03")
    case.clock("outcome_to_parties/P1", state="met")


@pytest.mark.parametrize(
    ("act", "facts"),
    [
        ("impose_outcome", {}),
        ("withdraw_from_proceedings", {}),
        ("decide_appeal", {}),
        ("decide_review", {}),
        ("resume_proceedings", {}),
    ],
)
def test_each_later_outcome_is_told_too(act: str, facts: dict[str, Any]) -> None:
    case = referred().before(act)
    if "outcome_to_parties/P1" in case.case.deadlines:
        case = case.when("tell_outcome", review_right=False)
    told_before = {ref for ref in case.case.deadlines if ref.startswith("outcome_to_parties/P1")}
    case = case.when(act, **facts)
    assert [ref for ref in case.clocks_set() if ref.startswith("outcome_to_parties/P1")]
    assert told_before != set(case.case.deadlines)


def test_proceedings_that_go_on_before_the_trial_ends_are_no_outcome() -> None:
    case = referred(officers="A").when("stay_proceedings").when("resume_proceedings", because="prejudice_ended")
    case.no_clock("outcome_to_parties/P1")


def test_the_iopc_tells_the_outcome_of_what_it_handles() -> None:
    assert decided().deadline("outcome_to_parties/P1").duty == IOPC
    local = referred().when("assess_referral", kind="not_required").when("decide_mode", by=AA, mode="local")
    local = local.when("appoint_investigator", by=AA).up_to("decide_case_to_answer")
    assert local.deadline("outcome_to_parties/P1").duty == AA


def test_under_2012_no_period_for_the_outcome_was_read() -> None:
    referred(first_known="2019-01-02").up_to("decide_case_to_answer").no_clock("outcome_to_parties/P1")


def test_only_complainants_are_told_of_a_right_to_a_review() -> None:
    parties = [{"party": "P1", "kind": "complainant"}, {"party": "P2", "kind": "interested_person"}]
    case = referred(parties=()).when("add_party", **parties[0]).when("add_party", **parties[1])
    case = case.up_to("submit_report").when("decide_case_to_answer", carries_review_right=True)
    case = case.clock("review_right_notice/P1", state="running").no_clock("review_right_notice/P2")
    case.when("tell_outcome", party="P2").refused("unlawful", "PCMR 2020 reg 29")


def test_nobody_is_told_before_they_were_added() -> None:
    case = decided(carries_review_right=True).when("add_party", at="2022-05-04", party="P2")
    case.when("tell_outcome", at="2022-05-03", party="P2").refused("out_of_order")
    case.when("update_party", at="2022-05-03", party="P2").refused("out_of_order")
    case.when("tell_outcome", at="2022-05-04", party="P2").then("outcome_told", party="P2")
    case.when("update_party", at="2022-05-04", party="P2").then("party_updated", party="P2")


def test_to_be_told_the_outcome_is_not_to_be_told_of_the_right() -> None:
    case = decided(carries_review_right=True).when("tell_outcome", review_right=False)
    case.clock("outcome_to_parties/P1", state="met").clock("review_right_notice/P1", state="running")
    case.no_clock("complainant_review_application/P1")
    case.when("tell_outcome").clock("review_right_notice/P1", state="met")


def test_a_review_applied_for_on_the_last_day_is_in_time() -> None:
    case = told().when("apply_for_review", at="2022-06-02T23:59")
    case.clock("complainant_review_application/P1", due="2022-06-02", state="met")


def test_the_review_body_may_extend_the_time() -> None:
    case = told().when(
        "extend_deadline", by="local_policing_body", deadline="complainant_review_application/P1", until="2022-06-10"
    )
    case.when("apply_for_review", at="2022-06-09").then("review_applied")


def test_in_2012_the_time_runs_from_the_letter() -> None:
    case = told("2019-06-10", "2019-01-02", letter_dated="2019-06-07")
    case = case.clock("complainant_appeal_2012/P1", due="2019-07-05").on("2019-07-06")
    case.clock("complainant_appeal_2012/P1", state="lapsed")


def test_a_case_is_not_closed_while_a_review_may_be_asked_for() -> None:
    case = decided(**NO_CASE).when("tell_outcome", at="2022-05-03")
    case.when("close_case", at="2022-05-31").refused("out_of_order")
    case.when("close_case", at="2022-06-01").then("case_closed")


def test_a_case_is_not_closed_while_a_review_is_undecided() -> None:
    case = decided(**NO_CASE).when("tell_outcome", at="2022-05-03").when("apply_for_review")
    case.when("close_case").refused("wrong_stage")
    case.when("decide_review").when("close_case").then("case_closed")


def test_a_case_is_not_closed_while_a_recommendation_is_without_a_reply() -> None:
    case = decided(**NO_CASE).when("recommend_learning")
    case.when("close_case").refused("out_of_order")
    case.when("reply_to_recommendation").when("close_case").then("case_closed")


def test_each_recommendation_has_its_own_time() -> None:
    case = referred().when("recommend_learning", at="2022-05-05").when("recommend_learning", recommendation="R2")
    case = case.when("reply_to_recommendation", recommendation="R2")
    case.clock("learning_recommendation_reply/R1", state="running")
    case.clock("learning_recommendation_reply/R2", state="met")


def test_what_was_told_says_so() -> None:
    said = [fact.tell() for fact in told().facts]
    assert "P1 told the outcome and the right to a review" in said
    case = told().when("apply_for_review")
    assert case.when("decide_review", upheld=True).facts[0].tell() == "P1: review upheld. It was reasonable"
    assert case.when("decide_review").facts[0].tell() == "P1: review not upheld. It was reasonable"


REFUSED = {
    "a stranger is not told": refusal("decide_case_to_answer", "tell_outcome", "not_found", party="P9"),
    "nobody is told where there is nobody": refusal(
        lambda: referred(parties=()).up_to("decide_case_to_answer"), "tell_outcome", "wrong_stage"
    ),
    "a letter of tomorrow has not been given": refusal(
        "decide_case_to_answer",
        "tell_outcome",
        "out_of_order",
        at="2022-05-05",
        letter_dated="2022-05-06",
    ),
    "no review without a right to it": refusal("decide_case_to_answer", "apply_for_review", "out_of_order"),
    "none before the right was told": refusal(told, "apply_for_review", "out_of_order", at="2022-05-04"),
    "none after its time": refusal(told, "apply_for_review", "unlawful", REVIEW_IN_TIME, at="2022-06-03"),
    "none twice": refusal("apply_for_review", "apply_for_review", "out_of_order"),
    "none by a stranger": refusal("tell_outcome", "apply_for_review", "not_found", party="P9"),
    "no decision without an application": refusal("tell_outcome", "decide_review", "out_of_order"),
    "no decision before the application": refusal(
        lambda: told().when("apply_for_review", at="2022-05-10"), "decide_review", "out_of_order", at="2022-05-09"
    ),
    "no second decision": refusal("decide_review", "decide_review", "out_of_order"),
    "no reply without a recommendation": refusal(referred, "reply_to_recommendation", "out_of_order"),
    "no reply to another": refusal(
        "recommend_learning", "reply_to_recommendation", "out_of_order", recommendation="R9"
    ),
    "no reply before it was made": refusal(
        lambda: referred().when("recommend_learning", at="2022-05-05"),
        "reply_to_recommendation",
        "out_of_order",
        at="2022-05-04",
    ),
    "no second reply": refusal("reply_to_recommendation", "reply_to_recommendation", "out_of_order"),
    "no second recommendation of that name": refusal("recommend_learning", "recommend_learning", "already_done"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()
