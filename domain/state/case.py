"""The aggregate: one matter, with everything recorded of it so far."""

from datetime import date

from pydantic import AwareDatetime, Field

from domain.duplicates import Comparison
from domain.errors import NotFound
from domain.messages import Kept, OfficerRef, OpaqueId, Reference
from domain.regimes.provisions import source_of
from domain.state.deadline import Deadline
from domain.state.officer import Officer
from domain.vocabulary import Clock, Mode, Origin, PartyKind, ReferralKind, Regime, Severity, Stage, Standard

__all__ = ["Allegation", "Case", "Keeping", "Party"]


class Allegation(Kept):
    """What is said to have been done, by which officers, against which standards."""

    ref: OpaqueId
    standards: tuple[Standard, ...]
    officers: tuple[OfficerRef, ...]
    withdrawn: bool = False


class Party(Kept):
    """Someone to be kept informed, by opaque reference."""

    ref: str
    kind: PartyKind
    added_at: AwareDatetime | None = Field(default=None, description="None in a history from before it was kept.")
    right_told: AwareDatetime | None = Field(default=None, description="When told of a right to a review, still open.")
    review_applied: AwareDatetime | None = Field(default=None, description="Of a review not decided yet.")


class Keeping(Kept):
    """A decision to keep free text: when it was made, and on which day it is looked at again."""

    decided_on: date
    until: date


_ORDER = list(Stage)


class Case(Kept):
    """The aggregate: one matter, with everything recorded of it so far."""

    reference: Reference
    version: int = 0
    force: str
    clock: Clock
    regime: Regime
    origin: Origin
    first_known: date
    became_dsi: bool = Field(default=False, description="A death or serious injury matter now, whatever its origin.")
    first_known_to_any: date | None = Field(default=None, description="To a policing body, chief officer or the IOPC.")
    opened_at: AwareDatetime
    officers: dict[str, Officer]
    allegations: dict[str, Allegation]
    parties: dict[str, Party]
    linked_cases: tuple[str, ...] = ()
    compared: dict[str, Comparison] = Field(default_factory=dict, description="Other cases that looked alike.")
    taken_over: tuple[str, ...] = Field(default=(), description="Parts of other cases that go on here, as X-1/A.")
    directed_regime: bool = Field(default=False, description="The IOPC brought it under the present regulations.")
    recommended: dict[str, AwareDatetime] = Field(default_factory=dict, description="Learning, without a reply yet.")
    referral_kind: ReferralKind | None = None
    referred: bool = False
    mode: Mode | None = None
    investigator: OpaqueId | None = None
    investigator_managed_by: tuple[OpaqueId, ...] = ()
    report_submitted: bool = False
    at_prosecutor: AwareDatetime | None = Field(default=None, description="Since when, while undecided.")
    restricted: bool = Field(default=False, description="Seen only by those who have the right to see such cases.")
    stayed: bool = False
    stayed_at: AwareDatetime | None = None
    stays: tuple[tuple[AwareDatetime, AwareDatetime], ...] = Field(default=(), description="Those that are over.")
    illustrative: bool = False
    milestones: dict[str, AwareDatetime] = Field(default_factory=dict)
    deadlines: dict[str, Deadline] = Field(default_factory=dict)
    closed_at: AwareDatetime | None = None
    kept: dict[str, Keeping] = Field(default_factory=dict, description="Text that is to be kept, by person; * for all.")

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
    def sitters(self) -> frozenset[str]:
        """Everyone who sits or was to sit in proceedings of the case."""
        hearings = [officer.hearing for officer in self.officers.values() if officer.hearing]
        return frozenset(person for hearing in hearings for person in (*hearing.sitting, *hearing.stood_down))

    @property
    def deciders(self) -> frozenset[str]:
        """Everyone who investigates, sits or was to sit: none of them may be an officer concerned."""
        return self.sitters | ({self.investigator} if self.investigator else set())

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

    def regime_of(self, subject: str | None) -> Regime:
        """The regime that governs a part of the case: the officer's own where there is one, else the case's."""
        officer = self.officers.get(subject or "")
        return officer.regime if officer and officer.regime else self.regime

    def known_of(self, officer: Officer) -> date:
        """The day the allegation against the officer first came to a policing body, a chief officer or the IOPC.

        Of a part that was brought from another case, the day that it had there.
        """
        return officer.first_known or officer.known_elsewhere or self.first_known_to_any or self.first_known

    @property
    def is_dsi(self) -> bool:
        """Whether it is a death or serious injury matter, from the start or by now."""
        return self.became_dsi or self.origin is Origin.DSI

    @property
    def handled_by_iopc(self) -> bool:
        """Whether the IOPC directs, conducts or manages the investigation."""
        return self.mode in (Mode.DIRECTED, Mode.INDEPENDENT, Mode.MANAGED)

    def cite(self, since_2020: str, under_2012: str | None, officer: str | None = None) -> str | None:
        """The provision for the regime of the case, or the officer, with its mark; None where 2012's was not read."""
        provision = under_2012 if self.regime_of(officer) is Regime.PCR_2012 else since_2020
        return provision and source_of(provision)

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

    def has(self, ref: str) -> bool:
        """Whether an officer or a party of the case is called so."""
        return ref in self.officers or ref in self.parties

    def faced_by(self, officer: str) -> tuple[str, ...]:
        """The allegations that stand against this officer: those that were not withdrawn."""
        return tuple(ref for ref, each in self.allegations.items() if officer in each.officers and not each.withdrawn)

    def with_party(self, party: Party) -> "Case":
        """The case with this party's state in place of what it was."""
        return self.model_copy(update={"parties": {**self.parties, party.ref: party}})

    def with_officer(self, officer: Officer) -> "Case":
        """The case with this officer's state in place of what it was."""
        return self.model_copy(update={"officers": {**self.officers, officer.ref: officer}})

    def with_deadline(self, deadline: Deadline) -> "Case":
        """The case with this deadline's state in place of what it was."""
        return self.model_copy(update={"deadlines": {**self.deadlines, deadline.id: deadline}})
