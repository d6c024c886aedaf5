"""The regulations as data: which regime governs a matter, its time limits and its lawful sanctions.

`time_limits/*.toml`, `sanctions.toml` and `warnings.toml` hold the rows, each with its citation and its mark: how the
source was verified; `provisions.toml` holds what refusals cite besides.
This module only reads them; a change of law is a change of data (docs/adr/0008).
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Any

from pydantic import Field, field_validator

from domain.errors import Unlawful
from domain.messages import Event, Model
from domain.regimes import provisions
from domain.regimes.provisions import Sourced, source_of
from domain.vocabulary import Disposal, Finding, Mode, Proceedings, Regime, Role, Sanction, Seniority
from domain.working_days import Counting

__all__ = [
    "Occasion",
    "SanctionRule",
    "TimeLimit",
    "WarningLife",
    "check_disposal",
    "conduct_regime",
    "disposals",
    "every_sanction",
    "every_time_limit",
    "every_warning",
    "knows",
    "lawful_sanctions",
    "regime_for",
    "reviews",
    "rights",
    "settling_events",
    "source_of_row",
    "starting_with",
    "time_limit",
    "time_limits",
    "warning_life",
    "whole",
]


class Occasion(Model):
    """A kind of event, with the values its fields must have, that starts, settles or ends a time limit."""

    event: str
    where: dict[str, str | bool | list[str]] = Field(default_factory=dict)
    counted_from: str | None = Field(default=None, description="Date field to count from, if not the event's day.")
    in_mode: tuple[Mode, ...] = Field(default=(), description="Only while the investigation is in one of these modes.")
    after_pre_hearing: bool = Field(default=False, description="Only of a hearing whose pre-hearing has been held.")

    def matches(self, event: Event) -> bool:
        """Whether `event` is such an occasion."""
        return event.name == self.event and all(_fits(getattr(event, k, None), v) for k, v in self.where.items())


def _fits(value: object, wanted: str | bool | list[str]) -> bool:
    return value in wanted if isinstance(wanted, list) else value == wanted


class TimeLimit(Sourced):
    """One row of the law of time: a duty, what starts its clock, how long it is and how it is counted.

    Without `count` and `length` the duty is owed as soon as practicable. A `period` runs to its end, and only then
    is the duty owed, as soon as practicable (the timeliness reports of PCR 2020 reg 19). A row that nothing starts is a
    condition, not a clock: the rule that refuses an act without it cites the row.
    """

    id: str
    title: str
    duty: Role
    duty_if_iopc: Role | None = Field(default=None, description="Whose it is while the IOPC directs or investigates.")
    regimes: tuple[Regime, ...]
    since: date | None = Field(default=None, description="The day the provision came into force within its regimes.")
    until: date | None = Field(default=None, description="The last day it was in force.")
    starts_with: tuple[Occasion, ...] = ()
    met_by: tuple[Occasion, ...] = ()
    ends_with: tuple[Occasion, ...] = ()
    moved_by: tuple[Occasion, ...] = Field(default=(), description="What extends it to the later day that it names.")
    for_each: str | None = Field(default=None, pattern="^(officer|undecided|party|complainant)$")
    not_for: tuple[Seniority, ...] = Field(default=(), description="Officers of this seniority do not have it.")
    count: Counting | None = None
    length: int | None = Field(default=None, ge=1)
    opens: int | None = Field(default=None, ge=1, description="It is a window: counted as `length`, its first day.")
    period: bool = False
    right: bool = Field(default=False, description="A chance, not a duty: unused, it lapses.")
    once: bool = Field(default=False, description="Starts once for each subject, however often its occasion recurs.")
    runs_on: bool = Field(default=False, description="While it is owed, its occasion does not start it again.")
    warn_days: int = Field(default=3, ge=1, description="Calendar days before the due day; engine policy, not law.")
    may_extend: tuple[Role, ...] = ()
    extension_ground: str | None = None
    may_shorten: bool = False
    shortened_by: tuple[Role, ...] = Field(default=(), description="Who may shorten it alone.")
    keeps_open: bool = Field(default=False, description="While it is owed, or may be used, the case is not closed.")
    stands: bool = Field(default=False, description="Nobody may set it aside while what it is about goes on.")
    pauses: bool = Field(default=False, description="Its clock stops while the proceedings are stayed.")
    parted_from: str | None = Field(default=None, description="The row that it is a part of, under another source.")
    note: str | None = None

    @property
    def whole(self) -> str:
        """The duty by the name that its deadlines have: a part keeps that of the row which was parted."""
        return self.parted_from or self.id

    def is_in_force(self, day: date) -> bool:
        """Whether the provision was in force on that day."""
        return not (self.since and day < self.since) and not (self.until and day > self.until)

    @field_validator("starts_with", "met_by", "ends_with", "moved_by", mode="before")
    @classmethod
    def _names_are_occasions(cls, rows: Any) -> Any:
        return [{"event": row} if isinstance(row, str) else row for row in rows]


class SanctionRule(Sourced):
    """What may follow a finding in one regime and form of proceedings."""

    regimes: tuple[Regime, ...]
    proceedings: Proceedings
    finding: Finding
    live_final_warning: bool | None = None
    former_officer: bool | None = None
    unconnected_incidents: bool | None = None
    lawful: tuple[Sanction, ...]
    unless_exceptional: tuple[Sanction, ...] = ()


class WarningLife(Sourced):
    """How long a warning lives, in months beginning with the day it was notified; an extension, from the old end on."""

    sanction: Sanction
    regimes: tuple[Regime, ...]
    months: int
    at_most: int
    cap: Sourced | None = Field(default=None, description="Where `at_most` stands, if it was verified otherwise.")
    extends: bool = False
    stops_in_career_break: bool = False
    note: str | None = None

    @property
    def source(self) -> str:
        """Where its life stands, and where its longest one, each with its own mark."""
        return super().source + (f"; {self.cap.source}" if self.cap else "")


TIME_LIMITS = (
    "referral",
    "timeliness",
    "restriction",
    "investigation",
    "hearing",
    "accelerated",
    "outcome",
    "departure",
    "reflection",
)


@cache
def every_time_limit() -> tuple[TimeLimit, ...]:
    """Every row of the law of time, whatever its regime."""
    return tuple(
        TimeLimit.model_validate(row) for part in TIME_LIMITS for row in provisions.rows(f"time_limits/{part}.toml")
    )


@cache
def starting_with(event: str) -> tuple[TimeLimit, ...]:
    """The rows of the law of time whose clock an event of this name may start."""
    return tuple(row for row in every_time_limit() if any(each.event == event for each in row.starts_with))


@cache
def settling_events() -> frozenset[str]:
    """The names of the events that may settle or end a clock."""
    rows = every_time_limit()
    return frozenset(each.event for row in rows for each in (*row.met_by, *row.ends_with, *row.moved_by))


@cache
def rights() -> frozenset[str]:
    """The ids of the rows that are chances, not duties: unused, they lapse."""
    return frozenset(row.id for row in every_time_limit() if row.right)


@cache
def reviews() -> frozenset[str]:
    """The ids of the rows that ask for a restriction to be reviewed."""
    rows = every_time_limit()
    return frozenset(row.id for row in rows for each in row.met_by if each.event == "restriction_reviewed")


@cache
def time_limits(regime: Regime) -> tuple[TimeLimit, ...]:
    """Every time limit that this regime knows."""
    return tuple(row for row in every_time_limit() if regime in row.regimes)


@cache
def time_limit(regime: Regime, rule: str) -> TimeLimit:
    """The time limit of this id; raises KeyError when the regime has none.

    Of a row that was parted since, the record of a 2012 case has the undivided id: it goes on by the part of 2012.
    """
    for row in time_limits(regime):
        if rule in (row.id, row.parted_from):
            return row
    raise KeyError(rule)


def whole(rule: str) -> str:
    """The duty of this row, which it shares with the other parts where it was parted."""
    return _parts().get(rule, rule)


@cache
def _parts() -> dict[str, str]:
    return {row.id: row.parted_from for row in every_time_limit() if row.parted_from}


def knows(regime: Regime, rule: TimeLimit) -> bool:
    """Whether the row, or another part of it, is law under this regime too."""
    return any(row.whole == rule.whole for row in time_limits(regime))


def source_of_row(regime: Regime, rules: Iterable[str]) -> str | None:
    """Where the first of these time limits that the regime knows stands, with its mark; None when it knows none."""
    known = {name: row.source for row in time_limits(regime) for name in (row.whole, row.id)}
    return next((known[row] for row in rules if row in known), None)


@cache
def every_sanction() -> tuple[SanctionRule, ...]:
    """Every row that says what may follow a finding."""
    return tuple(SanctionRule.model_validate(row) for row in provisions.rows("sanctions.toml"))


def lawful_sanctions(
    regime: Regime,
    proceedings: Proceedings,
    finding: Finding,
    *,
    live_final_warning: bool,
    former_officer: bool,
    unconnected_incidents: bool = False,
) -> Iterator[SanctionRule]:
    """The rows that say what may follow this finding."""
    for row in every_sanction():
        same = regime in row.regimes and row.proceedings is proceedings and row.finding is finding
        warned = row.live_final_warning in (None, live_final_warning)
        several = row.unconnected_incidents in (None, unconnected_incidents)
        if same and warned and several and row.former_officer in (None, former_officer):
            yield row


@cache
def every_warning() -> tuple[WarningLife, ...]:
    """Every row that says how long a warning lives."""
    return tuple(map(WarningLife.model_validate, provisions.rows("warnings.toml")))


def warning_life(regime: Regime, sanction: Sanction) -> WarningLife | None:
    """How long this sanction lives; None when it is not a warning."""
    return next((row for row in every_warning() if row.sanction is sanction and regime in row.regimes), None)


COMMENCEMENT = (
    (date(2025, 5, 28), Regime.PCR_2025),
    (date(2020, 2, 1), Regime.PCR_2020),
    (date(2012, 11, 22), Regime.PCR_2012),
)


def regime_for(first_known: date, linked: Iterable[Regime] = ()) -> Regime:
    """The regime of a matter that first came to the authority's attention on this day, whenever the conduct was.

    `linked` are the regimes of matters it belongs with that are still open: the oldest governs the later one too
    (PCMR 2020 reg 2(2)(b)). Raises `Unlawful` for a matter known before 22 November 2012.
    """
    for since, regime in COMMENCEMENT:
        if first_known >= since:
            return min((regime, *linked))
    raise Unlawful(
        "A matter known before 22 November 2012 is under the 2008 Regulations.", source_of("PCR 2012 reg 2(2)")
    )


def conduct_regime(first_known: date) -> Regime:
    """The 2020 Regulations or their amendments of 2025, for an allegation first known on this day to any of three.

    A local policing body, a chief officer of police or the Director General; person by person (SI 2025/558 reg 64(1)).
    """
    return Regime.PCR_2025 if first_known >= COMMENCEMENT[0][0] else Regime.PCR_2020


def disposals(regime: Regime, *, former_officer: bool = False) -> tuple[Disposal, ...]:
    """What a case may come to without proceedings.

    Reflective practice came, and management action went, on 1 February 2020 (PCR 2020 Part 6). For a former officer the
    2020 Regulations are read without reflective practice and without the Performance Regulations.
    """
    own = Disposal.MANAGEMENT_ACTION if regime is Regime.PCR_2012 else Disposal.REFLECTIVE_PRACTICE
    if former_officer and regime is not Regime.PCR_2012:
        return (Disposal.NO_ACTION,)
    return (Disposal.NO_ACTION, own, Disposal.PERFORMANCE)


def check_disposal(
    regime: Regime, disposal: Disposal, line_manager_consulted: bool, *, former_officer: bool = False
) -> None:
    """Raise `Unlawful` for a disposal that the regime does not know, or that lacks a consultation."""
    known, part_6 = disposals(regime, former_officer=former_officer), source_of("PCR 2020 Part 6")
    if regime is Regime.PCR_2012:
        if disposal is Disposal.REFLECTIVE_PRACTICE:
            raise Unlawful("The 2012 Regulations know no reflective practice review.", part_6, known)
        return
    if disposal is Disposal.MANAGEMENT_ACTION:
        raise Unlawful("Management action was abolished on 1 February 2020.", part_6, known)
    if disposal not in (Disposal.REFLECTIVE_PRACTICE, Disposal.PERFORMANCE):
        return
    if former_officer:
        said = disposal.replace("_", " ").capitalize()
        raise Unlawful(f"{said} is for who is still an officer.", source_of("PCR 2020 Sch 1 para 1"), known)
    if not line_manager_consulted:
        sentence = "The line manager has to be consulted first: `line_manager_consulted` says so."
        raise Unlawful(sentence, source_of("PCR 2020 reg 27(3) or 23"))
