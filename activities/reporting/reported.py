"""The rows of the schema `reporting`, as the contract tells them: which columns, of which kind, and which may be empty.

`read_models.rows` makes them, and the tables of deploy/migrations hold them; tests hold that all three agree.
"""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from domain.messages import Model
from domain.state import DeadlineState
from domain.vocabulary import (
    CaseToAnswer,
    Clock,
    Departure,
    Disposal,
    Finding,
    Measure,
    Mode,
    Origin,
    Proceedings,
    ReferralKind,
    Regime,
    Role,
    Sanction,
    Severity,
    Stage,
)

__all__ = ["REPORTED", "ReportingRow"]


class ReportingRow(Model):
    """A row about a case: opaque references, dates and words from closed lists."""

    reference: str
    force: str


class RegisterRow(ReportingRow):
    """One row a case: where it stands. Open cases have no `closed_at`."""

    stage: Stage
    clock: Clock
    regime: Regime
    origin: Origin
    referral_kind: ReferralKind | None
    mode: Mode | None
    severity: Severity | None
    officers: int
    officers_open: int
    stayed: bool
    restricted: bool
    overdue: int
    next_due: date | None
    first_known: date
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None
    illustrative: bool


class DeadlineRow(ReportingRow):
    """One row a deadline, running or over. `due` is the day with whose end in London it ends."""

    deadline: str
    rule: str
    title: str
    kind: Literal["duty", "right", "period"]
    duty: Role
    subject: str | None
    state: DeadlineState
    overdue: bool
    trigger: date
    due: date | None
    done_at: AwareDatetime | None
    missed_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    regime: Regime
    citation: str
    unverified: bool
    illustrative: bool


class OfficerRow(ReportingRow):
    """A row about an officer: the letter within the case, and the opaque id of the force's own systems."""

    officer: str
    person: str


class RestrictionRow(OfficerRow):
    """One row an officer who is restricted now; it goes when the restriction ends."""

    measure: Measure
    imposed_at: AwareDatetime
    oral: bool
    confirmed: bool
    last_review: AwareDatetime | None
    next_review: date | None
    review_overdue: bool


class HearingRow(OfficerRow):
    """One row an officer referred to proceedings; a joint hearing has a row for each officer."""

    hearing: str
    proceedings: Proceedings
    state: Literal["referred", "listed", "opened", "adjourned", "concluded", "withdrawn"]
    begins_on: date | None
    notice_published: bool
    chair: str | None
    finding: Finding | None


class OutcomeRow(OfficerRow):
    """One row an officer about whom something was decided at the end of the investigation or after, or who left."""

    severity: Severity | None
    case_to_answer: CaseToAnswer | None
    disposal: Disposal | None
    proceedings: Proceedings | None
    finding: Finding | None
    sanction: Sanction | None
    notified_on: date | None
    live_until: date | None
    published: bool
    barred_list_reported: bool
    appeal_to: str | None
    set_aside: bool
    departed: Departure | None


# By table; each row has all of its columns.
REPORTED: dict[str, type[ReportingRow]] = {
    "register": RegisterRow,
    "deadlines": DeadlineRow,
    "restrictions": RestrictionRow,
    "hearings": HearingRow,
    "outcomes": OutcomeRow,
}
