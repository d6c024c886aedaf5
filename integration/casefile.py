"""Case files: a matter and the steps taken in it, written by hand in YAML, to be played into an engine and checked.

A step is an act (`do`) or an expectation (`expect`). In a rehearsed file moments follow one another: `+3d` days, `+5wd`
working days and `+2h` hours after the step before, with a London time of day if one is named (`+5wd 10:00`), or `now`.
The same offsets, counted from their own step, stand for dates in `with` and in `expect`. Any other moment is absolute
and has its time zone.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, RootModel, model_validator

from domain.errors import REFUSALS, Malformed
from domain.faults import form
from domain.messages import COMMANDS, Actor, Model, Text, command_from, read
from domain.referral import Referral
from domain.summary import CaseSummary, DeadlineSummary, OfficerSummary
from domain.vocabulary import Clock
from domain.working_days import LONDON, Calendar, london_date
from integration.suggest import known, no_field, who

__all__ = [
    "CaseFile",
    "Offset",
    "Step",
    "case_file",
    "load",
    "mapping_from",
    "matter_from",
    "read_text",
    "text_from",
]

OFFSET = re.compile(
    "^(?:now|today|(?P<sign>[+-])(?P<count>[0-9]{1,4})(?P<unit>wd|d|h))(?: (?P<clock>[0-9]{2}:[0-9]{2}))?$"
)


class Offset(
    RootModel[Annotated[str, form(OFFSET.pattern, "is not counted from the step before, as +3d, +5wd 10:00 or now")]]
):
    """A moment told from another one: `now`, `+3d`, `-1wd`, `+5wd 10:00`."""

    def after(self, moment: datetime, calendar: Calendar) -> datetime:
        """The moment this far from `moment`: days keep the London time of day unless another is named, hours do not."""
        told = OFFSET.match(self.root)
        sign, count, unit, clock = told.groups() if told else (None, None, None, None)
        step = int(count or 0) * (-1 if sign == "-" else 1)
        if unit == "h":
            return (moment.astimezone(UTC) + timedelta(hours=step)).astimezone(moment.tzinfo)
        local = moment.astimezone(LONDON)
        at = time.fromisoformat(clock) if clock else local.time()
        if not clock and not step:
            return moment
        return datetime.combine(_day(local.date(), step, unit or "d", calendar), at, LONDON)


def _day(day: date, step: int, unit: str, calendar: Calendar) -> date:
    if unit == "d":
        return day + timedelta(days=step)
    for _ in range(abs(step)):
        towards = timedelta(days=1 if step > 0 else -1)
        day = next(calendar.working_days(day + towards, towards))
    return day


class Expectation(RootModel[dict[str, Any]]):
    """What a case is expected to look like: any part of its summary. `null` for what is not, or not yet, there."""

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        _check_names(self.root, CaseSummary, "expect")
        for part, kind in (("officers", OfficerSummary), ("deadlines", DeadlineSummary)):
            for ref, facts in _mapping(self.root.get(part), f"expect.{part}").items():
                _check_names(_mapping(facts, f"expect.{part}.{ref}"), kind, f"expect.{part}.{ref}")
        return self


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"{where} is not a mapping")
    return value or {}


def _check_names(facts: Mapping[str, Any], kind: type[BaseModel], where: str) -> None:
    for name in facts:
        if name not in kind.model_fields:
            raise ValueError(f"{where}: {known(str(name), kind.model_fields)}")


class Step(Model):
    """One step of a case file: an act or an expectation, at a moment."""

    at: AwareDatetime | Offset | None = Field(
        default=None, description="Without it: the moment of the step before, or now."
    )
    by: Annotated[Actor, BeforeValidator(who)] | None = Field(default=None, description="Who acts: `role:id`.")
    do: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict, alias="with")
    expect: Expectation | None = None
    refused: str | None = Field(default=None, description="The code with which the act has to be refused.")
    illustrative: bool = False
    note: Text | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.do is None) == (self.expect is None):
            raise ValueError("a step has either do or expect")
        if self.expect is not None and (self.facts or self.by or self.refused or self.illustrative):
            raise ValueError("with, by, refused and illustrative belong to do")
        if self.do is not None and self.do not in COMMANDS:
            raise ValueError(f"do: {known(self.do, COMMANDS)}")
        if self.do is not None and self.by is None:
            raise ValueError("by: an act says who did it, as role:id")
        if self.refused is not None and self.refused not in REFUSALS:
            raise ValueError(f"refused: {known(self.refused, REFUSALS)}")
        return self

    def body(self, moment: datetime, calendar: Calendar) -> dict[str, Any]:
        """The command's body when the step is taken at `moment`."""
        told = {"actor": self.by.model_dump(mode="json") if self.by else None, "occurred_at": moment.isoformat()}
        return {**_dated(self.facts, moment, calendar), **told, "illustrative": self.illustrative}

    def expected(self, moment: datetime, calendar: Calendar) -> dict[str, Any]:
        """What is expected at `moment`, with its dates as ISO strings."""
        found = _dated(self.expect.root if self.expect else {}, moment, calendar)
        return dict(found) if isinstance(found, dict) else {}


def _dated(value: Any, moment: datetime, calendar: Calendar) -> Any:
    """`value` with every offset in it resolved: a day, or a moment where the offset names a time of day."""
    if isinstance(value, dict):
        return {key: _dated(each, moment, calendar) for key, each in value.items()}
    if isinstance(value, list):
        return [_dated(each, moment, calendar) for each in value]
    told = OFFSET.match(value) if isinstance(value, str) else None
    if told is None:
        return value.isoformat() if isinstance(value, date) else value
    then = Offset(value).after(moment, calendar)
    return then.isoformat() if told["clock"] or told["unit"] == "h" else london_date(then).isoformat()


