"""What a case remembers: the state that folding its events gives. Data only; the parts and `case` write it.

`case` is the aggregate, `officer` what belongs to each officer (severity, notice, restriction, proceedings, outcome),
`deadline` one duty with its time limit. Mode, investigator, report and stay belong to the case.
"""

from domain.state.case import Allegation, Case, Keeping, Party
from domain.state.deadline import Deadline, DeadlineState
from domain.state.officer import Appeal, Hearing, LeaveConsent, Officer, Outcome, Reflection, Restriction

__all__ = [
    "Allegation",
    "Appeal",
    "Case",
    "Deadline",
    "DeadlineState",
    "Hearing",
    "Keeping",
    "LeaveConsent",
    "Officer",
    "Outcome",
    "Party",
    "Reflection",
    "Restriction",
]
