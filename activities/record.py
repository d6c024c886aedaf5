"""The activities that write to the record: open a case, record an act, let time pass. And the one that reads it back.

Each may be run any number of times: the second run finds what the first recorded and answers with it. A refusal is an
answer too; what is raised is a database that is away or wrong, for Temporal to try again. What is decided is decided
here, on the stored state (docs/adr/0002).
"""

from base64 import b64decode
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any
from zlib import decompress

from pydantic import AwareDatetime, Field, field_serializer, field_validator
from pydantic_core import from_json
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import metrics, store
from activities.bodies import COMMAND_ID, MAX_BODY, OWN_IDS, another_act, check_message
from activities.chain import digest
from activities.handover import check_receiving, read_besides
from activities.hint import Hints
from activities.room import check_room, fitting, mark, packed, weight
from activities.sql import sql
from activities.store import LAST, Connection, Done, Pool, Provenance, Seen
from activities.text.opening import opened
from activities.text.sealing import Asked, AskedBefore, Ring, same_body
from domain import case as rules
from domain import retelling
from domain.correction import CorrectRecord
from domain.errors import DuplicateReference, Malformed, Refused, Stale, Unavailable, UnknownCase, Unopened
from domain.handover import HandOverOfficer, TakeOverOfficer
from domain.messages import Actor, Command, Event, Kept, Model, Recorded, Reference, Refusal, command_from, read
from domain.prose import holds_prose, wordless
from domain.referral import Referral
from domain.state import Case
from domain.summary import Standing, standing
from domain.vocabulary import Clock, Role
from domain.working_days import Calendar, england_and_wales

__all__ = [
    "MAX_BODY",
    "Act",
    "Answer",
    "Load",
    "Loaded",
    "OpenCase",
    "PassTime",
    "Records",
    "asking",
    "body_hash",
    "check_expected",
    "check_message",
]

ENFORCER, ENFORCE = Actor(role=Role.SYSTEM, id="deadlines"), "enforce_deadlines"


class OpenCase(Kept):
    """Open a case with a referral. `stream`: the case that the workflow runs, if it says so; `now`: its time."""

    referral: Any
    command_id: str
    stream: str = ""
    now: AwareDatetime


class Act(Kept):
    """Record an act. `known`: the last version the caller has; `expected`: the version it is meant for, if any."""

    stream: Reference
    command_id: str
    command: str
    body: dict[str, Any]
    known: int = Field(ge=0)
    expected: int | None = None
    now: AwareDatetime


class PassTime(Kept):
    """Record what the passing of time did to a case by `until`."""

    stream: Reference
    until: AwareDatetime
    known: int = Field(ge=0)
    now: AwareDatetime


class Load(Kept):
    """Ask for a case as it stands. `stream`: whatever a workflow was called."""

    stream: str


class Loaded(Kept):
    """A case as it stands, which travels packed; its commands; when its last event was recorded.

    `marks`: of the ids of its commands; histories that are older hold the ids themselves, in `command_ids`.
    """

    case: Case
    command_ids: tuple[str, ...] = ()
    marks: tuple[int, ...] = ()
    standing: Standing
    moved_at: datetime | None = None

    def given(self) -> set[int]:
        """Marks of the ids of all its commands."""
        return {*self.marks, *map(mark, self.command_ids)}

    @field_serializer("case", when_used="json")
    def _packed(self, case: Case) -> str:
        return packed(case)

    @field_validator("case", mode="before")
    @classmethod
    def _unpacked(cls, case: Any) -> Any:
        return from_json(decompress(b64decode(case))) if isinstance(case, str) else case


class Answer(Kept):
    """What the store says to an act.

    `events` are those the caller has not seen, as far as they have room; `told` those that the command gave, also when
    it gave them long ago, and `weight` how many bytes these are. `standing` is where the case stands after it,
    `refusal` why it was refused; `now` is told where time was to pass.
    """

    version: int
    events: tuple[Recorded, ...] = ()
    told: tuple[Recorded, ...] = ()
    weight: int = 0
    standing: Standing | None = None
    refusal: Refusal | None = None
    now: AwareDatetime | None = None


