"""The facts of investigation: what happened, as it is remembered and told."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, Field

from domain.messages import Event, OfficerEvent, OpaqueId
from domain.prose import Prose
from domain.service import Served
from domain.vocabulary import CaseToAnswer, Disposal, Mode, Role, Severity

__all__ = [
    "AuthorityDirected",
    "CaseToAnswerDecided",
    "InterviewArranged",
    "InterviewPostponed",
    "InterviewRecorded",
    "InvestigatorAppointed",
    "LearningRecommended",
    "NoticeServed",
    "OutcomeTold",
    "PartyUpdated",
    "ProceedingsResumed",
    "ProceedingsStayed",
    "ProsecutionDecided",
    "RecommendationAnswered",
    "ReferredToProsecutor",
    "ReportSubmitted",
    "RepresentationsRecorded",
    "ReviewApplied",
    "ReviewDecided",
    "SeverityAssessed",
    "TimelinessReported",
    "ViewsGiven",
    "ViewsSought",
]


class InvestigatorAppointed(Event):
    """The investigator was appointed."""

    says: ClassVar[str] = "Investigator appointed"
    investigator: OpaqueId
    managed_by: tuple[OpaqueId, ...] = ()


class SeverityAssessed(OfficerEvent):
    """The severity of an officer's conduct was assessed."""

    says: ClassVar[str] = "Officer {officer}: assessed as {severity}. {reasons}"
    schema_version: ClassVar[int] = 2  # the conviction
    severity: Severity
    was: Severity | None = None
    live_final_warning: bool = False
    final_warning_until: date | None = None
    final_warning_extended: bool = False
    reduced_in_rank: bool = False
    indictable_only_conviction: bool = False
    revised: bool = Field(default=False, description="Otherwise than in the notice, so that the officer is told.")
    reasons: Prose

    def tell(self) -> str:
        told = " The conduct has resulted in conviction of an indictable-only offence."
        return super().tell() + told * self.indictable_only_conviction


class NoticeServed(Served):
    """An officer was told in writing of the investigation."""

    schema_version: ClassVar[int] = 2
    says: ClassVar[str] = "Officer {officer}: notice of investigation served ({severity})"
    severity: Severity
    terms_of_reference: bool


class RepresentationsRecorded(OfficerEvent):
    """An officer answered the notice."""

    says: ClassVar[str] = "Officer {officer}: representations made to the investigator"
    statement: Prose


class InterviewArranged(OfficerEvent):
    """A date was named for an interview."""

    says: ClassVar[str] = "Officer {officer}: interview proposed for {proposed_for}"
    proposed_for: AwareDatetime


class InterviewPostponed(OfficerEvent):
    """An interview was postponed to the time that the officer proposed."""

    says: ClassVar[str] = "Officer {officer}: interview postponed from {was} to {proposed_for}"
    proposed_for: AwareDatetime
    was: AwareDatetime


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


class PartyEvent(Event):
    """A fact about one party."""

    party: str

    @property
    def subject(self) -> str | None:
        return self.party


class OutcomeTold(PartyEvent):
    """A party was told the outcome."""

    says: ClassVar[str] = "{party} told the outcome"
    review_right: bool
    letter_dated: date

    def tell(self) -> str:
        return super().tell() + " and the right to a review" * self.review_right


class ReviewApplied(PartyEvent):
    """A complainant applied for a review, or appealed."""

    says: ClassVar[str] = "{party} applied for a review"


class ReviewDecided(PartyEvent):
    """The review body decided."""

    says: ClassVar[str] = "{party}: review decided. {reasons}"
    upheld: bool
    reasons: Prose

    def tell(self) -> str:
        return super().tell().replace("review decided", "review upheld" if self.upheld else "review not upheld", 1)


class LearningRecommended(Event):
    """The IOPC recommended what is to be learnt."""

    says: ClassVar[str] = "{recommendation}: the IOPC recommends: {text}"
    recommendation: OpaqueId
    text: Prose

    @property
    def subject(self) -> str | None:
        return self.recommendation


class RecommendationAnswered(LearningRecommended):
    """The authority replied to a recommendation."""

    says: ClassVar[str] = "{recommendation}: the authority replies: {text}"


class TimelinessReported(Event):
    """It was reported why the investigation takes this long."""

    says: ClassVar[str] = "Timeliness reported by {reported_by}. Reason: {reason} Next: {planned_steps}"
    reported_by: Role
    reason: Prose
    planned_steps: Prose


class ReferredToProsecutor(Event):
    """A file went to the prosecutor."""

    says: ClassVar[str] = "File sent to the Crown Prosecution Service. {reasons}"
    reasons: Prose


class ProsecutionDecided(Event):
    """The prosecutor decided whether to charge."""

    says: ClassVar[str] = "The prosecutor decided: {decision}. {reasons}"
    charge: bool
    decision: str
    reasons: Prose


class ProceedingsStayed(Event):
    """Misconduct proceedings stopped for criminal ones."""

    says: ClassVar[str] = "Proceedings stayed for criminal proceedings. {reasons}"
    reasons: Prose


class ProceedingsResumed(Event):
    """Misconduct proceedings go on."""

    says: ClassVar[str] = "Proceedings resumed: {because}"
    because: str


class ReportSubmitted(Event):
    """The investigator reported."""

    says: ClassVar[str] = "Investigation report submitted"
    mode: Mode | None = None
    indicates_offence: bool = False


class ViewsSought(OfficerEvent):
    """The IOPC asked the authority for its views."""

    says: ClassVar[str] = "Officer {officer}: the IOPC asks for the authority's views"


class ViewsGiven(OfficerEvent):
    """The authority gave its views."""

    says: ClassVar[str] = "Officer {officer}: the authority's view: case to answer: {decision}; {disposal}. {reasons}"
    decision: CaseToAnswer
    disposal: Disposal
    reasons: Prose


class AuthorityDirected(OfficerEvent):
    """The IOPC directed the authority."""

    says: ClassVar[str] = "Officer {officer}: the IOPC directs, case to answer: {decision}; {disposal}. {reasons}"
    decision: CaseToAnswer
    disposal: Disposal
    against_view: bool = False
    reasons: Prose

    def tell(self) -> str:
        return super().tell() + " This is against the authority's view." * self.against_view


class CaseToAnswerDecided(OfficerEvent):
    """It was decided whether an officer has a case to answer."""

    says: ClassVar[str] = "Officer {officer}: case to answer: {decision}; {disposal}. {reasons}"
    decision: CaseToAnswer
    disposal: Disposal
    directed: bool
    carries_review_right: bool = False
    reasons: Prose
