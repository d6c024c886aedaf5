"""The invariants of docs/invariants.md: page and machine name the same, and each law is found out when it is broken.

For each law the code that keeps it is broken once, and a story is told in which that has to be found out by the law's
name. The random walks themselves are in test_properties.py.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.correction import RecordCorrected, as_corrected
from domain.deadlines import DeadlineResumed, first_due
from domain.deadlines.facts import about
from domain.deadlines.starting import begin
from domain.errors import Unlawful
from domain.messages import Command, Event, OfficerCommand, command_from
from domain.restriction import RestrictionLifted
from domain.state import Case
from domain.vocabulary import Measure
from tests.invariants import LAWS, SECRET, Telling, check_end, check_standing, check_step, check_time
from tests.kit import Given, referred
from tests.unit.test_properties import CORRECTED, OFFERED, check_corrected, check_offers

PAGE = Path(__file__).parents[2] / "docs" / "invariants.md"
HOUR = timedelta(hours=1)


def test_the_page_names_what_the_machine_checks() -> None:
    named = re.findall(r"^- \*\*(.+?)\.\*\*", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [name[0].lower() + name[1:] for name in named] == LAWS


# --- What stands in the place of the code that keeps a law


def allow(*_: Any) -> None:
    """Refuse nothing."""


def nothing(*_: Any) -> Iterator[Event]:
    """Let nothing follow."""
    yield from ()


def no(*_: Any) -> bool:
    return False


def yes(*_: Any) -> bool:
    return True


def set_with(**facts: Any) -> Callable[..., Event]:
    return lambda *told: begin(*told).model_copy(update=facts)


def meddle(case: Case, command: Command) -> None:
    case.milestones["meddled/None"] = command.occurred_at
    raise Unlawful("No.")


def say_too_much(*_: Any) -> None:
    raise Unlawful(f"{SECRET} may not do that.")


def first_of(command: OfficerCommand) -> Iterator[OfficerCommand]:
    yield command.model_copy(update={"officers": command.officers[:1]})


def resume_all(case: Case, cause: Event, _: Any) -> Iterator[Event]:
    for deadline in case.deadlines.values():
        yield about(DeadlineResumed, deadline, cause, due=deadline.due)


def any_sanction(*_: Any, **__: Any) -> tuple[bool, str | None]:
    return False, None


def look_in_time(case: Case, until: Any) -> Event | None:
    fact = first_due(case, until)
    return fact if fact and until - fact.occurred_at < timedelta(days=30) else None


def lift_by_time(case: Case, until: Any) -> Event | None:
    lifted = RestrictionLifted(occurred_at=until, officer="A", measure=Measure.SUSPENSION, reasons="Time passed")
    return lifted if case.officers["A"].restriction else None


def forget_restrictions(events: Any) -> list[Any]:
    return [fact for fact in as_corrected(events) if fact.event.name != "restriction_imposed"]


def count_twice(case: Case, _: Event) -> dict[str, object]:
    return {"version": case.version + 2}


def void_it_alone(command: Any, _stood: Any, _since: Any, mistaken: Any, *_: Any) -> Event:
    told = {"event": command.event, "what": "it", "voided": (mistaken.place,), "reasons": command.reasons}
    return RecordCorrected.model_validate({"occurred_at": command.occurred_at, **told})


# --- Stories


def suspended() -> Given:
    return referred().when("impose_restriction")


def stands(given: Given) -> None:
    given.check_not_refused()
    check_standing(given.case, given.history)


def is_told(given: Given, act: str, **facts: Any) -> None:
    before, told = given.case.model_copy(deep=True), command_from(act, given.body(act, **facts))
    then = given.told(told)
    check_step(Telling(before, told, then.case, then.facts, then.refusal))


def passes(given: Given) -> None:
    review = given.deadline("suspension_review_first/A").due_at
    check_time(given.case, review + HOUR, review + timedelta(days=100))


def ends(given: Given) -> None:
    check_end(given.case, given.history)


def without_a_case_to_answer() -> Given:
    decision = {"decision": "none", "disposal": "hearing"}
    return referred().up_to("refer_to_proceedings", decide_case_to_answer=decision)


def a_stayed_hearing() -> Given:
    return referred().up_to("list_hearing").when("stay_proceedings")


BROKEN: dict[str, tuple[str, Any, Callable[[], None]]] = {
    # law: what is broken, what stands in its place, the story
    "no outcome without a finding": (
        "domain.outcome.ready_officer",
        allow,
        lambda: stands(referred().up_to("record_finding").when("impose_outcome")),
    ),
    "no finding without proceedings": (
        "domain.hearing.ready",
        allow,
        lambda: stands(referred().up_to("list_hearing").when("record_finding")),
    ),
    "no proceedings without a case to answer": (
        "domain.investigation.decision.check_decision",
        allow,
        lambda: stands(without_a_case_to_answer()),
    ),
    "no officer both restricted and finally dealt with": (
        "domain.restriction.follow",
        nothing,
        lambda: stands(suspended().up_to("impose_outcome")),
    ),
    "nobody decides in their own case": (
        "domain.investigation.rules._check_investigator",
        allow,
        lambda: stands(referred().before("appoint_investigator").when("appoint_investigator", investigator="person-a")),
    ),
    "every running deadline has a live trigger": (
        "domain.deadlines.starting.begin",
        set_with(triggered_by="hearing_opened"),
        lambda: stands(suspended()),
    ),
    "nothing is owed in a closed case, nor about who died or is out of reach": (
        "domain.deadlines.settling._ends_everything",
        no,
        lambda: stands(referred().up_to("serve_notice").when("record_departure", departure="died")),
    ),
    "no clock of the proceedings runs while they are stayed": (
        "domain.deadlines.pause",
        nothing,
        lambda: stands(referred().up_to("stay_proceedings")),
    ),
    "one clock at most runs for a duty and whom it is about": (
        "domain.deadlines.starting._left_by_a_period",
        yes,
        lambda: stands(referred().up_to("serve_notice").when("serve_notice")),
    ),
    "every deadline says what its law says": (
        "domain.deadlines.starting.begin",
        set_with(citation="PCR 2020 reg 99"),
        lambda: stands(suspended()),
    ),
    "a miss stands in the case where it stands in the record": (
        "domain.deadlines.endings._takes_away",
        allow,
        lambda: stands(suspended().on("2020-12-01").when("lift_restriction", at="2020-07-10")),
    ),
    "every refusal leaves the state as it was": (
        "domain.case.check_permitted",
        meddle,
        lambda: is_told(referred(), "add_party"),
    ),
    "every refusal says why, offers only what is lawful, and repeats no text": (
        "domain.case.check_permitted",
        say_too_much,
        lambda: is_told(referred(), "add_party"),
    ),
    "only what was offered, and to that role, is accepted": (
        "domain.case.check_ready",
        allow,
        lambda: is_told(referred(), "submit_report", by="iopc"),
    ),
    "what is done for several officers is done for each of them": (
        "domain.messages.OfficerCommand.each",
        first_of,
        lambda: is_told(referred(officers="AB"), "impose_restriction"),
    ),
    "nothing settled is armed again": (
        "domain.deadlines.resume",
        resume_all,
        lambda: is_told(referred().up_to("stay_proceedings"), "resume_proceedings"),
    ),
    "nothing is heard or imposed while the proceedings are stayed": (
        "domain.lawful._PROCEEDING",
        (),
        lambda: is_told(a_stayed_hearing(), "open_hearing"),
    ),
    "no sanction but one that the law allows for the finding": (
        "domain.outcome.sanctions.check_lawful",
        any_sanction,
        lambda: is_told(referred().up_to("conclude_hearing"), "impose_outcome", sanction="written_warning"),
    ),
    "time does the same however often one looks": (
        "domain.deadlines.first_due",
        look_in_time,
        lambda: passes(suspended()),
    ),
    "time alone decides nothing about an officer": (
        "domain.deadlines.first_due",
        lift_by_time,
        lambda: passes(suspended()),
    ),
    "the fold of the events is the state that was decided on": (
        "domain.case.as_corrected",
        forget_restrictions,
        lambda: ends(suspended()),
    ),
    "every fact is one version, and none is taken away": (
        "domain.case.milestone",
        count_twice,
        lambda: ends(suspended()),
    ),
    OFFERED: (
        "domain.lawful._is_ready",
        yes,
        lambda: check_offers(referred().case, referred().clock_at + HOUR),
    ),
    CORRECTED: (
        "domain.retelling.correction",
        void_it_alone,
        lambda: check_corrected(referred().case, suspended().when("correct_record").case),
    ),
}


@pytest.mark.parametrize("name", LAWS)
def test_a_law_that_is_broken_is_found_out_by_its_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    what, instead, story = BROKEN[name]
    monkeypatch.setattr(what, instead)
    with pytest.raises(AssertionError, match=re.escape(name)):
        story()
