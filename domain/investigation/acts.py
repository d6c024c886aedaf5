"""The acts of investigation: what may be told, by whom, with which facts."""

from typing import ClassVar

from pydantic import Field

from domain.messages import Command, Day, Moment, OfficerCommand, OpaqueId, Several, Text
from domain.roles import AUTHORITY, HANDLERS, OFFICER_SIDE, RECORD_KEEPERS
from domain.service import Service
from domain.vocabulary import CaseToAnswer, Disposal, Resumption, Role, Severity

__all__ = [
    "ApplyForReview",
    "AppointInvestigator",
    "ArrangeInterview",
    "AssessSeverity",
    "DecideCaseToAnswer",
    "DecideReview",
    "Decision",
    "DirectAuthority",
    "GiveViews",
    "InvestigationAct",
    "OfficerInvestigationAct",
    "ProposeInterviewTime",
    "RecommendLearning",
    "RecordInterview",
    "RecordProsecutionDecision",
    "RecordRepresentations",
    "ReferToProsecutor",
    "ReplyToRecommendation",
    "ReportTimeliness",
    "ResumeProceedings",
    "SeekViews",
    "ServeNotice",
    "StayProceedings",
    "SubmitReport",
    "TellOutcome",
    "UpdateParty",
]

REVIEWERS = frozenset({Role.LOCAL_POLICING_BODY, Role.IOPC})


INVESTIGATORS = HANDLERS | {Role.INVESTIGATOR}


class InvestigationAct(Command):
    """An act of investigation."""


class OfficerInvestigationAct(InvestigationAct, OfficerCommand):
    """An act of investigation that concerns one officer, or the same for several."""


class AppointInvestigator(InvestigationAct):
    """Appoint the investigator: no officer concerned or interested party, nor managed by one (PCR 2020 reg 15)."""

    given_by: ClassVar[frozenset[Role]] = HANDLERS
    investigator: OpaqueId
    managed_by: Several[OpaqueId] = Field(
        default=(), description="Who manages the investigator, directly or not: no officer concerned may (reg 15)."
    )


class AssessSeverity(OfficerInvestigationAct):
    """Assess, or assess again, how serious an officer's conduct would be if proven (PCR reg 14; PCMR regs 16, 19).

    Against an officer who has left, only gross misconduct leads to proceedings (conditions A to C).
    """

    given_by: ClassVar[frozenset[Role]] = INVESTIGATORS
    severity: Severity
    live_final_warning: bool = Field(default=False, description="A final written warning was in force that day.")
    final_warning_until: Day | None = Field(default=None, description="The last day of that warning's life.")
    final_warning_extended: bool = Field(default=False, description="That warning has been extended before.")
    reduced_in_rank: bool = Field(
        default=False,
        description="The officer had been reduced in rank under these Regulations or those of 2004; misconduct may "
        "then go to a hearing.",
    )
    indictable_only_conviction: bool = Field(
        default=False,
        description="The conduct has resulted in conviction of an indictable-only offence: under the amendments of "
        "2025 that is gross misconduct (PCR 2020 reg 2(1), (2A)).",
    )
    reasons: Text


class ServeNotice(OfficerInvestigationAct, Service):
    """Serve the written notice of investigation (PCR 2020 reg 17; PCR 2012 reg 15). `occurred_at` is its service."""

    given_by: ClassVar[frozenset[Role]] = INVESTIGATORS
    terms_of_reference: bool = Field(default=False, description="The terms of reference went with it.")


class RecordRepresentations(OfficerInvestigationAct):
    """Record what the officer says to the investigator (PCR 2020 reg 18)."""

    given_by: ClassVar[frozenset[Role]] = INVESTIGATORS | OFFICER_SIDE
    statement: Text


class ArrangeInterview(OfficerInvestigationAct):
    """Name a date for an interview (PCR 2020 reg 20)."""

    given_by: ClassVar[frozenset[Role]] = INVESTIGATORS
    proposed_for: Moment


class ProposeInterviewTime(OfficerInvestigationAct):
    """Propose another time for an interview, which is postponed to it (PCR 2020 reg 20(4), (5), (8); 2012 reg 17)."""

    given_by: ClassVar[frozenset[Role]] = OFFICER_SIDE
    proposed_for: Moment


class RecordInterview(OfficerInvestigationAct):
    """Record that an interview was held."""

    given_by: ClassVar[frozenset[Role]] = INVESTIGATORS


class UpdateParty(InvestigationAct):
    """Tell a party, or an officer, how the investigation stands (PCMR 2020 reg 34; PCR 2020 reg 17)."""

    given_by: ClassVar[frozenset[Role]] = INVESTIGATORS | {Role.CLERK}
    party: str = Field(max_length=64, description="A party of the case, or an officer.")


