"""Rows of the law that were parted: a record of before goes on by the part of its regulations, as one duty."""

from dataclasses import replace
from typing import Any

import pytest

from domain.case import fold
from domain.deadlines import DeadlineEvent, DeadlineMissed
from domain.messages import Event
from tests.invariants import check_standing
from tests.kit import Given, moment, record, referred

PARTED = ("suspension_review_next", "interview_alternative", "pat_public_notice")
IN_2012 = "2019-05-04"


def as_before(case: Given) -> Given:
    """The case as it was recorded before its rows were parted: each deadline of 2012 under the undivided row."""
    history = tuple(map(_undivided, case.history))
    told = tuple(
        record((fact,), n, each.command, each.actor)[0]
        for n, (fact, each) in enumerate(zip(history, case.record, strict=True))
    )
    return replace(case, case=fold(history), history=history, record=told)


def _undivided(fact: Event) -> Event:
    rule = str(getattr(fact, "rule", "")).removesuffix("_2012")
    if rule not in PARTED or not isinstance(fact, DeadlineEvent):
        return fact
    return fact.model_copy(update={"rule": rule, "deadline": fact.deadline.replace("_2012/", "/")})


def of_2012(act: str, **facts: Any) -> Given:
    return as_before(referred(first_known=IN_2012).before(act).when(act, **facts))


def reviewed() -> Given:
    suspended = referred(first_known=IN_2012).when("impose_restriction", at="2019-05-10")
    return as_before(suspended.when("review_restriction", at="2019-05-20"))


def missed(case: Given) -> list[str]:
    return [fact.deadline for fact in case.history if isinstance(fact, DeadlineMissed)]


def test_a_hearing_of_the_tribunal_that_is_listed_again_leaves_one_notice_to_publish() -> None:
    case = of_2012("list_appeal_hearing", begins_on="2019-12-20").clock("pat_public_notice/A", due="2019-12-13")
    case = case.when("list_appeal_hearing", begins_on="2020-02-20")
    case.clock("pat_public_notice/A", state="withdrawn").clock("pat_public_notice/A/2", due="2020-02-13")
    assert "pat_public_notice/A" not in missed(case.on("2020-01-10"))


def test_an_interview_that_is_arranged_again_leaves_one_right() -> None:
    case = of_2012("arrange_interview", proposed_for="2019-06-20T10:00:00Z")
    case = case.when("arrange_interview", proposed_for="2019-07-20T10:00:00Z")
    case.clock("interview_alternative/A", state="withdrawn").clock("interview_alternative/A/2", due="2019-07-26")


def test_an_older_review_told_late_starts_nothing_and_the_next_one_goes_on() -> None:
    case = reviewed().when("review_restriction", at="2019-05-15")
    assert "suspension_review_next/A" not in case.clocks_set() and "suspension_review_next/A/2" not in case.clocks_set()
    case = case.when("review_restriction", at="2019-06-10").clock("suspension_review_next/A", state="met")
    assert case.deadline("suspension_review_next/A/2").rule == "suspension_review_next_2012"


def test_another_time_for_an_interview_is_proposed_within_what_was_recorded_before() -> None:
    case = of_2012("arrange_interview", proposed_for="2019-06-20T10:00:00Z")
    case.when("propose_interview_time", proposed_for="2019-06-24T10:00:00Z").then("interview_postponed")


def test_an_act_upon_it_finds_it_when_the_record_is_told_again() -> None:
    case = (
        referred(first_known=IN_2012).before("list_appeal_hearing").when("list_appeal_hearing", begins_on="2019-12-20")
    )
    case = as_before(case.when("set_aside_deadline", deadline="pat_public_notice/A", reasons="So the chair said"))
    earlier = case.last_act("party_added")
    case.when("correct_record", event=earlier).clock("pat_public_notice/A", state="not_applicable")
    case.when("correct_record", event=case.last_act("appeal_hearing_listed")).refused("out_of_order")
    case.when("correct_record").clock("pat_public_notice/A", state="running")


def test_what_a_mistaken_act_started_under_the_whole_row_falls_away_with_it() -> None:
    listed = of_2012("list_appeal_hearing", begins_on="2019-12-20").when("correct_record")
    assert not [each for each in listed.case.deadlines.values() if each.rule.startswith("pat_public_notice")]


@pytest.mark.parametrize("part", [1, 2])
def test_what_was_missed_is_not_missed_again_by_the_part_of_other_regulations(part: int) -> None:
    case = referred(first_known="2021-06-10").when("impose_restriction", at="2021-06-15")
    case = case.when("review_restriction", at="2021-06-25").on("2021-09-01")
    assert missed(case).count("suspension_review_next/A") == 1
    case = case.when("link_case", at="2021-09-02", open_under="2012").on("2021-10-01")
    if part == 2:
        case = case.when("direct_present_regulations", at="2021-10-02").on("2021-11-01")
    assert [each for each in missed(case) if "suspension_review_next" in each] == ["suspension_review_next/A"]
    check_standing(case.case, case.history)
    case = case.when("review_restriction").clock("suspension_review_next/A", state="missed")
    assert not case.deadline("suspension_review_next/A").outstanding
    assert case.deadline("suspension_review_next/A/2").regime == ("2012" if part == 1 else "2020")
    assert moment("2021-09-02") < case.deadline("suspension_review_next/A/2").set_at