class CaseFile(Model):
    """A case file as it was read. `name` is what errors call it."""

    name: str
    about: Text
    clock: Clock
    referral: dict[str, Any]
    steps: tuple[Step, ...]

    @property
    def reference(self) -> str:
        """The reference of the case."""
        return str(self.referral["reference"])

    def opening(self, now: datetime, calendar: Calendar) -> dict[str, Any]:
        """The referral as the engine takes it. Without a moment a rehearsed or live one is made `now`."""
        at = {} if self.clock is Clock.RECORDED else {"at": "now"}
        return matter_from({"clock": self.clock.value, **at, **self.referral}, now, calendar)


_ALIAS = {"at": "occurred_at", "by": "actor"}


def matter_from(told: Mapping[str, Any], now: datetime, calendar: Calendar) -> dict[str, Any]:
    """A referral's body from how it is written: `at` and `by` as in a step, offsets counted from `now`.

    Raises `Malformed` when it does not say who makes it.
    """
    named = {_ALIAS.get(name, name): value for name, value in told.items()}
    if named.get("actor") is None:
        raise Malformed("referral: by: is missing: who refers it is told as role:id, as in intake:in-1.")
    at = named.pop("occurred_at", None)
    matter: dict[str, Any] = _dated(named, now, calendar)
    try:
        matter["actor"] = who(matter.get("actor"))
    except ValueError as wrong:
        raise Malformed(f"referral: by: {wrong}.") from None
    return {**matter, "occurred_at": now.isoformat() if at == "now" else at}


def load(path: Path, calendar: Calendar, now: datetime) -> CaseFile:
    """The case file at `path`, with every act checked against its command. Raises `Malformed`, naming file and step."""
    return case_file(path.name, read_text(path), calendar, now)


def read_text(path: Path) -> str:
    """The text of a file. Raises `Malformed` when it cannot be read."""
    try:
        return text_from(path.read_bytes(), str(path))
    except OSError as error:
        raise Malformed(f"{path}: {(error.strerror or 'cannot be read').lower()}.") from None


def text_from(data: bytes, name: str) -> str:
    """The text that these bytes are, in UTF-8 whatever the terminal speaks. Raises `Malformed`."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(f"{name}: is not UTF-8 text.") from None


def case_file(name: str, text: str, calendar: Calendar, now: datetime) -> CaseFile:
    """The case file in `text`. Raises `Malformed`, naming file, step and field."""
    body = mapping_from(text, name)
    if "reference" in body and "referral" not in body:
        raise Malformed(f"{name}: is a referral, not a case file: `probity refer` takes it.")
    steps = body.get("steps", [])
    if not isinstance(steps, list):
        raise Malformed(f"{name}: steps: is not a list.")
    parsed = tuple(read(Step, step, f"{name}: step {number}") for number, step in enumerate(steps, 1))
    file = read(CaseFile, {**body, "name": name, "steps": parsed}, name)
    _check_matter(file, calendar, now)
    for number, step in enumerate(parsed, 1):
        _check_step(file, f"{name}: step {number}", step, calendar, now)
    return file


def _check_matter(file: CaseFile, calendar: Calendar, now: datetime) -> None:
    matter = read(Referral, file.opening(now, calendar), f"{file.name}: referral")
    if matter.clock is not file.clock:
        raise Malformed(f"{file.name}: referral: clock: is {file.clock} for the whole file.")


def _check_step(file: CaseFile, what: str, step: Step, calendar: Calendar, now: datetime) -> None:
    if isinstance(step.at, Offset) and file.clock is not Clock.REHEARSED and step.at.root != "now":
        raise Malformed(f"{what}: at: only a rehearsed file counts from the step before.")
    if isinstance(step.at, Offset) and file.clock is Clock.RECORDED:
        raise Malformed(f"{what}: at: a recorded file has absolute moments.")
    if isinstance(step.at, datetime) and file.clock is Clock.REHEARSED:
        raise Malformed(f"{what}: at: a rehearsed file counts from the step before, as +3d.")
    if step.do is not None and step.refused != "malformed":
        for field in step.facts:
            if wrong := no_field(COMMANDS[step.do], field):
                raise Malformed(f"{what}: {step.do}: {wrong}.")
        _check_command(what, step.do, step.body(now, calendar))


def _check_command(what: str, command: str, body: dict[str, Any]) -> None:
    try:
        command_from(command, body)
    except Malformed as wrong:
        raise Malformed(f"{what}: {wrong.sentence}") from None


class _Loader(yaml.SafeLoader):
    """YAML without surprises: dates stay text; a key that is there twice, or what holds itself, is refused."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node in self.recursive_objects:
            raise yaml.MarkedYAMLError(problem="it holds itself", problem_mark=node.start_mark)
        return super().construct_object(node, deep=True)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        known: set[str] = set()
        for key in (each for each, _ in node.value if isinstance(each, yaml.ScalarNode)):
            if key.value in known:
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} stands there twice", problem_mark=key.start_mark)
            known.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if not tag.endswith(":timestamp")]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str, name: str) -> Any:
    """What a YAML or JSON text says; dates as text. Raises `Malformed` with line and column."""
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        ours = error.problem if type(error) is yaml.MarkedYAMLError else None  # of the loader above
        raise Malformed(f"{name}: {place}{ours or 'it is no YAML that is understood here'}.") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise Malformed(f"{name}: is not YAML or JSON.") from None


def mapping_from(text: str, name: str) -> dict[str, Any]:
    """The mapping that a YAML or JSON text holds. Raises `Malformed`."""
    body = read_yaml(text, name)
    if not isinstance(body, dict) or not all(isinstance(key, str) for key in body):
        raise Malformed(f"{name}: is not a mapping of names to values.")
    return body
