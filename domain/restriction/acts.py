"""The acts of restriction: what may be told, by whom, with which facts."""

from typing import ClassVar

from pydantic import Field

from domain.messages import OfficerCommand, OpaqueId, Text
from domain.roles import AUTHORITY, OFFICER_SIDE
from domain.vocabulary import Measure, Role

__all__ = [
    "ConfirmSuspension",
    "GiveReviewNotice",
    "ImposeRestriction",
    "LiftRestriction",
    "RecordRestrictionRepresentations",
    "RestrictionAct",
    "RestrictionDecision",
    "ReviewRestriction",
    "VaryRestriction",
]


class RestrictionAct(OfficerCommand):
    """An act of restriction."""


class RestrictionDecision(RestrictionAct):
    """A decision to restrict, or to continue, change or end a restriction."""

    reasons: Text
    delegated: bool = Field(default=False, description="Taken by someone to whom the authority delegated it.")
    authorised_by: OpaqueId | None = Field(
        default=None, description="The senior officer who authorised a delegated decision on a suspension (reg 2(4))."
    )
    iopc_consulted: bool = Field(
        default=False, description="Required before suspending, or ending a suspension, in a matter the IOPC handles."
    )


class _Suspending(RestrictionDecision):
    """A decision for a measure, with what the law asks for before a suspension (reg 11(4))."""

    measure: Measure
    redeployment_considered: bool = Field(default=False, description="Required before suspension (reg 11(4)(a)).")
    may_prejudice_investigation: bool = Field(default=False, description="Suspension condition (reg 11(4)(b)(i)).")
    public_interest_requires: bool = Field(default=False, description="Suspension condition (reg 11(4)(b)(ii)).")
    oral: bool = Field(default=False, description="Suspended by word of mouth: then it is to be confirmed in writing.")


class ImposeRestriction(_Suspending):
    """Restrict an officer: redeployment, restricted duties or suspension."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class ConfirmSuspension(RestrictionAct):
    """Confirm an oral suspension in writing."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class RecordRestrictionRepresentations(RestrictionAct):
    """Record what the officer, or the police friend, says against the restriction."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | OFFICER_SIDE
    statement: Text


class ReviewRestriction(RestrictionDecision):
    """Review a restriction: it continues, unless a suspension's conditions are no longer met (PCR 2020 reg 11)."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    conditions_met: bool = Field(
        default=True, description="False ends a suspension: its conditions (reg 11(4)) are no longer satisfied."
    )


class GiveReviewNotice(RestrictionAct):
    """Give the officer written notice of what a review of the suspension decided (PCR 2020 reg 11(9), (10))."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    summary_of_reasons: Text


class VaryRestriction(_Suspending):
    """Put another measure in the place of the one in force."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class LiftRestriction(RestrictionDecision):
    """End a restriction."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
