"""The acts of hearing: what may be told, by whom, with which facts."""

from typing import Any, ClassVar

from pydantic import Field, field_validator

from domain.messages import Day, OfficerCommand, OpaqueId, Several, Text
from domain.regimes.ranks import Rank
from domain.roles import AUTHORITY, CHAIR, OFFICER_SIDE
from domain.service import Service
from domain.vocabulary import Disposal, Finding, ListsOf, Openness, Role, SessionKind, SitsAs, Telling

__all__ = [
    "AdjournHearing",
    "ApplyForLaterDate",
    "ArrangePreHearing",
    "CertifySpecialConditions",
    "ConcludeHearing",
    "DecideLaterDate",
    "DecideObjection",
    "DirectPrivacy",
    "ExchangeWitnessLists",
    "HearingAct",
    "HoldPreHearing",
    "JoinProceedings",
    "ListHearing",
    "NamePanel",
    "ObjectToPanel",
    "OpenHearing",
    "ProposeAlternativeDate",
    "PublishHearingNotice",
    "ReconsiderCaseToAnswer",
    "RecordFinding",
    "ReferToProceedings",
    "RemitToOrdinaryTrack",
    "RespondToNotice",
    "SeverProceedings",
    "SupplyChairDocuments",
    "SupplyDocuments",
    "TellInWriting",
    "WithdrawFromProceedings",
]


MOST_SITTING = 40  # a bound of ours on what is read, far above any panel: no provision sets it


class HearingAct(OfficerCommand):
    """An act of proceedings."""


class CertifySpecialConditions(HearingAct):
    """Certify the special conditions, which lead to an accelerated hearing (PCR 2020 reg 49; 2012: special case)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    sufficient_evidence: bool = Field(
        default=False, description="Required: the written evidence suffices to establish gross misconduct (reg 49(2))."
    )
    without_delay: bool = Field(
        default=False, description="Required: the public interest is that the officer leaves without delay (reg 49(2))."
    )
    delegated: bool = Field(default=False, description="Certified by someone to whom the authority delegated it.")
    authorised_by: OpaqueId | None = Field(
        default=None, description="The senior officer who authorised a delegated certification (reg 2(4))."
    )
    reasons: Text


class RemitToOrdinaryTrack(HearingAct):
    """Send a case from the accelerated track to the ordinary one: by direction of the authority before the hearing
    begins (PCR 2020 reg 50), by its chair after that (reg 62), or for a former officer, who is on the accelerated track
    by default since 28 May 2025, by the officer's choice or as the authority requires (Sch 1)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | CHAIR | {Role.OFFICER, Role.POLICE_FRIEND}
    reasons: Text


class TellInWriting(HearingAct):
    """Tell the officer in writing of a remission (PCR 2020 reg 50(2)), a withdrawal (reg 27), a change of severity, or
    why the decision on the report was not made in time (reg 23)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | {Role.INVESTIGATOR, Role.IOPC}
    of: Telling


class ReferToProceedings(HearingAct, Service):
    """Give notice of referral to misconduct proceedings (PCR 2020 regs 30(1), 51(1); 2012 reg 21(1))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    hearing: OpaqueId = Field(description="Reference of the hearing or meeting; officers heard together share it.")


class JoinProceedings(HearingAct):
    """Join an officer's proceedings to those of others, to be heard together before one chair (PCR 2020 reg 25)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    hearing: OpaqueId = Field(description="Reference of the proceedings that are joined.")
    reasons: Text


class SeverProceedings(HearingAct):
    """Sever an officer's proceedings from those of others, to be heard apart (PCR 2020 reg 25)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    hearing: OpaqueId = Field(description="Reference under which the officer is heard from now on.")
    reasons: Text


class SupplyDocuments(HearingAct, Service):
    """Supply the officer with the documents of the case (PCR 2020 reg 30(1); 2012 reg 21(1))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class NamePanel(HearingAct):
    """Tell the officer who will sit: the chair or person conducting, members, and any adviser (PCR regs 28, 30, 35)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | {Role.LOCAL_POLICING_BODY}
    chair: OpaqueId
    members: Several[OpaqueId] = ()
    adviser: OpaqueId | None = None
    sits_as: dict[OpaqueId, SitsAs] = Field(
        default_factory=dict,
        max_length=MOST_SITTING,
        description="As what the chair and each member sits, by id (docs/reference/time-limits.md, Who sits).",
    )
    rank: Rank | None = Field(
        default=None,
        description="The officer's, by which it goes who sits: where none is known, or one that is not recognised.",
    )

    @field_validator("sits_as", mode="before")
    @classmethod
    def _few(cls, told: Any) -> Any:
        """What is wrong with each of 50,000 is not collected."""
        if isinstance(told, dict) and len(told) > MOST_SITTING:
            raise ValueError("names more than can sit")
        return told


class ObjectToPanel(HearingAct):
    """Object to someone who is to sit."""

    given_by: ClassVar[frozenset[Role]] = OFFICER_SIDE
    person: OpaqueId
    reasons: Text


