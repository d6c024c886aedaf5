"""Outcome: what follows a finding, how it is told and published, appeals, and the end of the case.

Which sanctions are lawful stands in `domain/regimes/sanctions.toml`, how long warnings live in `warnings.toml`.
"""

from domain.outcome.acts import (
    AppealResult,
    CloseCase,
    DecideAppeal,
    ImposeOutcome,
    IssueReport,
    LodgeAppeal,
    NotifyOfficer,
    OfficerAct,
    OutcomeAct,
    PublishOutcome,
    RecordDeparture,
    ReportToBarredList,
)
from domain.outcome.facts import (
    AppealDecided,
    AppealLodged,
    BarredListReported,
    CaseClosed,
    OfficerDeparted,
    OfficerNotified,
    OutcomeImposed,
    OutcomePublished,
    OutcomeReportIssued,
)
from domain.outcome.rules import decide, evolve, ready, ready_officer

__all__ = [
    "AppealDecided",
    "AppealLodged",
    "AppealResult",
    "BarredListReported",
    "CaseClosed",
    "CloseCase",
    "DecideAppeal",
    "ImposeOutcome",
    "IssueReport",
    "LodgeAppeal",
    "NotifyOfficer",
    "OfficerAct",
    "OfficerDeparted",
    "OfficerNotified",
    "OutcomeAct",
    "OutcomeImposed",
    "OutcomePublished",
    "OutcomeReportIssued",
    "PublishOutcome",
    "RecordDeparture",
    "ReportToBarredList",
    "decide",
    "evolve",
    "ready",
    "ready_officer",
]
