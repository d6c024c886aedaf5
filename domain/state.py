"""What a case remembers: the state that folding its events gives. Data only; the five parts and `case` write it.

Severity, notice, restriction, proceedings and outcome belong to each officer; mode, investigator, report and stay
belong to the case.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, Field

from domain.errors import NotFound
from domain.messages import Model, OfficerRef, OpaqueId, Reference
from domain.vocabulary import (
    CaseToAnswer,
    Clock,
    Departure,
    Disposal,
    Finding,
    Mark,
    Measure,
    Mode,
    Origin,
    PartyKind,
    Proceedings,
    ReferralKind,
    Regime,
    Role,
    Sanction,
    Severity,
    Stage,
    Standard,
)
from domain.working_days import Counting, end_of_day

__all__ = [
    "Allegation",
    "Case",
    "Deadline",
    "DeadlineState",
    "Hearing",
    "Officer",
    "Outcome",
    "Party",
    "Restriction",
]


class DeadlineState(StrEnum):
    """Where a deadline stands. `due`: owed as soon as practicable, with no number of days; `lapsed`: a
    right not used in its time."""

    RUNNING = "running"
    DUE = "due"
    EXTENDED = "extended"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    NOT_APPLICABLE = "not_applicable"


class Deadline(Model):
    """One duty with its time limit: which rule, whose duty, what triggered it, when it falls due, how it stands.

    `due` is a day: the limit ends with that day in London. It is None for a duty owed as soon as practicable.
    """

    id: str
    rule: str
    title: str
    duty: Role
    subject: str | None
    triggered_by: str
    trigger: date
    set_at: AwareDatetime
    count: Counting | None
    length: int | None
    due: date | None
    warn_on: date | None
    calendar: str
    regime: Regime
    citation: str
    mark: Mark
    place_inferred: bool
    period: bool
    right: bool = False
    illustrative: bool
    state: DeadlineState
    warned: bool = False
    done_at: AwareDatetime | None = None
    missed_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    paused_on: date | None = None

    @property
    def due_at(self) -> datetime:
        """The moment the limit ends: the end of the due day in London, in UTC."""
        if self.due is None:
            raise ValueError(f"{self.id} has no due day")
        return end_of_day(self.due)

    @property
    def warn_at(self) -> datetime | None:
        """The moment to warn: the start of the warning day in London, in UTC; None without a warning."""
        return end_of_day(self.warn_on - timedelta(days=1)) if self.warn_on else None

    @property
    def ticking(self) -> bool:
        """Whether the clock runs towards a due day."""
        return self.due is not None and self.state in (DeadlineState.RUNNING, DeadlineState.EXTENDED)

    @property
    def outstanding(self) -> bool:
        """Whether the duty is still owed, in time or not."""
        owed = (DeadlineState.RUNNING, DeadlineState.EXTENDED, DeadlineState.PAUSED, DeadlineState.DUE)
        return self.state in owed or self.overdue

    @property
    def overdue(self) -> bool:
        """Missed, and neither done late nor lapsed since."""
        return self.state is DeadlineState.MISSED and self.done_at is None and self.ended_at is None

    @property
    def unverified(self) -> bool:
        """Whether it must be shown as unverified: its figure is from memory, or its place in the text is inferred."""
        return self.mark.unverified or self.place_inferred


class Allegation(Model):
    """What is said to have been done, by which officers, against which standards."""

    ref: OpaqueId
    standards: tuple[Standard, ...]
    officers: tuple[OfficerRef, ...]


class Party(Model):
    """Someone to be kept informed, by opaque reference."""

    ref: str
    kind: PartyKind


class Restriction(Model):
    """A restriction in force on an officer."""

    measure: Measure
    imposed_at: AwareDatetime
    before: tuple[tuple[AwareDatetime, Measure], ...] = ()
    oral: bool = False
    confirmed: bool = False
    last_review: AwareDatetime | None = None

    def measure_at(self, moment: datetime) -> Measure | None:
        """The measure that was in force at that moment; None before any was."""
        known = (*self.before, (self.imposed_at, self.measure))
        return next((measure for since, measure in reversed(known) if since <= moment), None)


class Hearing(Model):
    """An officer's misconduct proceedings: the ordinary hearing or meeting."""

    ref: str
    proceedings: Proceedings
    documents_supplied: bool = False
    chair: OpaqueId | None = None
    members: tuple[OpaqueId, ...] = ()
    adviser: OpaqueId | None = None
    objections: tuple[OpaqueId, ...] = ()
    responded: bool = False
    lists_exchanged: bool = False
    chair_has_documents: bool = False
    pre_hearing_held: bool = False
    begins_on: date | None = None
    notice_published: bool = False
    opened: bool = False
    adjourned: bool = False
    stood_down: tuple[OpaqueId, ...] = ()
    findings: dict[str, Finding] = Field(default_factory=dict)
    concluded: bool = False
    withdrawn: bool = False

    @property
    def finding(self) -> Finding | None:
        """The gravest finding so far; None before any."""
        gravity = list(Finding)
        return max(self.findings.values(), key=gravity.index, default=None)

    @property
    def sitting(self) -> tuple[str, ...]:
        """Everyone who is to sit: chair, members, adviser."""
        return tuple(person for person in (self.chair, *self.members, self.adviser) if person)

    @property
    def pending(self) -> bool:
        """Referred and neither concluded nor withdrawn."""
        return not (self.concluded or self.withdrawn)