class Records:
    """The record's activities, over one pool of connections that speak JSON (`store.open_pool`)."""

    def __init__(self, pool: Pool, ring: Ring, calendar: Calendar | None = None) -> None:
        self._pool = pool
        self._hints = Hints(pool)
        self._ring = ring
        self._calendar = calendar or england_and_wales()

    @activity.defn
    async def open_case(self, opening: OpenCase) -> Answer:
        """Open a case, or find it opened by the same referral; then all its events are told again.

        Refuses `malformed`, `duplicate_reference` and what the law refuses of a referral.
        """
        try:
            answer = await self._open(opening)
        except Refused as no:
            answer = Answer(version=0, refusal=Refusal.of(no))
        metrics.acted(opening.stream, "open_case", opening.command_id, answer.version, answer.refusal)
        return answer

    @activity.defn
    async def record(self, act: Act) -> Answer:
        """Record an act, or find it recorded, and tell every event after `known`.

        Refuses `unknown_case`, `malformed`, `already_done` (the command id was used for another act), `stale` (the case
        is not at `expected`), and what the law refuses. Raises `Unavailable` when the store is behind its caller.
        """
        sought = act.command_id if COMMAND_ID.fullmatch(act.command_id) else ""  # `_act` refuses any other
        besides = read_besides(act.command, act.body)
        with metrics.timed(act.command):
            answer = await self._write(act.stream, act.known, sought, lambda seen: self._act(seen, act), besides)
        metrics.acted(act.stream, act.command, act.command_id, answer.version, answer.refusal)
        return answer

    @activity.defn
    async def enforce_deadlines(self, passed: PassTime) -> Answer:
        """Record the warnings, misses and consequences that time brought, and tell every event after `known`.

        Refuses `unknown_case`. Raises `Unavailable` when the store is behind its caller.
        """
        answer = await self._write(passed.stream, passed.known, "", lambda seen: self._let_pass(seen, passed))
        for id in dict.fromkeys(each.command_id for each in answer.events if each.command == ENFORCE):
            metrics.acted(passed.stream, ENFORCE, id, answer.version)
        return answer

    @activity.defn
    async def load_case(self, load: Load) -> Loaded:
        """The case as it stands. Fails for good with the type `unknown_case` when there is none."""
        try:
            case = await store.load(self._pool, load.stream)
            marks = tuple(map(mark, await store.command_ids(self._pool, load.stream)))
            last = (await store.events(self._pool, load.stream, case.version - 1))[0].recorded_at
            return Loaded(case=case, marks=marks, standing=standing(case), moved_at=last)
        except UnknownCase as no:
            raise ApplicationError(no.sentence, type=no.code, non_retryable=True) from None

    async def _open(self, opening: OpenCase) -> Answer:
        check_message(opening.command_id, opening.referral)
        matter = read(Referral, opening.referral, "referral")
        if opening.stream not in ("", matter.reference):
            raise Malformed(f"reference: the workflow's id has to be case/{matter.reference}.")
        asked = asking("open_case", matter)

        async def open_it(seen: Seen) -> Answer:
            if seen.case is not None:
                return await self._opened_before(seen, asked)
            moment = _moment(matter.clock, seen, opening.now)
            told = Provenance(matter.actor, asked.name, opening.command_id, asked.body_hash, moment, asked.clear_hash)
            events = rules.open_case(matter, self._calendar, moment)
            done = await store.append(seen, told, events, self._ring, check_room)
            return _answer((), done._replace(told=()))

        return self._hinted(await store.write(self._pool, matter.reference, opening.command_id, open_it))

    async def _write(
        self,
        stream: str,
        known: int,
        command_id: str,
        act: Callable[[Seen], Awaitable[Done]],
        holding: Collection[str] = (),
    ) -> Answer:
        before: Done | None = None

        async def write(seen: Seen) -> Answer:
            nonlocal before
            if seen.case is None:
                raise UnknownCase(f"There is no case {stream}.")
            before = Done(await _missed(seen, known), (), seen.case)
            now = None if command_id else seen.now  # who acts does not wait for a clock, and is answered the same twice
            return _answer(before.added, await act(seen)).model_copy(update={"now": now})

        try:
            return self._hinted(await store.write(self._pool, stream, command_id, write, holding=holding))
        except Refused as no:
            answer = _answer((), before) if before else Answer(version=0)
            return answer.model_copy(update={"refusal": Refusal.of(no)})

    def _hinted(self, answer: Answer) -> Answer:
        self._hints.soon()
        return answer

    async def _act(self, seen: Seen, act: Act) -> Done:
        check_message(act.command_id, act.body)
        command = command_from(act.command, act.body)
        asked = asking(act.command, command)
        if (told_before := await self._recorded_before(seen, asked)) is not None:
            metrics.replayed(act.command)
            return Done((), told_before, _case(seen))
        check_expected(seen.stream, seen.version, act.expected)
        moment = _moment(_case(seen).clock, seen, act.now)
        told = Provenance(command.actor, act.command, act.command_id, asked.body_hash, moment, asked.clear_hash)
        return await store.append(seen, told, await self._decided(seen, command, moment), self._ring, check_room)

    async def _decided(self, seen: Seen, command: Command, moment: datetime) -> list[Event]:
        """What follows from a command: of most from the state, of a correction or a taking over from a whole record."""
        if isinstance(command, TakeOverOfficer):
            if not (other := await self._whole(seen.connection, command.from_case)):
                raise UnknownCase(f"There is no case {command.from_case}.")
            return retelling.take_over(_case(seen), other, command, self._calendar, moment)
        if isinstance(command, CorrectRecord):
            whole = await self._whole(seen.connection, seen.stream, seen.version)
            return retelling.correct(whole, command, self._calendar, moment)
        if isinstance(command, HandOverOfficer) and command.to != seen.stream:
            await check_receiving(seen, _case(seen), command)
        return rules.decide(_case(seen), command, self._calendar, moment)

    async def _whole(self, connection: Connection, stream: str, until: int = LAST) -> list[Recorded]:
        """A whole record with its text open: what is told again is told in words, and sealed anew."""
        whole = await opened(connection, await store.read_events(connection, stream, 0, until), self._ring)
        if shut := sorted({why for each in whole for why in each.withheld.values()} - {"erased"}):
            raise Unopened(f"Text of case {stream} cannot be opened ({', '.join(shut)}): see docs/run.md.")
        return [*whole]

    async def _let_pass(self, seen: Seen, passed: PassTime) -> Done:
        """A second run finds nothing left to enforce, so it needs no look at the command id."""
        moment = _moment(_case(seen).clock, seen, passed.now)
        # Temporal's clock may run ahead: what can still be done by ours is not missed yet.
        if not (happened := rules.enforce(_case(seen), min(passed.until, moment), self._calendar)):
            return Done((), (), _case(seen))
        told = Provenance(ENFORCER, ENFORCE, f"{OWN_IDS}{seen.version}", digest(passed.until), moment)
        return (await store.append(seen, told, happened, self._ring))._replace(told=())

    async def _opened_before(self, seen: Seen, asked: Asked) -> Answer:
        opening = await seen.connection.fetchrow(sql("find_opening"), seen.stream)
        if opening is None or not same_body(AskedBefore.of(opening), asked, self._ring):
            raise DuplicateReference(f"The reference {seen.stream} is taken by another matter.")
        return _answer(await _missed(seen, 0), Done((), (), _case(seen)))

    async def _recorded_before(self, seen: Seen, asked: Asked) -> tuple[Recorded, ...] | None:
        """The events that a command gave when it was recorded; None when it is new."""
        if (before := seen.before) is None:
            return None
        if not same_body(before.asked, asked, self._ring):
            raise another_act()
        return tuple(
            await store.read_events(seen.connection, seen.stream, before.first_version - 1, before.last_version)
        )


