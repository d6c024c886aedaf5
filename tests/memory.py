"""An engine in memory: the domain and a list. What the real one answers, without Temporal and Postgres."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from activities.bodies import another_act
from activities.record import check_expected
from domain import deadlines, retelling
from domain.case import Possible, decide, enforce, fold, lawful_next, open_case
from domain.correction import CorrectRecord
from domain.errors import DuplicateReference, UnknownCase
from domain.handover import TakeOverOfficer
from domain.messages import Actor, Command, Event, Model, Recorded, Reference, command_from, event_id, read
from domain.referral import Referral
from domain.state import Case
from domain.vocabulary import Role
from domain.working_days import england_and_wales

__all__ = ["Crash", "Memory", "Receipt"]

SYSTEM = Actor(role=Role.SYSTEM, id="probity")


class Crash(Exception):
    """The power went off."""


class Receipt(Model):
    """What was recorded."""

    reference: Reference
    version: int
    events: tuple[Recorded, ...]


class Memory:
    """Cases in memory. `crash_before` counts commands: before that many, the power goes off."""

    def __init__(self, now: datetime | None = None, crash_before: int | None = None) -> None:
        self.calendar = england_and_wales()
        self.records: dict[str, list[Recorded]] = {}
        self.clocks: dict[str, datetime] = {}
        self.told: dict[tuple[str, str | None], tuple[Command, tuple[Recorded, ...]]] = {}
        self.started = now or datetime.now(UTC)
        self.crash_before = crash_before
        self.asked = 0

    async def refer(self, referral: Mapping[str, Any]) -> Receipt:
        matter = read(Referral, dict(referral), "referral")
        if matter.reference in self.records:
            raise DuplicateReference("The reference is taken.")
        events = open_case(matter, self.calendar, self.started)
        return self._append(matter.reference, events, matter.actor, "open_case", f"{matter.reference}-refer")

    async def do(
        self,
        reference: str,
        command: str,
        body: Mapping[str, Any],
        *,
        command_id: str | None = None,
        expected: int | None = None,
    ) -> Receipt:
        self.asked += 1
        if self.asked == self.crash_before:
            raise Crash
        case = await self.case(reference)
        act = command_from(command, dict(body))
        if (before := self.told.get((reference, command_id))) is not None:
            if before[0] != act:
                raise another_act()
            return Receipt(reference=reference, version=case.version, events=before[1])
        check_expected(reference, case.version, expected)
        now = await self.now(reference)
        if isinstance(act, CorrectRecord):
            events = retelling.correct(await self.events(reference), act, self.calendar, now)
        elif isinstance(act, TakeOverOfficer):
            events = retelling.take_over(case, await self.events(act.from_case), act, self.calendar, now)
        else:
            events = decide(case, act, self.calendar, now)
        receipt = self._append(reference, events, act.actor, command, command_id or f"id-{self.asked}")
        self.told[reference, command_id] = (act, receipt.events)
        return receipt

    async def case(self, reference: str) -> Case:
        return fold(each.event() for each in await self.events(reference))

    async def events(self, reference: str, after: int = 0) -> list[Recorded]:
        if reference not in self.records:
            raise UnknownCase(f"There is no case {reference}.")
        return self.records[reference][after:]

    async def lawful_next(self, reference: str) -> list[Possible]:
        return lawful_next(await self.case(reference), england_and_wales())

    async def now(self, reference: str) -> datetime:
        return self.clocks.get(reference, self.started)

    async def skip(self, reference: str, until: datetime) -> None:
        """Let time pass as the workflow does: from one deadline to the next."""
        while (wake := deadlines.next_wake(await self.case(reference))) and wake[0] <= until:
            case = await self.case(reference)
            self._append(reference, enforce(case, wake[0], self.calendar), SYSTEM, "enforce_deadlines", str(wake[0]))
        self.clocks[reference] = until

    def _append(self, reference: str, events: list[Event], actor: Actor, command: str, command_id: str) -> Receipt:
        known = self.records.setdefault(reference, [])
        rehearsed = self.clocks.get(reference, self.started)
        new = [
            Recorded(
                stream=reference,
                version=len(known) + 1 + index,
                event_id=event_id(reference, command_id, index),
                type=event.name,
                schema_version=event.schema_version,
                occurred_at=event.occurred_at,
                recorded_at=rehearsed,
                actor=actor,
                command=command,
                command_id=command_id,
                data=event.model_dump(mode="json", exclude={"occurred_at"}),
                hash=f"{len(known) + 1 + index:064x}",
            )
            for index, event in enumerate(events)
        ]
        known.extend(new)
        return Receipt(reference=reference, version=len(known), events=tuple(new))
