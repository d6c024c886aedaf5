"""What belongs to one officer: severity, notice, restriction, proceedings, outcome."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import AwareDatetime, Field

from domain.messages import Kept, OfficerRef, OpaqueId, Reference
from domain.vocabulary import (
    CaseToAnswer,
    Departure,
    Disposal,
    Finding,
    FormerOfficerCondition,
    ListsOf,
    Measure,
    Openness,
    Proceedings,
    Regime,
    Sanction,
    Severity,
    SitsAs,
    Telling,
)

__all__ = ["Appeal", "Hearing", "LeaveConsent", "Officer", "Outcome", "Reflection", "Restriction"]


class LeaveConsent(StrEnum):
    """Where a request for consent to leave stands."""

    REQUESTED = "requested"
    GIVEN = "given"
    REFUSED = "refused"


class Restriction(Kept):
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


class Hearing(Kept):
    """An officer's misconduct proceedings: a meeting, a hearing or an accelerated hearing."""

    ref: str
    proceedings: Proceedings
    documents_supplied: bool = False
    chair: OpaqueId | None = None
    members: tuple[OpaqueId, ...] = ()
    adviser: OpaqueId | None = None
    sits_as: dict[OpaqueId, SitsAs] = Field(default_factory=dict)
    panel_since: date | None = Field(default=None, description="The day on which a panel was first named.")
    objections: tuple[OpaqueId, ...] = ()
    responded: bool = False
    lists_of: ListsOf | None = Field(default=None, description="Whose witness lists were supplied so far.")
    lists_exchanged: bool = False
    chair_has_documents: bool = False
    pre_hearing_on: date | None = None
    pre_hearing_held: bool = False
    begins_on: date | None = None
    later_asked: bool = Field(default=False, description="A party has applied for a later day, undecided.")
    notice_published: bool = False
    held: Openness = Openness.PUBLIC
    reporting_restricted: bool = False
    notice_withheld: bool = False
    opened: bool = False
    adjourned: bool = False
    adjourned_at: AwareDatetime | None = Field(default=None, description="Since when, while it is.")
    adjournments: tuple[tuple[AwareDatetime, AwareDatetime], ...] = Field(
        default=(), description="Those that are over: nothing was found or concluded in them."
    )
    stood_down: tuple[OpaqueId, ...] = ()
    vacant: tuple[OpaqueId, ...] = Field(default=(), description="Who stood down since it was last told who sits.")
    findings: dict[str, Finding] = Field(default_factory=dict)
    concluded: bool = False
    no_case: bool = Field(default=False, description="The authority no longer sees a case to answer: to be withdrawn.")
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


class Appeal(Kept):
    """How far an appeal has come: from a meeting to a person named for it, or from a hearing to the tribunal."""

    admitted: bool = True
    person: OpaqueId | None = None
    objected: bool = False
    stood_down: tuple[OpaqueId, ...] = ()
    arguable: bool | None = None
    meets_on: date | None = None
    held: bool = False
    copied: bool = False
    documents_supplied: bool = False
    statement_given: bool = False
    replied: bool = False
    begins_on: date | None = None
    notice_published: bool = False
    to_be_told: bool = False
    result_told: bool = False


class Reflection(Kept):
    """How far a reflective practice review has come."""

    notified: bool = False
    account_given: bool = False
    report_agreed: bool = False
    discussed: bool = False


class Outcome(Kept):
    """What followed for an officer, and what became of it."""

    sanction: Sanction | None = None
    months: int | None = None
    reported: bool = False
    notified_on: date | None = None
    live_until: date | None = None
    career_breaks: tuple[tuple[date, date], ...] = ()
    takes_effect_on: date | None = Field(default=None, description="Of a dismissal with notice.")
    published: bool = False
    published_on: date | None = None
    publication: bool | None = Field(default=None, description="Whether it was decided to publish, or not to.")
    publication_ended: bool = False
    barred_list_reported: bool = False
    appealed: bool = False
    appeal_to: str | None = None
    appeal: Appeal = Field(default_factory=Appeal)
    set_aside: bool = False
    reinstated: bool = False


