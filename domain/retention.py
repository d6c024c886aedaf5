"""Retention: which free text about people is due to be looked at. It proposes, and never erases.

    reviews(case, periods)         whose text is looked at on which day, by which rule, and how that day was counted
    held(case, person, ...)        what holds erasure of a person's text back on a day although its period has ended

Pure, and about closed cases alone: while a case is open nothing in it is due. What to do with a review a person decides
(docs/adr/0020). Text about several people goes with the first of them, so one waits for whoever it is sealed with.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from domain.erasure import EVERYONE
from domain.messages import Event, Model, plain
from domain.outcome.sanctions import DISMISSALS
from domain.regimes import time_limit
from domain.regimes.retention import About, ComesTo, CountedFrom, Period, Rule, every_hold, every_rule
from domain.state import Case, Officer
from domain.vocabulary import Finding
from domain.working_days import london_date, months_after

__all__ = ["OpenCases", "Review", "came_to", "held", "reviews", "together"]

DAY = timedelta(days=1)


class Review(Model):
    """Text to be looked at. `person`: whose, * for everyone's in the case. `due` is None where nothing says when."""

    case: str
    person: str
    rule: str
    title: str
    due: date | None
    why: str


class OpenCases(NamedTuple):
    """What is open besides: who is in which open case, and which open cases name another as one they belong with."""

    people: Mapping[str, frozenset[str]] = {}
    named: Mapping[str, frozenset[str]] = {}
    open: frozenset[str] = frozenset()

    @classmethod
    def of(cls, cases: Iterable[Case]) -> "OpenCases":
        """What these cases, as far as they are open, tell."""
        people: dict[str, frozenset[str]] = {}
        named: dict[str, frozenset[str]] = {}
        still = [case for case in cases if case.closed_at is None]
        for case in still:
            own = frozenset({case.reference})
            for person in _people_of(case):
                people[person] = people.get(person, frozenset()) | own
            for other in _belongs_with(case):
                named[other] = named.get(other, frozenset()) | own
        return cls(people, named, frozenset(case.reference for case in still))

    @classmethod
    def joined(cls, parts: Iterable["OpenCases"]) -> "OpenCases":
        """What they tell together: so that not every open case has to be held at once."""
        people: dict[str, frozenset[str]] = {}
        named: dict[str, frozenset[str]] = {}
        still = set[str]()
        for part in parts:
            still |= part.open
            for whole, some in ((people, part.people), (named, part.named)):
                for name, cases in some.items():
                    whole[name] = whole.get(name, frozenset()) | cases
        return cls(people, named, frozenset(still))


def _people_of(case: Case) -> list[str]:
    return [*(officer.person for officer in case.officers.values()), *case.parties]


def _belongs_with(case: Case) -> set[str]:
    handed = {officer.handed_to for officer in case.officers.values() if officer.handed_to}
    return {*case.linked_cases, *handed, *(part.partition("/")[0] for part in case.taken_over)}


def came_to(officer: Officer) -> ComesTo:
    """What the matter came to for an officer of a closed case."""
    outcome, finding = officer.outcome, officer.hearing.finding if officer.hearing else None
    if officer.handed_to or officer.died or not officer.reached:
        return ComesTo.HANDED_OVER if officer.handed_to else ComesTo.DIED if officer.died else ComesTo.OUT_OF_REACH
    if outcome is None or outcome.sanction is None:
        return ComesTo.NO_PROCEEDINGS
    if outcome.set_aside:
        return ComesTo.SET_ASIDE
    if outcome.sanction in DISMISSALS:
        return ComesTo.DISMISSED
    if outcome.live_until is not None:
        return ComesTo.WARNED
    return ComesTo.NOT_PROVEN if finding in (None, Finding.NOT_PROVEN) else ComesTo.OTHER_OUTCOME


def period_for(periods: Iterable[Period], rule: str, force: str) -> Period | None:
    """The period of this force, or else the one of every force; None when nobody has set one."""
    known = {each.force: each for each in periods if each.rule == rule}
    return known.get(force) or known.get(None)


def reviews(case: Case, periods: Sequence[Period]) -> list[Review]:
    """Each person's text in a closed case, and everyone's, with the day from which it is due to be looked at."""
    if case.closed_at is None:
        return []
    of_officers = [_review(case, _rule_of(officer), periods, officer.person, officer) for officer in _officers(case)]
    of_parties = [_review(case, _rule(About.PARTY), periods, party) for party in case.parties]
    return [*of_officers, *of_parties, _review(case, _rule(About.CASE), periods, EVERYONE)]


def _officers(case: Case) -> Iterator[Officer]:
    """Each person once: whoever stands twice in a case has one key in it."""
    yield from {officer.person: officer for officer in case.officers.values()}.values()


def _rule_of(officer: Officer) -> Rule:
    return next(rule for rule in every_rule() if came_to(officer) in rule.comes_to)


def _rule(about: About) -> Rule:
    return next(rule for rule in every_rule() if rule.about is about)


