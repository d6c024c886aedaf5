"""What facts do to deadlines: set, settle and end them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from domain.deadlines.evolve import born
from domain.deadlines.facts import (
    DeadlineExtended,
    DeadlineMet,
    DeadlineMissed,
    DeadlinePaused,
    DeadlineResumed,
    DeadlineSet,
    DeadlineWithdrawn,
    DutyPassed,
    RightLapsed,
    about,
)
from domain.errors import Unlawful
from domain.messages import Event, plain
from domain.regimes import Occasion, TimeLimit, knows, settling_events, starting_with, time_limit, whole
from domain.regimes.ranks import seniority_of
from domain.state import Case, Deadline, DeadlineState
from domain.vocabulary import Departure, Mode, PartyKind, Role
from domain.working_days import Calendar, count, end_of_day, london_date

__all__ = ["check_windows", "follow"]


def follow(case: Case, fact: Event, calendar: Calendar) -> Iterator[Event]:
    """What a fact does to the deadlines: first it settles, then ends, then starts them.

    `case` is the state after the fact. Rules are those of the regime of whom they are about.
    """
    settled: dict[str, Event] = {}
    for deadline in case.deadlines.values() if _may_settle(fact) else ():
        if deadline.subject in _settled_subjects(deadline, fact) and _open_to(deadline, fact):
            for event in _settle(deadline, fact):
                settled[deadline.id] = event
                yield event
            yield from _move(case, deadline, fact)
    if isinstance(fact, DeadlineExtended | DeadlineResumed):
        yield from _done_before(case.deadlines[fact.deadline], missed=isinstance(fact, DeadlineExtended))
    if fact.name == "mode_decided":
        yield from _pass_on(case, fact)
    if fact.name in GOVERNING:
        yield from _carry_over(case, fact, calendar)
    for rule in starting_with(fact.name):
        occasion = next((each for each in rule.starts_with if each.matches(fact) and _asked(case, rule, each)), None)
        if occasion is not None:
            yield from _start(case, rule, occasion, fact, calendar, settled)
            if fact.name == "reinvestigation_directed":
                yield from _take_up(case, rule, fact, calendar)


GOVERNING = ("case_linked", "reinvestigation_directed", "present_regulations_directed")


def _asked(case: Case, rule: TimeLimit, occasion: Occasion) -> bool:
    """Whether it starts as the investigation stands: in its mode, and of what a direction brings, while it goes on."""
    if occasion.in_mode and case.mode not in occasion.in_mode:
        return False
    over = case.report_submitted and any(each.event == "report_submitted" for each in rule.ends_with)
    return not (over and occasion.event in GOVERNING)


def _take_up(case: Case, first: TimeLimit, fact: Event, calendar: Calendar) -> Iterator[Event]:
    """Where the first period is done with, another investigation goes on with the one that ran when it was over."""
    standing = (d.state is not DeadlineState.WITHDRAWN for d in case.deadlines.values() if _is_of(d, first))
    after = [d for d in case.deadlines.values() if _comes_after(first, d)]
    if any(standing) and after and after[-1].state is DeadlineState.WITHDRAWN:
        row = time_limit(case.regime_of(None), after[-1].rule)
        yield _set(case, row, fact, after[-1].trigger, None, calendar)


def _is_of(deadline: Deadline, rule: TimeLimit) -> bool:
    """Whether it is a deadline of this duty, also where the row was parted since, or by the part of other regulations.

    Else what a record holds under the undivided id would run on unseen beside the clock that takes its place.
    """
    return whole(deadline.rule) == rule.whole


def _comes_after(first: TimeLimit, deadline: Deadline) -> bool:
    occasions = time_limit(deadline.regime, deadline.rule).starts_with
    earlier = (each.where.get("rule") for each in occasions if each.event == "duty_arose")
    return any(isinstance(rules, list) and first.id in rules for rules in earlier)


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
            if regime in row.regimes and old.regime not in row.regimes and _same_duty(rule, row):
                started = _set(case, row, fact, old.trigger, old.subject, calendar)
                yield started.model_copy(update={"triggered_by": old.triggered_by, "occurred_at": old.set_at})


def _same_duty(rule: TimeLimit, row: TimeLimit) -> bool:
    return bool({each.event for each in rule.met_by} & {each.event for each in row.met_by})


def check_windows(case: Case, fact: Event) -> None:
    """Refuse what would be done before its window opens. Raises `Unlawful`."""
    for deadline in case.deadlines.values():
        if deadline.opens_on is None or not deadline.ticking or deadline.subject != fact.subject:
            continue
        too_early = london_date(fact.occurred_at) < deadline.opens_on
        if too_early and _happens(time_limit(deadline.regime, deadline.rule).met_by, fact):
            raise Unlawful(
                f"{deadline.title}: not before {plain(deadline.opens_on)}, and by {plain(deadline.due)}.",
                deadline.source,
            )


def _may_settle(fact: Event) -> bool:
    return fact.name in settling_events() or _ends_everything(fact)


def _settled_subjects(deadline: Deadline, fact: Event) -> tuple[str | None, ...]:
    """A fact about an officer settles that officer's deadlines; one about the case settles everyone's."""
    return (fact.subject,) if fact.subject is not None else (deadline.subject,)


def _open_to(deadline: Deadline, fact: Event) -> bool:
    """A lapsed right is reopened by an act done in time and told late; of a later one an extension may be told yet."""
    if deadline.state is DeadlineState.LAPSED:
        rule = time_limit(deadline.regime, deadline.rule)
        used_late = bool(rule.may_extend) and deadline.done_at is None and _happens(rule.met_by, fact)
        return fact.occurred_at < deadline.due_at or used_late
    in_time_all_along = deadline.state is DeadlineState.MISSED and not deadline.done_at
    return deadline.outstanding or (in_time_all_along and fact.occurred_at < deadline.due_at)


def _settle(deadline: Deadline, fact: Event) -> Iterator[Event]:
    rule = time_limit(deadline.regime, deadline.rule)
    if _happens(rule.met_by, fact) and not _still_a_period(deadline):
        if fact.occurred_at >= deadline.set_at:  # an older act, told later, is not what the duty asks for
            yield _met(deadline, fact)
    elif _ends_everything(fact) or _happens(rule.ends_with, fact):
        withdrawn = deadline.state is DeadlineState.MISSED and fact.occurred_at < deadline.due_at
        instead = time_limit(deadline.regime, fact.rule).title if isinstance(fact, DeadlineSet) else None
        because = instead or fact.name.replace("_", " ")
        yield about(DeadlineWithdrawn, deadline, fact, because=because, miss_withdrawn=withdrawn)


def _move(case: Case, deadline: Deadline, fact: Event) -> Iterator[Event]:
    """A later day that was granted is the new end of the limit."""
    rule = time_limit(deadline.regime, deadline.rule)
    occasion = next((each for each in rule.moved_by if each.matches(fact)), None)
    if occasion is None or deadline.due is None or not deadline.outstanding:
        return
    day = _trigger(case, occasion, fact)
    if day > deadline.due:
        told = {"due": day, "was_due": deadline.due, "reasons": fact.tell(), "by_itself": True}
        yield about(DeadlineExtended, deadline, fact, **told)


def _happens(occasions: Iterable[Occasion], fact: Event) -> bool:
    return any(occasion.matches(fact) for occasion in occasions)


def _ends_everything(fact: Event) -> bool:
    """Nothing is owed in a closed case, nor by or about an officer who is beyond its reach."""
    return fact.name == "case_closed" or _happens(GONE, fact)


GONE = (
    Occasion(event="officer_departed", where={"departure": Departure.DIED}),
    Occasion(event="officer_departed", where={"reached": False}),
    Occasion(event="condition_c_determined", where={"proceed": False}),
    Occasion(event="officer_handed_over"),
)


def _still_a_period(deadline: Deadline) -> bool:
    return deadline.period and deadline.state is not DeadlineState.DUE


def _met(deadline: Deadline, fact: Event) -> Event:
    dated = deadline.due is not None and not deadline.period
    paused = deadline.state is DeadlineState.PAUSED
    late = dated and not paused and fact.occurred_at >= deadline.due_at
    withdrawn = deadline.state in (DeadlineState.MISSED, DeadlineState.LAPSED) and not late
    lapsed = late and deadline.state is DeadlineState.LAPSED
    return about(DeadlineMet, deadline, fact, dated=dated, late=late, lapsed=lapsed, miss_withdrawn=withdrawn)


def _done_before(deadline: Deadline, *, missed: bool) -> Iterator[Event]:
    """What was done before an extension, or the end of a stay, was told is judged by the day that this had given."""
    if deadline.done_at is None or deadline.due is None:
        return
    late = deadline.done_at >= deadline.due_at
    if late:
        yield about(RightLapsed if deadline.right else DeadlineMissed, deadline, deadline.due_at)
    told = {"late": late, "lapsed": late and deadline.right, "miss_withdrawn": missed and not late}
    yield about(DeadlineMet, deadline, deadline.done_at, **told)


def _start(
    case: Case, rule: TimeLimit, occasion: Occasion, fact: Event, calendar: Calendar, settled: dict[str, Event]
) -> Iterator[Event]:
    trigger = _trigger(case, occasion, fact)
    for subject in _subjects(case, rule, fact):
        if case.regime_of(subject) not in rule.regimes or _excepted(case, rule, occasion, subject):
            continue
        before = [d for d in case.deadlines.values() if d.subject == subject and _is_of(d, rule)]
        if rule.runs_on and any(old.outstanding and old.id not in settled for old in before):
            continue
        stood = [old for old in before if not isinstance(settled.get(old.id), DeadlineWithdrawn)]
        if _starts(rule, stood, fact, trigger):
            for old in before:
                if old.id not in settled and _restarts(old):
                    yield about(DeadlineWithdrawn, old, fact, because="it started again")
            started = _set(case, rule, fact, trigger, subject, calendar)
            yield started
            if case.stayed and rule.pauses and started.due:
                since = max(fact.occurred_at, case.stayed_at or fact.occurred_at)  # it may have run before the stay
                if since < end_of_day(started.due):
                    yield about(DeadlinePaused, born(started), since, illustrative=fact.illustrative)


def _excepted(case: Case, rule: TimeLimit, occasion: Occasion, subject: str | None) -> bool:
    """Whether it is not for officers of that seniority, or not without a pre-hearing.

    Of whom no known rank was told, nothing is taken away.
    """
    officer = case.officers.get(subject or "")
    hearing = officer.hearing if officer else None
    if occasion.after_pre_hearing and not (hearing and hearing.pre_hearing_held):
        return True
    return bool(rule.not_for) and officer is not None and seniority_of(officer.rank) in rule.not_for


def _starts(rule: TimeLimit, before: Sequence[Deadline], fact: Event, trigger: date) -> bool:
    """Not before its provision was in force, not twice if it starts once, not by an act older than its own last one."""
    if not rule.is_in_force(trigger):
        return False
    if rule.once and any(old.state is not DeadlineState.WITHDRAWN for old in before):
        return False
    return not any(old.set_at > fact.occurred_at for old in before)


def _restarts(old: Deadline) -> bool:
    """A clock that starts again ends the one that ran; a duty that a period left behind stays owed."""
    return old.outstanding and not (old.period and old.state is DeadlineState.DUE)


def _trigger(case: Case, occasion: Occasion, fact: Event) -> date:
    if occasion.counted_from == "first_known":
        return case.first_known
    told = getattr(fact, occasion.counted_from) if occasion.counted_from else None
    day = london_date(fact.occurred_at) if told is None else told  # an older record may lack the day
    if not isinstance(day, date):
        raise ValueError(f"{fact.name} has no date {occasion.counted_from!r} to count from")
    return london_date(day) if isinstance(day, datetime) else day


def _subjects(case: Case, rule: TimeLimit, fact: Event) -> list[str | None]:
    if rule.for_each in ("party", "complainant"):
        return list(_parties(case, rule, fact))
    if fact.subject is not None or rule.for_each is None:
        officer = case.officers.get(fact.subject or "")
        return [] if officer and (officer.died or not officer.reached) else [fact.subject]
    open_still = [officer for officer in case.officers.values() if not (officer.finished or officer.certified_by)]
    return [each.ref for each in open_still if rule.for_each == "officer" or each.disposal is None]


def _parties(case: Case, rule: TimeLimit, fact: Event) -> Iterator[str]:
    """The party whom a fact is about, or all of them where it is about an officer or the case."""
    for ref, party in case.parties.items():
        if fact.subject in case.parties and fact.subject != ref:
            continue
        if rule.for_each == "party" or party.kind is PartyKind.COMPLAINANT:
            yield ref


def _set(
    case: Case, rule: TimeLimit, fact: Event, trigger: date, subject: str | None, calendar: Calendar
) -> DeadlineSet:
    due, opens_on = (
        count(calendar, rule.count, length, trigger).due if rule.count and length else None
        for length in (rule.length, rule.opens)
    )
    return DeadlineSet(
        occurred_at=fact.occurred_at,
        illustrative=fact.illustrative,
        deadline=_fresh_id(case, rule, subject),
        rule=rule.id,
        about=subject,
        duty=_duty(case, rule),
        title=rule.title,
        due=due,
        triggered_by=fact.name,
        trigger=trigger,
        count=rule.count,
        length=rule.length,
        warn_on=_warning_day(rule, london_date(fact.occurred_at), due),
        opens_on=opens_on,
        calendar=calendar.version,
        regime=case.regime_of(subject),
        citation=rule.citation,
        mark=rule.mark,
        place_inferred=rule.place_inferred,
        period=rule.period,
        right=rule.right,
    )


def _duty(case: Case, rule: TimeLimit) -> Role:
    iopc = case.mode in (Mode.DIRECTED, Mode.INDEPENDENT)
    return rule.duty_if_iopc if iopc and rule.duty_if_iopc else rule.duty


def _pass_on(case: Case, fact: Event) -> Iterator[Event]:
    """With the mode a duty may pass between the authority and the IOPC."""
    for deadline in case.deadlines.values():
        duty = _duty(case, time_limit(deadline.regime, deadline.rule))
        if deadline.outstanding and deadline.duty is not duty:
            yield about(DutyPassed, deadline, fact, duty=duty)


def _warning_day(rule: TimeLimit, today: date, due: date | None) -> date | None:
    day = due - timedelta(days=rule.warn_days) if due else None
    return day if day and day > today else None


def _fresh_id(case: Case, rule: TimeLimit, subject: str | None) -> str:
    """An act names a deadline by its id, so that parting a row changes none: told again, it finds the same one."""
    base = f"{rule.whole}/{subject}" if subject else rule.whole
    times = sum(1 for d in case.deadlines.values() if d.subject == subject and _is_of(d, rule))
    return f"{base}/{times + 1}" if times else base
