"""Reopening a closed case: it goes on where it was, and what was settled stays settled."""

import pytest

from domain.case import lawful_next
from domain.deadlines import DeadlineEvent
from tests.kit import AA, CALENDAR, MINUTE, Given, Refusal, referred, refusal


def reopened() -> Given:
    return referred().up_to("reopen_case")


def test_a_closed_case_is_reopened_with_reasons() -> None:
    case = reopened()
    case.then("case_reopened", reasons="A witness came forward")
    assert case.case.closed_at is None
    assert case.facts[0].tell() == "Case reopened. A witness came forward"


def unsettled(case: Given) -> set[str]:
    return {each.id for each in case.case.deadlines.values() if each.closed_in is not None}


def test_what_was_settled_stays_settled_and_nothing_of_it_is_armed_again() -> None:
    closed = referred().up_to("close_case")
    case = closed.when("reopen_case")
    assert case.case.officers == closed.case.officers
    owed = unsettled(closed)
    assert {each: deadline for each, deadline in case.case.deadlines.items() if each not in owed} == {
        each: deadline for each, deadline in closed.case.deadlines.items() if each not in owed
    }
    assert {fact.deadline for fact in case.facts if isinstance(fact, DeadlineEvent)} == owed


def test_what_closing_ended_is_owed_again_with_the_days_it_had() -> None:
    """Eight days were left to tell the party the outcome, five of them working days; nobody owed it for a year."""
    closed = referred().up_to("close_case")
    closed.clock("outcome_to_parties/P1", due="2020-07-13", state="withdrawn")
    case = closed.on("2021-07-06").when("reopen_case")
    case.clock("outcome_to_parties/P1", due="2021-07-13", state="running")
    case.clock("update_parties_first/P1", due="2021-08-03", state="running")
    told = case.facts[-1].tell()
    assert told == "P1: Tell the party the outcome: owed again, as the case was reopened, until 13 July 2021"
    case.on("2021-07-15").clock("outcome_to_parties/P1", state="missed")


def test_what_was_missed_before_is_owed_still_and_missed_once() -> None:
    missed = referred().before("close_case").on("2020-12-01")
    due = str(missed.clock("outcome_to_parties/P1", state="missed").deadline("outcome_to_parties/P1").due)
    closed = missed.when("close_case")
    assert not closed.deadline("outcome_to_parties/P1").outstanding
    case = closed.when("reopen_case").clock("outcome_to_parties/P1", due=due, state="missed")
    assert case.deadline("outcome_to_parties/P1").overdue
    assert case.on("2021-12-01").deadline("outcome_to_parties/P1") == case.deadline("outcome_to_parties/P1")


def test_what_the_closing_had_ended_in_time_runs_again_whenever_it_was_told() -> None:
    """Told late, the closing takes the misses away that were noted since; the reopening does not bring them back."""
    done = referred().before("close_case")
    closed = done.on("2020-12-01").clock("outcome_to_parties/P1", state="missed")
    closed = closed.when("close_case", at=done.clock_at + MINUTE).clock("outcome_to_parties/P1", state="withdrawn")
    case = closed.when("reopen_case", at="2021-07-06")
    case.clock("outcome_to_parties/P1", due="2021-07-13", state="running")
    assert case.deadline("outcome_to_parties/P1").missed_at is None


def test_an_act_done_before_the_closing_and_told_after_the_reopening_counts() -> None:
    closed = referred().up_to("close_case")
    case = closed.on("2021-07-06").when("reopen_case")
    case.when("update_party", at=closed.clock_at).clock("update_parties_first/P1", state="met")


def test_a_reopened_case_goes_on_and_is_closed_again() -> None:
    case = reopened().when("update_party").clock("update_parties_next/P1", state="running")
    case = case.when("close_case").then("case_closed")
    case = case.clock("update_parties_next/P1", state="withdrawn").when("reopen_case").then("case_reopened")
    case.clock("update_parties_next/P1", state="running")


def test_of_a_closed_case_only_that_is_offered() -> None:
    case = referred().up_to("close_case")
    assert [act.command for act in lawful_next(case.case, CALENDAR)] == ["reopen_case"]
    case = case.when("add_party", by=AA)
    case.refused("wrong_stage")
    assert case.refusal is not None and case.refusal.lawful == ("reopen_case",)


def test_it_is_not_reopened_before_it_was_last_closed() -> None:
    case = reopened()
    case.when("close_case").when("reopen_case", at=case.clock_at).refused("out_of_order")


REFUSED = {
    "an open case": refusal("decide_appeal", "reopen_case", "wrong_stage"),
    "by the chair": refusal("close_case", "reopen_case", "not_permitted", by="chair"),
    "before it was closed": refusal("close_case", "reopen_case", "out_of_order", at="2020-07-05"),
}


@pytest.mark.parametrize("law", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(law: Refusal) -> None:
    law.holds()
