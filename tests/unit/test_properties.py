"""What holds for every case, whoever did what to it and when: lawful acts, unlawful ones, nonsense, and time.

One machine walks a case through acts that `lawful_next` offers and through noise, and checks after each step what may
never be otherwise; at the end, that what is offered may be done and that what is not may not.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

from domain.case import Possible, decide, enforce, fold, lawful_next, open_case
from domain.correction import CorrectRecord, RecordCorrected
from domain.deadlines import DeadlineCommand, open_to, set_aside_by
from domain.errors import REFUSALS, AlreadyDone, OutOfOrder, Refused, WrongStage
from domain.handover import TakeOverOfficer
from domain.hearing.order import owed_in_writing
from domain.hindsight import View
from domain.lawful import possible
from domain.messages import COMMANDS, Command, Event, OfficerCommand, Recorded, command_from
from domain.referral import AddAllegation, AddOfficer
from domain.regimes import lawful_sanctions
from domain.state import Case, Hearing, Officer, Outcome
from domain.summary import summary
from domain.vocabulary import Clock, Finding, Measure, Mode, Proceedings, ReferralKind, Role, Sanction, Severity, SitsAs
from tests.invariants import (
    SECRET,
    Telling,
    check_end,
    check_standing,
    check_step,
    check_time,
    is_about_a_deadline,
    law,
)
from tests.kit import (
    CALENDAR,
    CLERK,
    EXAMPLES,
    NOW,
    WHO,
    Given,
    after,
    earliest,
    ordinary,
    record,
    referral,
    referred,
    sits_as,
)
from tests.kit import decide as told

QUICK = settings(
    deadline=None,
    derandomize="EXPLORE" not in os.environ,  # EXPLORE=1 walks new ways each time
    suppress_health_check=list(HealthCheck),
    # A walk takes long to shrink, and a test that hangs is ended untold: whoever explores has the time.
    phases=(Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if "EXPLORE" in os.environ else [])),
)
MINUTE = timedelta(minutes=1)
BY_STATE = (WrongStage, AlreadyDone, OutOfOrder)
OFFERED = law("what is offered is not ruled out, and what is not offered is refused")
CORRECTED = law("a corrected case is the one that would have been without the mistake")
HINDSIGHT = "what is seen from another day is what was, or was known, on it"
FOLLOWING = {"restriction_lifted"}  # what may follow any fact, beside what happens to deadlines
PEOPLE = [*WHO.values(), "person-a", "person-b", "person-c", "member-2"]

# --- Acts that fit the case as it stands


def fitting(case: Case, name: str, officer: Officer | None, at: datetime, **more: Any) -> Command:
    """The act with facts that fit the state of the case, given by someone who may give it."""
    facts = {**EXAMPLES[name].facts, **_fitting_facts(case, name, officer), **more}
    role = Role(facts.pop("by", EXAMPLES[name].by))
    if role is Role.OFFICER:
        role = Role.CLERK
    who = facts.pop("who", None) or _holder(case, role, officer)
    at = max(at, earliest(case, name), *_not_before(case, officer))
    facts = {key: value(at) if callable(value) else value for key, value in facts.items()}
    if officer is not None:
        facts.pop("officer", None)
        facts["officers"] = [officer.ref, *_heard_with(case, name, officer)]
    return command_from(name, {"actor": {"role": role, "id": who}, "occurred_at": at, **facts})


TOGETHER = ("name_panel", "hold_pre_hearing", "list_hearing", "open_hearing")


def _heard_with(case: Case, name: str, officer: Officer) -> Iterator[str]:
    """Who else is heard with the officer, and for whom such an act of all is open."""
    if name not in TOGETHER or officer.hearing is None:
        return
    offered = next((each.officers for each in lawful_next(case, CALENDAR) if each.command == name), ())
    for ref, other in case.officers.items():
        if ref != officer.ref and ref in offered and other.hearing and other.hearing.ref == officer.hearing.ref:
            yield ref


def _not_before(case: Case, officer: Officer | None) -> Iterator[datetime]:
    yield datetime(2000, 1, 1, tzinfo=UTC)
    if officer is not None and officer.restriction is not None:
        yield officer.restriction.imposed_at
    if officer is not None and officer.review_untold is not None:
        yield officer.review_untold
    if officer is not None:
        yield from owed_in_writing(case, officer).values()
    if officer is not None and officer.hearing is not None and officer.hearing.begins_on is not None:
        yield _noon(officer.hearing.begins_on)
    if officer is not None and officer.outcome is not None and officer.outcome.appeal.meets_on is not None:
        yield _noon(officer.outcome.appeal.meets_on)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _holder(case: Case, role: Role, officer: Officer | None) -> str:
    if role is Role.INVESTIGATOR and case.investigator:
        return case.investigator
    if role is Role.CHAIR and officer is not None and officer.hearing is not None and officer.hearing.chair:
        return officer.hearing.chair
    return WHO[role]


def _fitting_facts(case: Case, name: str, officer: Officer | None) -> dict[str, Any]:
    """Where the example does not fit this case: what is there already gets another name or value."""
    match name:
        case "add_officer" | "add_party" | "add_allegation" | "withdraw_allegation":
            return _fitting_parts(case, name)
        case "assess_referral":
            return {"kind": next(kind for kind in ReferralKind if kind is not case.referral_kind)}
        case "decide_mode":
            other = next(mode for mode in Mode if mode is not case.mode)
            return {"mode": other} if case.referred else {"by": "appropriate_authority", "mode": Mode.LOCAL}
        case "appoint_investigator":
            return {"investigator": f"investigator-{case.version}"}
        case "correct_record":
            return {"event": case.version}
        case "update_party":
            return {"party": min({**case.parties, **case.officers})}
        case "set_aside_deadline" | "extend_deadline" | "shorten_deadline":
            return _upon_a_deadline(case, name)
        case _ if officer is not None:
            return _fitting_officer_facts(case, name, officer)
    return _fitting_telling(case, name)


def _fitting_telling(case: Case, name: str) -> dict[str, Any]:
    match name:
        case "link_case" | "compare_case":
            return {"reference": f"X-LINK-{case.version}"}
        case "tell_outcome":
            return {"party": next(iter(case.parties), "P1"), "review_right": False}
        case "apply_for_review" | "decide_review":
            return {"party": next(_reviewing(case, name), "P1")}
        case "recommend_learning":
            return {"recommendation": f"R{case.version}"}
        case "reply_to_recommendation":
            return {"recommendation": next(iter(case.recommended), "R1")}
    return {}


def _fitting_parts(case: Case, name: str) -> dict[str, Any]:
    match name:
        case "add_officer":
            letter = next(ref for ref in "CDEFGHIJKLMN" if ref not in case.officers)
            return {"officer": letter, "person": f"person-{letter.lower()}"}
        case "add_party":
            return {"party": next(f"P{n}" for n in range(1, 99) if f"P{n}" not in case.parties)}
        case "add_allegation":
            ref = next(str(n) for n in range(1, 99) if str(n) not in case.allegations)
            open_to_it = [o.ref for o in case.officers.values() if not o.answered]
            return {"allegation": ref, "officers": [min(open_to_it or case.officers)]}
    return {"allegation": next(_to_withdraw(case), "1")}


def _reviewing(case: Case, name: str) -> Iterator[str]:
    for ref, party in case.parties.items():
        if party.right_told and bool(party.review_applied) == (name == "decide_review"):
            yield ref


def _to_withdraw(case: Case) -> Iterator[str]:
    for ref, each in case.allegations.items():
        concerned = [case.officers[officer] for officer in each.officers]
        if not each.withdrawn and not any(officer.disposal or officer.handed_to for officer in concerned):
            yield ref


def _upon_a_deadline(case: Case, name: str) -> dict[str, Any]:
    kind = COMMANDS[name]
    assert issubclass(kind, DeadlineCommand)
    found = sorted(open_to(case, kind), key=lambda deadline: deadline.set_at)  # what began last may not have begun yet
    facts: dict[str, Any] = {"deadline": found[0].id} if found else {}
    if name == "set_aside_deadline":
        return facts | ({"by": set_aside_by(found[0])} if found else {})
    return facts | {"until": "2029-12-31"}


def _fitting_officer_facts(case: Case, name: str, officer: Officer) -> dict[str, Any]:
    match name:
        case "assess_severity":
            return {"severity": next(each for each in Severity if each is not officer.severity)}
        case "tell_in_writing" if owed := owed_in_writing(case, officer):
            return {"of": next(iter(owed))}
        case "remit_to_ordinary_track" if officer.hearing is not None and officer.hearing.opened:
            return {"by": "chair"}
        case "record_departure":
            return {"departure": "died" if officer.departed else "resigned"}
        case "vary_restriction":
            now = officer.restriction.measure if officer.restriction else None
            lesser = [measure for measure in Measure if measure not in (Measure.SUSPENSION, now)]
            return {"measure": lesser[0]}
    return _fitting_hearing_facts(case, name, officer, officer.hearing) if officer.hearing is not None else {}


def _fitting_hearing_facts(case: Case, name: str, officer: Officer, hearing: Hearing) -> dict[str, Any]:
    match name:
        case "join_proceedings":
            others = (each.hearing.ref for each in case.officers.values() if each.hearing)
            return {"hearing": next((ref for ref in others if ref != hearing.ref), "H1")}
        case "propose_alternative_date":
            specified = hearing.pre_hearing_on or hearing.begins_on
            later = {"proposed_for": (specified + timedelta(days=1)).isoformat()} if specified else {}
            return later | {"of": "pre_hearing" if hearing.pre_hearing_on else "proceedings"}
        case "sever_proceedings":
            return {"hearing": f"H{case.version}"}
        case "name_panel":
            members = ["member-1", "member-2"] if hearing.proceedings is Proceedings.HEARING else []
            regime = case.regime_of(officer.ref)
            return {"members": members, "sits_as": lambda at: sits_as(hearing, "chair-1", members, at, regime)}
        case "object_to_panel":
            return {"person": next((each for each in hearing.sitting if each not in hearing.objections), "nobody")}
        case "decide_objection" if hearing.objections:
            member = hearing.objections[0] in hearing.members
            return {"person": hearing.objections[0], "by": "chair" if member else "appropriate_authority"}
        case "record_finding":
            faced = case.faced_by(officer.ref)
            open_still = [ref for ref in faced if ref not in hearing.findings]
            accelerated = hearing.proceedings is Proceedings.ACCELERATED_HEARING
            finding = Finding.GROSS_MISCONDUCT if accelerated else Finding.MISCONDUCT
            return {"allegation": open_still[0] if open_still else "1", "finding": finding}
        case "impose_outcome":
            return {"sanction": next(_sanctions(case, officer), Sanction.NO_ACTION), "exceptional_circumstances": "So"}
    return _fitting_outcome_facts(case, name, officer, officer.outcome) if officer.outcome is not None else {}


def _fitting_outcome_facts(case: Case, name: str, officer: Officer, outcome: Outcome) -> dict[str, Any]:
    if name == "decide_publication":
        return {"publish": case.regime_of(officer.ref) == "2012"}
    if name == "record_career_break" and outcome.notified_on:
        day = str(outcome.notified_on)
        return {"began_on": day, "ended_on": day}
    return _fitting_appeal_facts(name, outcome)


def _fitting_appeal_facts(name: str, outcome: Outcome) -> dict[str, Any]:
    senior = {"who": outcome.appeal.person or "senior-1"}
    match name:
        case "decide_appeal" if outcome.appeal_to == "appeal_meeting":
            return {"by": "appropriate_authority", **senior}
        case "determine_grounds" | "hold_appeal_meeting":
            return senior
        case "name_appeal_person" if outcome.appeal.stood_down:
            return {"person": f"senior-{len(outcome.appeal.stood_down) + 1}"}
        case "propose_appeal_date" if outcome.appeal.meets_on:
            return {"proposed_for": CALENDAR.first_working_day_after(outcome.appeal.meets_on)}
        case "lodge_appeal":
            return {"late_because": "In hospital"}
    return {}


def _sanctions(case: Case, officer: Officer) -> Iterator[Sanction]:
    assert officer.hearing is not None
    finding = officer.hearing.finding or Finding.NOT_PROVEN
    warned, left = officer.live_final_warning, officer.departed is not None
    for row in lawful_sanctions(
        case.regime, officer.hearing.proceedings, finding, live_final_warning=warned, former_officer=left
    ):
        yield from (each for each in (*row.lawful, *row.unless_exceptional) if each is not Sanction.REDUCTION_IN_RANK)


# --- Noise


def noise(case: Case, kind: type[Command], at: datetime) -> st.SearchStrategy[dict[str, Any]]:
    """Facts of the right types for a command, with no regard to the case but its names."""
    own = {name: field for name, field in kind.model_fields.items() if name not in Command.model_fields}
    told = {name: _value(case, name, field, at) for name, field in own.items()}
    needed = {name: told[name] for name, field in own.items() if field.is_required()}
    return st.fixed_dictionaries(needed, optional={name: told[name] for name in told if name not in needed})


TEXTS = st.text(max_size=20).map(lambda text: f"{SECRET} {text}".replace("\x00", "")).filter(str.isprintable)
PERSONS = st.sampled_from(PEOPLE)


def _value(case: Case, name: str, field: FieldInfo, at: datetime) -> st.SearchStrategy[Any]:
    days = st.integers(-40, 400).map(lambda n: at.date() + timedelta(days=n))
    named: dict[str, st.SearchStrategy[Any]] = {
        "officers": st.lists(st.sampled_from([*case.officers, "Z"]), min_size=1, max_size=3, unique=True),
        "officer": st.sampled_from(["A", "B", "C", "D"]),
        "person": PERSONS,
        "investigator": PERSONS,
        "chair": PERSONS,
        "adviser": st.none() | PERSONS,
        "sits_as": st.dictionaries(PERSONS, st.sampled_from(SitsAs), max_size=3),
        "members": st.lists(PERSONS, max_size=3),
        "allegation": st.sampled_from(["1", "2", "3"]),
        "party": st.sampled_from(["P1", "P2", "A", "B"]),
        "hearing": st.sampled_from(["H1", "H2"]),
        "event": st.integers(0, case.version + 1),
        "deadline": st.sampled_from([*case.deadlines, "patience"]),
        "because": st.sampled_from(["prejudice_ended", "criminal_proceedings_concluded"]),
        "months": st.none() | st.integers(1, 60),
        "rank": st.none() | st.just("sergeant"),
        "standards": st.just(()),
        "agreed_by": st.lists(st.sampled_from(Role), max_size=4)
        | st.just(["appropriate_authority", "officer", "chair"]),
    }
    return named[name] if name in named else _typed(field.annotation, days, at)


def _typed(annotation: Any, days: st.SearchStrategy[date], at: datetime) -> st.SearchStrategy[Any]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    if annotation is bool:
        return st.booleans()
    if annotation is date:
        return days
    if annotation in (datetime, AwareDatetime):
        return st.integers(-2, 60).map(lambda n: at + timedelta(days=n))
    options = [
        each for each in getattr(annotation, "__args__", ()) if isinstance(each, type) and issubclass(each, Enum)
    ]
    return st.none() | (st.sampled_from(options[0]) if options else TEXTS) if "None" in str(annotation) else TEXTS


# --- The machine

ALONG = [
    "assess_referral",
    "refer_to_iopc",
    "decide_mode",
    "appoint_investigator",
    "assess_severity",
    "serve_notice",
    "submit_report",
    "decide_case_to_answer",
    "refer_to_proceedings",
    "supply_documents",
    "name_panel",
    "respond_to_notice",
    "exchange_witness_lists",
    "supply_chair_documents",
    "list_hearing",
    "decide_objection",
    "open_hearing",
    "record_finding",
    "conclude_hearing",
    "impose_outcome",
    "issue_report",
    "notify_officer",
    "lodge_appeal",
    "name_appeal_person",
    "determine_grounds",
    "arrange_appeal_meeting",
    "hold_appeal_meeting",
    "decide_appeal",
    "notify_appeal_result",
]
FORMS = [
    {"decision": "gross_misconduct", "disposal": "hearing"},
    {"decision": "misconduct", "disposal": "meeting"},
    {"decision": "none", "disposal": "no_action"},
]


class Step(NamedTuple):
    """A command that was accepted, or the time until which deadlines were enforced.

    It gave the events after `first` up to `last`; `acts` counts those that are not derived.
    """

    told: Command | datetime
    first: int
    last: int
    acts: int


def retold(steps: Sequence[Step], opening: Sequence[Event], until: datetime) -> Case | None:
    """The case to which only these steps happened, up to `until`; None if one of them would have been refused."""
    case = fold(opening)
    for step in steps:
        try:
            happened = (
                told(case, (), step.told) if isinstance(step.told, Command) else enforce(case, step.told, CALENDAR)
            )
        except Refused:
            return None
        case = fold(happened, case)
    return fold(enforce(case, until, CALENDAR), case)


def standing(case: Case) -> Case:
    """The case but for what depends on how often it was looked at: its version, and what was warned of in between."""
    told = {ref: deadline.model_copy(update={"warned": False}) for ref, deadline in case.deadlines.items()}
    return case.model_copy(update={"version": 0, "deadlines": told})


KNOWN = [date(2016, 1, 4), date(2018, 1, 2), date(2020, 7, 4), date(2024, 12, 2), date(2025, 6, 2)]


class AnyCase(RuleBasedStateMachine):
    """A case to which anything may happen."""

    case: Case
    events: list[Event]
    record: list[Recorded]  # the same as the store holds them
    steps: list[Step]
    stood: dict[datetime, Case]  # as it was folded when it had been told
    now: datetime

    @initialize(
        first_known=st.sampled_from(KNOWN),
        clock=st.sampled_from(Clock),
        officers=st.sampled_from(["A", "AB"]),
        linked=st.none() | st.sampled_from(["2012", "2020"]),
    )
    def refer(self, first_known: date, clock: Clock, officers: str, linked: str | None) -> None:
        links = [{"reference": "X-LINK-1", "open_under": linked}]
        matter = referral(first_known=first_known, clock=clock, officers=officers, linked_cases=links)
        self.events = open_case(matter, CALENDAR, NOW)
        self.record, self.steps = [*record(self.events, 0, "open_case", matter.actor)], []
        self.case, self.now = fold(self.events), matter.occurred_at
        self.stood = {self.now: self.case}

    @rule(data=st.data(), days=st.sampled_from([0, 0, 0, 1, 7, 40]), officer_first=st.booleans())
    def act_lawfully(self, data: st.DataObject, days: int, officer_first: bool) -> None:
        self.now += MINUTE + timedelta(days=days)
        possible = [each for each in lawful_next(self.case, CALENDAR) if not officer_first or each.officers]
        if possible:
            self._do_fitting(data.draw(st.sampled_from(possible), label="act"), data)

    @rule(goal=st.sampled_from(ALONG), form=st.sampled_from(FORMS), days=st.sampled_from([0, 0, 1, 3]))
    def go_on_to(self, goal: str, form: dict[str, str], days: int) -> None:
        """The ordinary way to some act, for every officer who can go it, so that outcomes are met often enough."""
        for name in ALONG[: ALONG.index(goal) + 1]:
            self.now += MINUTE + timedelta(days=days)
            offer = possible(self.case, COMMANDS[name], CALENDAR)
            for ref in (offer.officers or ("",)) if offer else ():
                if (fact_of(name), ref or None) not in {(event.name, event.subject) for event in self.events}:
                    facts = form if name == "decide_case_to_answer" else {}
                    self._tell(fitting(self.case, name, self.case.officers.get(ref), self.now, **facts))

    def _do_fitting(self, act: Possible, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(act.officers)) if act.officers else None
        self._tell(fitting(self.case, act.command, self.case.officers[ref] if ref else None, self.now))

    @rule(data=st.data(), days=st.integers(-100, 30), rightly=st.integers(0, 9))
    def act_anyhow(self, data: st.DataObject, days: int, rightly: int) -> None:
        kind = data.draw(st.sampled_from(sorted(COMMANDS.values(), key=lambda each: each.name)), label="act")
        at = self.now + timedelta(days=days)
        role = data.draw(st.sampled_from(sorted(kind.given_by) if rightly else sorted(Role)), label="role")
        holder = _holder(self.case, role, next(iter(self.case.officers.values())))
        person = holder if rightly else data.draw(PERSONS, label="person")
        facts = data.draw(noise(self.case, kind, at), label="facts")
        body = {"actor": {"role": role, "id": person}, "occurred_at": at, **facts}
        try:
            command = command_from(kind.name, body)
        except Refused as refused:
            check_refusal(refused)
            return
        self._tell(command)

    @rule(days=st.integers(0, 200), in_two=st.integers(0, 200))
    def let_time_pass(self, days: int, in_two: int) -> None:
        between, until = self.now + timedelta(days=min(days, in_two)), self.now + timedelta(days=days)
        check_time(self.case, between, until)
        self.now = until
        self._happen(enforce(self.case, until, CALENDAR), "enforce_deadlines", until)
        assert enforce(self.case, until, CALENDAR) == []

    def _tell(self, command: Command) -> None:
        before = self.case.model_copy(deep=True)
        try:
            events = told(self.case, self.record, command)
        except Refused as refused:
            check_step(Telling(before, command, self.case, refusal=refused))
            return
        names = {fact.name for fact in events if not is_about_a_deadline(fact)}
        if not isinstance(command, TakeOverOfficer):
            assert names <= {fact_of(command.name)} | FOLLOWING
            assert all(fact.derived for fact in events if fact.name in FOLLOWING - {fact_of(command.name)})
        self.now = max(self.now, command.occurred_at)
        self._happen(events, command.name, command)
        check_step(Telling(before, command, self.case, facts=events))

    def _happen(self, events: Sequence[Event], name: str, step: Command | datetime) -> None:
        self.case = after(self.case, self.events, events)
        self.events += events
        actor = step.actor if isinstance(step, Command) else CLERK
        self.record += record(events, len(self.record), name, actor)
        self.stood[self.now] = self.case
        acts = sum(not event.derived for event in events)
        self.steps.append(Step(step, len(self.events) - len(events), len(self.events), acts))

    @rule(data=st.data())
    def correct(self, data: st.DataObject) -> None:
        """Void an act that gave one fact: the case is then what it would be, had that act never been told."""
        single = [step for step in self.steps if step.acts == 1 and not self._named_after(step)]
        if not single or any(isinstance(step.told, CorrectRecord) for step in self.steps):
            return  # nothing to void, or something was voided by another rule
        step, at = data.draw(st.sampled_from(single), label="mistaken"), self.now + MINUTE
        version = next(n for n in range(step.first + 1, step.last + 1) if not self.events[n - 1].derived)
        self._tell(fitting(self.case, "correct_record", None, at, event=version))
        if isinstance(self.events[-1], RecordCorrected) and self.events[-1].event == version:
            self.steps.remove(step)
            self.steps.pop()
            without = retold(self.steps, [each.event() for each in self.record if each.command == "open_case"], at)
            if without is not None:
                check_corrected(without, self.case)

    def _named_after(self, step: Step) -> bool:
        """Whether an officer or an allegation taken over later passed by this one's name: each keeps what it got."""
        taken = any(isinstance(each.told, TakeOverOfficer) and each.first >= step.last for each in self.steps)
        return taken and isinstance(step.told, AddAllegation | AddOfficer)

    @invariant()
    def it_stands_as_the_law_wants(self) -> None:
        if hasattr(self, "case"):
            check_standing(self.case, self.events)

    def teardown(self) -> None:
        if not hasattr(self, "case"):
            return
        check_end(self.case, self.events)
        assert summary(self.case).version == len(self.events)
        assert not any("{" in event.tell().replace(SECRET, "") and SECRET not in event.tell() for event in self.events)
        check_offers(self.case, self.now + MINUTE)
        check_hindsight(self.stood, self.record)


