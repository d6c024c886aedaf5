"""The acts of departure: what may be told, by whom, with which facts."""

from typing import ClassVar

from pydantic import Field

from domain.messages import Day, OfficerCommand, Text
from domain.roles import AUTHORITY, OFFICER_SIDE
from domain.vocabulary import ConsentGround, Departure, Role

__all__ = [
    "DecideConsentToLeave",
    "DepartureAct",
    "DetermineConditionC",
    "RecordDeparture",
    "RequestConsentToLeave",
]


class DepartureAct(OfficerCommand):
    """An act of departure."""


class RequestConsentToLeave(DepartureAct):
    """Ask the authority's consent to give notice to resign or retire (PCR 2012 reg 10A, until 14 December 2017)."""

    given_by: ClassVar[frozenset[Role]] = OFFICER_SIDE
    departure: Departure


class DecideConsentToLeave(DepartureAct):
    """Give or refuse the consent: given only to the medically unfit or in exceptional circumstances (reg 10A(5))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    consent: bool
    ground: ConsentGround | None = Field(default=None, description="Required to give consent.")
    reasons: Text


class RecordDeparture(DepartureAct):
    """Record that an officer left the force, or died. The case of one who left goes on for gross misconduct only."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | {Role.CLERK}
    departure: Departure
    left_on: Day | None = Field(
        default=None, description="The day the officer left, if it was before; it may lie before the matter was known."
    )
    notice_given_on: Day | None = Field(
        default=None, description="The day notice of it was given, if that was before: consent is asked for the notice."
    )


class DetermineConditionC(DepartureAct):
    """Determine whether proceedings would be reasonable and proportionate against who left over 12 months before."""

    given_by: ClassVar[frozenset[Role]] = frozenset({Role.IOPC})
    proceed: bool
    reasons: Text = Field(description="The seriousness, the impact on public confidence, the public interest.")
