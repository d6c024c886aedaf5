"""Referral: how a matter comes in, whether it must go to the IOPC, and who investigates (PRA 2002 Sch 3).

The referral is a workflow's start input; the acts here add to it, assess it, send it on and decide its mode.
"""

from domain.referral.acts import (
    AddAllegation,
    AddOfficer,
    AddParty,
    AssessReferral,
    DecideMode,
    LinkedCase,
    Referral,
    ReferralAct,
    ReferredAllegation,
    ReferredOfficer,
    ReferredParty,
    ReferToIopc,
)
from domain.referral.facts import (
    AllegationAdded,
    CaseReferred,
    ModeDecided,
    OfficerAdded,
    PartyAdded,
    ReferralAssessed,
    ReferredToIopc,
)
from domain.referral.rules import decide, evolve, opening, ready

__all__ = [
    "AddAllegation",
    "AddOfficer",
    "AddParty",
    "AllegationAdded",
    "AssessReferral",
    "CaseReferred",
    "DecideMode",
    "LinkedCase",
    "ModeDecided",
    "OfficerAdded",
    "PartyAdded",
    "ReferToIopc",
    "Referral",
    "ReferralAct",
    "ReferralAssessed",
    "ReferredAllegation",
    "ReferredOfficer",
    "ReferredParty",
    "ReferredToIopc",
    "decide",
    "evolve",
    "opening",
    "ready",
]
