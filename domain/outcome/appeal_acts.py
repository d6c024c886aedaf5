"""The acts of an appeal: from a meeting to a senior person, from a hearing to the Police Appeals Tribunal."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from domain.messages import Day, OpaqueId, Text
from domain.outcome.acts import OfficerOutcomeAct
from domain.roles import AUTHORITY, OFFICER_SIDE
from domain.vocabulary import Role, Sanction

__all__ = [
    "AppealAct",
    "AppealResult",
    "ArrangeAppealMeeting",
    "CopyAppeal",
    "DecideAppeal",
    "DecideAppealObjection",
    "DecideLateNotice",
    "DetermineGrounds",
    "GiveAppealStatement",
    "HoldAppealMeeting",
    "ListAppealHearing",
    "LodgeAppeal",
    "NameAppealPerson",
    "NotifyAppealResult",
    "ObjectToAppealPerson",
    "ProposeAppealDate",
    "PublishAppealNotice",
    "ReplyToAppeal",
    "SupplyAppealDocuments",
]

TRIBUNAL = frozenset({Role.APPEALS_TRIBUNAL})


class AppealResult(StrEnum):
    """How an appeal ended."""

    DISMISSED = "dismissed"
    SET_ASIDE = "set_aside"
    SUBSTITUTED = "substituted"


class AppealAct(OfficerOutcomeAct):
    """An act of an appeal."""


class LodgeAppeal(AppealAct):
    """Appeal: from a meeting to a senior person (PCR 2020 reg 45), from a hearing to the Police Appeals Tribunal."""

    given_by: ClassVar[frozenset[Role]] = OFFICER_SIDE
    grounds: Text
    late_because: Text | None = Field(
        default=None, description="Why a notice to the tribunal is late; its chair then decides (PAT Rules 2020 r.10)."
    )


class NameAppealPerson(AppealAct):
    """Tell the officer who will determine the appeal from the meeting, or who will instead (PCR 2020 reg 45)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    person: OpaqueId


class ObjectToAppealPerson(AppealAct):
    """Object, in writing and with grounds, to the person who is to determine the appeal (PCR 2020 reg 45(7))."""

    given_by: ClassVar[frozenset[Role]] = OFFICER_SIDE
    reasons: Text


class DecideAppealObjection(AppealAct):
    """Decide on the objection to the person who is to determine the appeal; if upheld, another is named."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    upheld: bool
    reasons: Text


class DetermineGrounds(AppealAct):
    """Determine, as the person named, whether the grounds of the appeal from a meeting are arguable (reg 46)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    arguable: bool
    reasons: Text


class ArrangeAppealMeeting(AppealAct):
    """Give written notice of the date of the appeal meeting, or of another date (PCR 2020 reg 46(4), (7))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    meets_on: Day


class ProposeAppealDate(AppealAct):
    """Propose another date for the appeal meeting, which must be reasonable (PCR 2020 reg 46)."""

    given_by: ClassVar[frozenset[Role]] = OFFICER_SIDE
    proposed_for: Day


class HoldAppealMeeting(AppealAct):
    """Hold the appeal meeting, as the person named (PCR 2020 reg 46)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class DecideLateNotice(AppealAct):
    """Decide, as the tribunal's chair, whether a late notice of appeal is admitted (PAT Rules 2020 r.10)."""

    given_by: ClassVar[frozenset[Role]] = TRIBUNAL
    admitted: bool
    reasons: Text


class CopyAppeal(AppealAct):
    """Give the respondent a copy of the notice of appeal to the tribunal. `occurred_at` is its receipt."""

    given_by: ClassVar[frozenset[Role]] = frozenset({Role.LOCAL_POLICING_BODY})


class SupplyAppealDocuments(AppealAct):
    """Supply, as the respondent, the documents of the case to the tribunal and the appellant (PAT Rules 2020 r.13)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class GiveAppealStatement(AppealAct):
    """Give the appellant's statement of the grounds and any further papers (PAT Rules 2020 r.13)."""

    given_by: ClassVar[frozenset[Role]] = OFFICER_SIDE


class ReplyToAppeal(AppealAct):
    """Give the respondent's statement of response (PAT Rules 2020 r.13)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class ListAppealHearing(AppealAct):
    """Fix, or fix again, the day on which the tribunal hears the appeal."""

    given_by: ClassVar[frozenset[Role]] = TRIBUNAL
    begins_on: Day


class PublishAppealNotice(AppealAct):
    """Publish the notice of the tribunal's hearing on the force's website (PAT Rules 2012 r.14(5) as amended)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class DecideAppeal(AppealAct):
    """Decide an appeal, as the person named or as the tribunal: dismiss it, set the outcome aside, or put another in
    its place."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | TRIBUNAL
    result: AppealResult
    sanction: Sanction | None = Field(default=None, description="What is put in its place, with `substituted`.")
    reasons: Text


class NotifyAppealResult(AppealAct):
    """Tell the officer in writing how the appeal from the meeting was determined (PCR 2020 reg 47(2))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