class DecideObjection(HearingAct):
    """Decide on an objection: the chair on a member, the authority or policing body on the chair or adviser."""

    given_by: ClassVar[frozenset[Role]] = CHAIR | AUTHORITY | {Role.LOCAL_POLICING_BODY}
    person: OpaqueId
    upheld: bool
    reasons: Text


class RespondToNotice(HearingAct):
    """Record the officer's response to the notice of referral (PCR 2020 reg 31; 2012 reg 22)."""

    given_by: ClassVar[frozenset[Role]] = OFFICER_SIDE
    admits: bool = Field(description="Whether the officer accepts that the conduct alleged amounts to what is alleged.")


class ExchangeWitnessLists(HearingAct):
    """Record that the lists of proposed witnesses were supplied, of both or of one (PCR 2020 reg 31(4))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | OFFICER_SIDE
    of: ListsOf = ListsOf.BOTH


class SupplyChairDocuments(HearingAct):
    """Supply the chair with the documents (PCR 2020 reg 32(6))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class ArrangePreHearing(HearingAct):
    """Specify the day of the misconduct pre-hearing; where several are heard, after consulting all (reg 33(2), (4))."""

    given_by: ClassVar[frozenset[Role]] = CHAIR
    held_on: Day


class ProposeAlternativeDate(HearingAct):
    """Propose another day, which must be reasonable and within five working days of the one specified, and to which
    the pre-hearing, meeting or 2012 hearing is then postponed (PCR 2020 regs 33(3), 34; 2012 reg 24(6), (7))."""

    given_by: ClassVar[frozenset[Role]] = OFFICER_SIDE
    of: SessionKind
    proposed_for: Day


class DirectPrivacy(HearingAct):
    """Direct whether a hearing is private, whether reporting is restricted, and whether its notice is withheld, or of
    an accelerated hearing required (PCR 2020 regs 36, 39, 53)."""

    given_by: ClassVar[frozenset[Role]] = CHAIR
    held: Openness
    reporting_restricted: bool = False
    notice_withheld: bool = False
    representations_considered: bool = Field(
        default=False, description="Required before the notice is withheld (reg 36(3), (5))."
    )
    notice_required: bool = Field(
        default=False,
        description="The chair requires the notice of an accelerated hearing to be published (reg 53(2)).",
    )
    reasons: Text


class HoldPreHearing(HearingAct):
    """Hold the misconduct pre-hearing, at which the chair fixes the date of the hearing (PCR 2020 reg 33)."""

    given_by: ClassVar[frozenset[Role]] = CHAIR
    begins_on: Day


class ListHearing(HearingAct):
    """Fix, or fix again, the day on which the hearing or meeting begins; after a pre-hearing, the chair alone."""

    given_by: ClassVar[frozenset[Role]] = CHAIR | AUTHORITY | {Role.CLERK}
    begins_on: Day


class ApplyForLaterDate(HearingAct):
    """Apply to the chair, as a party, for a hearing without a pre-hearing to take place later than its time limit
    provides (PCR 2020 reg 29(7))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | OFFICER_SIDE | {Role.IOPC}
    reasons: Text


class DecideLaterDate(HearingAct):
    """Decide on a party's application for a later hearing; if granted, fix the day (PCR 2020 reg 29(6), (7))."""

    given_by: ClassVar[frozenset[Role]] = CHAIR
    granted: bool
    begins_on: Day | None = Field(default=None, description="Required with `granted`: the later day.")
    reasons: Text


class PublishHearingNotice(HearingAct):
    """Publish the notice of a public hearing (PCR 2020 reg 36; 2012 reg 27A)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class OpenHearing(HearingAct):
    """Open the hearing or meeting."""

    given_by: ClassVar[frozenset[Role]] = CHAIR


class AdjournHearing(HearingAct):
    """Adjourn the hearing or meeting (PCR 2020 reg 41(3)); opening it again resumes it."""

    given_by: ClassVar[frozenset[Role]] = CHAIR
    until: Day | None = Field(default=None, description="The day on which it is to go on, if it is known.")
    solely_for_attendance: bool = Field(
        default=False, description="Only so that a complainant or witness may attend (reg 41(4))."
    )
    exceptional_circumstances: Text | None = None
    reasons: Text


class RecordFinding(HearingAct):
    """Record what was found on an allegation against an officer."""

    given_by: ClassVar[frozenset[Role]] = CHAIR
    allegation: OpaqueId
    finding: Finding


class ConcludeHearing(HearingAct):
    """Conclude the hearing or meeting once every allegation has its finding."""

    given_by: ClassVar[frozenset[Role]] = CHAIR


class ReconsiderCaseToAnswer(HearingAct):
    """Record that the authority is no longer satisfied that there is a case to answer: proceedings that have not begun
    must then be withdrawn (PCR 2020 reg 27(1)(a))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    reasons: Text


class WithdrawFromProceedings(HearingAct):
    """Withdraw the case from proceedings before they begin (PCR 2020 reg 27)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    disposal: Disposal
    line_manager_consulted: bool = False
    reasons: Text
