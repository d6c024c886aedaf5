"""What may never be otherwise, whoever does what to a case and when: each law under the name that it has in the docs.

`docs/invariants.md` states them. The machine of tests/unit/test_properties.py checks them after every step of its
random walks, lawful and unlawful; tests/unit/test_invariants.py breaks the code for each and sees it found out by name.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.case import enforce, fold
from domain.correction import CorrectRecord, as_corrected
from domain.deadlines import Ending, ExtendDeadline, taken_away
from domain.errors import REFUSALS, Refused
from domain.investigation import StayProceedings
from domain.lawful import lawful_next, possible
from domain.messages import Command, Event, OfficerCommand, Recorded
from domain.outcome import OutcomeImposed, ReopenCase
from domain.regimes import knows, lawful_sanctions, time_limit, whole
from domain.state import Case, Deadline, DeadlineState, Officer
from domain.vocabulary import CaseToAnswer, Clock, Disposal, Finding, Mode, Sanction
from tests.kit import CALENDAR, recorded

__all__ = [
    "LAWS",
    "SECRET",
    "Telling",
    "check_end",
    "check_standing",
    "check_step",
    "check_time",
    "is_about_a_deadline",
    "law",
]

SECRET = "Mrs Miller"  # stands in every text that the machine sends, and may stand in no refusal


@dataclass(frozen=True)
class Telling:
    """One command and what came of it: the case before and after, and the facts, or the refusal."""

    before: Case
    told: Command
    after: Case
    facts: Sequence[Event] = ()
    refusal: Refused | None = None


Standing = Callable[[Case, Sequence[Event]], Iterator[str]]
OfStep = Callable[[Telling], Iterator[str]]
OfTime = Callable[[Case, datetime, datetime], Iterator[str]]

LAWS: list[str] = []  # every name, in the order of the docs
_STANDING: dict[str, Standing] = {}
_OF_STEP: dict[str, OfStep] = {}
_OF_TIME: dict[str, OfTime] = {}
_AT_THE_END: dict[str, Standing] = {}


def law(name: str) -> str:
    """Give a law its name, once."""
    assert name not in LAWS, f"two laws are named {name!r}"
    LAWS.append(name)
    return name


def _standing(name: str) -> Callable[[Standing], Standing]:
    return lambda check: _STANDING.setdefault(law(name), check)


def _of_step(name: str) -> Callable[[OfStep], OfStep]:
    return lambda check: _OF_STEP.setdefault(law(name), check)


def _of_time(name: str) -> Callable[[OfTime], OfTime]:
    return lambda check: _OF_TIME.setdefault(law(name), check)


def _at_the_end(name: str) -> Callable[[Standing], Standing]:
    return lambda check: _AT_THE_END.setdefault(law(name), check)


def check_standing(case: Case, events: Sequence[Event]) -> None:
    """Whatever the case has come to, `events` being its whole history."""
    _check({name: check(case, events) for name, check in _STANDING.items()})


def check_step(step: Telling) -> None:
    """Whatever a command did, or was refused for."""
    _check({name: check(step) for name, check in _OF_STEP.items()})


def check_time(case: Case, between: datetime, until: datetime) -> None:
    """Whatever time does to a case."""
    _check({name: check(case, between, until) for name, check in _OF_TIME.items()})


def check_end(case: Case, events: Sequence[Event]) -> None:
    """What takes too long to ask after every step."""
    _check({name: check(case, events) for name, check in _AT_THE_END.items()})


def _check(laws: dict[str, Iterator[str]]) -> None:
    broken = [f"{name}: {what}" for name, breaches in laws.items() for what in breaches]
    assert not broken, "; ".join(broken)


def is_about_a_deadline(event: Event) -> bool:
    """Whether it is a fact about a deadline, which most laws leave aside."""
    return hasattr(event, "deadline")


# --- Of every state


@_standing("no outcome without a finding")
def _(case: Case, _: Sequence[Event]) -> Iterator[str]:
    for officer in case.officers.values():
        hearing = officer.hearing
        if officer.outcome is not None and not (hearing and hearing.concluded and hearing.finding is not None):
            yield officer.ref


@_standing("no finding without proceedings")
def _(case: Case, _: Sequence[Event]) -> Iterator[str]:
    for officer in case.officers.values():
        hearing = officer.hearing
        if hearing and (hearing.findings or hearing.concluded):
            if not (hearing.opened and hearing.documents_supplied and not hearing.withdrawn):
                yield officer.ref


@_standing("no proceedings without a case to answer")
def _(case: Case, _: Sequence[Event]) -> Iterator[str]:
    for officer in case.officers.values():
        if officer.hearing and not officer.hearing.withdrawn:
            answers = officer.case_to_answer not in (None, CaseToAnswer.NONE) or officer.certified_by
            if not (answers and officer.disposal and officer.disposal.to_proceedings):
                yield officer.ref


@_standing("no officer both restricted and finally dealt with")
def _(case: Case, _: Sequence[Event]) -> Iterator[str]:
    for officer in case.officers.values():
        if officer.restriction and (officer.finished or officer.outcome or officer.departed):
            yield officer.ref


@_standing("nobody decides in their own case")
def _(case: Case, _: Sequence[Event]) -> Iterator[str]:
    concerned = {officer.person for officer in case.officers.values()}
    if concerned & case.deciders:
        yield "an officer concerned investigates or sits"
    if case.investigator in case.sitters:
        yield "the investigator sits"


@_standing("every running deadline has a live trigger")
def _(case: Case, events: Sequence[Event]) -> Iterator[str]:
    happened = {(fact.event.name, fact.event.occurred_at, fact.event.subject) for fact in as_corrected(events)}
    for deadline in _outstanding(case):
        rule = time_limit(deadline.regime, deadline.rule)
        of_party = rule.for_each in ("party", "complainant")  # told of what happened to an officer too
        subjects = (deadline.subject, None, *(case.officers if of_party else ()))
        begun = {(deadline.triggered_by, deadline.set_at, subject) for subject in subjects}
        starts = {occasion.event for occasion in rule.starts_with}
        if not begun & happened or deadline.triggered_by not in starts:
            yield f"{deadline.id} was set by {deadline.triggered_by}, which is not in the record"


@_standing("nothing is owed in a closed case, nor about who died or is out of reach")
def _(case: Case, _: Sequence[Event]) -> Iterator[str]:
    gone = {officer.ref for officer in case.officers.values() if officer.died or not officer.reached}
    yield from (deadline.id for deadline in _outstanding(case) if case.closed_at or deadline.subject in gone)


@_standing("no clock of the proceedings runs while they are stayed")
def _(case: Case, _: Sequence[Event]) -> Iterator[str]:
    ticking = case.ticking if case.stayed else ()
    yield from (each.id for each in ticking if time_limit(each.regime, each.rule).pauses)


@_standing("one clock at most runs for a duty and whom it is about")
def _(case: Case, _: Sequence[Event]) -> Iterator[str]:
    running = [(whole(deadline.rule), deadline.subject) for deadline in case.ticking]
    yield from (f"{rule} of {subject}" for rule, subject in set(running) if running.count((rule, subject)) > 1)


@_standing("every deadline says what its law says")
def _(case: Case, events: Sequence[Event]) -> Iterator[str]:
    changed = any(fact.event.name in GOVERNING for fact in as_corrected(events))
    for deadline in case.deadlines.values():
        rule, regime = time_limit(deadline.regime, deadline.rule), case.regime_of(deadline.subject)
        said = (deadline.citation, deadline.mark, deadline.length, deadline.right)
        shared = changed and (knows(regime, rule) or not deadline.outstanding)  # others governed before
        governed = deadline.regime is regime or shared
        if said != (rule.citation, rule.mark, rule.length, rule.right) or not governed:
            yield deadline.id


@_standing("a miss stands in the case where it stands in the record")
def _(case: Case, events: Sequence[Event]) -> Iterator[str]:
    told = [fact.event for fact in as_corrected(events)]
    noted = {(event.deadline, event.occurred_at) for event in told if isinstance(event, Ending)} - {*taken_away(told)}
    ended = dict(sorted(noted))
    for deadline in case.deadlines.values():
        over, at = deadline.state in (DeadlineState.MISSED, DeadlineState.LAPSED), ended.get(deadline.id)
        if over == (at is None) and not (at and deadline.due_at > at):  # what was extended too late runs again
            yield f"{deadline.id} is {deadline.state}"


GOVERNING = {"case_linked", "reinvestigation_directed", "present_regulations_directed"}


def _outstanding(case: Case) -> Iterator[Deadline]:
    return (deadline for deadline in case.deadlines.values() if deadline.outstanding)


# --- Of every step


@_of_step("every refusal leaves the state as it was")
def _(step: Telling) -> Iterator[str]:
    if step.refusal is not None and step.before != step.after:
        yield step.told.name


@_of_step("every refusal says why, offers only what is lawful, and repeats no text")
def _(step: Telling) -> Iterator[str]:
    refused = step.refusal
    if refused is None:
        return
    offered = {act.command for act in lawful_next(step.after, CALENDAR) if step.told.actor.role in act.given_by}
    if REFUSALS[refused.code] is not type(refused) or not refused.sentence.endswith(".") or SECRET in str(refused):
        yield str(refused)
    choices = {*Sanction, *Disposal, *Finding, *Mode}  # where a value is refused, those that are lawful
    if not set(refused.lawful) <= offered | choices:
        yield f"{step.told.name}: {refused.lawful}"


@_of_step("only what was offered, and to that role, is accepted")
def _(step: Telling) -> Iterator[str]:
    if step.refusal is not None:
        return
    then = fold(enforce(step.before, step.told.occurred_at, CALENDAR), step.before)
    if then.stayed_at and step.told.occurred_at < then.stayed_at:  # told during a stay, and done before it
        then = then.model_copy(update={"stayed": False})
    offer = possible(then, type(step.told), CALENDAR)
    named = set(step.told.officers) if isinstance(step.told, OfficerCommand) else set()
    if offer is None or step.told.actor.role not in offer.given_by or not named <= set(offer.officers):
        yield step.told.name


@_of_step("what is done for several officers is done for each of them")
def _(step: Telling) -> Iterator[str]:
    if step.refusal is None and isinstance(step.told, OfficerCommand):
        done = [fact.subject for fact in step.facts if not fact.derived and not is_about_a_deadline(fact)]
        if done != list(step.told.officers):
            yield f"{step.told.name}: {done}"


@_of_step("nothing settled is armed again")
def _(step: Telling) -> Iterator[str]:
    if isinstance(step.told, CorrectRecord):  # it may void what settled it
        return
    settled = {ref for ref, each in step.before.deadlines.items() if not (each.outstanding or _comes_back(each, step))}
    yield from (ref for ref in sorted(settled) if step.after.deadlines[ref].outstanding)


def _comes_back(deadline: Deadline, step: Telling) -> bool:
    """What closing the case ended, by its reopening; a right that lapsed, by an extension or a stay that began before
    it had and is told only now."""
    told = step.told
    if isinstance(told, ReopenCase):
        return deadline.closed_in is not None and deadline.ended_at == step.before.closed_at
    if deadline.state is not DeadlineState.LAPSED:
        return False
    return isinstance(told, ExtendDeadline | StayProceedings) and told.occurred_at < deadline.due_at


@_of_step("nothing is heard or imposed while the proceedings are stayed")
def _(step: Telling) -> Iterator[str]:
    heard = {"hearing_opened", "finding_recorded", "hearing_concluded", "outcome_imposed"}
    if step.before.stayed:
        yield from (fact.name for fact in step.facts if fact.name in heard)


@_of_step("no sanction but one that the law allows for the finding")
def _(step: Telling) -> Iterator[str]:
    for fact in step.facts:
        if isinstance(fact, OutcomeImposed) and not _is_lawful(step.after.officer(fact.officer), fact, step.after):
            yield f"{fact.sanction} for {fact.finding}"


def _is_lawful(officer: Officer, fact: OutcomeImposed, case: Case) -> bool:
    if officer.hearing is None or officer.hearing.finding is None:
        return False
    rows = lawful_sanctions(
        case.regime_of(officer.ref),
        officer.hearing.proceedings,
        officer.hearing.finding,
        live_final_warning=officer.live_final_warning,
        former_officer=officer.departed is not None,
        unconnected_incidents=bool(fact.unconnected_incidents),
    )
    return any(
        fact.sanction in row.lawful or (fact.sanction in row.unless_exceptional and fact.exceptional_circumstances)
        for row in rows
    )


# --- Of time


@_of_time("time does the same however often one looks")
def _(case: Case, between: datetime, until: datetime) -> Iterator[str]:
    first = enforce(case, between, CALENDAR)
    in_two, at_once = first + enforce(fold(first, case), until, CALENDAR), enforce(case, until, CALENDAR)
    warned = "deadline_warned"  # whoever looks only later is not warned of what is past
    if [fact for fact in in_two if fact.name != warned] != [fact for fact in at_once if fact.name != warned]:
        yield f"until {until}"
    if case.clock is Clock.RECORDED and in_two != at_once:
        yield f"until {until}, in a recorded case"


@_of_time("time alone decides nothing about an officer")
def _(case: Case, _: datetime, until: datetime) -> Iterator[str]:
    yield from (fact.name for fact in enforce(case, until, CALENDAR) if not is_about_a_deadline(fact))


# --- Of the whole history


@_at_the_end("the fold of the events is the state that was decided on")
def _(case: Case, events: Sequence[Event]) -> Iterator[str]:
    if fold(events) != case:
        yield "folded anew it differs"
    if fold([_told_again(event, n) for n, event in enumerate(events, 1)]) != case:
        yield "read back from the store it differs"
    if Case.model_validate_json(case.model_dump_json()) != case:
        yield "read back from its snapshot it differs"


def _told_again(event: Event, version: int) -> Event:
    """The event as it comes back from the store."""
    return Recorded.model_validate_json(recorded(event, version).model_dump_json()).event()


@_at_the_end("every fact is one version, and none is taken away")
def _(case: Case, events: Sequence[Event]) -> Iterator[str]:
    if case.version != len(events):
        yield f"version {case.version} after {len(events)} facts"