def check_refusal(refused: Refused) -> None:
    assert REFUSALS[refused.code] is type(refused)
    assert refused.sentence.endswith(".")
    assert SECRET not in str(refused)


def check_corrected(without: Case, corrected: Case) -> None:
    """The case that would have been without the mistake, and the one from which it was voided."""
    assert standing(without) == standing(corrected), CORRECTED


def check_hindsight(stood: dict[datetime, Case], recorded: Sequence[Recorded]) -> None:
    """As known on a day: what was folded that day. As at any moment it can be told, as at the last it is today's."""
    when = {version: at for at, case in reversed(stood.items()) for version in range(1, case.version + 1)}
    held = [each.model_copy(update={"recorded_at": when[each.version]}) for each in recorded]
    for at in list(stood)[:: max(len(stood) // 3, 1)]:
        assert View(as_known=at).case(held) == stood[at], HINDSIGHT
        assert View(as_at=at, as_known=max(stood)).case(held).version == len(held), HINDSIGHT
    last = max(each.occurred_at for each in recorded)
    assert View(as_at=last).case(held) == View().case(held), HINDSIGHT


def check_offers(case: Case, at: datetime) -> None:
    """What is offered is not ruled out by the state; what is not offered is refused, however well it fits."""
    case = fold(enforce(case, at, CALENDAR), case)
    offered = {(each.command, ref) for each in lawful_next(case, CALENDAR) for ref in each.officers or (None,)}
    # What would be lawful instead is not asked of every act: that takes by far the longest.
    with patch("domain.case.lawful_for", new=lambda *_: ()):
        for name, kind in COMMANDS.items():
            for officer in case.officers.values() if issubclass(kind, OfficerCommand) else (None,):
                refused = _refusal_of(case, fitting(case, name, officer, at))
                if (name, officer.ref if officer else None) in offered:
                    assert not isinstance(refused, BY_STATE), f"{OFFERED}: {name} is offered, and then: {refused}"
                else:
                    assert refused is not None, f"{OFFERED}: {name} was not offered, but may be done"


def _refusal_of(case: Case, command: Command) -> Refused | None:
    try:
        decide(case, command, CALENDAR, NOW)
    except Refused as refused:
        return refused
    return None


@cache
def fact_of(act: str) -> str:
    """The kind of fact that an act gives, as its ordinary story tells."""
    told = ordinary(act).up_to(act, impose_restriction={"oral": True})
    return next(fact.name for fact in told.facts if not is_about_a_deadline(fact)) if act not in UPON_DEADLINES else ""


UPON_DEADLINES = ("extend_deadline", "shorten_deadline", "set_aside_deadline")


TestAnyCase = AnyCase.TestCase
TestAnyCase.settings = settings(QUICK, max_examples=200, stateful_step_count=25)


# --- Properties that need no walk


@settings(QUICK, max_examples=60)
@given(
    act=st.sampled_from(sorted(set(EXAMPLES) - {"go_live", "adopt_holidays", "confirm_suspension"})),
    clock=st.sampled_from(Clock),
    days=st.lists(st.integers(0, 900), min_size=2, max_size=4).map(sorted),
)
def test_time_passes_the_same_however_often_one_looks(act: str, clock: Clock, days: list[int]) -> None:
    case: Given = ordinary(act, clock=clock).up_to(act)
    looked = case
    for day in days:
        looked = looked.on(case.clock_at + timedelta(days=day))
    at_once = case.on(looked.clock_at)
    assert [each.model_copy(update={"warned": False}) for each in looked.case.deadlines.values()] == [
        each.model_copy(update={"warned": False}) for each in at_once.case.deadlines.values()
    ]


@settings(QUICK, max_examples=40)
@given(first_known=st.dates(date(2012, 11, 22), date(2029, 12, 1)), clock=st.sampled_from(Clock))
def test_any_matter_since_2012_can_be_told_to_its_end(first_known: date, clock: Clock) -> None:
    case = referred(first_known=first_known, clock=clock).up_to("close_case")
    assert case.case.stage == "closed"
    assert not [each for each in case.case.deadlines.values() if each.outstanding]


# --- What is offered


def offers(case: Given, act: str) -> bool:
    return act in {each.command for each in lawful_next(case.case, CALENDAR)}


GAPS = {
    "a report while an officer is not assessed": ("appoint_investigator", "submit_report"),
    "an officer after the report": ("submit_report", "add_officer"),
    "an allegation when every officer's decision is made": ("decide_case_to_answer", "add_allegation"),
    "a finding when every allegation has one": ("record_finding", "record_finding"),
}


@pytest.mark.parametrize("gap", GAPS)
def test_nothing_is_offered_that_the_state_rules_out(gap: str) -> None:
    so_far, act = GAPS[gap]
    assert not offers(referred().up_to(so_far), act)


def test_no_mode_is_offered_where_there_is_no_other() -> None:
    case = referred().when("assess_referral", kind="not_required")
    assert not offers(case.when("decide_mode", by="appropriate_authority", mode="local"), "decide_mode")


@pytest.mark.parametrize("act", ["set_aside_deadline", "extend_deadline"])
def test_what_may_be_done_about_a_deadline_that_does_not_tick_is_offered(act: str) -> None:
    case = referred().up_to("supply_documents").on("2020-09-01")
    for deadline in case.case.ticking:
        case = case.when("set_aside_deadline", by=deadline.duty, deadline=deadline.id)
    case.clock("officer_response/A", state="missed")
    assert offers(case, act)


def test_no_extension_is_offered_where_nobody_may_extend_what_is_owed() -> None:
    case = referred().up_to("respond_to_notice")
    assert offers(case, "set_aside_deadline")
    assert not offers(case, "extend_deadline")
