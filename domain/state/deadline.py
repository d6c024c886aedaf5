"""One duty with its time limit, and where it stands."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from domain.messages import Kept
from domain.vocabulary import Mark, Regime, Role
from domain.working_days import Counting, end_of_day, london_date

__all__ = ["Deadline", "DeadlineState"]


class DeadlineState(StrEnum):
    """Where a deadline stands. `due`: owed as soon as practicable, with no number of days; `lapsed`: a
    right not used in its time."""

    RUNNING = "running"
    DUE = "due"
    EXTENDED = "extended"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    NOT_APPLICABLE = "not_applicable"


class Deadline(Kept):
    """One duty with its time limit: which rule, whose duty, what triggered it, when it falls due, how it stands.

    `due` is a day: the limit ends with that day in London; a window also has the day `opens_on`, before which it is too
    early. It is None for a duty owed as soon as practicable. After a stay, or once its case was closed and reopened,
    `days_left` working days are counted after `resumed_on`. `closed_in`: how it stood when closing the case ended it.
    """

    id: str
    rule: str
    title: str
    duty: Role
    subject: str | None
    triggered_by: str
    trigger: date
    set_at: AwareDatetime
    count: Counting | None
    length: int | None
    due: date | None
    warn_on: date | None
    opens_on: date | None = None
    calendar: str
    regime: Regime
    citation: str
    mark: Mark
    place_inferred: bool
    period: bool
    right: bool = False
    illustrative: bool
    state: DeadlineState
    warned: bool = False
    done_at: AwareDatetime | None = None
    missed_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    paused_on: date | None = None
    resumed_on: date | None = None
    days_left: int | None = None
    closed_in: DeadlineState | None = None

    @property
    def due_at(self) -> datetime:
        """The moment the limit ends: the end of the due day in London, in UTC."""
        if self.due is None:
            raise ValueError(f"{self.id} has no due day")
        return end_of_day(self.due)

    @property
    def warn_at(self) -> datetime | None:
        """The moment to warn: the start of the warning day in London, in UTC; None without a warning."""
        return end_of_day(self.warn_on - timedelta(days=1)) if self.warn_on else None

    @property
    def ticking(self) -> bool:
        """Whether the clock runs towards a due day."""
        return self.due is not None and self.state in (DeadlineState.RUNNING, DeadlineState.EXTENDED)

    @property
    def outstanding(self) -> bool:
        """Whether the duty is still owed, in time or not."""
        owed = (DeadlineState.RUNNING, DeadlineState.EXTENDED, DeadlineState.PAUSED, DeadlineState.DUE)
        return self.state in owed or self.overdue

    @property
    def overdue(self) -> bool:
        """Missed, and neither done late nor lapsed since."""
        return self.state is DeadlineState.MISSED and self.done_at is None and self.ended_at is None

    @property
    def owed_since(self) -> date | None:
        """The day since when it is owed as soon as practicable: of what asks for it, or the one after its period."""
        if self.state is not DeadlineState.DUE:
            return None
        return self.due + timedelta(days=1) if self.due else london_date(self.set_at)

    @property
    def ran_out(self) -> bool:
        """Whether it was missed, or lapsed, and has not fallen away since; it may be made good by now."""
        return self.state in (DeadlineState.MISSED, DeadlineState.LAPSED) and self.ended_at is None

    @property
    def source(self) -> str:
        """Where it stands in the law and how that was verified, as a refusal cites it."""
        return self.mark.on(self.citation, place_inferred=self.place_inferred)

    @property
    def unverified(self) -> bool:
        """Whether it must be shown as unverified: its figure is from memory, or its place in the text is inferred."""
        return self.mark.unverified or self.place_inferred
