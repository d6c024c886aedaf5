"""The case on one page: plain facts of its state for the query, the terminal, expectations and the process.

Only opaque references, never free text, so that it may be shown wherever the case may be seen.
"""

from datetime import date, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from domain.deadlines import next_wake
from domain.messages import Kept, Model, plain
from domain.regimes import reviews
from domain.state import Case, Deadline, DeadlineState, Officer
from domain.vocabulary import Clock, Mode, Regime, Severity, Stage
from domain.working_days import london_date

__all__ = ["LAST_SECOND", "CaseSummary", "DeadlineSummary", "OfficerSummary", "Standing", "Wake", "standing", "summary"]


class DeadlineSummary(Model):
    """How one deadline stands. `due` is None for a duty owed as soon as practicable."""

    title: str
    duty: str
    subject: str | None
    due: date | None
    state: DeadlineState
    overdue: bool
    outstanding: bool
    done_on: date | None
    citation: str
    mark: str
    unverified: bool
    illustrative: bool
    kind: Literal["duty", "right", "period"] | None = Field(
        default=None, description="A right may be used until `due`; when a period ends, what it is for is owed."
    )
    owed_since: date | None = Field(default=None, description="The day since when it is owed, where none ends it.")


class OfficerSummary(Model):
    """How the case stands for one officer."""

    stage: Stage
    severity: Severity | None
    notice_served: bool
    restriction: str
    case_to_answer: str | None
    disposal: str | None
    hearing: str | None
    hearing_on: date | None
    finding: str | None
    sanction: str | None
    live_until: date | None
    barred_list_reported: bool
    appeal_to: str | None
    set_aside: bool
    reinstated: bool
    departed: str | None
    condition: str | None = None
    regime: Regime | None = Field(default=None, description="What governs the officer, whatever governs the case.")
    handed_to: str | None = Field(default=None, description="The case in which the officer's part goes on.")


class CaseSummary(Model):
    """How a case stands."""

    reference: str
    version: int
    force: str
    clock: Clock
    regime: Regime
    stage: Stage
    severity: Severity | None
    mode: Mode | None
    stayed: bool
    closed: bool
    first_known: date
    next_deadline: str | None
    next_due: date | None
    overdue: int
    officers: dict[str, OfficerSummary]
    deadlines: dict[str, DeadlineSummary]


def summary(case: Case) -> CaseSummary:
    """The page for this case."""
    nearest = case.ticking[0] if case.ticking else None
    same = {"reference", "version", "force", "clock", "regime", "stage", "mode", "stayed", "first_known"}
    facts: dict[str, Any] = {name: getattr(case, name) for name in same}
    return CaseSummary(
        **facts,
        severity=case.severity,
        closed=case.closed_at is not None,
        next_deadline=nearest.id if nearest else None,
        next_due=nearest.due if nearest else None,
        overdue=len(case.overdue),
        officers={ref: _officer(case, ref) for ref in case.officers},
        deadlines={ref: _deadline(deadline) for ref, deadline in case.deadlines.items()},
    )


def _deadline(deadline: Deadline) -> DeadlineSummary:
    same = ("title", "subject", "due", "state", "overdue", "outstanding", "citation", "unverified", "illustrative")
    facts: dict[str, Any] = {name: getattr(deadline, name) for name in (*same, "owed_since")}
    facts["kind"] = "right" if deadline.right else "period" if deadline.period else "duty"
    done_on = london_date(deadline.done_at) if deadline.done_at else None
    return DeadlineSummary(**facts, duty=deadline.duty.value, mark=deadline.mark.value, done_on=done_on)


