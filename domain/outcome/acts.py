"""The acts of outcome: what may be told, by whom, with which facts."""

from typing import ClassVar

from pydantic import Field

from domain.messages import Command, Day, OfficerCommand, Text
from domain.roles import AUTHORITY, CHAIR, HANDLERS
from domain.service import Service
from domain.vocabulary import Role, Sanction

__all__ = [
    "CloseCase",
    "DecidePublication",
    "EndPublication",
    "GiveViewsOnReduction",
    "ImposeOutcome",
    "IssueReport",
    "NotifyOfficer",
    "OfficerOutcomeAct",
    "OutcomeAct",
    "PublishOutcome",
    "RecordCareerBreak",
    "ReopenCase",
    "ReportToAdvisoryList",
    "ReportToBarredList",
]


class OutcomeAct(Command):
    """An act of outcome."""


class OfficerOutcomeAct(OutcomeAct, OfficerCommand):
    """An act of outcome that concerns one officer, or the same for several."""


class ImposeOutcome(OfficerOutcomeAct):
    """Impose the outcome that follows the finding (PCR 2020 reg 42; 2012 reg 35)."""

    given_by: ClassVar[frozenset[Role]] = CHAIR
    sanction: Sanction
    months: int | None = Field(default=None, ge=1, le=60, description="Life of a warning, if longer than the usual.")
    exceptional_circumstances: Text | None = None
    unconnected_incidents: Text | None = Field(
        default=None, description="Which incidents that are not connected the misconduct arises from, if several."
    )
    takes_effect_on: Day | None = Field(default=None, description="When a dismissal with notice takes effect.")


class GiveViewsOnReduction(OfficerOutcomeAct):
    """Say what a reduction in rank would mean for the force's work, before it is imposed (PCR 2020 regs 42, 62)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    views: Text


class IssueReport(OfficerOutcomeAct):
    """Submit the report of the proceedings to the authority (PCR 2020 reg 43(1)); that of an accelerated hearing also
    the legal adviser, to whom its chair may leave it (reg 63(1A) to (1C))."""

    given_by: ClassVar[frozenset[Role]] = CHAIR | {Role.LEGAL_ADVISER}


class NotifyOfficer(OfficerOutcomeAct, Service):
    """Tell the officer the outcome, with the right of appeal (PCR 2020 reg 43(2)). Warnings live from this day."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class DecidePublication(OfficerOutcomeAct):
    """Dispense with the publication of the report (PCR 2020 regs 43, 63); 2012: require it, or decide against it."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | CHAIR
    publish: bool
    reasons: Text


class PublishOutcome(OfficerOutcomeAct):
    """Publish the report of a hearing (PCR 2020 reg 43; 2012 reg 36)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class EndPublication(OfficerOutcomeAct):
    """Take the report of a hearing down again, which has to be up for 28 days at least (PCR 2020 regs 43, 63(7))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class ReportToAdvisoryList(OfficerOutcomeAct):
    """Report to the College of Policing, for the advisory list, who left the force (SI 2017/1135 reg 12)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class ReportToBarredList(OfficerOutcomeAct):
    """Report a dismissal to the College of Policing for the barred list (SI 2017/1135 reg 3)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class RecordCareerBreak(OfficerOutcomeAct):
    """Record a career break that is over (Police Regulations 2003 reg 33(12)): a warning's life does not run in it."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | {Role.CLERK}
    began_on: Day
    ended_on: Day


class CloseCase(OutcomeAct):
    """Close a case in which nothing is left to decide about any officer."""

    given_by: ClassVar[frozenset[Role]] = HANDLERS


class ReopenCase(OutcomeAct):
    """Reopen a closed case. What was decided and what was met, missed or fell away stays as it is."""

    given_by: ClassVar[frozenset[Role]] = HANDLERS
    reasons: Text
