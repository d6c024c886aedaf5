"""What follows from a fact for the deadlines: it settles those that stand, then carries them on, then starts others.

How it settles them stands in `settling`, how a clock starts in `starting`; here is what the regulations that come to
govern, and another investigation, do to what was owed.
"""

from collections.abc import Iterator

from domain.deadlines.evolve import born
from domain.deadlines.facts import DeadlineEvent, DeadlineMet, DeadlineWithdrawn, about
from domain.deadlines.settling import settle
from domain.deadlines.starting import begin, day_of, is_of, occasion_of, start, stopped_by_stay
from domain.messages import Event
from domain.regimes import TimeLimit, knows, starting_with, time_limit
from domain.state import Case, Deadline, DeadlineState
from domain.working_days import Calendar

__all__ = ["follow"]

GOVERNING = ("case_linked", "reinvestigation_directed", "present_regulations_directed")


def follow(case: Case, fact: Event, calendar: Calendar) -> Iterator[Event]:
    """What a fact does to the deadlines: first it settles, then ends, then starts them.

    `case` is the state after the fact. Rules are those of the regime of whom they are about.
    """
    settled: dict[str, DeadlineEvent] = {}
    for event in settle(case, fact):
        if isinstance(event, DeadlineMet | DeadlineWithdrawn):
            settled[event.deadline] = event
        yield event
    if fact.name in GOVERNING:
        yield from _carry_over(case, fact, calendar)
    for rule in starting_with(fact.name):
        occasion = occasion_of(case, rule, fact)
        if occasion is None or (fact.name in GOVERNING and _is_over(case, rule)):
            continue
        yield from start(case, rule, fact, day_of(case, occasion, fact), calendar, settled)
        if fact.name == "reinvestigation_directed":
            yield from _take_up(case, rule, fact, calendar)


def _is_over(case: Case, rule: TimeLimit) -> bool:
    """Whether the investigation has ended the clock already that other regulations would start."""
    return case.report_submitted and any(each.event == "report_submitted" for each in rule.ends_with)


def _carry_over(case: Case, fact: Event, calendar: Calendar) -> Iterator[Event]:
    """When other regulations come to govern, what is owed goes on under them.

    A row that they share runs on, also where each has a part of it: what was missed is not missed again. One that they
    do not know falls away, and the row that stands in its place there (started by the same fact, met by a same one)
    counts from the same day.
    """
    for old in case.deadlines.values():
        rule, regime = time_limit(old.regime, old.rule), case.regime_of(old.subject)
        if not old.outstanding or knows(regime, rule):
            continue
        yield about(DeadlineWithdrawn, old, fact, because=f"the regulations of {regime} govern")
        for row in starting_with(old.triggered_by):
            if regime in row.regimes and old.regime not in row.regimes and _met_alike(rule, row):
                begun = begin(case, row, fact, old.trigger, old.subject, calendar)
                begun = begun.model_copy(update={"triggered_by": old.triggered_by, "occurred_at": old.set_at})
                yield begun
                yield from stopped_by_stay(case, born(begun), begun)


def _met_alike(rule: TimeLimit, row: TimeLimit) -> bool:
    return bool({each.event for each in rule.met_by} & {each.event for each in row.met_by})


def _take_up(case: Case, first: TimeLimit, fact: Event, calendar: Calendar) -> Iterator[Event]:
    """Where the first period is done with, another investigation goes on with the one that ran when it was over."""
    done_with = any(d.state is not DeadlineState.WITHDRAWN for d in case.deadlines.values() if is_of(d, first))
    after = [d for d in case.deadlines.values() if _comes_after(first, d)]
    if done_with and after and after[-1].state is DeadlineState.WITHDRAWN:
        row = time_limit(case.regime_of(None), after[-1].rule)
        yield begin(case, row, fact, after[-1].trigger, None, calendar)


def _comes_after(first: TimeLimit, deadline: Deadline) -> bool:
    occasions = time_limit(deadline.regime, deadline.rule).starts_with
    earlier = (each.where.get("rule") for each in occasions if each.event == "duty_arose")
    return any(isinstance(rules, list) and first.id in rules for rules in earlier)