def _officer(case: Case, ref: str) -> OfficerSummary:
    officer = case.officers[ref]
    hearing, outcome = officer.hearing, officer.outcome
    same = ("severity", "notice_served", "case_to_answer", "disposal", "departed", "condition", "handed_to")
    facts: dict[str, Any] = {name: getattr(officer, name) for name in same}
    return OfficerSummary(
        **facts,
        stage=case.stage_of(officer),
        regime=case.regime_of(ref),
        restriction=officer.restriction.measure.value if officer.restriction else "none",
        hearing=hearing.proceedings.value if hearing and not hearing.withdrawn else None,
        hearing_on=hearing.begins_on if hearing else None,
        finding=_finding(officer),
        sanction=outcome.sanction.value if outcome and outcome.sanction else None,
        live_until=outcome.live_until if outcome else None,
        barred_list_reported=outcome is not None and outcome.barred_list_reported,
        appeal_to=outcome.appeal_to if outcome else None,
        set_aside=outcome is not None and outcome.set_aside,
        reinstated=outcome is not None and outcome.reinstated,
    )


def _finding(officer: Officer) -> str | None:
    """The gravest finding that stands: an appeal that sets the outcome aside takes it away."""
    stands = not (officer.outcome and officer.outcome.set_aside)
    return officer.hearing.finding.value if officer.hearing and officer.hearing.finding and stands else None


class Wake(Kept):
    """When time next does something to a case, and by which deadline; `line` names it in the Temporal UI."""

    at: AwareDatetime
    deadline: str
    line: str


LAST_SECOND = timedelta(seconds=1)  # a limit ends with its day: at midnight the UI would show the day after


class Standing(Kept):
    """What the process acts on: told by the store with every answer, so that replay never asks today's rules."""

    stage: Stage
    severity: Severity | None
    mode: Mode | None
    force: str
    regime: Regime
    clock: Clock
    stayed: bool
    closed: bool
    overdue: int
    restrictions: tuple[str, ...]
    next_deadline: str | None
    next_due_at: AwareDatetime | None
    hearing_on: date | None
    wake: Wake | None
    next_duty_of: str | None = None
    overdue_by: tuple[str, ...] = ()
    overdue_rules: tuple[str, ...] = ()
    owed_since: date | None = None
    review_called_for: bool = False


def standing(case: Case) -> Standing:
    """Where a case stands, for whoever runs it."""
    same = ("stage", "severity", "mode", "force", "regime", "clock", "stayed")
    facts: dict[str, Any] = {name: getattr(case, name) for name in same}
    nearest = case.ticking[0] if case.ticking else None
    at_once = [each for each in case.deadlines.values() if each.owed_since]
    restricted = (officer.restriction for officer in case.officers.values())
    return Standing(
        **facts,
        closed=case.closed_at is not None,
        overdue=len(case.overdue),
        restrictions=tuple(sorted({each.measure.value for each in restricted if each})),
        next_deadline=nearest.id if nearest else None,
        next_due_at=nearest.due_at - LAST_SECOND if nearest else None,
        hearing_on=min(_hearing_days(case), default=None),
        wake=_wake(case),
        next_duty_of=nearest.duty.value if nearest else None,
        overdue_by=tuple(sorted({late.duty.value for late in case.overdue})),
        overdue_rules=tuple(sorted({late.rule for late in case.overdue})),
        owed_since=min((each.owed_since for each in at_once if each.owed_since), default=None),
        review_called_for=any(each.rule in reviews() for each in at_once),
    )


def _hearing_days(case: Case) -> list[date]:
    pending = (officer.hearing for officer in case.officers.values() if officer.hearing and officer.hearing.pending)
    return [hearing.begins_on for hearing in pending if hearing.begins_on]


def _wake(case: Case) -> Wake | None:
    wake = next_wake(case)
    if wake is None:
        return None
    moment, deadline = wake
    whom = f" ({deadline.subject})" if deadline.subject else ""
    what = "ends" if moment == deadline.due_at else "is warned of, and ends"
    line = f"{deadline.title}{whom}, {plain(deadline.duty)}: {what} with {plain(deadline.due)}"
    return Wake(at=moment, deadline=deadline.id, line=line[:200])
