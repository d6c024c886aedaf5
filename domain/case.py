"""The case: one matter from referral to outcome. It knows its parts, which do not know each other.

    open_case(referral)           -> events     a matter comes in
    decide(case, command)         -> events     what an act gives, or why it is refused
    enforce(case, until)          -> events     what the passing of time gives
    evolve(case, event), fold     -> case       what is remembered
    lawful_next(case)             -> acts       what may be done next

All pure: the calendar and the time are handed in. An act's facts are followed to their ends (deadlines set and
settled, a restriction that ends with the proceedings) before the next fact, so that one command leaves nothing open.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from domain import deadlines, departure, handover, hearing, investigation, outcome, referral, reflection, restriction
from domain.correction import CorrectRecord, Fact, RecordCorrected, as_corrected
from domain.erasure import EVERYONE, TextErased, TextKept
from domain.errors import (
    AlreadyDone,
    Malformed,
    NotPermitted,
    OutOfOrder,
    Unlawful,
    WrongStage,
)
from domain.lawful import Possible, check_not_stayed, check_ready, lawful_for, lawful_next
from domain.live import CaseWentLive, GoLive
from domain.messages import Command, Event, OfficerCommand
from domain.order import check_order, milestone
from domain.permission import check_permitted, check_role
from domain.referral import Referral
from domain.separation import apart
from domain.state import Case, Keeping
from domain.vocabulary import Clock
from domain.working_days import Calendar, OutsideCalendar, end_of_day, london_date

__all__ = [
    "CLOCK_SKEW",
    "CaseWentLive",
    "Possible",
    "consequences",
    "decide",
    "enforce",
    "evolve",
    "fold",
    "happen",
    "judged",
    "lawful_next",
    "open_case",
    "people",
    "stand",
]

CLOCK_SKEW = timedelta(seconds=60)  # how far a caller's clock may run ahead of ours before an act is "in the future"


@contextmanager
def _within(calendar: Calendar) -> Iterator[None]:
    """Refuse an act whose clocks would run beyond the table of working days, which answers for no such day."""
    try:
        yield
    except OutsideCalendar:
        span = f"{calendar.first_year} to {calendar.last_year}"
        raise Malformed(f"A date of it, or a time limit that it starts, lies outside the calendar of {span}.") from None


def open_case(matter: Referral, calendar: Calendar, now: datetime) -> list[Event]:
    """The events that a referral opens a case with. Raises `Refused`."""
    with _within(calendar):
        return _opening(matter, calendar, now)


def _opening(matter: Referral, calendar: Calendar, now: datetime) -> list[Event]:
    check_role(matter.actor, matter.given_by, "refer a matter")
    _check_moment(matter.occurred_at, now)
    if any(officer.person == matter.actor.id for officer in matter.officers):
        raise apart("concerned_refers")
    case: Case | None = None
    events: list[Event] = []
    facts = list(referral.opening(matter))
    for fact in facts:
        case = evolve(case, fact)
        events.append(fact)
    for fact in facts:  # only now are all officers and parties there for the clocks that start with the referral
        case, happened = consequences(_known(case), fact, calendar)
        events += happened
    return events


def _known(case: Case | None) -> Case:
    if case is None:
        raise ValueError("no event has opened the case")
    return case


def decide(case: Case, command: Command, calendar: Calendar, now: datetime) -> list[Event]:
    """The events that a command gives, after what time has done up to its date.

    `now` bounds the command's date: nothing can have happened in the future. Raises `Refused`, which says what the
    actor may lawfully do now where another act would help.
    """
    try:
        with _within(calendar):
            return _decided(case, command, calendar, now)
    except (AlreadyDone, NotPermitted, OutOfOrder, Unlawful, WrongStage) as refused:
        refused.lawful = refused.lawful or lawful_for(case, command, calendar, refused)
        raise


def _decided(case: Case, command: Command, calendar: Calendar, now: datetime) -> list[Event]:
    check_permitted(case, command)
    _check_moment(command.occurred_at, now)
    if command.occurred_at < end_of_day(case.first_known - timedelta(days=1)):
        raise OutOfOrder(f"The matter was first known on {case.first_known}; nothing can be done about it before.")
    events = enforce(case, min(command.occurred_at, now), calendar)
    case = fold(events, case)
    for act in command.each() if isinstance(command, OfficerCommand) else (command,):
        for fact in judged(case, act, calendar):
            case, happened = happen(case, fact, calendar)
            events += happened
    return events


def judged(case: Case, act: Command, calendar: Calendar) -> list[Event]:
    """The facts that an act gives as the case stands, for one officer at most. Raises `Refused`."""
    check_ready(case, type(act), case.officer(act.officer) if isinstance(act, OfficerCommand) else None, calendar)
    check_not_stayed(case, act)
    check_order(case, act)
    facts = list(_facts(case, act, calendar))
    for fact in facts:
        deadlines.check_windows(case, fact)
    return facts


def _check_moment(occurred_at: datetime, now: datetime) -> None:
    if occurred_at > now + CLOCK_SKEW:
        raise Malformed(
            f"occurred_at: {occurred_at.isoformat()} is in the future: it is {now.isoformat(timespec='seconds')} now."
        )


def _facts(case: Case, act: Command, calendar: Calendar) -> Iterator[Event]:
    for kind, decided in _DECIDE.items():
        if isinstance(act, kind):
            yield from decided(case, act)
            return
    match act:
        case outcome.OutcomeAct():
            yield from outcome.decide(case, act, calendar)
        case departure.DepartureAct():
            yield from departure.decide(case, act, calendar)
        case deadlines.AdoptHolidays():
            yield from deadlines.adopt(act, calendar)
        case CorrectRecord() | handover.TakeOverOfficer():
            return  # these need a whole record: `domain.retelling` reckons them
        case GoLive():
            yield CaseWentLive(occurred_at=act.occurred_at, illustrative=act.illustrative)
        case _:
            raise TypeError(act.name)  # its branch was forgotten


_DECIDE: dict[type[Command], Callable[[Case, Any], Iterator[Event]]] = {
    referral.ReferralAct: referral.decide,
    investigation.InvestigationAct: investigation.decide,
    restriction.RestrictionAct: restriction.decide,
    hearing.HearingAct: hearing.decide,
    deadlines.DeadlineCommand: deadlines.decide,
    reflection.ReflectionAct: reflection.decide,
    handover.HandOverOfficer: handover.decide,
}


def enforce(case: Case, until: datetime, calendar: Calendar) -> list[Event]:
    """What the passing of time did by `until`: warnings, misses, periods that ended, and what followed from each."""
    events: list[Event] = []
    while case.closed_at is None and (fact := deadlines.first_due(case, until)) is not None:
        case, happened = happen(case, fact, calendar)
        events += happened
    return events


def happen(case: Case, fact: Event, calendar: Calendar) -> tuple[Case, list[Event]]:
    """The case after a fact and all that follows from it, and these events, the fact first."""
    case, followed = consequences(evolve(case, fact), fact, calendar)
    return case, [fact, *followed]


def consequences(case: Case, fact: Event, calendar: Calendar) -> tuple[Case, list[Event]]:
    """What follows from a fact that the case knows already, to its ends, and the case after it."""
    events: list[Event] = []
    for consequence in list(_follow(case, fact, calendar)):
        case, happened = happen(case, consequence, calendar)
        events += happened
    return case, events


def _follow(case: Case, fact: Event, calendar: Calendar) -> Iterator[Event]:
    yield from deadlines.follow(case, fact, calendar)
    if not isinstance(fact, deadlines.DeadlineEvent):  # a restriction ends with what happened, not with its deadlines
        yield from restriction.follow(case, fact)
    if isinstance(fact, investigation.ProceedingsStayed):
        yield from deadlines.pause(case, fact)
    if isinstance(fact, investigation.ProceedingsResumed):
        yield from deadlines.resume(case, fact, calendar)
    if isinstance(fact, outcome.CaseReopened):
        yield from deadlines.reinstate(case, fact, calendar)
    if isinstance(fact, deadlines.HolidaysAdopted | CaseWentLive):
        yield from deadlines.recompute(case, fact, calendar)


def evolve(case: Case | None, event: Event) -> Case:
    """The case after an event; its version counts the events folded."""
    after = _evolved(case, event)
    return after.model_copy(update={"version": (case.version if case else 0) + 1, **milestone(after, event)})


def _evolved(case: Case | None, event: Event) -> Case:
    return referral.evolve(None, event) if case is None else _EVOLVE[type(event)](case, event)


def _facts_of(part: ModuleType) -> Iterator[type[Event]]:
    """The facts that a part shows."""
    shown = (getattr(part, name) for name in part.__all__)
    return (each for each in shown if isinstance(each, type) and issubclass(each, Event))


def _unchanged(case: Case, _: Event) -> Case:
    return case


def _kept(case: Case, event: TextKept) -> Case:
    keeping = Keeping(decided_on=london_date(event.occurred_at), until=event.until)
    return case.model_copy(update={"kept": {**case.kept, event.person or EVERYONE: keeping}})


_PARTS = (referral, investigation, restriction, hearing, outcome, departure, reflection, deadlines, handover)
_EVOLVE: dict[type[Event], Callable[[Case, Any], Case]] = {
    **{fact: part.evolve for part in _PARTS for fact in _facts_of(part)},
    CaseWentLive: lambda case, _: case.model_copy(update={"clock": Clock.LIVE}),
    deadlines.HolidaysAdopted: _unchanged,  # each deadline knows by which table it was counted
    RecordCorrected: _unchanged,  # what it changes is read before the fold
    TextErased: _unchanged,  # of what it erased the state knew nothing
    TextKept: _kept,
}


def fold(events: Iterable[Event], case: Case | None = None) -> Case:
    """The case after these events: the whole history, which is read as corrected, or what came after `case`.

    Raises ValueError for a correction after `case`: it changes what came before, so the whole history is to be folded.
    """
    if case is None:
        whole = list(events)
        return stand(as_corrected(whole)).model_copy(update={"version": len(whole)})
    for event in events:
        if isinstance(event, RecordCorrected):
            raise ValueError("a correction is read with the whole history")
        case = evolve(case, event)
    return case


def people(case: Case | None, happened: Iterable[Event]) -> dict[str, str]:
    """By which ids those are known everywhere whom the case calls by a letter; a party is called so everywhere."""
    known = {officer.ref: officer.person for officer in case.officers.values()} if case else {}
    known |= {party: party for party in case.parties} if case else {}
    for event in happened:
        known |= {event.officer: event.person} if isinstance(event, referral.OfficerAdded) else {}
        known |= {event.party: event.party} if isinstance(event, referral.PartyAdded) else {}
    return known


def stand(facts: Iterable[Fact]) -> Case:
    """The case after these facts of a corrected history, from its opening on."""
    case: Case | None = None
    for fact in facts:
        case = evolve(case, fact.event)
    return _known(case)
