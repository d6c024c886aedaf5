"""What is said to a case and what it says back: bases of commands and events, their registry, the recorded envelope.

A command names an act, who did it and when. An event is a fact that followed. Both are plain immutable data; their
wire names are their class names in snake case, so `ImposeRestriction` travels as `impose_restriction`.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self, TypeVar
from uuid import UUID, uuid5

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from domain.errors import Malformed, Refused, Unreadable
from domain.faults import A_REFERENCE, AN_ID, AN_OFFICER, DAY, MOMENT, MOST, faults, form
from domain.prose import Prose, marked
from domain.upcasting import upcast
from domain.vocabulary import Role
from domain.working_days import LONDON, MONTHS

__all__ = [
    "COMMANDS",
    "EVENTS",
    "REFERENCE",
    "Actor",
    "Command",
    "Day",
    "Event",
    "Kept",
    "Model",
    "Moment",
    "OfficerCommand",
    "OfficerEvent",
    "OfficerRef",
    "OpaqueId",
    "Recorded",
    "Reference",
    "Refusal",
    "Several",
    "Text",
    "Words",
    "command_from",
    "event_id",
    "plain",
    "read",
]

D = TypeVar("D", bound=date)
E = TypeVar("E")
M = TypeVar("M", bound=BaseModel)

NAMESPACE = UUID("6f1c1f0e-3f7b-5a52-9d0b-70726f626974")  # frozen: changing it changes the identity of every event

WRITTEN = re.compile(r"\d{4}-\d\d-\d\d")  # how a day is written, and a moment begins


def _storable(text: str) -> str:
    """Postgres keeps no NUL and UTF-8 has no lone surrogates: refuse both before anything is stored."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("contains a character that cannot be stored")
    return text


REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,40}")
Reference = Annotated[str, form(f"^{REFERENCE.pattern}$", A_REFERENCE)]
OpaqueId = Annotated[str, form(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", AN_ID)]
OfficerRef = Annotated[str, form(r"^[A-Z][A-Z0-9]{0,7}$", AN_OFFICER)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_storable)]
Text = Annotated[
    Prose, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(_storable)
]
Several = Annotated[tuple[E, ...], FailFast()]  # of which the first that is wrong is told: it may be all of 100,000


def _in_reach(when: D) -> D:
    """Far years overflow the arithmetic of days: no case of this engine lies there."""
    if not 1900 <= when.year <= 2100:
        raise ValueError("lies before 1900 or after 2100")
    return when


def _written(form: str) -> BeforeValidator:
    """A day or a moment comes as text. A number, also one in quotes, would be read as seconds since 1970: a guess."""

    def written(told: Any) -> Any:
        if isinstance(told, int | float) or (isinstance(told, str) and not WRITTEN.match(told)):
            raise ValueError(form)
        return told

    return BeforeValidator(written)


Day = Annotated[date, AfterValidator(_in_reach), _written(DAY)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_reach), _written(MOMENT)]


class Model(BaseModel):
    """Immutable data that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, data: Any) -> Any:
        """Many fields that are not known are one fault: each by itself would be collected first, at 10 µs."""
        if isinstance(data, dict) and len(data) > len(cls.model_fields) + MOST:
            raise ValueError(f"holds {len(data):,} fields, and may hold {len(cls.model_fields)}")
        return data


class Kept(BaseModel):
    """Data that outlives the code that wrote it, in the store or in a workflow's history, and crosses releases.

    Read tolerantly: a field that this release does not know is passed over, or an old history could not be replayed.
    For the same reason a field that is added has a default.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Actor(Model):
    """Who acts: a role, and an opaque id that names nobody outside the force's own systems."""

    role: Role
    id: OpaqueId


