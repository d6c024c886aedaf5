"""A case told again: its acts in the order in which they were told, without one that was recorded by mistake.

It stands above `domain.case`, whose consequences it asks for anew; the store calls it, since it needs the whole record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from domain import deadlines
from domain.case import CaseWentLive, check_ready, consequences, decide, enforce, fold, happen
from domain.correction import CorrectRecord, Fact, RecordCorrected, as_corrected, correction, voided
from domain.errors import AlreadyDone, Malformed, NotFound, OutOfOrder, Refused
from domain.messages import COMMANDS, Event, OfficerCommand
from domain.referral import AllegationAdded, CaseReferred, OfficerAdded, PartyAdded
from domain.state import Case
from domain.working_days import Calendar

__all__ = ["correct"]

BY_TIME = (deadlines.DeadlineWarned, deadlines.DeadlineMissed, deadlines.RightLapsed, deadlines.DutyArose)
FOR_GOOD: dict[type[Event], str] = {
    CaseReferred: "it opened the case",
    CaseWentLive: "time has been enforced since",
    RecordCorrected: "it is a correction itself; tell the act that it voided again",
}


def correct(
    history: Iterable[tuple[str, Event]], command: CorrectRecord, calendar: Calendar, now: datetime
) -> list[Event]:
    """The events that a correction gives: what time has done up to its date, and the correction itself, the last.

    `history` is the whole record of the case, each event with the name of the command that gave it. Raises `Refused`:
    beside what every command is refused for, `not_found`, `already_done`, `malformed` (an event that cannot be voided)
    and `out_of_order` (a later act rests on it).
    """
    commands, events = map(list, zip(*history, strict=True))
    passed = decide(fold(events), command, calendar, now)
    stood = as_corrected([*events, *passed])
    mistaken = _mistaken(command, events, stood)
    acts = {str(version): name for version, name in enumerate(commands, 1)}
    until = min(command.occurred_at, now)
    before = _retell(stood, acts, until, calendar)
    after = _retell([fact for fact in stood if fact is not mistaken], acts, until, calendar, before.stands)
    return [*passed, correction(command, stood, mistaken, before.facts, after.facts)]


def _mistaken(command: CorrectRecord, events: Sequence[Event], stood: Sequence[Fact]) -> Fact:
    place = str(command.event)
    if command.event > len(events):
        raise NotFound(f"There is no event {place} in the case.")
    if place in voided(events):
        raise AlreadyDone(f"Event {place} is void already.")
    mistaken = next(fact for fact in stood if fact.place == place)
    if mistaken.event.derived:
        raise Malformed(f"event: {place} only follows from others; correct the act that it follows from.")
    if type(mistaken.event) in FOR_GOOD:
        raise Malformed(f"event: {place} cannot be voided, since {FOR_GOOD[type(mistaken.event)]}.")
    for fact in stood:
        if fact is not mistaken and not fact.event.derived and _is_about(mistaken.event, fact.event):
            raise _rests(fact)
    return mistaken


def _is_about(added: Event, later: Event) -> bool:
    """Whether a fact names the officer, the party or the allegation that another fact added to the case."""
    match added:
        case OfficerAdded() | PartyAdded():
            return added.subject in (later.subject, *getattr(later, "officers", ()))
        case AllegationAdded():
            return bool(getattr(later, "allegation", None) == added.allegation)
    return False


def _rests(fact: Fact) -> OutOfOrder:
    return OutOfOrder(f"Event {fact.place} ({fact.event.name.replace('_', ' ')}) rests on it: correct that one first.")


@dataclass
class _Telling:
    """A case as far as it has been told again: what followed, each at its act's place, and what every act stood on."""

    case: Case
    place: str
    facts: list[Fact] = field(default_factory=list)
    stands: dict[str, object] = field(default_factory=dict)

    def follow(self, case: Case, events: Sequence[Event]) -> None:
        self.case = case
        self.facts += [Fact(self.place, event) for event in events]

    def pass_time(self, until: datetime, calendar: Calendar) -> None:
        if passed := enforce(self.case, until, calendar):
            self.follow(fold(passed, self.case), passed)


def _retell(
    stood: Sequence[Fact],
    acts: Mapping[str, str],
    until: datetime,
    calendar: Calendar,
    stands: Mapping[str, object] | None = None,
) -> _Telling:
    """Tell it again; raise `OutOfOrder` at the first act that stands on something else than it did in `stands`."""
    opening = list(takewhile(lambda fact: acts.get(fact.place) == "open_case" and not fact.event.derived, stood))
    telling = _Telling(fold(fact.event for fact in opening), opening[-1].place)
    for fact in opening:
        telling.follow(*consequences(telling.case, fact.event, calendar))
    for fact in stood[len(opening) :]:
        if isinstance(fact.event, BY_TIME) or not fact.event.derived:
            telling.pass_time(fact.event.occurred_at, calendar)
        if fact.event.derived or isinstance(fact.event, RecordCorrected):
            continue
        telling.stands[fact.place] = _stands_on(telling.case, fact.event, acts.get(fact.place, ""))
        if stands is not None and telling.stands[fact.place] != stands[fact.place]:
            raise _rests(fact)
        case, (_, *followed) = happen(telling.case, fact.event, calendar)
        telling.place = fact.place
        telling.follow(case, followed)
    telling.pass_time(until, calendar)
    return telling


def _stands_on(case: Case, event: Event, act: str) -> object:
    """Whether the state allows the act that gave an event, and which deadline it changed: ids are given out anew."""
    deadline = case.deadlines.get(str(getattr(event, "deadline", "")))
    same = deadline and (deadline.rule, deadline.subject, deadline.trigger, deadline.set_at)
    return same, _is_allowed(case, event, act)


def _is_allowed(case: Case, event: Event, act: str) -> bool:
    kind = COMMANDS.get(act)
    if kind is None:
        return True
    officer = case.officers.get(event.subject or "") if issubclass(kind, OfficerCommand) else None
    try:
        check_ready(case, kind, officer)
    except Refused:
        return False
    return officer is not None or not issubclass(kind, OfficerCommand)
