"""The rules of the deadline engine: what starts, settles, ends and misses a deadline."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TypeVar

from domain.deadlines.acts import DeadlineAct, DeadlineCommand, ExtendDeadline, SetAsideDeadline, ShortenDeadline
from domain.deadlines.facts import (
    DeadlineEvent,
    DeadlineExtended,
    DeadlineMet,
    DeadlineMissed,
    DeadlinePaused,
    DeadlineResumed,
    DeadlineSet,
    DeadlineSetAside,
    DeadlineShortened,
    DeadlineWarned,
    DeadlineWithdrawn,
    DutyArose,
    RightLapsed,
)
from domain.errors import AlreadyDone, Malformed, NotPermitted, Unlawful
from domain.messages import Event
from domain.regimes import Occasion, TimeLimit, time_limit, time_limits
from domain.state import Case, Deadline, DeadlineState
from domain.vocabulary import Clock, Mode, Role
from domain.working_days import Calendar, count, london_date

__all__ = ["decide", "evolve", "explain", "first_due", "follow", "next_wake", "pause", "resume"]

E = TypeVar("E", bound=DeadlineEvent)


def follow(case: Case, fact: Event, calendar: Calendar) -> Iterator[Event]:
    """What a fact does to the deadlines: first it settles, then ends, then starts them.

    `case` is the state after the fact. Rules are those of the case's regime.
    """
    for deadline in case.deadlines.values():
        if deadline.subject in _settled_subjects(deadline, fact) and _open_to(deadline, fact):
            yield from _settle(case, deadline, fact)
    for rule in time_limits(case.regime):
        occasion = next((occasion for occasion in rule.starts_with if occasion.matches(fact)), None)
        if occasion is not None:
            yield from _start(case, rule, occasion, fact, calendar)


def _settled_subjects(deadline: Deadline, fact: Event) -> tuple[str | None, ...]:
    """A fact about an officer settles that officer's deadlines; one about the case settles everyone's."""
    return (fact.subject,) if fact.subject is not None else (deadline.subject,)


def _open_to(deadline: Deadline, fact: Event) -> bool:
    """A lapsed right is reopened only by an act that was done in time and told late."""
    if deadline.state is DeadlineState.LAPSED:
        return fact.occurred_at <= deadline.due_at
    return deadline.outstanding


def _settle(case: Case, deadline: Deadline, fact: Event) -> Iterator[Event]:
    rule = time_limit(deadline.regime, deadline.rule)
    if any(occasion.matches(fact) for occasion in rule.met_by) and not _still_a_period(deadline):
        yield _met(deadline, fact)
    elif fact.name == "case_closed" or any(occasion.matches(fact) for occasion in rule.ends_with):
        yield _about(DeadlineWithdrawn, deadline, fact, because=fact.name.replace("_", " "))


def _still_a_period(deadline: Deadline) -> bool:
    return deadline.period and deadline.state is not DeadlineState.DUE


def _met(deadline: Deadline, fact: Event) -> Event:
    dated = deadline.due is not None and not deadline.period
    late = dated and fact.occurred_at > deadline.due_at
    withdrawn = deadline.state in (DeadlineState.MISSED, DeadlineState.LAPSED) and not late
    return _about(DeadlineMet, deadline, fact, dated=dated, late=late, miss_withdrawn=withdrawn)


def _start(case: Case, rule: TimeLimit, occasion: Occasion, fact: Event, calendar: Calendar) -> Iterator[Event]:
    trigger = _trigger(case, occasion, fact)
    for subject in _subjects(case, rule, fact):
        if (rule.once and _times(case, rule.id, subject)) or (rule.since and trigger < rule.since):
            continue
        if not _settles(rule, fact):
            for old in case.deadlines.values():
                if (old.rule, old.subject) == (rule.id, subject) and _restarts(old):
                    yield _about(DeadlineWithdrawn, old, fact, because="it started again")
        yield _set(case, rule, fact, trigger, subject, calendar)


def _restarts(old: Deadline) -> bool:
    """A clock that starts again ends the one that ran; a duty that a period left behind stays owed."""
    return old.outstanding and not (old.period and old.state is DeadlineState.DUE)


def _settles(rule: TimeLimit, fact: Event) -> bool:
    return any(occasion.matches(fact) for occasion in (*rule.met_by, *rule.ends_with))


def _trigger(case: Case, occasion: Occasion, fact: Event) -> date:
    if occasion.counted_from == "first_known":
        return case.first_known
    day = getattr(fact, occasion.counted_from) if occasion.counted_from else london_date(fact.occurred_at)
    if not isinstance(day, date):
        raise ValueError(f"{fact.name} has no date {occasion.counted_from!r} to count from")
    return day


def _subjects(case: Case, rule: TimeLimit, fact: Event) -> list[str | None]:
    if fact.subject is not None or rule.for_each is None:
        return [fact.subject]
    if rule.for_each == "party":
        return list(case.parties)
    return [officer.ref for officer in case.officers.values() if not officer.finished]


def _set(
    case: Case, rule: TimeLimit, fact: Event, trigger: date, subject: str | None, calendar: Calendar
) -> DeadlineSet:
    due = count(calendar, rule.count, rule.length, trigger).due if rule.count and rule.length else None
    return DeadlineSet(
        occurred_at=fact.occurred_at,
        illustrative=fact.illustrative,
        deadline=_fresh_id(case, rule.id, subject),
        rule=rule.id,
        about=subject,
        duty=_duty(case, rule),
        title=rule.title,
        due=due,
        triggered_by=fact.name,
        trigger=trigger,
        warn_on=_warning_day(rule, trigger, due),
        calendar=calendar.version,
        regime=case.regime,
        citation=rule.citation,
        mark=rule.mark,
        place_inferred=rule.place_inferred,
        period=rule.period,
        right=rule.right,
    )


def _duty(case: Case, rule: TimeLimit) -> Role:
    iopc = case.mode in (Mode.DIRECTED, Mode.INDEPENDENT)
    return rule.duty_if_iopc if iopc and rule.duty_if_iopc else rule.duty


def _warning_day(rule: TimeLimit, trigger: date, due: date | None) -> date | None:
    day = due - timedelta(days=rule.warn_days) if due else None
    return day if day and day > trigger else None


def _fresh_id(case: Case, rule: str, subject: str | None) -> str:
    base = f"{rule}/{subject}" if subject else rule
    times = _times(case, rule, subject)
    return f"{base}/{times + 1}" if times else base


def _times(case: Case, rule: str, subject: str | None) -> int:
    return sum(1 for d in case.deadlines.values() if d.rule == rule and d.subject == subject)


def _about(kind: type[E], deadline: Deadline, cause: Event | datetime, **facts: object) -> E:
    moment = cause if isinstance(cause, datetime) else cause.occurred_at
    told = {"illustrative": deadline.illustrative or (isinstance(cause, Event) and cause.illustrative)}
    same = {"deadline": deadline.id, "rule": deadline.rule, "about": deadline.subject, "duty": deadline.duty}
    return kind.model_validate(
        {"occurred_at": moment, "title": deadline.title, "due": deadline.due, **same, **told, **facts}
    )


def first_due(case: Case, until: datetime) -> Event | None:
    """The first thing that the passing of time did by `until`: a warning, a miss, or a period that ended.

    The caller folds it and asks again, since a miss may start the next clock. What is already past its end is not
    warned of, and neither is a recorded case, whose past has no one to warn.
    """
    alarms = sorted(_alarms(case), key=lambda alarm: (alarm[0], alarm[2].id))
    for moment, kind, deadline in alarms:
        if moment > until:
            return None
        if kind is not DeadlineWarned or deadline.due_at > until:
            return _about(kind, deadline, moment, **_ends(kind, deadline))
    return None


def _ends(kind: type[DeadlineEvent], deadline: Deadline) -> dict[str, object]:
    return {"day_after": deadline.due + timedelta(days=1)} if kind is DutyArose and deadline.due else {}


def _alarms(case: Case) -> Iterator[tuple[datetime, type[DeadlineEvent], Deadline]]:
    for deadline in case.ticking:
        if deadline.warn_at and not deadline.warned and case.clock is not Clock.RECORDED:
            yield deadline.warn_at, DeadlineWarned, deadline
        yield deadline.due_at, _at_the_end(deadline), deadline


def _at_the_end(deadline: Deadline) -> type[DeadlineEvent]:
    if deadline.period:
        return DutyArose
    return RightLapsed if deadline.right else DeadlineMissed


def next_wake(case: Case) -> tuple[datetime, Deadline] | None:
    """When time next does something to a case that is not merely recorded, and by which deadline."""
    if case.clock is Clock.RECORDED or case.closed_at is not None:
        return None
    alarms = sorted(((moment, deadline) for moment, _, deadline in _alarms(case)), key=lambda a: (a[0], a[1].id))
    return alarms[0] if alarms else None


def pause(case: Case, cause: Event) -> Iterator[Event]:
    """Stop every clock that runs, for criminal proceedings (PCR 2020 reg 10; 2012 reg 9)."""
    return (_about(DeadlinePaused, deadline, cause) for deadline in case.ticking if not deadline.period)


def resume(case: Case, cause: Event) -> Iterator[Event]:
    """Let every paused clock run again with the calendar days that were left when it stopped."""
    today = london_date(cause.occurred_at)
    for deadline in case.deadlines.values():
        if deadline.state is DeadlineState.PAUSED and deadline.due and deadline.paused_on:
            yield _about(DeadlineResumed, deadline, cause, due=today + (deadline.due - deadline.paused_on))


def decide(case: Case, command: DeadlineAct) -> Iterator[Event]:
    """What an act upon a deadline gives, or why it may not be done."""
    deadline = case.deadline(command.deadline)
    if not deadline.outstanding:
        raise AlreadyDone(f"The deadline {deadline.id} is {deadline.state}; it can no longer be changed.")
    match command:
        case ExtendDeadline():
            yield _extend(deadline, command)
        case ShortenDeadline():
            yield _shorten(deadline, command)
        case SetAsideDeadline():
            yield _about(DeadlineSetAside, deadline, command.occurred_at, reasons=command.reasons)


def _extend(deadline: Deadline, command: ExtendDeadline) -> Event:
    rule = time_limit(deadline.regime, deadline.rule)
    if deadline.due is None or not rule.may_extend:
        raise Unlawful(f"No one may extend {deadline.title!r}.", rule.citation)
    if command.actor.role not in rule.may_extend:
        allowed = " or ".join(role.replace("_", " ") for role in rule.may_extend)
        raise NotPermitted(f"Only {allowed} may extend {deadline.title!r}.", rule.citation)
    if command.until <= deadline.due:
        raise Malformed(f"until: {command.until} is not after the due day {deadline.due}.")
    return _changed(DeadlineExtended, deadline, command, command.until)


def _shorten(deadline: Deadline, command: ShortenDeadline) -> Event:
    rule = time_limit(deadline.regime, deadline.rule)
    if deadline.due is None or not rule.may_shorten:
        raise Unlawful(f"{deadline.title!r} may not be shortened by agreement.", rule.citation)
    needed = {Role.APPROPRIATE_AUTHORITY, Role.OFFICER, Role.CHAIR}
    if missing := needed - set(command.agreed_by):
        raise Unlawful(f"Shortening needs the agreement of {', '.join(sorted(missing))} too.", "PCR 2020 reg 22")
    if not london_date(command.occurred_at) <= command.until < deadline.due:
        raise Malformed(f"until: {command.until} is not between that day and the due day {deadline.due}.")
    return _changed(DeadlineShortened, deadline, command, command.until, agreed_by=command.agreed_by)


def _changed(
    kind: type[DeadlineEvent], deadline: Deadline, command: DeadlineCommand, due: date, **facts: object
) -> Event:
    told = {"was_due": deadline.due, "reasons": command.reasons, "illustrative": command.illustrative}
    return _about(kind, deadline, command.occurred_at, due=due, **told, **facts)


def evolve(case: Case, event: DeadlineEvent) -> Case:
    """The case after a fact about one of its deadlines."""
    if isinstance(event, DeadlineSet):
        return case.with_deadline(_born(event))
    return case.with_deadline(_changed_state(case.deadlines[event.deadline], event))


def _born(event: DeadlineSet) -> Deadline:
    facts = event.model_dump(exclude={"occurred_at", "deadline", "about"})
    state = DeadlineState.RUNNING if event.due else DeadlineState.DUE
    return Deadline.model_validate({**facts, "id": event.deadline, "subject": event.about, "state": state})


def _changed_state(deadline: Deadline, event: DeadlineEvent) -> Deadline:
    return deadline.model_copy(update=_change(deadline, event))


def _change(deadline: Deadline, event: DeadlineEvent) -> dict[str, object]:
    match event:
        case DeadlineWarned():
            return {"warned": True}
        case DeadlineExtended() | DeadlineShortened():
            return _moved(deadline, event)
        case DeadlinePaused():
            return {"state": DeadlineState.PAUSED, "paused_on": london_date(event.occurred_at)}
        case DeadlineResumed():
            return {**_moved(deadline, event), "paused_on": None}
    return _ended(deadline, event)


def _ended(deadline: Deadline, event: DeadlineEvent) -> dict[str, object]:
    at, missed = event.occurred_at, deadline.state is DeadlineState.MISSED
    match event:
        case DutyArose():
            return {"state": DeadlineState.DUE}
        case DeadlineMissed():
            return {"state": DeadlineState.MISSED, "missed_at": at}
        case RightLapsed():
            return {"state": DeadlineState.LAPSED, "missed_at": at}
        case DeadlineMet():
            return {"state": DeadlineState.MISSED if event.late else DeadlineState.MET, "done_at": at}
        case DeadlineWithdrawn():
            return {"state": DeadlineState.MISSED if missed else DeadlineState.WITHDRAWN, "ended_at": at}
        case DeadlineSetAside():
            return {"state": DeadlineState.NOT_APPLICABLE, "ended_at": at}
    raise ValueError(f"no deadline knows the event {event.name}")


def _moved(deadline: Deadline, event: DeadlineEvent) -> dict[str, object]:
    state = DeadlineState.EXTENDED if isinstance(event, DeadlineExtended) else DeadlineState.RUNNING
    moved = event.due - deadline.due if event.due and deadline.due else timedelta()
    warn_on = deadline.warn_on + moved if deadline.warn_on else None
    return {"state": state, "due": event.due, "warn_on": warn_on, "warned": False, "missed_at": None}


def explain(deadline: Deadline, calendar: Calendar) -> str:
    """How the due day was reached, naming every excluded day, in words a panel member understands."""
    rule = time_limit(deadline.regime, deadline.rule)
    if not rule.count or not rule.length:
        how = f"It is owed as soon as practicable; no number of days is set. It arose on {deadline.trigger:%-d %B %Y}."
    else:
        how = count(calendar, rule.count, rule.length, deadline.trigger).explain()
    flag = " UNVERIFIED: this figure has not been checked against the instrument." if deadline.unverified else ""
    return f"{deadline.title}. {how} Source: {deadline.citation} [{deadline.mark}].{flag}"
