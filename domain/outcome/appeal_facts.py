"""The facts of an appeal: what happened, as it is remembered and told."""

from datetime import date
from typing import ClassVar

from domain.messages import OfficerEvent
from domain.outcome.appeal_acts import AppealResult
from domain.prose import Prose
from domain.vocabulary import Sanction

__all__ = [
    "AppealCopied",
    "AppealDateProposed",
    "AppealDecided",
    "AppealDocumentsSupplied",
    "AppealEvent",
    "AppealHearingListed",
    "AppealLodged",
    "AppealMeetingArranged",
    "AppealMeetingHeld",
    "AppealNoticePublished",
    "AppealObjectionDecided",
    "AppealPersonNamed",
    "AppealPersonObjected",
    "AppealReplied",
    "AppealResultNotified",
    "AppealStatementGiven",
    "GroundsDetermined",
    "LateNoticeDecided",
]


class AppealEvent(OfficerEvent):
    """A fact about an officer's appeal."""


class AppealLodged(AppealEvent):
    """The officer appealed."""

    says: ClassVar[str] = "Officer {officer}: appeal lodged ({to})"
    to: str
    grounds: Prose
    late: bool = False

    def tell(self) -> str:
        return super().tell() + (", late: the tribunal's chair decides whether it is admitted" if self.late else "")


class AppealPersonNamed(AppealEvent):
    """The officer was told who is to determine the appeal."""

    says: ClassVar[str] = "Officer {officer}: told who determines the appeal"
    person: str


class AppealPersonObjected(AppealEvent):
    """The officer objected to who is to determine the appeal."""

    says: ClassVar[str] = "Officer {officer}: objection to the person determining the appeal; {reasons}"
    person: str
    reasons: Prose


class AppealObjectionDecided(AppealEvent):
    """The objection was decided."""

    says: ClassVar[str] = "Officer {officer}: objection to the person determining the appeal decided; {reasons}"
    person: str
    upheld: bool
    reasons: Prose

    def tell(self) -> str:
        told = "upheld" if self.upheld else "rejected"
        return f"Officer {self.officer}: objection to the person determining the appeal {told}; {self.reasons}"


class GroundsDetermined(AppealEvent):
    """It was determined whether the appeal has arguable grounds."""

    says: ClassVar[str] = "Officer {officer}: grounds of the appeal determined; {reasons}"
    arguable: bool
    reasons: Prose

    def tell(self) -> str:
        told = "arguable" if self.arguable else "not arguable"
        return f"Officer {self.officer}: grounds of the appeal {told}; {self.reasons}"


class AppealMeetingArranged(AppealEvent):
    """A date was given for the appeal meeting."""

    says: ClassVar[str] = "Officer {officer}: appeal meeting on {meets_on}"
    meets_on: date


class AppealDateProposed(AppealEvent):
    """The officer proposed another date for the appeal meeting."""

    says: ClassVar[str] = "Officer {officer}: appeal meeting proposed for {proposed_for} instead"
    proposed_for: date


class AppealMeetingHeld(AppealEvent):
    """The appeal meeting was held."""

    says: ClassVar[str] = "Officer {officer}: appeal meeting held"


class LateNoticeDecided(AppealEvent):
    """It was decided whether a late notice of appeal is admitted."""

    says: ClassVar[str] = "Officer {officer}: late notice of appeal decided; {reasons}"
    admitted: bool
    reasons: Prose

    def tell(self) -> str:
        told = "admitted" if self.admitted else "not admitted"
        return f"Officer {self.officer}: late notice of appeal {told}; {self.reasons}"


class AppealCopied(AppealEvent):
    """The respondent received a copy of the notice of appeal."""

    says: ClassVar[str] = "Officer {officer}: the respondent has the notice of appeal"


class AppealDocumentsSupplied(AppealEvent):
    """The respondent supplied the documents of the case."""

    says: ClassVar[str] = "Officer {officer}: documents of the case supplied for the appeal"


class AppealStatementGiven(AppealEvent):
    """The appellant's statement was given."""

    says: ClassVar[str] = "Officer {officer}: the appellant's statement given"


class AppealReplied(AppealEvent):
    """The respondent replied."""

    says: ClassVar[str] = "Officer {officer}: the respondent replied to the appeal"


class AppealHearingListed(AppealEvent):
    """The tribunal fixed the day of its hearing."""

    says: ClassVar[str] = "Officer {officer}: the tribunal hears the appeal on {begins_on}"
    begins_on: date


class AppealNoticePublished(AppealEvent):
    """The notice of the tribunal's hearing was published."""

    says: ClassVar[str] = "Officer {officer}: notice of the tribunal's hearing published"


class AppealDecided(AppealEvent):
    """An appeal was decided."""

    says: ClassVar[str] = "Officer {officer}: appeal {result}; {reasons}"
    to: str
    result: AppealResult
    sanction: Sanction | None = None
    live_until: date | None = None
    dismissal_stands: bool = True
    reinstated: bool
    off_barred_list: bool
    reasons: Prose

    def tell(self) -> str:
        off = " Taken off the barred list." if self.off_barred_list else ""
        return super().tell() + (" Reinstated." if self.reinstated else "") + off


class AppealResultNotified(AppealEvent):
    """The officer was told how the appeal from the meeting was determined."""

    says: ClassVar[str] = "Officer {officer}: told the result of the appeal"