def _review(case: Case, rule: Rule, periods: Sequence[Period], person: str, officer: Officer | None = None) -> Review:
    period = period_for(periods, rule.id, case.force)
    due, why = _counted(case, rule, period, officer) if period else (None, f"No period is set for {rule.id}.")
    return Review(case=case.reference, person=person, rule=rule.id, title=rule.title, due=due, why=why)


def _counted(case: Case, rule: Rule, period: Period, officer: Officer | None) -> tuple[date | None, str]:
    """The first day after the period, never before the case was closed, and how it was counted."""
    assert case.closed_at is not None
    closed, since = london_date(case.closed_at), period.counted_from or rule.counted_from
    started = _anchor(closed, since, officer)
    if started is None:
        return None, f"The period is counted from the day on which the {plain(since)}, and there is no such day."
    last = months_after(started, period.months)
    why = (
        f"The {plain(since)} on {plain(started)}. {period.months} months after that day end with {plain(last)}. "
        f"It is looked at from {plain(max(last + DAY, closed))} on."
    )
    return max(last + DAY, closed), f"{why} Period: {period.source}."


def _anchor(closed: date, since: CountedFrom, officer: Officer | None) -> date | None:
    if since is CountedFrom.CASE_CLOSED:
        return closed
    if officer is None:
        return None
    if since is CountedFrom.OFFICER_LEFT:
        return officer.left_on
    return officer.outcome.live_until if officer.outcome else None


def together(case: Case, events: Iterable[Event]) -> dict[str, frozenset[str]]:
    """With whom each person shares text that is sealed for several; everyone's is shared with all of them."""
    known = {officer.ref: officer.person for officer in case.officers.values()} | {ref: ref for ref in case.parties}
    shared: dict[str, frozenset[str]] = {EVERYONE: frozenset(_people_of(case))}
    for event in events:
        for _, about in event.prose():
            group = frozenset(known[ref] for ref in about if ref in known)
            for person in group:
                shared[person] = shared.get(person, frozenset()) | group - {person}
    return shared


def held(
    case: Case, person: str, others: Sequence[Review], shared: Mapping[str, frozenset[str]], around: OpenCases, on: date
) -> list[str]:
    """What holds a person's text back on a day, one sentence each; empty when it is somebody's turn to decide.

    `others`: the reviews of those it may be sealed together with.
    """
    with_whom = shared.get(person, frozenset())
    about = {person, *with_whom}
    found = [*_decided(case, about, on), *_of_case(case, around)]
    for officer in case.officers.values():
        found += _of_officer(case, officer, on) if officer.person in about else ()
    for each in sorted(about):
        found += _of_person(case, each, around)
    found += [
        _tell("sealed_together", who=other.person)
        for other in others
        if other.person in with_whom and (other.due is None or other.due > on)
    ]
    return list(dict.fromkeys(found))


def _tell(hold: str, **named: object) -> str:
    words = {name: plain(told) if isinstance(told, date) else told for name, told in named.items()}  # an id as it is
    return every_hold()[hold].tell(**words)


def _decided(case: Case, about: Iterable[str], on: date) -> Iterator[str]:
    for person in sorted({*about, EVERYONE}):
        keeping = case.kept.get(person)
        if keeping and on < keeping.until:
            yield _tell("decided", day=keeping.decided_on, until=keeping.until)


def _of_case(case: Case, around: OpenCases) -> Iterator[str]:
    if case.closed_at is None:
        yield _tell("open")
    open_ones = {*(_belongs_with(case) & around.open), *around.named.get(case.reference, ())}
    yield from (_tell("linked_open", who=each) for each in sorted(open_ones))
    for officer in case.officers.values():  # whoever appeals, the whole matter may have to be read again
        if officer.outcome and officer.outcome.appeal_to:
            yield _tell("appeal_open", who=officer.ref)
    yield from (_tell("review_open", who=party.ref) for party in case.parties.values() if party.review_applied)


def _of_person(case: Case, person: str, around: OpenCases) -> Iterator[str]:
    elsewhere = sorted(around.people.get(person, frozenset()) - {case.reference})
    yield from (_tell("person_elsewhere", who=person, other=each) for each in elsewhere)


def _of_officer(case: Case, officer: Officer, on: date) -> Iterator[str]:
    outcome = officer.outcome
    if officer.advisory_list_reported:
        yield _tell("advisory_list", who=officer.ref)
    if outcome is None:
        return
    if outcome.published and not outcome.publication_ended:
        yield _tell("published", who=officer.ref)
    if outcome.live_until and on <= outcome.live_until and not outcome.set_aside:
        yield _tell("warning_live", who=officer.ref, day=outcome.live_until)
    dismissed = outcome.sanction in DISMISSALS and _has_list(case, officer)
    if (dismissed or outcome.barred_list_reported) and not outcome.set_aside:
        yield _tell("barred_list", who=officer.ref)


def _has_list(case: Case, officer: Officer) -> bool:
    """Whether there was a barred list when the officer was told of the dismissal, as far as that is known."""
    told = officer.outcome.notified_on if officer.outcome else None
    return told is None or time_limit(case.regime_of(officer.ref), "barred_list_report").is_in_force(told)
