"""Corrections: a mistaken event is voided in the open, and what followed from it is reckoned anew. Nothing is deleted.

A `record_corrected` event says which events no longer count and which facts hold in their stead. `as_corrected` reads
a history so; whoever folds a case folds that. `domain.retelling` reckons a correction: it tells the acts again without
the mistaken one, and `correction` here compares what followed with it and without it (docs/adr/0009).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, ClassVar, NamedTuple

from pydantic import Field

from domain.messages import EVENTS, Command, Event, Model, Text
from domain.prose import Prose
from domain.roles import RECORD_KEEPERS
from domain.vocabulary import Role

__all__ = ["CorrectRecord", "Fact", "RecordCorrected", "Restated", "as_corrected", "correction", "voided"]


class CorrectRecord(Command):
    """Void an event that was recorded by mistake; what followed from it is reckoned anew, and nothing is deleted."""

    given_by: ClassVar[frozenset[Role]] = RECORD_KEEPERS
    event: int = Field(ge=2, description="Version of the mistaken event, as `probity events` shows it.")
    reasons: Text


class Restated(Model):
    """A fact that holds since a correction, and the place in the history after which it is read."""

    after: str
    type: str
    data: dict[str, Any]

    def event(self) -> Event:
        """The fact itself."""
        return EVENTS[self.type].model_validate(self.data)


class RecordCorrected(Event):
    """A mistaken event was voided, with what had followed from it.

    A place is the version of an event, or `25.2` for the second fact that the correction at version 25 restated.
    """

    says: ClassVar[str] = "Event {event} ({what}) was recorded by mistake and is void. {reasons}"
    event: int
    what: str
    voided: tuple[str, ...]
    restated: tuple[Restated, ...] = ()
    reasons: Prose


class Fact(NamedTuple):
    """An event at its place in a history."""

    place: str
    event: Event


def as_corrected(events: Iterable[Event]) -> list[Fact]:
    """The facts of a whole history, from its first event on, as they stand after every correction in it.

    A correction stands in it too, where it was made: it is part of what happened.
    """
    facts: list[Fact] = []
    for version, event in enumerate(events, 1):
        if isinstance(event, RecordCorrected):
            facts = [fact for fact in facts if fact.place not in event.voided]
            for number, restated in enumerate(event.restated, 1):
                at = next(n for n, fact in enumerate(facts, 1) if fact.place == restated.after)
                facts.insert(at, Fact(f"{version}.{number}", restated.event()))
        facts.append(Fact(str(version), event))
    return facts


def voided(events: Iterable[Event]) -> frozenset[str]:
    """The places of a whole history that no longer count."""
    return frozenset(place for event in events if isinstance(event, RecordCorrected) for place in event.voided)


def correction(
    command: CorrectRecord,
    stood: Sequence[Fact],
    since: int,
    mistaken: Fact,
    before: Sequence[Fact],
    after: Sequence[Fact],
) -> RecordCorrected:
    """The event that makes what `stood` into what follows without the `mistaken` fact.

    `before` and `after` are what follows from the acts with it and without it from fact `since` on, each at the place
    of the act that it comes after. Only what differs between the two is touched: what was recorded under other rules
    stays recorded.
    """
    order = {fact.place: n for n, fact in enumerate(stood)}
    gone, restated = [mistaken.place], list[Fact]()
    had, has = _by_clock(before), _by_clock(after)
    recorded = _by_clock(fact for fact in stood[since:] if fact.event.derived)
    for clock in dict.fromkeys((*had, *has)):
        stays, holds = recorded.get(clock, []), has.get(clock, [])
        if len(had.get(clock, [])) == len(holds) == _same(had.get(clock, []), holds, order):
            continue
        same = _same(stays, holds, order)
        gone += [fact.place for fact in stays[same:]]
        last = stays[same - 1].place if same else stood[0].place
        restated += [Fact(max(place, last, key=order.__getitem__), event) for place, event in holds[same:]]
    voids = sorted(gone, key=order.__getitem__)
    return _recorded(command, mistaken.event.name.replace("_", " "), voids, restated)


def _same(those: Sequence[Fact], holds: Sequence[Fact], order: Mapping[str, int]) -> int:
    """How many of `those` from the first on hold, and not before the act that they follow from now."""
    return len(list(takewhile(lambda pair: _stays(*pair, order), zip(those, holds, strict=False))))


def _stays(fact: Fact, held: Fact, order: Mapping[str, int]) -> bool:
    return fact.event == held.event and order[fact.place] >= order[held.place]


def _recorded(command: CorrectRecord, what: str, gone: Sequence[str], restated: Sequence[Fact]) -> RecordCorrected:
    return RecordCorrected(
        occurred_at=command.occurred_at,
        illustrative=command.illustrative,
        event=command.event,
        what=what,
        voided=tuple(gone),
        # Each is put right behind its place, so the last of those at one place is put there first.
        restated=tuple(_restated(place, event) for place, event in reversed(restated)),
        reasons=command.reasons,
    )


def _by_clock(facts: Iterable[Fact]) -> dict[tuple[str, str], list[Fact]]:
    """Derived facts by what they are about: a deadline, or an officer's restriction. They touch nothing else."""
    clocks: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        about = getattr(fact.event, "deadline", None)
        key = ("deadline", about) if about else (fact.event.name, fact.event.subject or "")
        clocks.setdefault(key, []).append(fact)
    return clocks


def _restated(place: str, event: Event) -> Restated:
    return Restated(after=place, type=event.name, data=event.model_dump(mode="json"))
