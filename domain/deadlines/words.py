"""A deadline in words that a panel member understands: whose, since when, how counted, moved by whom, how it stands."""

from collections.abc import Iterable, Iterator, Sequence

from domain.correction import as_corrected
from domain.deadlines.facts import DeadlineEvent, DeadlineMissed, DeadlineSet, DeadlineWarned, DutyArose, RightLapsed
from domain.deadlines.holidays import counted as counted_by
from domain.messages import Recorded, plain
from domain.state import Deadline, DeadlineState
from domain.vocabulary import Role
from domain.working_days import Calendar, count, london_date

__all__ = ["explain"]

ENDS_OF_DAYS = (DeadlineMissed, RightLapsed, DutyArose)  # dated by the first moment of the next
STANDS = {
    DeadlineState.RUNNING: "The time runs.",
    DeadlineState.EXTENDED: "The time runs.",
    DeadlineState.PAUSED: "The clock has stopped while the proceedings are stayed.",
    DeadlineState.DUE: "It is owed still.",
    DeadlineState.MET: "It was done.",
    DeadlineState.LAPSED: "The time ended without it.",
    DeadlineState.WITHDRAWN: "It is no longer owed.",
    DeadlineState.NOT_APPLICABLE: "It was set aside.",
}


def explain(deadline: Deadline, calendar: Calendar, history: Sequence[Recorded] = ()) -> str:
    """How a deadline came about, how its day was reached with every day left out, and what became of it.

    `calendar` is the table that it was counted by, `history` the record of the case: without it, who moved the day and
    why is not told.
    """
    since = list(_since(deadline, history))
    parts = [_whose(deadline), _counted(deadline, calendar, told=bool(since)), *since, _stands(deadline)]
    return " ".join([*parts, *_source(deadline)])


def _whose(deadline: Deadline) -> str:
    about = f" ({deadline.subject})" if deadline.subject else ""
    owed = "may be used by" if deadline.right else "is owed by" if deadline.outstanding else "was owed by"
    began = f"It began with this: {plain(deadline.triggered_by)}. It counts from {plain(deadline.trigger)}."
    return f"{deadline.title}{about}: this {owed} {_the(deadline.duty)}. {began}"


def _the(role: Role) -> str:
    return "the IOPC" if role is Role.IOPC else f"the {plain(role)}"


def _counted(deadline: Deadline, calendar: Calendar, *, told: bool) -> str:
    if not deadline.count or not deadline.length:
        return "It is owed as soon as practicable; no number of days is set."
    counted = count(calendar, deadline.count, deadline.length, deadline.trigger)
    how = counted.explain()
    if deadline.due and deadline.due != counted.due and not told:
        how += f" It was changed since, and ends with {plain(deadline.due)}."
    how += f" It is a window: not before {plain(deadline.opens_on)}." if deadline.opens_on else ""
    left = counted_by(deadline, calendar) if deadline.resumed_on else None
    return how + (f" What was left when it ran again: {left.explain()}" if left else "")


def _since(deadline: Deadline, history: Sequence[Recorded]) -> Iterator[str]:
    """What happened to it since it was last set; what is void is left out."""
    by = {str(each.version): each.actor.role for each in history}
    facts = [fact for fact in as_corrected(each.event() for each in history) if _is_about(fact.event, deadline)]
    begun = max((n for n, fact in enumerate(facts) if isinstance(fact.event, DeadlineSet)), default=-1)
    for place, event in facts[begun + 1 :]:
        if isinstance(event, DeadlineEvent) and not isinstance(event, DeadlineWarned):
            who = f" by {_the(by[place])}" if place in by and not event.derived else ""
            told = event.told().removeprefix(f"{event.title}: ").removesuffix(".")
            ended = event.due if isinstance(event, ENDS_OF_DAYS) else None
            yield f"{plain(ended or london_date(event.occurred_at))}{who}: {told}."


def _is_about(event: object, deadline: Deadline) -> bool:
    return isinstance(event, DeadlineEvent) and event.deadline == deadline.id


def _stands(deadline: Deadline) -> str:
    if deadline.state is DeadlineState.MISSED:
        return "It was missed, and is owed still." if deadline.overdue else "It was missed, and done late."
    ends = f" It ends with {plain(deadline.due)}." if deadline.ticking else ""
    return STANDS[deadline.state] + ends


def _source(deadline: Deadline) -> Iterable[str]:
    yield f"Source: {deadline.citation} ({deadline.mark.meaning})."
    if deadline.mark.unverified:
        yield "UNVERIFIED: this figure has not been checked against the instrument."
    elif deadline.place_inferred:
        yield "UNVERIFIED: its words were read, the number of their paragraph is inferred."
