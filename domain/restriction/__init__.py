"""Restriction: what an officer may not do while the case runs, from restricted duties to suspension (PCR reg 11).

A suspension is reviewed every four weeks until it ends; restricted duties and redeployment have no statutory review.
Any restriction ends when the case finds there is nothing to proceed with, or when the proceedings are over.
"""

from domain.restriction.acts import (
    ConfirmSuspension,
    ImposeRestriction,
    LiftRestriction,
    RecordRestrictionRepresentations,
    RestrictionAct,
    ReviewRestriction,
    VaryRestriction,
)
from domain.restriction.facts import (
    RestrictionImposed,
    RestrictionLifted,
    RestrictionRepresentationsRecorded,
    RestrictionReviewed,
    RestrictionVaried,
    SuspensionConfirmed,
)
from domain.restriction.rules import decide, evolve, follow, ready

__all__ = [
    "ConfirmSuspension",
    "ImposeRestriction",
    "LiftRestriction",
    "RecordRestrictionRepresentations",
    "RestrictionAct",
    "RestrictionImposed",
    "RestrictionLifted",
    "RestrictionRepresentationsRecorded",
    "RestrictionReviewed",
    "RestrictionVaried",
    "ReviewRestriction",
    "SuspensionConfirmed",
    "VaryRestriction",
    "decide",
    "evolve",
    "follow",
    "ready",
]
