"""Play a case file into an engine, step by step, and check what it expects.

Playing the same file again goes on where it stopped: each act has a command id of its own, and acts that stand in the
record are passed over. What was expected on the way is judged once more, on the record as it was then.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from domain.case import enforce, fold
from domain.errors import DuplicateReference, Refused, UnknownCase
from domain.messages import Model, Recorded
from domain.state import Case
from domain.summary import summary
from domain.vocabulary import Clock
from domain.working_days import Calendar, england_and_wales
from integration.casefile import CaseFile, Offset, Step

__all__ = ["Engine", "PlayResult", "StepOutcome", "StepResult", "Versioned", "differences", "play"]


class Versioned(Protocol):
    """What an engine answers to an act: the case's version after it."""

    @property
    def version(self) -> int:
        """Version of the case."""


class Engine(Protocol):
    """The part of the client that playing needs."""

    async def refer(self, referral: Mapping[str, Any]) -> Versioned:
        """Open a case."""

    async def do(
        self, reference: str, command: str, body: Mapping[str, Any], *, command_id: str | None = None
    ) -> Versioned:
        """Give a command."""

    async def case(self, reference: str) -> Case:
        """The case as recorded."""

    async def events(self, reference: str, after: int = 0) -> Sequence[Recorded]:
        """The record."""

    async def now(self, reference: str) -> datetime:
        """The case's own clock."""

    async def skip(self, reference: str, until: datetime) -> None:
        """Carry a rehearsed case's clock forward."""


class StepOutcome(StrEnum):
    """How a step went."""

    DONE = "done"
    DONE_BEFORE = "done_before"
    REFUSED_BEFORE = "refused_before"
    REFUSED = "refused"
    HELD = "held"
    FAILED = "failed"


class StepResult(Model):
    """How one step went. Step 0 is the referral. `sentence` says what was refused, or what is wrong."""

    step: int
    at: datetime
    what: str
    officers: tuple[str, ...] = ()
    outcome: StepOutcome
    sentence: str | None = None
    illustrative: bool = False
    note: str | None = None
    version: int | None = None


