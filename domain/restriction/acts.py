"""The acts of restriction: what may be told, by whom, with which facts."""

from typing import ClassVar

from pydantic import Field

from domain.messages import OfficerCommand, Text
from domain.vocabulary import Measure, Role

__all__ = [
    "AUTHORITY",
    "ConfirmSuspension",
    "ImposeRestriction",
    "LiftRestriction",
    "RecordRestrictionRepresentations",
    "RestrictionAct",
    "ReviewRestriction",
    "VaryRestriction",
]

AUTHORITY = frozenset({Role.APPROPRIATE_AUTHORITY})


class _Suspending(OfficerCommand):
    """A decision for a measure, with what the law asks for before a suspension (reg 11(4))."""

    measure: Measure
    reasons: Text
    redeployment_considered: bool = Field(default=False, description="Required before suspension (reg 11(4)(a)).")
    may_prejudice_investigation: bool = Field(default=False, description="Suspension condition (reg 11(4)(b)(i)).")
    public_interest_requires: bool = Field(default=False, description="Suspension condition (reg 11(4)(b)(ii)).")


class ImposeRestriction(_Suspending):
    """Restrict an officer: redeployment, restricted duties or suspension."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    oral: bool = Field(default=False, description="Told by word of mouth: then it is to be confirmed in writing.")


class ConfirmSuspension(OfficerCommand):
    """Confirm an oral suspension in writing."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class RecordRestrictionRepresentations(OfficerCommand):
    """Record what the officer, or the police friend, says against the restriction."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY | {Role.OFFICER, Role.POLICE_FRIEND, Role.CLERK}
    statement: Text


class ReviewRestriction(OfficerCommand):
    """Review a restriction and decide that it continues; to end it, lift it."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    reasons: Text


class VaryRestriction(_Suspending):
    """Put another measure in the place of the one in force."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY


class LiftRestriction(OfficerCommand):
    """End a restriction."""

    given_by: ClassVar[frozenset[Role]] = AUTHORITY
    reasons: Text


RestrictionAct = (
    ImposeRestriction
    | ConfirmSuspension
    | RecordRestrictionRepresentations
    | ReviewRestriction
    | VaryRestriction
    | LiftRestriction
)
