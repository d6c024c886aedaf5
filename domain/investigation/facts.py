"""The facts of investigation: what happened, as it is remembered and told."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from domain.messages import Event, OfficerEvent, OpaqueId
from domain.vocabulary import CaseToAnswer, Disposal, Mode, Role, Severity

__all__ = [
    "CaseToAnswerDecided",
    "InterviewArranged",
    "InterviewRecorded",
    "InvestigatorAppointed",
    "NoticeServed",
    "PartyUpdated",
    "ProceedingsResumed",
    "ProceedingsStayed",
    "ReportSubmitted",
    "RepresentationsRecorded",
    "SeverityAssessed",
    "TimelinessReported",
]


class InvestigatorAppointed(Event):
    """The investigator was appointed."""

    says: ClassVar[str] = "Investigator appointed"
    investigator: OpaqueId
    managed_by: tuple[OpaqueId, ...] = ()


class SeverityAssessed(OfficerEvent):
    """The severity of an officer's conduct was assessed."""

    says: ClassVar[str] = "Officer {officer}: assessed as {severity}. {reasons}"
    severity: Severity
    was: Severity | None = None
    live_final_warning: bool = False
    final_warning_until: date | None = None
    final_warning_extended: bool = False
    reduced_in_rank: bool = False
    reasons: str


class NoticeServed(OfficerEvent):
    """An officer was told in writing of the investigation."""

    says: ClassVar[str] = "Officer {officer}: notice of investigation served ({severity})"
    severity: Severity
    terms_of_reference: bool


class RepresentationsRecorded(OfficerEvent):
    """An officer answered the notice."""

    says: ClassVar[str] = "Officer {officer}: representations made to the investigator"
    statement: str


class InterviewArranged(OfficerEvent):
    """A date was named for an interview."""

    says: ClassVar[str] = "Officer {officer}: interview proposed for {proposed_for}"
    proposed_for: AwareDatetime


class InterviewRecorded(OfficerEvent):
    """An interview was held."""

    says: ClassVar[str] = "Officer {officer}: interviewed"


class PartyUpdated(Event):
    """A party, or an officer, was told how the investigation stands."""

    says: ClassVar[str] = "{party} told how the investigation stands"
    party: str
    to_officer: bool
    investigating: bool

    @property
    def subject(self) -> str | None:
        return self.party


class TimelinessReported(Event):
    """It was reported why the investigation takes this long."""

    says: ClassVar[str] = "Timeliness reported by {reported_by}. Reason: {reason} Next: {planned_steps}"
    reported_by: Role
    reason: str
    planned_steps: str


class ProceedingsStayed(Event):
    """Misconduct proceedings stopped for criminal ones."""

    says: ClassVar[str] = "Proceedings stayed for criminal proceedings. {reasons}"
    reasons: str


class ProceedingsResumed(Event):
    """Misconduct proceedings go on."""

    says: ClassVar[str] = "Proceedings resumed: {because}"
    because: str


class ReportSubmitted(Event):
    """The investigator reported."""

    says: ClassVar[str] = "Investigation report submitted"
    mode: Mode | None = None


class CaseToAnswerDecided(OfficerEvent):
    """It was decided whether an officer has a case to answer."""

    says: ClassVar[str] = "Officer {officer}: case to answer: {decision}; {disposal}. {reasons}"
    decision: CaseToAnswer
    disposal: Disposal
    directed: bool
    reasons: str