def _answer(before: tuple[Recorded, ...], done: Done) -> Answer:
    events = (*before, *done.added)
    case = done.case
    return Answer(
        version=case.version, events=events, told=done.told, standing=standing(case), weight=weight(done.told)
    )


def _case(seen: Seen) -> Case:
    if seen.case is None:
        raise Unavailable(f"Case {seen.stream} has no events in the store.")
    return seen.case


def _moment(clock: Clock, seen: Seen, now: datetime) -> datetime:
    """When the store learns of it. One clock, the database's, dates the whole record, whichever worker writes.

    A rehearsed case lives in the skipped time of its workflow, which may be years ahead: there `now` is the time, or
    everything would be recorded before it happened.
    """
    return now if clock is Clock.REHEARSED else seen.now


async def _missed(seen: Seen, known: int) -> tuple[Recorded, ...]:
    """The events after `known`, as far as they have room."""
    if known > seen.version:
        told = f"Case {seen.stream} is at version {seen.version} here, but its workflow has seen {known}"
        raise Unavailable(f"{told}: this is another database, or an older copy of it.")
    missed = await store.read_events(seen.connection, seen.stream, known, seen.version) if known < seen.version else []
    return fitting(missed)


def check_expected(stream: str, version: int, expected: int | None) -> None:
    """Refuse an act that is meant for another version of the case than it is at."""
    if expected not in (None, version):
        raise Stale(f"Case {stream} is at version {version}, not {expected}.")


def body_hash(name: str, message: Model) -> bytes:
    """What makes two acts the same act: what was asked, however it was spelled.

    Defaults are left out, so that an optional field added by a later release does not make a retry another act.
    """
    return digest({"name": name, "body": message.model_dump(exclude_defaults=True)})


def asking(name: str, message: Model) -> Asked:
    """What is asked, to be compared with what was asked before."""
    clear = body_hash(name, wordless(message)) if holds_prose(type(message)) else None
    return Asked(name, body_hash(name, message), clear)
