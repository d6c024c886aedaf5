"""Handing an officer's part of a case over to another case: how cases are combined, and how one is split.

The giving case says where the part goes on and owes nothing more about the officer. The receiving case takes it over:
what was done about the officer is told there again, dated as it was done, with the place in the other record that it
was read from. Neither record loses anything. No provision on combining or splitting has been read: it is a matter of
record-keeping here, and moves no time limit (docs/adr/0013).

To combine, hand every officer over and close the case; to split, open another case for the officer and hand over to it.
"""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from domain.deadlines import DeadlineMet, DeadlinePaused, DeadlineResumed, DeadlineWithdrawn
from domain.errors import AlreadyDone, Malformed, NotPermitted, OutOfOrder, UnknownCase, WrongStage
from domain.messages import Command, Event, OfficerCommand, OfficerEvent, OfficerRef, OpaqueId, Reference, Text, plain
from domain.prose import Prose
from domain.referral import AllegationAdded, OfficerAdded, as_added
from domain.roles import RECORD_KEEPERS
from domain.state import Case, Officer
from domain.vocabulary import Role

__all__ = [
    "HandOverOfficer",
    "OfficerHandedOver",
    "OfficerTakenOver",
    "TakeOverOfficer",
    "Translation",
    "check_receives",
    "check_stays_restricted",
    "decide",
    "evolve",
    "ready",
]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class HandOverOfficer(OfficerCommand):
    """Hand an officer's part of the case over to another case, which then takes it over."""

    given_by: ClassVar[frozenset[Role]] = RECORD_KEEPERS
    to: Reference
    reasons: Text


class TakeOverOfficer(Command):
    """Take over an officer's part of another case that was handed over to this one; what was done goes on here."""

    given_by: ClassVar[frozenset[Role]] = RECORD_KEEPERS
    from_case: Reference
    was: OfficerRef = Field(description="The officer's reference in that case; here it may become another.")
    reasons: Text


class OfficerHandedOver(OfficerEvent):
    """The officer's part of the case goes on in another case."""

    says: ClassVar[str] = (
        "Officer {officer}: their part goes on in case {to}, which takes it over by `take_over_officer`. {reasons}"
    )
    to: Reference
    reasons: Prose


class OfficerTakenOver(OfficerEvent):
    """An officer's part of another case goes on here; `version` and `head` say how far that record was read.

    `first_known` is when the allegation became known there; not told of an officer whom this case had already.
    """

    says: ClassVar[str] = "Officer {officer}: taken over from case {from_case}, as officer {was} there. {reasons}"
    schema_version: ClassVar[int] = 2
    from_case: Reference
    was: OfficerRef
    person: OpaqueId
    version: int
    head: str
    reasons: Prose
    first_known: date | None = None

    def tell(self) -> str:
        known = f" The allegation was first known on {plain(self.first_known)}." if self.first_known else ""
        return super().tell() + known


def ready(case: Case, officer: Officer) -> None:
    """Refuse to hand over what has been decided, or goes on elsewhere already, or waits for the decision on a report.

    A report is on the whole case and stays with it, so the decision on it is made where it is (docs/adr/0013).
    """
    if officer.finished:
        raise WrongStage(f"Nothing is left to be handed over about officer {officer.ref}.")
    if case.report_submitted and officer.case_to_answer is None and officer.certified_by is None:
        raise OutOfOrder(f"The report awaits the decision whether officer {officer.ref} has a case to answer.")


def decide(case: Case, command: HandOverOfficer) -> Iterator[Event]:
    """The fact that the handing over gives. What taking over gives is told from the other record."""
    if command.to == case.reference:
        raise Malformed("to: that is this case itself.")
    facts = command.model_dump(exclude={"actor", "officers"})
    yield OfficerHandedOver.model_validate(facts | {"officer": command.officer})


def check_receives(giving: Case, receiving: Case | None, command: HandOverOfficer) -> None:
    """Refuse to hand over to a case that could not take the part over: not there, closed, or done with that person.

    Ours: a reference mistyped would end a suspension and every clock, and nobody would be told.
    """
    if receiving is None:
        raise UnknownCase(f"There is no case {command.to}: refer it first.")
    if receiving.closed_at is not None:
        raise WrongStage(f"Case {command.to} is closed: reopen it first.")
    check_stays_restricted(giving, receiving)
    for officer in filter(None, map(giving.officers.get, command.officers)):
        if (same := _here(receiving, officer.person)) and _is_decided(same):
            raise WrongStage(f"In case {command.to} what concerns that person, officer {same.ref} there, is decided.")