class PlayResult(Model):
    """How a file went. After an act that went other than the file says, the steps that follow are not taken."""

    file: str
    reference: str
    steps: tuple[StepResult, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """One sentence for each step that went other than the file says."""
        failed = (step for step in self.steps if step.outcome is StepOutcome.FAILED)
        return tuple(f"{self.file}: step {step.step}: {step.sentence}" for step in failed)


Progress = Callable[[StepResult], None]


async def play(
    engine: Engine, file: CaseFile, on_progress: Progress | None = None, *, now: datetime | None = None
) -> PlayResult:
    """Play `file`, telling `on_progress` of each step as it is taken; `now` is when a rehearsal begins.

    Raises `Refused` when the matter itself is refused, and `Unavailable`; every other trouble is in the result.
    """
    playing = _Playing(engine, file, england_and_wales(), now or datetime.now(UTC))
    steps: list[StepResult] = []
    async for result in playing.steps():
        steps.append(result)
        if on_progress:
            on_progress(result)
    return PlayResult(file=file.name, reference=file.reference, steps=tuple(steps))


class _Playing:
    """One file on its way: the record that was there before, and the latest moment so far."""

    def __init__(self, engine: Engine, file: CaseFile, calendar: Calendar, now: datetime) -> None:
        self.engine = engine
        self.file = file
        self.calendar = calendar
        self.before: Sequence[Recorded] = ()
        self.latest = now

    async def steps(self) -> AsyncIterator[StepResult]:
        """Every step's result, until an act goes other than the file says."""
        yield await self.open()
        reached = max((n for n in range(1, len(self.file.steps) + 1) if self.recorded(n)), default=0)
        for number, step in enumerate(self.file.steps, 1):
            result = self.passed(number, step) if number <= reached else await self.take(number, step)
            yield result
            if result.outcome is StepOutcome.FAILED and step.do is not None:
                return

    async def open(self) -> StepResult:
        """Refer the matter, or find it referred."""
        matter = self.file.opening(self.latest, self.calendar)
        self.before = await self.known()
        if not self.before:
            try:
                receipt = await self.engine.refer(matter)
            except DuplicateReference:
                # A case that was just being opened when it was looked for: the last time this was cut off there.
                self.before = await self.known()
                if not self.before:
                    raise
            else:
                self.latest = datetime.fromisoformat(matter["occurred_at"])
                return self.told(0, StepOutcome.DONE, self.latest, version=receipt.version)
        self.check_same(matter)
        self.latest = self.before[0].occurred_at
        return self.told(0, StepOutcome.DONE_BEFORE, self.latest, version=len(self.before))

    async def known(self) -> Sequence[Recorded]:
        try:
            return await self.engine.events(self.file.reference)
        except UnknownCase:
            return []

    def check_same(self, matter: Mapping[str, Any]) -> None:
        """A reference that another matter has is not played into: its officers would not be these."""
        case = fold(each.event() for each in self.before)
        wanted = {(each["officer"], each["person"]) for each in matter["officers"]}
        found = {(officer.ref, officer.person) for officer in case.officers.values()}
        if case.force != matter["force"] or not wanted <= found:
            raise DuplicateReference(
                f"{self.file.name}: the reference {self.file.reference} is taken by another matter."
            )

    def command_id(self, number: int) -> str:
        return f"{self.file.reference}-step-{number}"

    def recorded(self, number: int) -> list[Recorded]:
        return [each for each in self.before if each.command_id == self.command_id(number)]

    def moment(self, step: Step, now: datetime) -> datetime:
        match step.at:
            case datetime():
                return step.at
            case Offset() if step.at.root != "now":
                return step.at.after(self.latest, self.calendar)
        return now

    def passed(self, number: int, step: Step) -> StepResult:
        """A step that lies before what the record holds already."""
        moment = self.moment(step, self.latest)
        if known := self.recorded(number):
            moment = max(each.occurred_at for each in known)
        self.latest = max(self.latest, moment)
        if known and known[-1].command != step.do:
            was = known[-1].command
            return self.failed(number, moment, f"it was recorded as {was}: steps that were played may not change")
        if step.do is not None:
            return self.passed_act(number, step, moment, told=bool(known))
        return self.judged(number, step, moment, self.as_it_was(number, moment))

    def passed_act(self, number: int, step: Step, moment: datetime, *, told: bool) -> StepResult:
        """What the record holds of an act that lies before what it holds already."""
        if step.refused and told:
            return self.failed(number, moment, f"expected {step.do} to be refused as {step.refused}; it is recorded")
        if step.refused:
            return self.told(number, StepOutcome.REFUSED_BEFORE, moment)
        return self.told(number, StepOutcome.DONE_BEFORE, moment, None if told else "no event of it is in the record")

    def as_it_was(self, number: int, moment: datetime) -> Case:
        """The case before the act that came next: what is dated later had not been recorded then."""
        after = range(number + 1, len(self.file.steps) + 1)
        end = min(each.version for n in after for each in self.recorded(n))
        recorded = self.file.clock is Clock.RECORDED
        known = [e for e in self.before if e.version < end and (recorded or e.occurred_at <= moment)]
        return fold(each.event() for each in known)

    async def take(self, number: int, step: Step) -> StepResult:
        """Take a step: let a rehearsed case's time pass, then act or judge."""
        moment = await self.arrive(step)
        self.latest = max(self.latest, moment)
        if step.do is not None:
            return await self.act(number, step, step.do, moment)
        return self.judged(number, step, moment, await self.engine.case(self.file.reference))

    async def arrive(self, step: Step) -> datetime:
        """The step's moment, once the case's clock has come to it."""
        if self.file.clock is Clock.RECORDED or (step.at is None and step.expect is not None):
            return self.moment(step, self.latest)
        now = await self.engine.now(self.file.reference)
        moment = self.moment(step, now)
        if self.file.clock is Clock.REHEARSED and moment > now:
            await self.engine.skip(self.file.reference, moment)
        return moment

    async def act(self, number: int, step: Step, command: str, moment: datetime) -> StepResult:
        body = step.body(moment, self.calendar)
        try:
            receipt = await self.engine.do(self.file.reference, command, body, command_id=self.command_id(number))
        except Refused as refused:
            if refused.code == step.refused:
                return self.told(number, StepOutcome.REFUSED, moment, f"{refused.code}: {refused}")
            wanted = f"to be refused as {step.refused}" if step.refused else "to be done"
            return self.failed(
                number, moment, f"expected {command} {wanted}; it was refused as {refused.code}: {refused}"
            )
        if step.refused:
            return self.failed(number, moment, f"expected {command} to be refused as {step.refused}; it was done")
        return self.told(number, StepOutcome.DONE, moment, version=receipt.version)

    def judged(self, number: int, step: Step, moment: datetime, case: Case) -> StepResult:
        """A recorded case is judged as time would have left it at that moment, without writing anything."""
        if self.file.clock is Clock.RECORDED:
            case = fold(enforce(case, moment, self.calendar), case)
        found = summary(case).model_dump(mode="json")
        wrong = list(differences(step.expected(moment, self.calendar), found))
        if wrong:
            return self.failed(number, moment, "; ".join(wrong))
        return self.told(number, StepOutcome.HELD, moment, version=case.version)

    def failed(self, number: int, moment: datetime, sentence: str) -> StepResult:
        return self.told(number, StepOutcome.FAILED, moment, f"{sentence.rstrip('.')}.")

    def told(
        self,
        number: int,
        outcome: StepOutcome,
        moment: datetime,
        sentence: str | None = None,
        version: int | None = None,
    ) -> StepResult:
        if number == 0:
            illustrative = bool(self.file.referral.get("illustrative"))
            return StepResult(
                step=0, at=moment, what="refer", outcome=outcome, illustrative=illustrative, version=version
            )
        step = self.file.steps[number - 1]
        return StepResult(
            step=number,
            at=moment,
            what=step.do or "expect",
            officers=_officers(step.facts),
            outcome=outcome,
            sentence=sentence,
            illustrative=step.illustrative,
            note=step.note,
            version=version,
        )


def _officers(facts: Mapping[str, Any]) -> tuple[str, ...]:
    told = facts.get("officers", facts.get("officer", ()))
    return tuple(map(str, told)) if isinstance(told, Sequence) and not isinstance(told, str) else (str(told),)


def differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:
    """Where `found` is not as `expected`: a mapping need only hold what is expected, anything else has to be equal."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            yield from differences(value, found.get(name), f"{where}.{name}" if where else str(name))
    elif expected != found:
        yield f"expected {where} to be {_said(expected)}, found {_said(found)}"


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "something" if value else "nothing"
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
