"""Acts told again: those of a case without one that was recorded by mistake, or of an officer in another case.

It stands above `domain.case`, whose consequences it asks for anew; the store calls it, since it needs the whole record.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from domain import deadlines
from domain.case import CaseWentLive, consequences, decide, enforce, fold, happen, judged, stand
from domain.correction import CorrectRecord, Fact, RecordCorrected, as_corrected, correction, voided
from domain.erasure import TextErased, TextKept
from domain.errors import AlreadyDone, Malformed, NotFound, OutOfOrder, Refused
from domain.handover import (
    OfficerHandedOver,
    OfficerTakenOver,
    TakeOverOfficer,
    Translation,
    check_stays_restricted,
)
from domain.investigation import ProceedingsResumed, ProceedingsStayed
from domain.messages import COMMANDS, Command, Event, OfficerCommand, Recorded
from domain.referral import AllegationAdded, CaseReferred, OfficerAdded, PartyAdded
from domain.separation import apart
from domain.state import Case
from domain.working_days import Calendar

__all__ = ["correct", "take_over"]

BY_TIME = (deadlines.DeadlineWarned, deadlines.DeadlineMissed, deadlines.RightLapsed, deadlines.DutyArose)
FOR_GOOD: dict[type[Event], str] = {
    CaseReferred: "it opened the case",
    CaseWentLive: "time has been enforced since",
    OfficerHandedOver: "the part goes on in another case",
    OfficerTakenOver: "the part went on from another case",
    RecordCorrected: "it is a correction itself; tell the act that it voided again",
    TextErased: "what it erased is gone",
    TextKept: "the last such decision counts; make another",
}


def correct(history: Sequence[Recorded], command: CorrectRecord, calendar: Calendar, now: datetime) -> list[Event]:
    """The events that a correction gives: what time has done up to its date, and the correction itself, the last.

    `history` is the whole record of the case. Raises `Refused`: beside what every command is refused for, `not_found`,
    `already_done`, `malformed` (an event that cannot be voided) and `out_of_order` (a later act rests on it).
    """
    events = [each.event() for each in history]
    passed = decide(fold(events), command, calendar, now)
    stood = as_corrected([*events, *passed])
    mistaken = _mistaken(command, events, stood)
    acts = {str(each.version): each for each in history}
    opening = {str(each.version) for each in history if each.command == "open_case"}
    opened = sum(fact.place in opening and not fact.event.derived for fact in stood)
    since = max(opened, stood.index(mistaken))  # what came before it stays as it is
    until = min(command.occurred_at, now)
    before = _begin(stood[:since], opened, calendar)
    before.tell(stood[since:], acts, until, calendar)
    after = _begin([fact for fact in stood[:since] if fact is not mistaken], opened, calendar)
    gone = [mistaken, *_started(stood, mistaken)]
    after.tell([fact for fact in stood[since:] if fact not in gone], acts, until, calendar, before)
    return [*passed, correction(command, stood, since, mistaken, before.facts, after.facts)]


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


def _started(stood: Sequence[Fact], mistaken: Fact) -> Iterator[Fact]:
    """The clocks that the record has by a mistaken act, or of whom it added: they are not kept without it."""
    after = stood[stood.index(mistaken) + 1 :]
    by_it = list(takewhile(lambda fact: fact.event.derived and not isinstance(fact.event, BY_TIME), after))
    for fact in after:
        if isinstance(fact.event, deadlines.DeadlineSet) and (fact in by_it or _is_about(mistaken.event, fact.event)):
            yield fact


def _rests(fact: Fact) -> OutOfOrder:
    return OutOfOrder(f"Event {fact.place} ({fact.event.name.replace('_', ' ')}) rests on it: correct that one first.")


@dataclass
class _Telling:
    """A case as far as it has been told again: what followed, each at its act's place, and what every act stood on.

    `kept` are the clocks that the rules of today do not start: an act that was done upon one finds it as it was.
    """

    case: Case
    place: str
    facts: list[Fact] = field(default_factory=list)
    stands: dict[str, object] = field(default_factory=dict)
    kept: list[Fact] = field(default_factory=list)

    def tell(
        self,
        stood: Iterable[Fact],
        acts: Mapping[str, Recorded],
        until: datetime,
        calendar: Calendar,
        before: "_Telling | None" = None,
    ) -> None:
        """Tell it on; raise `OutOfOrder` at the first act that stands on something else than it did `before`."""
        for fact in stood:
            if isinstance(fact.event, BY_TIME) or not fact.event.derived:
                self._pass_time(fact.event.occurred_at, calendar)
            self._keep(fact, before)
            if fact.event.derived or isinstance(fact.event, RecordCorrected | TextErased | TextKept):
                continue
            self.stands[fact.place] = _stands_on(self.case, fact.event, acts.get(fact.place), calendar)
            if before is not None and self.stands[fact.place] != before.stands[fact.place]:
                raise _rests(fact)
            case, (_, *followed) = happen(self.case, fact.event, calendar)
            self.place = fact.place
            self.follow(case, followed)
        self._pass_time(until, calendar)

    def follow(self, case: Case, events: Iterable[Event]) -> None:
        """Remember what followed at this place, and the case after it."""
        self.case = case
        self.facts += [Fact(self.place, event) for event in events]

    def _keep(self, fact: Fact, before: "_Telling | None") -> None:
        """Tell a clock as it was recorded that did not start again; what did start `before` has no longer a cause."""
        if not isinstance(fact.event, deadlines.DeadlineSet) or fact.event.deadline in self.case.deadlines:
            return
        if before is None or fact in before.kept:
            self.kept.append(fact)
            self.follow(fold([fact.event], self.case), [fact.event])

    def _pass_time(self, until: datetime, calendar: Calendar) -> None:
        if passed := enforce(self.case, until, calendar):
            self.follow(fold(passed, self.case), passed)


def take_over(
    case: Case, other: Sequence[Recorded], command: TakeOverOfficer, calendar: Calendar, now: datetime
) -> list[Event]:
    """What it gives to take over an officer's part of another case, whose whole record is `other`.

    After what time has done come the officer, if new, the taking over, and every fact about the officer as it was done,
    each with what follows from it here. For an officer about whom something was done here already, only the allegations
    come: the rest stays in the other record. Raises `Refused`: beside what every command is refused for, `out_of_order`
    (not handed over to this case, or not yet), `already_done`, `wrong_stage`, `conflict_of_interest`, `not_permitted`
    (from a restricted case into one that is not).
    """
    events = decide(case, command, calendar, now)
    case = fold(events, case)
    stood = [fact.event for fact in as_corrected(each.event() for each in other)]
    _check_handed_over(stood, command, case)
    theirs = fold(each.event() for each in other)
    check_stays_restricted(theirs, case)
    told = Translation(case, theirs, command.was, command.from_case)
    officer = theirs.officers[command.was]
    if officer.person in (*case.deciders, command.actor.id):
        raise apart("decider_taken_over")
    if told.all_of_it and officer.hearing and _barred(case) & set(officer.hearing.sitting):
        raise apart("involved_sits")
    facts = command.model_dump(exclude={"actor"}) | {"officer": told.officer, "person": officer.person}
    first = [] if told.known else [_added(case, theirs, command.was, facts)]
    carried = filter(None, map(told, stood))
    known = None if told.known else theirs.known_of(officer)
    read_to = {"version": other[-1].version, "head": other[-1].hash}
    taken = OfficerTakenOver.model_validate(facts | read_to | {"first_known": known})
    return events + list(_told_here(case, [*first, taken], carried, taken, calendar))


def _check_handed_over(stood: Sequence[Event], command: TakeOverOfficer, case: Case) -> None:
    """Refuse where the other case has not handed the officer over by then, or its proceedings alone are stayed."""
    before = list(takewhile(lambda event: not _is_handed_over(event, command, case), stood))
    if len(before) == len(stood):
        raise OutOfOrder(f"Officer {command.was} of case {command.from_case} has not been handed over to this case.")
    if command.occurred_at < stood[len(before)].occurred_at:
        raise OutOfOrder(f"Officer {command.was} of case {command.from_case} was handed over later than that.")
    if _is_stayed(before) and not case.stayed:
        raise OutOfOrder(f"The proceedings are stayed in case {command.from_case}: stay them here first.")


def _added(case: Case, theirs: Case, was: str, facts: Mapping[str, object]) -> Event:
    """How the officer comes into this case: under their own regulations, and as far as they were investigated there."""
    officer = theirs.officers[was]
    own = {"rank": officer.rank, "regime": theirs.regime_of(was)}  # also where it is the case's: that may change yet
    investigated = case.investigator is not None and not officer.notice_served
    so_far = {"investigated": investigated, "assessed": officer.severity is not None}
    return OfficerAdded.model_validate({**facts, **own, **so_far})


def _told_here(
    case: Case, first: Iterable[Event], carried: Iterable[Event], taken: Event, calendar: Calendar
) -> Iterator[Event]:
    """What is told of the part, with what time did to it meanwhile: its clocks stood still when they did there."""
    stayed, case = case.stayed, case.model_copy(update={"stayed": False})
    for fact in first:
        case, happened = happen(case, fact, calendar)
        yield from happened
    for fact in carried:
        passed = enforce(case, min(fact.occurred_at, taken.occurred_at), calendar)
        yield from passed
        case = fold(passed, case)
        if isinstance(fact, deadlines.DeadlineEvent) and not _is_open(case, fact):
            continue
        case, happened = happen(case, fact, calendar)
        yield from happened
    passed = enforce(case, taken.occurred_at, calendar)
    yield from passed
    if stayed:
        yield from deadlines.pause(fold(passed, case), taken)


def _is_open(case: Case, fact: deadlines.DeadlineEvent) -> bool:
    """Whether what was done about a deadline there can be done to it here: it runs here too, and is not settled yet."""
    settles = isinstance(fact, deadlines.DeadlineMet | deadlines.DeadlineWithdrawn)
    known = case.deadlines.get(fact.deadline)
    return known is not None and (known.outstanding or not settles)


def _is_stayed(events: Iterable[Event]) -> bool:
    told = [event for event in events if isinstance(event, ProceedingsStayed | ProceedingsResumed)]
    return bool(told) and isinstance(told[-1], ProceedingsStayed)


def _barred(case: Case) -> set[str | None]:
    """Who cannot sit: an officer concerned, a party, or the investigator."""
    return {officer.person for officer in case.officers.values()} | {case.investigator, *case.parties}


def _is_handed_over(event: Event, command: TakeOverOfficer, case: Case) -> bool:
    return isinstance(event, OfficerHandedOver) and (event.officer, event.to) == (command.was, case.reference)


def _begin(told: Sequence[Fact], opened: int, calendar: Calendar) -> _Telling:
    """A case told so far; what followed from its opening is told again when the opening is all there is."""
    telling = _Telling(stand(told), told[-1].place)
    for fact in told if len(told) <= opened else ():
        telling.follow(*consequences(telling.case, fact.event, calendar))
    return telling


def _stands_on(case: Case, event: Event, told: Recorded | None, calendar: Calendar) -> object:
    """What the state says of an act: what it would give, or why it is refused, and which deadline it changed.

    Ids of deadlines are given out anew. The command is read back from the event that it gave; where the event does not
    tell it whole, it says the same of every state.
    """
    deadline = case.deadlines.get(str(getattr(event, "deadline", "")))
    same = deadline and (deadline.rule, deadline.subject, deadline.trigger, deadline.set_at)
    try:
        return same, [fact.model_dump() for fact in judged(case, _read_back(event, told), calendar)]
    except (Refused, ValueError) as no:
        return same, type(no)


def _read_back(event: Event, told: Recorded | None) -> Command:
    if told is None:
        raise ValueError("a restated fact was told by no command")
    kind = COMMANDS[told.command]
    given = event.model_dump()
    body = {name: given[name] for name in kind.model_fields if name in given}
    who = {"officers": (event.subject,)} if issubclass(kind, OfficerCommand) else {}
    return kind.model_validate({"actor": told.actor, **body, **who})
