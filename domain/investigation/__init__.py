"""Investigation: from the appointed investigator to the decision on the report, officer by officer.

Severity may be assessed again, upward or downward; the officer is told by notice. Proceedings are stayed while they
would prejudice a criminal case, and resume when it is over.
"""

from domain.investigation.acts import (
    AppointInvestigator,
    ArrangeInterview,
    AssessSeverity,
    CaseAct,
    DecideCaseToAnswer,
    InvestigationAct,
    OfficerAct,
    RecordInterview,
    RecordRepresentations,
    ReportTimeliness,
    ResumeProceedings,
    ServeNotice,
    StayProceedings,
    SubmitReport,
    UpdateParty,
)
from domain.investigation.facts import (
    CaseToAnswerDecided,
    InterviewArranged,
    InterviewRecorded,
    InvestigatorAppointed,
    NoticeServed,
    PartyUpdated,
    ProceedingsResumed,
    ProceedingsStayed,
    ReportSubmitted,
    RepresentationsRecorded,
    SeverityAssessed,
    TimelinessReported,
)
from domain.investigation.rules import decide, evolve, ready, ready_officer

__all__ = [
    "AppointInvestigator",
    "ArrangeInterview",
    "AssessSeverity",
    "CaseAct",
    "CaseToAnswerDecided",
    "DecideCaseToAnswer",
    "InterviewArranged",
    "InterviewRecorded",
    "InvestigationAct",
    "InvestigatorAppointed",
    "NoticeServed",
    "OfficerAct",
    "PartyUpdated",
    "ProceedingsResumed",
    "ProceedingsStayed",
    "RecordInterview",
    "RecordRepresentations",
    "ReportSubmitted",
    "ReportTimeliness",
    "RepresentationsRecorded",
    "ResumeProceedings",
    "ServeNotice",
    "SeverityAssessed",
    "StayProceedings",
    "SubmitReport",
    "TimelinessReported",
    "UpdateParty",
    "decide",
    "evolve",
    "ready",
    "ready_officer",
]
