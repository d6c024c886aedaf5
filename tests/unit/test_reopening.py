"""Reopening a closed case: it goes on where it was, and what was settled stays settled."""

import pytest

from domain.case import lawful_next
from tests.kit import AA, CALENDAR, Given, Refusal, referred, refusal


def reopened() -> Given:
    return referred().up_to("reopen_case")


def test_a_closed_case_is_reopened_with_reasons() -> None:
    case = reopened().then("case_reopened", reasons="A witness came forward")
    assert case.case.closed_at is None
    assert case.facts[-1].tell() == "Case reopened. A witness came forward"


def test_what_was_settled_stays_settled_and_nothing_is_armed_again() -> None:
    closed = referred().up_to("close_case")
    case = closed.when("reopen_case")
    assert case.case.deadlines == closed.case.deadlines
    assert case.case.officers == closed.case.officers
    later = case.on(case.clock_at.replace(year=case.clock_at.year + 2))
    assert later.facts == () and later.case.deadlines == closed.case.deadlines


def test_a_reopened_case_goes_on_and_is_closed_again() -> None:
    case = reopened().when("update_party").clock("update_parties_next/P1", state="running")
    case = case.when("close_case").then("case_closed")
    case.clock("update_parties_next/P1", state="withdrawn").when("reopen_case").then("case_reopened")


def test_a_deadline_that_starts_after_it_is_a_new_one() -> None:
    case = referred().up_to("update_party").up_to("close_case").when("reopen_case").when("update_party")
    case.clock("update_parties_next/P1", state="withdrawn").clock("update_parties_next/P1/2", state="running")


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
