"""The facts of restriction: what happened, as it is remembered and told."""

from typing import ClassVar

from domain.messages import OfficerEvent
from domain.prose import Prose
from domain.vocabulary import Measure

__all__ = [
    "RestrictionImposed",
    "RestrictionLifted",
    "RestrictionRepresentationsRecorded",
    "RestrictionReviewed",
    "RestrictionVaried",
    "ReviewNoticeGiven",
    "SuspensionConfirmed",
]


class _Decided(OfficerEvent):
    """What was decided about a restriction; `authorised_by` is the senior officer behind a delegated decision."""

    delegated: bool = False
    authorised_by: str | None = None
    iopc_consulted: bool = False


class RestrictionImposed(_Decided):
    """An officer was restricted."""

    says: ClassVar[str] = "Officer {officer}: {measure} imposed. {reasons}"
    measure: Measure
    reasons: Prose
    oral: bool = False
    redeployment_considered: bool = False
    may_prejudice_investigation: bool = False
    public_interest_requires: bool = False


class SuspensionConfirmed(OfficerEvent):
    """An oral suspension was confirmed in writing."""

    says: ClassVar[str] = "Officer {officer}: suspension confirmed in writing"


class RestrictionRepresentationsRecorded(OfficerEvent):
    """The officer made representations against the restriction."""

    says: ClassVar[str] = "Officer {officer}: representations made against the {measure}"
    measure: Measure
    statement: Prose


class RestrictionReviewed(_Decided):
    """A restriction was reviewed: it continues, or a suspension's conditions were found to be met no longer."""

    says: ClassVar[str] = "Officer {officer}: {measure} reviewed, and continues. {reasons}"
    measure: Measure
    reasons: Prose
    conditions_met: bool = True

    def tell(self) -> str:
        told = super().tell()
        return told if self.conditions_met else told.replace("and continues", "its conditions are no longer met", 1)


class ReviewNoticeGiven(OfficerEvent):
    """The officer was told in writing what a review of the suspension decided."""

    says: ClassVar[str] = "Officer {officer}: written notice of the review given. {summary_of_reasons}"
    summary_of_reasons: Prose


class RestrictionVaried(_Decided):
    """Another measure took the place of the one in force."""

    says: ClassVar[str] = "Officer {officer}: {was} becomes {measure}. {reasons}"
    was: Measure
    measure: Measure
    reasons: Prose
    oral: bool = False
    redeployment_considered: bool = False
    may_prejudice_investigation: bool = False
    public_interest_requires: bool = False


class RestrictionLifted(_Decided):
    """A restriction ended, by decision or because the case ended for the officer."""

    says: ClassVar[str] = "Officer {officer}: {measure} ended. {reasons}"
    measure: Measure
    reasons: Prose
    by_itself: bool = False

    @property
    def derived(self) -> bool:
        return self.by_itself
