"""The facts about deadlines: set, warned, met, missed, lapsed, extended, paused."""

from datetime import date, datetime
from typing import ClassVar, TypeVar

from domain.messages import Event, plain
from domain.prose import Prose
from domain.regimes import rights
from domain.state import Deadline
from domain.vocabulary import Mark, Regime, Role
from domain.working_days import Counting, end_of_day

__all__ = [
    "CASE_CLOSED",
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
    "RightLapsed",
    "about",
]


class DeadlineEvent(Event):
    """A fact about one deadline."""

    deadline: str
    rule: str
    about: str | None = None
    duty: Role
    title: str
    due: date | None = None

    @property
    def subject(self) -> str | None:
        return self.about

    @property
    def derived(self) -> bool:
        told = isinstance(self, DeadlineExtended | DeadlineShortened | DeadlineSetAside)
        return not told or getattr(self, "by_itself", False)

    def tell(self) -> str:
        return f"{self.about}: {self.told()}" if self.about else self.told()

    def told(self) -> str:
        """The fact without whom it is about."""
        return super().tell()


class DeadlineSet(DeadlineEvent):
    """A time limit started to run, or a duty to be done as soon as practicable arose."""

    says: ClassVar[str] = "{title}: {duty} has until {due}"

    triggered_by: str
    trigger: date
    count: Counting | None
    length: int | None
    warn_on: date | None
    opens_on: date | None = None
    calendar: str
    regime: Regime
    citation: str
    mark: Mark
    place_inferred: bool
    period: bool
    right: bool = False

    def told(self) -> str:
        if self.due is None:
            return f"{self.title}: {plain(self.duty)} owes it as soon as practicable"
        if self.period:
            return f"{self.title}: the period ends on {plain(self.due)}"
        return super().told() + (f", and not before {plain(self.opens_on)}" if self.opens_on else "")


class DeadlineWarned(DeadlineEvent):
    """A time limit is about to end."""

    says: ClassVar[str] = "{title}: due soon, by {due}; {duty} has to act"


class DeadlineMissed(DeadlineEvent):
    """A time limit ended before the duty was known to be done."""

    says: ClassVar[str] = "{title}: was due by {due} and was missed by {duty}"


class RightLapsed(DeadlineEvent):
    """A chance was not used in its time."""

    says: ClassVar[str] = "{title}: the time ended on {due} without it"


class DutyArose(DeadlineEvent):
    """A period ended: what has to be done at its end is now owed as soon as practicable."""

    says: ClassVar[str] = "{title}: the period ended on {due}; {duty} owes it as soon as practicable"
    day_after: date


class DutyPassed(DeadlineEvent):
    """The duty passed to someone else with the mode of the investigation."""

    says: ClassVar[str] = "{title}: it is now for {duty}"


class DeadlineMet(DeadlineEvent):
    """The duty was done: in time, or late."""

    says: ClassVar[str] = "{title}: done"
    dated: bool = True
    late: bool = False
    lapsed: bool = False
    miss_withdrawn: bool = False

    def told(self) -> str:
        if self.miss_withdrawn:
            noted = "lapse" if self.rule in rights() else "miss"
            return f"{self.title}: done in time and told late; the {noted} that was noted is withdrawn"
        if self.lapsed:
            return f"{self.title}: used after its time had ended"
        if self.late:
            return f"{self.title}: made good, late"
        return f"{self.title}: done in time" if self.dated else f"{self.title}: done"


CASE_CLOSED = "case closed"  # why nothing is owed any longer: the one reason that a reopening takes away


class DeadlineWithdrawn(DeadlineEvent):
    """The duty fell away because of what happened."""

    says: ClassVar[str] = "{title}: no longer owed ({because})"
    because: str
    miss_withdrawn: bool = False

    def told(self) -> str:
        return super().told() + (
            "; it fell away in time, and the miss that was noted is withdrawn" * self.miss_withdrawn
        )


class DeadlineExtended(DeadlineEvent):
    """Someone who may extend the time limit did so, with reasons."""

    says: ClassVar[str] = "{title}: extended from {was_due} to {due}; {reasons}"
    was_due: date
    reasons: Prose
    by_itself: bool = False

    def told(self) -> str:
        """What was read of the regulations does not say whether a limit that is over may be extended: it is shown."""
        over = self.occurred_at >= end_of_day(self.was_due)
        return super().told() + (" (granted after the limit had ended, on which nothing was read)" if over else "")


class DeadlineShortened(DeadlineEvent):
    """The parties agreed a shorter time limit."""

    says: ClassVar[str] = "{title}: shortened by agreement from {was_due} to {due}; {reasons}"
    was_due: date
    agreed_by: tuple[Role, ...]
    reasons: Prose


class DeadlineSetAside(DeadlineEvent):
    """The time limit was found not to apply, with reasons."""

    says: ClassVar[str] = "{title}: does not apply; {reasons}"
    reasons: Prose


class DeadlinePaused(DeadlineEvent):
    """The clock stopped for criminal proceedings."""

    says: ClassVar[str] = "{title}: paused while the proceedings are stayed"


class DeadlineResumed(DeadlineEvent):
    """The clock runs again, with the days that were left when it stopped."""

    says: ClassVar[str] = "{title}: runs again, until {due}"
    resumed_on: date | None = None
    days_left: int | None = None


class DeadlineReinstated(DeadlineResumed):
    """What closing the case had ended is owed again; a clock that ran has the days that were left to it."""

    says: ClassVar[str] = "{title}: owed again, as the case was reopened"

    def told(self) -> str:
        ends = f", until {plain(self.due)}" if self.resumed_on and self.due else ""
        return DeadlineEvent.told(self) + ends


class DeadlineRecomputed(DeadlineEvent):
    """Another table of holidays moved the last day."""

    says: ClassVar[str] = "{title}: due by {due}, not by {was_due}; {because}"
    was_due: date
    opens_on: date | None = None
    calendar: str
    because: str


E = TypeVar("E", bound=DeadlineEvent)


def about(kind: type[E], deadline: Deadline, cause: Event | datetime, **facts: object) -> E:
    """The fact of this kind about a deadline, dated by what caused it."""
    moment = cause if isinstance(cause, datetime) else cause.occurred_at
    told = {"illustrative": deadline.illustrative or (isinstance(cause, Event) and cause.illustrative)}
    same = {"deadline": deadline.id, "rule": deadline.rule, "about": deadline.subject, "duty": deadline.duty}
    return kind.model_validate(
        {"occurred_at": moment, "title": deadline.title, "due": deadline.due, **same, **told, **facts}
    )
