"""The deadline engine: which events set, settle, end, extend and miss a deadline. The rules themselves are data.

`follow` answers a fact with what it does to the deadlines; `first_due` answers the passing of time, with events.
Deadlines are judged on when an act was done, not on when it was told: an act told late but done in time withdraws
the miss that was noted (docs/adr/0005, 0008).
"""

from domain.deadlines.acts import DeadlineCommand, ExtendDeadline, SetAsideDeadline, ShortenDeadline
from domain.deadlines.changes import decide, open_to, set_aside_by
from domain.deadlines.clock import first_due, next_wake, pause, reinstate, resume
from domain.deadlines.endings import Ending, Noted, TakenAway, TakenAwayBy, taken_away
from domain.deadlines.evolve import evolve
from domain.deadlines.facts import (
    DeadlineEvent,
    DeadlineExtended,
    DeadlineMet,
    DeadlineMissed,
    DeadlinePaused,
    DeadlineRecomputed,
    DeadlineReinstated,
    DeadlineResumed,
    DeadlineSet,
    DeadlineSetAside,
    DeadlineShortened,
    DeadlineWarned,
    DeadlineWithdrawn,
    DutyArose,
    DutyPassed,
    RightLapsed,
)
from domain.deadlines.holidays import AdoptHolidays, HolidaysAdopted, Move, adopt, moves, recompute
from domain.deadlines.rules import follow
from domain.deadlines.settling import check_windows
from domain.deadlines.words import explain

__all__ = [
    "AdoptHolidays",
    "DeadlineCommand",
    "DeadlineEvent",
    "DeadlineExtended",
    "DeadlineMet",
    "DeadlineMissed",
    "DeadlinePaused",
    "DeadlineRecomputed",
    "DeadlineReinstated",
    "DeadlineResumed",
    "DeadlineSet",
    "DeadlineSetAside",
    "DeadlineShortened",
    "DeadlineWarned",
    "DeadlineWithdrawn",
    "DutyArose",
    "DutyPassed",
    "Ending",
    "ExtendDeadline",
    "HolidaysAdopted",
    "Move",
    "Noted",
    "RightLapsed",
    "SetAsideDeadline",
    "ShortenDeadline",
    "TakenAway",
    "TakenAwayBy",
    "adopt",
    "check_windows",
    "decide",
    "evolve",
    "explain",
    "first_due",
    "follow",
    "moves",
    "next_wake",
    "open_to",
    "pause",
    "recompute",
    "reinstate",
    "resume",
    "set_aside_by",
    "taken_away",
]
