"""The facts of hearing: what happened, as it is remembered and told."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from domain.messages import OfficerEvent, plain
from domain.prose import Prose
from domain.service import Served
from domain.vocabulary import Disposal, Finding, ListsOf, Openness, Proceedings, Remission, SessionKind, SitsAs, Telling

__all__ = [
    "AlternativeDateProposed",
    "CaseToAnswerFellAway",
    "ChairDocumentsSupplied",
    "DocumentsSupplied",
    "FindingRecorded",
    "HearingAdjourned",
    "HearingConcluded",
    "HearingListed",
    "HearingNoticePublished",
    "HearingOpened",
    "LaterDateAsked",
    "LaterDateDecided",
    "ObjectionDecided",
    "PanelNamed",
    "PanelObjected",
    "PreHearingArranged",
    "PreHearingHeld",
    "PrivacyDirected",
    "ProceedingsJoined",
    "ProceedingsSevered",
    "ProceedingsWithdrawn",
    "ReferredToProceedings",
    "RemittedToOrdinaryTrack",
    "ResponseGiven",
    "SpecialConditionsCertified",
    "ToldInWriting",
    "WitnessListsExchanged",
]


class SpecialConditionsCertified(OfficerEvent):
    """The special conditions were certified: the case goes to an accelerated hearing."""

    says: ClassVar[str] = "Officer {officer}: special conditions certified. {reasons}"
    certified_by: str
    delegated: bool = False
    authorised_by: str | None = None
    reasons: Prose


class RemittedToOrdinaryTrack(OfficerEvent):
    """The case went from the accelerated track to the ordinary one."""

    says: ClassVar[str] = "Officer {officer}: to be dealt with on the ordinary track ({because}). {reasons}"
    because: Remission
    disposal: Disposal | None = None
    reasons: Prose


class ToldInWriting(OfficerEvent):
    """The officer was told in writing."""

    says: ClassVar[str] = "Officer {officer}: told in writing of the {of}"
    schema_version: ClassVar[int] = 2  # the delay of a decision
    of: Telling


class ReferredToProceedings(Served):
    """Notice of referral was given."""

    schema_version: ClassVar[int] = 2
    says: ClassVar[str] = "Officer {officer}: referred to a misconduct {proceedings}"
    hearing: str
    proceedings: Proceedings

    def tell(self) -> str:
        return super().tell().replace("a misconduct accelerated", "an accelerated misconduct")


class ProceedingsJoined(OfficerEvent):
    """The officer is heard together with others."""

    says: ClassVar[str] = "Officer {officer}: proceedings joined to those of others. {reasons}"
    hearing: str
    was: str
    reasons: Prose


class ProceedingsSevered(OfficerEvent):
    """The officer is heard apart from others."""

    says: ClassVar[str] = "Officer {officer}: proceedings severed from those of others. {reasons}"
    hearing: str
    was: str
    reasons: Prose


class DocumentsSupplied(Served):
    """The officer has the documents."""

    schema_version: ClassVar[int] = 2
    says: ClassVar[str] = "Officer {officer}: documents supplied for the {proceedings}"
    proceedings: Proceedings


class PanelNamed(OfficerEvent):
    """The officer was told who will sit."""

    says: ClassVar[str] = "Officer {officer}: told who will sit"
    schema_version: ClassVar[int] = 2  # the officer's rank
    chair: str
    members: tuple[str, ...]
    adviser: str | None
    sits_as: dict[str, SitsAs] = Field(default_factory=dict)
    replaces: bool = False
    proceedings: Proceedings
    rank: str | None = None


class PanelObjected(OfficerEvent):
    """The officer objected to someone who is to sit."""

    says: ClassVar[str] = "Officer {officer}: objection to someone who is to sit"
    person: str
    reasons: Prose


class ObjectionDecided(OfficerEvent):
    """An objection was decided."""

    says: ClassVar[str] = "Officer {officer}: objection decided. {reasons}"
    person: str
    upheld: bool
    reasons: Prose


class ResponseGiven(OfficerEvent):
    """The officer responded to the notice of referral."""

    says: ClassVar[str] = "Officer {officer}: responded to the notice of referral"
    admits: bool
    proceedings: Proceedings


class WitnessListsExchanged(OfficerEvent):
    """The lists of proposed witnesses were exchanged."""

    says: ClassVar[str] = "Officer {officer}: witness lists supplied ({of})"
    of: ListsOf = ListsOf.BOTH
    proceedings: Proceedings


class ChairDocumentsSupplied(OfficerEvent):
    """The chair has the documents."""

    says: ClassVar[str] = "Officer {officer}: documents supplied to the chair"
    proceedings: Proceedings


class PreHearingArranged(OfficerEvent):
    """The day of the pre-hearing was specified."""

    says: ClassVar[str] = "Officer {officer}: pre-hearing arranged for {held_on}"
    held_on: date


class AlternativeDateProposed(OfficerEvent):
    """The officer proposed another day, to which it is postponed."""

    says: ClassVar[str] = "Officer {officer}: {of} postponed to {proposed_for}, as the officer proposed"
    of: SessionKind
    proposed_for: date
    proceedings: Proceedings


class PrivacyDirected(OfficerEvent):
    """The chair directed how open the hearing is."""

    schema_version: ClassVar[int] = 2
    says: ClassVar[str] = "Officer {officer}: hearing to be held: {held}. {reasons}"
    held: Openness
    reporting_restricted: bool = False
    notice_withheld: bool = False
    notice_required: bool = False
    reasons: Prose

    def tell(self) -> str:
        more = " Reporting is restricted." * self.reporting_restricted
        more += " Its notice is to be published." * self.notice_required
        return super().tell() + more + " The notice is withheld." * self.notice_withheld


class PreHearingHeld(OfficerEvent):
    """The pre-hearing was held and the date of the hearing fixed."""

    says: ClassVar[str] = "Officer {officer}: pre-hearing held; the hearing is fixed for {begins_on}"
    begins_on: date


class HearingListed(OfficerEvent):
    """The day of the hearing or meeting was fixed."""

    says: ClassVar[str] = "Officer {officer}: {proceedings} listed for {begins_on}"
    begins_on: date
    proceedings: Proceedings


class LaterDateAsked(OfficerEvent):
    """A party applied for a later hearing."""

    says: ClassVar[str] = "Officer {officer}: application for a later hearing. {reasons}"
    reasons: Prose


class LaterDateDecided(OfficerEvent):
    """The chair decided on the application for a later hearing."""

    says: ClassVar[str] = "Officer {officer}: no later hearing. {reasons}"
    granted: bool
    begins_on: date | None = None
    reasons: Prose
    proceedings: Proceedings

    def tell(self) -> str:
        if not self.granted:
            return super().tell()
        return f"Officer {self.officer}: later hearing granted, on {plain(self.begins_on)}. {self.reasons}"


class HearingNoticePublished(OfficerEvent):
    """Notice of the public hearing was published."""

    says: ClassVar[str] = "Officer {officer}: notice of the hearing published"


class HearingOpened(OfficerEvent):
    """The hearing or meeting began, or went on after an adjournment."""

    says: ClassVar[str] = "Officer {officer}: {proceedings} opened"
    proceedings: Proceedings


class HearingAdjourned(OfficerEvent):
    """The hearing or meeting was adjourned."""

    says: ClassVar[str] = "Officer {officer}: adjourned. {reasons}"
    until: date | None = None
    solely_for_attendance: bool = False
    exceptional_circumstances: Prose | None = None
    reasons: Prose


class FindingRecorded(OfficerEvent):
    """A finding was made on an allegation."""

    says: ClassVar[str] = "Officer {officer}: allegation {allegation}: {finding}"
    allegation: str
    finding: Finding


class HearingConcluded(OfficerEvent):
    """The hearing or meeting was completed."""

    says: ClassVar[str] = "Officer {officer}: {proceedings} concluded: {finding}"
    proceedings: Proceedings
    finding: Finding


class CaseToAnswerFellAway(OfficerEvent):
    """The authority is no longer satisfied that there is a case to answer."""

    says: ClassVar[str] = "Officer {officer}: no case to answer any more. {reasons}"
    reasons: Prose


class ProceedingsWithdrawn(OfficerEvent):
    """The case was withdrawn from proceedings."""

    says: ClassVar[str] = "Officer {officer}: withdrawn from proceedings; {disposal}. {reasons}"
    disposal: Disposal
    reasons: Prose