class TellOutcome(InvestigationAct):
    """Tell a party the outcome of the handling, of the criminal case or of an appeal (PCMR 2020 reg 34(2)(b), (4))."""

    given_by: ClassVar[frozenset[Role]] = HANDLERS
    party: str = Field(max_length=64, description="A party of the case.")
    review_right: bool = Field(default=False, description="With notice of the right to a review; in 2012, an appeal.")
    letter_dated: Day | None = Field(default=None, description="The date of the letter, if not the day of the act.")


class ApplyForReview(InvestigationAct):
    """Record a complainant's application for a review (PCMR 2020 reg 29(2)); in 2012 an appeal (PCMR 2012 reg 11)."""

    given_by: ClassVar[frozenset[Role]] = REVIEWERS | AUTHORITY | {Role.CLERK}
    party: str = Field(max_length=64, description="The complainant.")


class DecideReview(InvestigationAct):
    """Record what the review body decided. What follows if it upholds was not read; its own acts tell it."""

    given_by: ClassVar[frozenset[Role]] = REVIEWERS
    party: str = Field(max_length=64, description="The complainant.")
    upheld: bool
    reasons: Text


class RecommendLearning(InvestigationAct):
    """Recommend to the authority what is to be learnt (PRA 2002 Sch 3 para 28A)."""

    given_by: ClassVar[frozenset[Role]] = frozenset({Role.IOPC})
    recommendation: OpaqueId
    text: Text


class ReplyToRecommendation(InvestigationAct):
    """Reply to a recommendation of the IOPC (PRA 2002 Sch 3 para 28B)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    recommendation: OpaqueId
    text: Text


class ReportTimeliness(InvestigationAct):
    """Report in writing why the investigation takes this long (PCR 2020 reg 19; PCMR 2020 reg 13)."""

    given_by: ClassVar[frozenset[Role]] = HANDLERS
    reason: Text
    planned_steps: Text


class ReferToProsecutor(InvestigationAct):
    """Send a file to the Crown Prosecution Service for the DPP's decision (PRA 2002 Sch 3 paras 23, 24)."""

    given_by: ClassVar[frozenset[Role]] = HANDLERS
    reasons: Text


class RecordProsecutionDecision(InvestigationAct):
    """Record whether the prosecutor charges."""

    given_by: ClassVar[frozenset[Role]] = RECORD_KEEPERS
    charge: bool
    reasons: Text


class StayProceedings(InvestigationAct):
    """Stay the misconduct proceedings, which would prejudice criminal ones (PCR 2020 reg 10; 2012 reg 9)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    reasons: Text


class ResumeProceedings(InvestigationAct):
    """Resume when the prejudice has ended or the criminal case has, appeal rights disregarded (reg 49(3))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    because: Resumption


class SubmitReport(InvestigationAct):
    """Submit the report of the investigation (PCR 2020 reg 21; PRA 2002 Sch 3 para 22)."""

    given_by: ClassVar[frozenset[Role]] = frozenset({Role.INVESTIGATOR, Role.IOPC})
    indicates_offence: bool = Field(
        default=False, description="It indicates that a crime may have been committed, and a file is appropriate."
    )


class SeekViews(OfficerInvestigationAct):
    """Ask the authority for its views on the report of an investigation that the IOPC handles (Sch 3 para 23)."""

    given_by: ClassVar[frozenset[Role]] = frozenset({Role.IOPC})


class GiveViews(OfficerInvestigationAct):
    """Tell the IOPC the authority's own view on an officer's case (PRA 2002 Sch 3 para 23)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    decision: CaseToAnswer
    disposal: Disposal
    reasons: Text


class Decision(OfficerInvestigationAct):
    """Whether an officer has a case to answer, and where that leads."""

    decision: CaseToAnswer
    disposal: Disposal
    line_manager_consulted: bool = False
    reasons: Text


class DirectAuthority(Decision):
    """Direct what the authority has to decide, against its view or without it; it complies by its own decision."""

    given_by: ClassVar[frozenset[Role]] = frozenset({Role.IOPC})


class DecideCaseToAnswer(Decision):
    """Decide on the report whether an officer has a case to answer, and where that leads (PCR 2020 reg 23)."""

    given_by: ClassVar[frozenset[Role]] = HANDLERS
    directed: bool = Field(default=False, description="Under the IOPC's direction, against the authority's own view.")
    carries_review_right: bool = Field(
        default=False, description="The complainant may apply for a review; which decisions carry it was not read."
    )