class Officer(Kept):
    """An officer concerned. `person` is the opaque id by which conflicts of interest are recognised."""

    ref: OfficerRef
    person: OpaqueId
    rank: str | None = None
    regime: Regime | None = Field(default=None, description="What governs the officer, if not the case's own regime.")
    first_known: date | None = Field(default=None, description="The day that decides on the amendments of 2025.")
    known_elsewhere: date | None = Field(
        default=None, description="That day in the case which the officer's part was brought from."
    )
    severity: Severity | None = None
    severity_at: AwareDatetime | None = None
    notice_served: bool = False
    interview_at: AwareDatetime | None = Field(default=None, description="For when an interview is arranged.")
    views_sought: bool = Field(default=False, description="By the IOPC, of the authority, and not given yet.")
    view: tuple[CaseToAnswer, Disposal] | None = Field(default=None, description="The authority's, told the IOPC.")
    direction: tuple[CaseToAnswer, Disposal] | None = Field(default=None, description="What the IOPC directed.")
    directed_at: AwareDatetime | None = None
    represented: bool = False
    case_to_answer: CaseToAnswer | None = None
    disposal: Disposal | None = None
    directed: bool = Field(default=False, description="The IOPC fixed where the case goes.")
    certified_by: OpaqueId | None = Field(default=None, description="Who certified the special conditions, if so.")
    certification_authorised_by: OpaqueId | None = Field(
        default=None, description="Which senior officer authorised a delegated certification."
    )
    ordinary_track: bool = Field(default=False, description="Sent to the ordinary track, whatever the default is.")
    to_be_told: dict[Telling, AwareDatetime] = Field(default_factory=dict, description="In writing, and since when.")
    live_final_warning: bool = False
    final_warning_until: date | None = None
    final_warning_extended: bool = False
    reduced_in_rank: bool = Field(default=False, description="Before: nobody is reduced in rank twice.")
    indictable_only_conviction: bool = Field(default=False, description="In which the conduct has resulted.")
    reduction_views_at: AwareDatetime | None = Field(
        default=None, description="When the authority said what a reduction in rank would mean for its work."
    )
    restriction: Restriction | None = None
    review_untold: AwareDatetime | None = Field(
        default=None, description="A review of a suspension of which the officer has had no written notice yet."
    )
    hearing: Hearing | None = None
    outcome: Outcome | None = None
    reflection: Reflection = Field(default_factory=Reflection)
    leave_consent: LeaveConsent | None = None
    departed: Departure | None = None
    left_on: date | None = None
    advisory_list_reported: bool = False
    condition: FormerOfficerCondition | None = None
    handed_to: Reference | None = Field(default=None, description="The case in which the officer's part goes on.")
    condition_c_determined: bool = False
    reached: bool = Field(default=True, description="False for who left beyond the reach of the regulations.")

    @property
    def died(self) -> bool:
        """Whether the officer has died, after which nothing more is decided about the officer."""
        return self.departed is Departure.DIED

    @property
    def to_reflect(self) -> bool:
        """Whether the matter goes to a reflective practice review: by the decision, or by what the chair directed."""
        sanction = self.outcome.sanction if self.outcome else None
        return self.disposal is Disposal.REFLECTIVE_PRACTICE or sanction is Sanction.REFLECTIVE_PRACTICE

    @property
    def answered(self) -> bool:
        """Whether the decision on the officer was made, or is made elsewhere or never: no allegation is added then."""
        return self.disposal is not None or self.died or not self.reached or self.handed_to is not None

    @property
    def finished(self) -> bool:
        """Whether nothing more has to be decided about the officer."""
        if self.died or not self.reached or self.handed_to:
            return True
        if self.hearing is not None and not self.hearing.withdrawn:
            return self.outcome is not None and self.outcome.notified_on is not None and not self.outcome.appeal_to
        return self.disposal is not None and not self.disposal.to_proceedings
