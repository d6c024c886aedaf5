"""The reflective practice review: who goes there, in what order it is held, and what it leaves open."""

import pytest

from tests.kit import AA, CHAIR, IOPC, OFFICER, TO_REFLECT, Given, Refusal, referred, refusal


def reviewed(act: str, **at: str) -> Given:
    return referred().up_to(act, **{**TO_REFLECT, **{name: {"at": day} for name, day in at.items()}})


def notified() -> Given:
    return reviewed("notify_reflective_review")


def agreed() -> Given:
    return reviewed("agree_reflective_report")


def test_the_account_is_given_within_five_working_days_of_the_notice() -> None:
    case = reviewed("notify_reflective_review", notify_reflective_review="2024-12-20")
    case.clock("rprp_account/A", due="2024-12-31", state="running")
    case.when("give_reflective_account").clock("rprp_account/A", state="met")


def test_a_report_without_an_account_ends_the_time_for_it() -> None:
    agreed().clock("rprp_account/A", state="withdrawn")


def test_the_report_is_discussed_within_a_year() -> None:
    case = reviewed("agree_reflective_report", agree_reflective_report="2024-12-20")
    case.clock("rprp_pdr/A", due="2025-12-19", state="running")
    case.when("discuss_reflective_report").clock("rprp_pdr/A", state="met")


def test_a_case_stays_open_until_the_report_was_discussed() -> None:
    agreed().when("close_case").refused("out_of_order")
    reviewed("discuss_reflective_report").when("close_case").then("case_closed")


def test_of_an_account_that_is_never_given_the_authority_says_that_it_no_longer_keeps_the_case_open() -> None:
    late = notified().on("2026-01-01").clock("rprp_account/A", state="missed")
    late.when("close_case").refused("out_of_order")
    for by in (CHAIR, IOPC):
        late.when("set_aside_deadline", by=by, deadline="rprp_account/A").refused(
            "not_permitted", "PCR 2020 reg 67(1)(b)"
        )
    said = late.when("set_aside_deadline", by=AA, deadline="rprp_account/A")
    assert not said.deadline("rprp_account/A").outstanding
    said.when("close_case").then("case_closed")


def test_a_withdrawal_from_proceedings_may_lead_there() -> None:
    case = referred().up_to("name_panel")
    withdrawn = case.when("withdraw_from_proceedings", disposal="reflective_practice", line_manager_consulted=True)
    withdrawn.when("notify_reflective_review").then("reflective_review_notified")


def test_a_chair_who_finds_no_misconduct_may_direct_it() -> None:
    heard = referred().up_to(
        "impose_outcome", record_finding={"finding": "not_proven"}, impose_outcome={"sanction": "reflective_practice"}
    )
    heard.when("notify_reflective_review").then("reflective_review_notified")


REFUSED = {
    "nobody is reviewed who was not sent there": refusal(
        "decide_case_to_answer", "notify_reflective_review", "wrong_stage"
    ),
    "notice comes first": refusal(
        lambda: referred().up_to("decide_case_to_answer", **TO_REFLECT),
        "give_reflective_account",
        "out_of_order",
        "PCR 2020 reg 67",
    ),
    "notice is given once": refusal(notified, "notify_reflective_review", "already_done"),
    "an account is given before the report": refusal(agreed, "give_reflective_account", "wrong_stage"),
    "only an agreed report is discussed": refusal(
        notified, "discuss_reflective_report", "out_of_order", "PCR 2020 reg 70(6)"
    ),
    "a report is agreed once": refusal(agreed, "agree_reflective_report", "already_done"),
    "the chair has no part in it": refusal(notified, "agree_reflective_report", "not_permitted", by=CHAIR),
    "the authority does not give the account": refusal(notified, "give_reflective_account", "not_permitted", by=AA),
    "the officer does not agree the report": refusal(notified, "agree_reflective_report", "not_permitted", by=OFFICER),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_the_review_does_not_allow(case: Refusal) -> None:
    case.holds()


def test_the_2012_regulations_know_no_review() -> None:
    old = referred(first_known="2019-01-02").up_to("submit_report")
    old.when("decide_case_to_answer", **TO_REFLECT["decide_case_to_answer"]).refused("unlawful", "PCR 2020 Part 6")
