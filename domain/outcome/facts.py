"""The facts of outcome: what happened, as it is remembered and told."""

from datetime import date
from typing import ClassVar

from domain.messages import Event, OfficerEvent, plain
from domain.prose import Prose
from domain.service import Served
from domain.vocabulary import Finding, Proceedings, Sanction

__all__ = [
    "AdvisoryListReported",
    "BarredListReported",
    "CareerBreakRecorded",
    "CaseClosed",
    "CaseReopened",
    "OfficerNotified",
    "OutcomeImposed",
    "OutcomePublished",
    "OutcomeReportIssued",
    "PublicationDecided",
    "PublicationEnded",
    "ViewsOnReductionGiven",
]


class OutcomeImposed(OfficerEvent):
    """An outcome was imposed."""

    says: ClassVar[str] = "Officer {officer}: outcome: {sanction}. {exceptional_circumstances}"
    sanction: Sanction
    finding: Finding
    proceedings: Proceedings
    months: int | None = None
    exceptional_circumstances: Prose | None = None
    unconnected_incidents: Prose | None = None
    takes_effect_on: date | None = None

    def tell(self) -> str:
        return super().tell() + (f" From {plain(self.takes_effect_on)}." if self.takes_effect_on else "")


class ViewsOnReductionGiven(OfficerEvent):
    """The authority said what a reduction in rank would mean for its work."""

    says: ClassVar[str] = "Officer {officer}: the authority's views on a reduction in rank: {views}"
    views: Prose


class OutcomeReportIssued(OfficerEvent):
    """The report of the proceedings was submitted."""

    says: ClassVar[str] = "Officer {officer}: report of the {proceedings} submitted to the authority"
    proceedings: Proceedings


class OfficerNotified(Served):
    """The officer was told the outcome."""

    schema_version: ClassVar[int] = 2
    says: ClassVar[str] = "Officer {officer}: told the outcome ({sanction})"
    sanction: Sanction
    proceedings: Proceedings
    live_until: date | None = None

    def tell(self) -> str:
        until = f", live until {plain(self.live_until)}" if self.live_until else ""
        return super().tell() + until


class PublicationDecided(OfficerEvent):
    """It was decided whether the report of the hearing is published."""

    says: ClassVar[str] = "Officer {officer}: report of the hearing not to be published. {reasons}"
    publish: bool
    concluded_on: date
    reasons: Prose

    def tell(self) -> str:
        return super().tell().replace("not to be", "to be", 1 if self.publish else 0)


class OutcomePublished(OfficerEvent):
    """The report of the hearing was published."""

    says: ClassVar[str] = "Officer {officer}: report of the hearing published"


class PublicationEnded(OfficerEvent):
    """The report of the hearing was taken down."""

    says: ClassVar[str] = "Officer {officer}: report of the hearing no longer published"


class AdvisoryListReported(OfficerEvent):
    """Who left was reported to the College of Policing."""

    says: ClassVar[str] = "Officer {officer}: reported for the advisory list"


class BarredListReported(OfficerEvent):
    """The dismissal was reported to the College of Policing."""

    says: ClassVar[str] = "Officer {officer}: dismissal reported for the barred list"


class CareerBreakRecorded(OfficerEvent):
    """The officer was on a career break, in which the warning's life did not run."""

    says: ClassVar[str] = (
        "Officer {officer}: career break from {began_on} to {ended_on}, warning live until {live_until}"
    )
    began_on: date
    ended_on: date
    live_until: date


class CaseClosed(Event):
    """Nothing is left to decide: the case is closed."""

    says: ClassVar[str] = "Case closed"


class CaseReopened(Event):
    """The case was reopened: it goes on where it was closed."""

    says: ClassVar[str] = "Case reopened. {reasons}"
    reasons: Prose
