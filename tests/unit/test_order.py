"""What an act rests on comes before it, whenever either is told: of every act, and at every moment of a case.

A case is told as far as an act. Then the act is told as done at each earlier moment of it: where the case as it stood
at that moment refuses the act as out of order or of stage, so does the case that has learnt everything since.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.case import decide, evolve, lawful_next
from domain.departure import DepartureAct
from domain.errors import OutOfOrder, Refused, WrongStage
from domain.hearing import AdjournHearing, ConcludeHearing, HearingAct, OpenHearing, RecordFinding
from domain.investigation import InvestigationAct
from domain.messages import COMMANDS, Command, command_from, plain
from domain.order import check_order, too_early
from domain.outcome import OfficerOutcomeAct
from domain.outcome.appeal_acts import AppealAct
from domain.referral import ReferralAct
from domain.reflection import ReflectionAct
from domain.restriction import RestrictionAct
from domain.state import Case
from tests.kit import AA, CALENDAR, NOW, OTHERWISE, SUSPENSION, Given, referred

PARTS = (DepartureAct, HearingAct, InvestigationAct, OfficerOutcomeAct, ReferralAct, ReflectionAct, RestrictionAct)
IN_SESSION = (AdjournHearing, ConcludeHearing, OpenHearing, RecordFinding)
Story = Callable[[], Given]
STORIES: dict[str, tuple[Story, tuple[type[Command], ...]]] = {  # and which acts are told of it
    "an ordinary case": (referred, PARTS),
    "a hearing with everything": (
        lambda: (
            referred()
            .up_to("decide_objection", decide_objection={"upheld": False})
            .up_to("publish_hearing_notice")
            .up_to("hold_pre_hearing")
        ),
        (HearingAct,),
    ),
    "an adjourned hearing": (lambda: referred().up_to("adjourn_hearing").when("open_hearing"), IN_SESSION),
    "an appeal from a meeting": (lambda: referred().up_to("hold_appeal_meeting"), (AppealAct,)),
    "a late appeal": (lambda: referred().up_to("decide_late_notice"), (AppealAct,)),
    "an oral suspension after restricted duties": (
        lambda: (
            referred()
            .when("impose_restriction", measure="restricted_duties")
            .when("vary_restriction", **{**SUSPENSION, "oral": True})
        ),
        (RestrictionAct,),
    ),
}
CASES = [
    pytest.param(story, name, id=f"{name} in {story}")
    for story, (_, kinds) in STORIES.items()
    for name, kind in COMMANDS.items()
    if issubclass(kind, kinds)
]


def variants(act: str) -> Iterator[Mapping[str, Any]]:
    """The facts of an act: those of its example, and, of an appeal, as the person named decides it."""
    yield OTHERWISE.get(act, {}).get(act, {})
    if act == "decide_appeal":
        yield {"by": AA, "who": "senior-1", "result": "set_aside"}


def told(story: str, act: str) -> Given | None:
    """The story, gone on with as far as the act; None where the act does not belong to it."""
    try:
        return STORIES[story][0]().before(act)
    except AssertionError:
        return None


def moments(given: Given) -> Iterator[tuple[Case, datetime]]:
    """The case as it stood at each moment of its history between two acts, and the moment."""
    case: Case | None = None
    for event, following in pairwise(given.history):
        case, at = evolve(case, event), event.occurred_at + timedelta(seconds=1)
        if following.occurred_at > at and not following.derived:
            yield case, at


def refusal_of(case: Case, body: dict[str, Any], act: str) -> Refused | None:
    try:
        decide(case, command_from(act, body), CALENDAR, NOW)
    except Refused as refused:
        return refused
    return None


@pytest.mark.parametrize(("story", "act"), CASES)
def test_no_act_is_dated_before_what_it_rests_on(story: str, act: str) -> None:
    if (given := told(story, act)) is None:
        return
    for then, at in moments(given):
        for facts in variants(act):
            body = given.body(act, at, **facts)
            early = refusal_of(then, body, act)
            if isinstance(early, OutOfOrder | WrongStage):
                assert refusal_of(given.case, body, act), f"done at {at}, when it was refused: {early}"


def test_what_was_done_too_early_is_told_when_it_might_have_been_done() -> None:
    case = referred().up_to("decide_mode", decide_mode={"at": "2020-07-08T14:00:30+01:00"})
    told = case.when("appoint_investigator", at="2020-07-08T14:00+01:00").refused("out_of_order").refusal
    assert told is not None
    assert told.sentence == "That cannot have been done before: mode decided, at 8 July 2020 14:00:30."


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("2026-11-28T01:30:00+00:00", "28 November 2026 01:30"),
        ("2026-06-30T22:59:59.000001+00:00", "1 July 2026 00:00"),
        ("2026-06-30T22:59:58.9+00:00", "30 June 2026 23:59:59"),
    ],
)
def test_the_moment_that_is_told_is_london_s_and_not_too_early(moment: str, told: str) -> None:
    said = too_early(datetime.fromisoformat(moment), "mode_decided").sentence
    assert said == f"That cannot have been done before: mode decided, at {told}."


def test_the_same_earlier_act_is_named_in_every_process() -> None:
    """That of the first officer: sets of text have another order in each process."""
    case, refs = referred().case, "HGFEDCBA"
    moments = {f"referral_assessed/{ref}": NOW + timedelta(hours=hour) for hour, ref in enumerate(refs)}
    many = {"officers": dict.fromkeys(refs, case.officers["A"]), "milestones": moments}
    told = {"actor": {"role": AA, "id": "authority-1"}, "occurred_at": NOW - timedelta(days=1)}
    with pytest.raises(OutOfOrder) as refused:
        check_order(case.model_copy(update=many), command_from("refer_to_iopc", told))
    assert refused.value.sentence.endswith(f" at {plain(moments['referral_assessed/A'])}.")


@pytest.mark.parametrize(
    ("act", "first"),
    [
        ("assess_referral", ["assess_referral", "call_in"]),
        ("arrange_interview", ["record_representations", "arrange_interview"]),
        ("record_finding", ["adjourn_hearing", "record_finding"]),
        ("issue_report", ["issue_report"]),
    ],
)
def test_what_comes_next_is_offered_first_and_what_many_may_do_at_any_time_last(act: str, first: list[str]) -> None:
    offered = [each.command for each in lawful_next(referred().before(act).case, CALENDAR)]
    assert offered[: len(first)] == first
    assert offered[-1] in ("add_party", "extend_deadline")