def check_stays_restricted(giving: Case, receiving: Case) -> None:
    """Refuse to tell in a case that is not restricted what stands in one that is. No provision asks for it: ours.

    Whether a case is restricted is settled by its referral, so the way on is into another case.
    """
    if giving.restricted and not receiving.restricted:
        raise NotPermitted(
            f"Case {giving.reference} is restricted and case {receiving.reference} is not: "
            "refer the receiving case as restricted."
        )


def evolve(case: Case, event: Event) -> Case:
    """The case after an officer's part went or came."""
    match event:
        case OfficerHandedOver():
            officer = case.officer(event.officer)
            return case.with_officer(officer.model_copy(update={"handed_to": event.to, "restriction": None}))
        case OfficerTakenOver():
            case = case.model_copy(update={"taken_over": (*case.taken_over, f"{event.from_case}/{event.was}")})
            officer = case.officer(event.officer)
            known = event.first_known or officer.known_elsewhere
            return case.with_officer(officer.model_copy(update={"known_elsewhere": known}))
    return case


class Translation:
    """What the officer, the allegations and the hearing of another case are called in this one."""

    def __init__(self, case: Case, theirs: Case, was: str, giving: str) -> None:
        self._was, self._giving = was, giving
        same = _here(case, theirs.officers[was].person)
        self.known = same is not None
        self.officer = same.ref if same else next(ref for ref in _refs(was) if not case.has(ref))
        self.all_of_it = same is None or same == as_added(same)
        self._taken = set(case.allegations)
        self._hearings = {officer.hearing.ref for officer in case.officers.values() if officer.hearing}
        self._allegations: dict[str, str] = {}
        self._of_the_case = False
        if same is not None and _is_decided(same):
            raise WrongStage(f"What concerns that person here, as officer {same.ref}, has been decided.")
        if f"{giving}/{was}" in case.taken_over:
            raise AlreadyDone(f"Officer {was} of case {giving} has been taken over already.")

    def __call__(self, event: Event) -> Event | None:
        """The fact as it is told in this case; None where it is not about the officer, or stays in the other record."""
        if not event.derived:
            self._of_the_case = event.subject is None
        if isinstance(event, AllegationAdded) and self._was in event.officers:
            named = self._allegations[event.allegation] = self._named(event.allegation)
            return event.model_copy(update={"allegation": named, "officers": (self.officer,)})
        elsewhere = isinstance(event, OfficerAdded | OfficerTakenOver | OfficerHandedOver)
        derived = event.derived and not self._through_the_case(event)
        if derived or elsewhere or event.subject != self._was or not self.all_of_it:
            return None
        told = event.model_dump()
        told |= {name: self.officer for name in ("officer", "about", "party") if told.get(name) == self._was}
        if "allegation" in told:
            told["allegation"] = self._allegations.get(told["allegation"], told["allegation"])
        if told.get("hearing") in self._hearings:
            told["hearing"] = f"{told['hearing']}-{self._giving}"
        if "deadline" in told:
            told["deadline"] = told["deadline"].replace(f"/{self._was}", f"/{self.officer}")
        return type(event).model_validate(told)

    def _through_the_case(self, event: Event) -> bool:
        """What a fact about their whole case did to the officer's clocks: the fact itself stays there."""
        settled = isinstance(event, DeadlineMet | DeadlineWithdrawn) and self._of_the_case
        return settled or isinstance(event, DeadlinePaused | DeadlineResumed)

    def _named(self, allegation: str) -> str:
        if allegation in self._taken:
            allegation = next(str(n) for n in range(1, 10_000) if str(n) not in self._taken | {allegation})
        self._taken.add(allegation)
        return allegation


def _here(case: Case, person: str) -> Officer | None:
    """The officer who is that person; whose part has gone elsewhere is none, and comes back under another name."""
    return next((each for each in case.officers.values() if each.person == person and not each.handed_to), None)


def _is_decided(officer: Officer) -> bool:
    return officer.finished or officer.disposal is not None


def _refs(first: str) -> Iterator[str]:
    yield first
    yield from LETTERS
    yield from (f"{letter}{other}" for letter in LETTERS for other in LETTERS)