def wire_name(kind: type) -> str:
    """`ImposeRestriction` -> `impose_restriction`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


class Command(Model):
    """An act that someone reports. `occurred_at` is when it was done, which may be before it is told."""

    given_by: ClassVar[frozenset[Role]]
    name: ClassVar[str]

    actor: Actor
    occurred_at: Moment
    illustrative: bool = Field(
        default=False, description="Not in the public record: made up to complete an example, and shown as such."
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = wire_name(cls)
        if "given_by" in cls.__dict__:
            COMMANDS[cls.name] = cls


class OfficerCommand(Command):
    """An act that concerns one officer, or the same act for several at once: then it is done for all or for none."""

    officers: Several[OfficerRef] = Field(min_length=1, description="`officer: A` is short for `officers: [A]`.")

    @model_validator(mode="before")
    @classmethod
    def _one_officer(cls, data: Any) -> Any:
        if isinstance(data, dict) and "officer" in data and "officers" not in data:
            return {**{k: v for k, v in data.items() if k != "officer"}, "officers": (data["officer"],)}
        return data

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.officers)) != len(self.officers):
            raise ValueError("names an officer twice")
        return self

    _named: tuple[OfficerRef, ...] = PrivateAttr(default=())

    @property
    def named(self) -> tuple[str, ...]:
        """Everyone whom the whole act names, also once `each` has parted it."""
        return self._named or self.officers

    @property
    def officer(self) -> str:
        """The officer, once `each` has parted a joint act."""
        (only,) = self.officers
        return only

    def each(self) -> Iterator[Self]:
        """The same act for each officer by itself."""
        for officer in self.officers:
            part = self.model_copy(update={"officers": (officer,)})
            part._named = self.officers
            yield part


class Event(BaseModel):
    """A fact of the case. Read tolerantly, since events outlive the code that wrote them.

    `says` is a template over the event's own fields from which every reader (terminal, Temporal UI) tells the fact.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    name: ClassVar[str]
    says: ClassVar[str]
    schema_version: ClassVar[int] = 1

    occurred_at: AwareDatetime
    illustrative: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = wire_name(cls)
        if "says" in cls.__dict__:
            EVENTS[cls.name] = cls

    @property
    def subject(self) -> str | None:
        """The officer or party that the fact is about; None when it is about the case."""
        return None

    @property
    def derived(self) -> bool:
        """Whether it only follows from other facts or from time, so that a correction reckons it anew."""
        return False

    def prose(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each field that holds free text, and whom of the case it is about; of what follows, the words are ours."""
        for field, mark in marked(type(self)).items() if not self.derived else ():
            if getattr(self, field) is not None:
                about = getattr(self, mark.of)
                yield field, about if isinstance(about, tuple) else (about,) if about else ()

    def tell(self) -> str:
        """The fact in one plain sentence."""
        return re.sub(r"\s+", " ", self.says.format(**{k: plain(getattr(self, k)) for k in type(self).model_fields}))


class OfficerEvent(Event):
    """A fact about one officer."""

    officer: OfficerRef

    @property
    def subject(self) -> str | None:
        return self.officer


COMMANDS: dict[str, type[Command]] = {}
EVENTS: dict[str, type[Event]] = {}


def plain(value: Any) -> str:
    """A value as a sentence says it: days and London times in words, names without underscores."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        moment = value.astimezone(LONDON)
        return f"{_day(moment)} {moment:%H:%M}"
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, tuple | list):
        return ", ".join(plain(each) for each in value)
    return "the IOPC" if value == Role.IOPC else str(value).replace("_", " ")


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"  # not strftime, which follows the locale of the process


class Recorded(Kept):
    """An event as the store holds it: what happened, when, when it became known, who told it, and its place."""

    stream: Reference
    version: int
    event_id: UUID
    type: str
    schema_version: int
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime
    actor: Actor
    command: str
    command_id: str
    data: dict[str, Any]
    hash: str

    def event(self) -> Event:
        """The fact itself, in today's domain. Raises `Unreadable` for what a later release, or none, has written."""
        kind, name = EVENTS.get(self.type), f"Event {self.version} of case {self.stream}"
        if kind is None:
            raise Unreadable(f"{name} is of a type that this release does not know.")
        try:
            data = upcast(self.type, self.schema_version, kind.schema_version, self.data)
            return kind.model_validate({**data, "occurred_at": self.occurred_at})
        except Unreadable as later:
            raise Unreadable(f"{name}: {later.sentence}") from None
        except ValidationError:  # its text quotes the event
            raise Unreadable(f"{name} does not fit its type, {self.type}.") from None


class Refusal(Kept):
    """A refusal as it crosses a wire."""

    code: str
    sentence: str
    citation: str | None = None
    lawful: tuple[str, ...] = ()

    @classmethod
    def of(cls, refused: Refused) -> Self:
        """The refusal that an error stands for."""
        return cls(code=refused.code, sentence=refused.sentence, citation=refused.citation, lawful=refused.lawful)


def event_id(stream: str, command_id: str, index: int) -> UUID:
    """Identity of the `index`-th event of a command: the same again however often the command is retried."""
    return uuid5(NAMESPACE, f"{stream}/{command_id}/{index}")


def read(kind: type[M], body: Any, what: str) -> M:
    """Read `body` as `kind`, or refuse as `Malformed` with the fields that are wrong.

    It repeats no value that came with the body: it may be personal.
    """
    try:
        return kind.model_validate(body)
    except ValidationError as wrong:
        raise Malformed(f"{what}: {faults(wrong)}.") from None


def command_from(name: str, body: Any) -> Command:
    """The command of this wire name with this body.

    Raises `Malformed` when there is no such command or the body does not fit it.
    """
    kind = COMMANDS.get(name)
    if kind is None:
        # What was given as a name is not repeated: it may be anything, and refusals end in logs.
        raise Malformed(f"There is no such command; the commands are {', '.join(sorted(COMMANDS))}.")
    return read(kind, body, name)
