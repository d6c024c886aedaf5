"""The facts of departure: what happened, as it is remembered and told."""

from datetime import date
from typing import ClassVar

from domain.messages import OfficerEvent, plain
from domain.prose import Prose
from domain.vocabulary import ConsentGround, Departure, FormerOfficerCondition

__all__ = ["ConditionCDetermined", "ConsentToLeaveDecided", "ConsentToLeaveRequested", "OfficerDeparted"]


class ConsentToLeaveRequested(OfficerEvent):
    """The officer asked for consent to leave."""

    says: ClassVar[str] = "Officer {officer}: asks for consent to leave ({departure})"
    departure: Departure


class ConsentToLeaveDecided(OfficerEvent):
    """The authority gave or refused its consent."""

    says: ClassVar[str] = "Officer {officer}: consent to leave refused. {reasons}"
    consent: bool
    ground: ConsentGround | None = None
    reasons: Prose

    def tell(self) -> str:
        return super().tell().replace("refused", f"given ({self.ground})".replace("_", " "), 1 if self.consent else 0)


class OfficerDeparted(OfficerEvent):
    """An officer left the force, or died. `reached`: whether the regulations still reach who left, and by what."""

    says: ClassVar[str] = "Officer {officer}: {departure}"
    departure: Departure
    left_on: date | None = None
    condition: FormerOfficerCondition | None = None
    reached: bool = True

    def tell(self) -> str:
        told = super().tell() + (f" on {plain(self.left_on)}" if self.left_on else "")
        if self.condition:
            return f"{told}; the case goes on for gross misconduct only (condition {self.condition})"
        return told if self.reached else f"{told}; the regulations do not reach who left by then"


class ConditionCDetermined(OfficerEvent):
    """The IOPC determined whether proceedings would be reasonable and proportionate."""

    says: ClassVar[str] = "Officer {officer}: proceedings found reasonable and proportionate. {reasons}"
    proceed: bool
    reasons: Prose

    def tell(self) -> str:
        return super().tell().replace("found", "not found", 0 if self.proceed else 1)