class Outcome(Model):
    """What followed for an officer, and what became of it."""

    sanction: Sanction | None = None
    months: int | None = None
    reported: bool = False
    notified_on: date | None = None
    live_until: date | None = None
    published: bool = False
    barred_list_reported: bool = False
    appealed: bool = False
    appeal_to: str | None = None
    set_aside: bool = False


class Officer(Model):
    """An officer concerned. `person` is the opaque id by which conflicts of interest are recognised."""

    ref: OfficerRef
    person: OpaqueId
    rank: str | None = None
    severity: Severity | None = None
    severity_at: AwareDatetime | None = None
    notice_served: bool = False
    represented: bool = False
    case_to_answer: CaseToAnswer | None = None
    disposal: Disposal | None = None
    live_final_warning: bool = False
    restriction: Restriction | None = None
    hearing: Hearing | None = None
    outcome: Outcome | None = None
    departed: Departure | None = None

    @property
    def died(self) -> bool:
        """Whether the officer has died, after which nothing more is decided about the officer."""
        return self.departed is Departure.DIED

    @property
    def finished(self) -> bool:
        """Whether nothing more has to be decided about the officer."""
        if self.died:
            return True
        if self.hearing is not None and not self.hearing.withdrawn:
            return self.outcome is not None and self.outcome.notified_on is not None and not self.outcome.appeal_to
        return self.disposal is not None and self.disposal not in (Disposal.MEETING, Disposal.HEARING)


_ORDER = list(Stage)


class Case(Model):
    """The aggregate: one matter, with everything recorded of it so far."""

    reference: Reference
    version: int = 0
    force: str
    clock: Clock
    regime: Regime
    origin: Origin
    first_known: date
    opened_at: AwareDatetime
    officers: dict[str, Officer]
    allegations: dict[str, Allegation]
    parties: dict[str, Party]
    linked_cases: tuple[str, ...] = ()
    referral_kind: ReferralKind | None = None
    referred: bool = False
    mode: Mode | None = None
    investigator: OpaqueId | None = None
    report_submitted: bool = False
    stayed: bool = False
    stayed_at: AwareDatetime | None = None
    illustrative: bool = False
    milestones: dict[str, AwareDatetime] = Field(default_factory=dict)
    deadlines: dict[str, Deadline] = Field(default_factory=dict)
    closed_at: AwareDatetime | None = None

    @property
    def stage(self) -> Stage:
        """Stage of the least advanced officer who is still open."""
        if self.closed_at is not None:
            return Stage.CLOSED
        reached = [self.stage_of(officer) for officer in self.officers.values()]
        return min((stage for stage in reached if stage is not Stage.CLOSED), key=_ORDER.index, default=Stage.OUTCOME)

    def stage_of(self, officer: Officer) -> Stage:
        """How far one officer's case has come."""
        if self.closed_at is not None or officer.finished:
            return Stage.CLOSED
        if officer.hearing is not None and officer.hearing.concluded:
            return Stage.OUTCOME
        if officer.disposal is not None:
            return Stage.PROCEEDINGS
        return Stage.REFERRAL if self.investigator is None else Stage.INVESTIGATION

    @property
    def severity(self) -> Severity | None:
        """The gravest severity assessed for any officer; None before any assessment."""
        assessed = [officer.severity for officer in self.officers.values() if officer.severity is not None]
        return max(assessed, key=list(Severity).index, default=None)

    @property
    def deciders(self) -> frozenset[str]:
        """Everyone who investigates, sits or was to sit: none of them may be an officer concerned."""
        hearings = [officer.hearing for officer in self.officers.values() if officer.hearing]
        sitting = (person for hearing in hearings for person in (*hearing.sitting, *hearing.stood_down))
        return frozenset(person for person in (self.investigator, *sitting) if person)

    @property
    def overdue(self) -> tuple[Deadline, ...]:
        """Deadlines missed and still owed, longest overdue first."""
        late = (deadline for deadline in self.deadlines.values() if deadline.overdue)
        return tuple(sorted(late, key=lambda d: (d.due_at, d.id)))

    @property
    def ticking(self) -> tuple[Deadline, ...]:
        """Deadlines that run towards a day, nearest first."""
        running = (deadline for deadline in self.deadlines.values() if deadline.ticking)
        return tuple(sorted(running, key=lambda d: (d.due_at, d.id)))

    def cite(self, since_2020: str, under_2012: str | None) -> str | None:
        """The citation for this case's regime; None where the 2012 provision has not been read."""
        return under_2012 if self.regime is Regime.PCR_2012 else since_2020

    def officer(self, ref: str) -> Officer:
        """The officer of this reference; raises `NotFound` when there is none in the case."""
        if ref not in self.officers:
            raise NotFound(f"There is no officer {ref} in case {self.reference}.")
        return self.officers[ref]

    def deadline(self, ref: str) -> Deadline:
        """The deadline of this id; raises `NotFound` when there is none in the case."""
        if ref not in self.deadlines:
            raise NotFound(f"There is no such deadline in case {self.reference}.")
        return self.deadlines[ref]

    def with_officer(self, officer: Officer) -> "Case":
        """The case with this officer's state in place of what it was."""
        return self.model_copy(update={"officers": {**self.officers, officer.ref: officer}})

    def with_deadline(self, deadline: Deadline) -> "Case":
        """The case with this deadline's state in place of what it was."""
        return self.model_copy(update={"deadlines": {**self.deadlines, deadline.id: deadline}})
