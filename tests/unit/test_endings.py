"""Misses and lapses that were noted and stand no longer: what took each away, and that the case agrees."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.case import fold
from domain.deadlines import TakenAway, TakenAwayBy, taken_away
from integration.casefile import load
from integration.play import play
from tests.invariants import check_standing
from tests.kit import CALENDAR, MINUTE, Given, referred
from tests.memory import Memory

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("0*.yaml"))
REPS, RESPONSE = "reps_to_investigator/A", "officer_response/A"
REVIEW, CONFIRM, OUTCOME = "suspension_review_first/A", "suspension_written_confirm/A", "outcome_to_parties/P1"


def missed_review() -> Given:
    return referred(first_known="2025-04-10").when("impose_restriction", at="2025-04-17").on("2025-06-01")


def lapsed_right() -> Given:
    return referred().up_to("serve_notice").on("2020-12-01")


def unconfirmed() -> Given:
    return referred().when("impose_restriction", oral=True).on("2021-12-01")


def unanswered() -> Given:
    return referred().up_to("name_panel").on("2020-12-01")


def unclosed() -> Given:
    return referred().before("close_case").on("2020-12-01")


LATER = {"by": "investigator", "deadline": REPS, "at": "2020-07-07", "until": "2021-02-01"}
DIED = {"at": "2020-07-07", "departure": "died"}
SOONER = {"deadline": RESPONSE, "at": "2020-07-07", "until": "2020-07-20"}
TABLE: list[tuple[Callable[[], Given], str, str, dict[str, Any], TakenAwayBy, str]] = [
    (missed_review, REVIEW, "review_restriction", {"at": "2025-05-16"}, TakenAwayBy.DONE, "2025-05-16"),
    (missed_review, REVIEW, "lift_restriction", {"at": "2025-05-16"}, TakenAwayBy.FELL_AWAY, "2025-05-16"),
    (lapsed_right, REPS, "record_representations", {"at": "2020-07-07"}, TakenAwayBy.USED, "2020-07-07"),
    (lapsed_right, REPS, "record_departure", DIED, TakenAwayBy.FELL_AWAY, "2020-07-07"),
    (lapsed_right, REPS, "extend_deadline", LATER, TakenAwayBy.EXTENDED, "2020-07-07"),
    (unanswered, RESPONSE, "shorten_deadline", SOONER, TakenAwayBy.SHORTENED, "2020-07-07"),
    (unanswered, RESPONSE, "stay_proceedings", {"at": "2020-07-07"}, TakenAwayBy.CLOCK_STOPPED, "2020-07-07"),
    (unconfirmed, CONFIRM, "set_aside_deadline", {"deadline": CONFIRM}, TakenAwayBy.SET_ASIDE, "2021-12-01"),
    (unclosed, OUTCOME, "close_case", {"at": "2020-07-07"}, TakenAwayBy.FELL_AWAY, "2020-07-07"),
]


@pytest.mark.parametrize(("story", "deadline", "act", "told", "by", "on"), TABLE)
def test_what_takes_a_noted_ending_away_takes_it_from_the_case_too(
    story: Callable[[], Given], deadline: str, act: str, told: dict[str, Any], by: TakenAwayBy, on: str
) -> None:
    before = story()
    assert before.deadline(deadline).ran_out and not taken_away(before.history)
    ended = before.deadline(deadline).due_at
    then = before.when(act, **told)
    then.check_not_refused()
    assert taken_away(then.history)[deadline, ended] == TakenAway(by, date.fromisoformat(on))
    check_standing(then.case, then.history)
    assert not then.deadline(deadline).ran_out


def test_a_limit_that_is_shortened_too_late_to_keep_is_missed_once_on_the_earlier_day() -> None:
    then = unanswered().when("shorten_deadline", **SOONER).on("2020-12-02")
    ended = then.deadline(RESPONSE).due_at
    assert then.deadline(RESPONSE).ran_out and str(then.deadline(RESPONSE).due) == "2020-07-20"
    assert (RESPONSE, ended) not in taken_away(then.history)
    check_standing(then.case, then.history)


def test_one_that_was_extended_only_after_it_ran_out_runs_again_and_its_miss_is_told() -> None:
    case = unanswered()
    then = case.when("extend_deadline", by="chair", deadline=RESPONSE, at=case.clock_at + MINUTE, until="2021-02-01")
    assert then.deadline(RESPONSE).ticking and not taken_away(then.history)
    check_standing(then.case, then.history)
    ended = case.deadline(RESPONSE).due_at
    met = then.when("respond_to_notice")
    for later, state in ((then, "extended"), (then.when("stay_proceedings"), "paused"), (met, "met")):
        assert (later.deadline(RESPONSE).state, later.deadline(RESPONSE).missed_at) == (state, ended)
    resumed = then.when("stay_proceedings").when("resume_proceedings")
    assert resumed.deadline(RESPONSE).missed_at == ended
    again = then.on("2021-02-02").deadline(RESPONSE)
    assert again.overdue and again.missed_at == again.due_at


@pytest.mark.parametrize("act", ["extend_deadline", "shorten_deadline", "stay_proceedings"])
def test_what_was_in_time_and_told_late_leaves_no_miss(act: str) -> None:
    told = {
        "extend_deadline": {"by": "chair", "deadline": RESPONSE, "at": "2020-07-07", "until": "2021-02-01"},
        "shorten_deadline": SOONER,
        "stay_proceedings": {"at": "2020-07-07"},
    }[act]
    assert unanswered().deadline(RESPONSE).missed_at is not None
    assert unanswered().when(act, **told).deadline(RESPONSE).missed_at is None


def test_a_case_that_was_closed_in_time_and_reopened_leaves_no_miss() -> None:
    assert unclosed().deadline(OUTCOME).missed_at is not None
    closed = unclosed().when("close_case", at="2020-07-07")
    assert closed.when("reopen_case").deadline(OUTCOME).missed_at is None


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.stem))
async def test_the_case_files_agree_after_every_act(path: Path) -> None:
    engine, file = Memory(now=NOW), load(path, CALENDAR, NOW)
    await play(engine, file, now=NOW)
    record = await engine.events(file.reference)
    acts = [each.version - 1 for each in record if each.command_id != record[each.version - 2].command_id]
    for version in [*filter(None, acts), len(record)]:
        history = [each.event() for each in record[:version]]
        check_standing(fold(history), history)
