"""Which clocks a fact starts: for whom, from which day, and in place of which that ran."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from domain.deadlines.evolve import born
from domain.deadlines.facts import DeadlineEvent, DeadlinePaused, DeadlineSet, DeadlineWithdrawn, about
from domain.messages import Event
from domain.regimes import Occasion, TimeLimit, time_limit, whole
from domain.regimes.ranks import seniority_of
from domain.state import Case, Deadline, DeadlineState
from domain.vocabulary import Mode, PartyKind, Role
from domain.working_days import Calendar, count, london_date

__all__ = ["begin", "day_of", "duty_of", "is_of", "occasion_of", "start", "stopped_by_stay"]


def occasion_of(case: Case, rule: TimeLimit, fact: Event) -> Occasion | None:
    """The occasion of the row that the fact is, as the case stands: in one of its modes, after its pre-hearing."""
    officer = case.officers.get(fact.subject or "")
    hearing = officer.hearing if officer else None
    for occasion in rule.starts_with:
        elsewhere = occasion.in_mode and case.mode not in occasion.in_mode
        too_early = occasion.after_pre_hearing and not (hearing and hearing.pre_hearing_held)
        if occasion.matches(fact) and not elsewhere and not too_early:
            return occasion
    return None


def start(
    case: Case, rule: TimeLimit, fact: Event, trigger: date, calendar: Calendar, settled: Mapping[str, DeadlineEvent]
) -> Iterator[Event]:
    """Start the clock of a row for everyone who has it; `settled` is what the fact did to those that ran, by id."""
    for subject in _subjects(case, rule, fact):
        if not _is_for(case, rule, subject):
            continue
        before = [d for d in case.deadlines.values() if d.subject == subject and is_of(d, rule)]
        still_owed = [old for old in before if old.outstanding and old.id not in settled]
        standing = [old for old in before if not isinstance(settled.get(old.id), DeadlineWithdrawn)]
        if (rule.runs_on and still_owed) or not _starts(rule, standing, fact, trigger):
            continue
        for old in still_owed:
            if not _left_by_a_period(old):
                yield about(DeadlineWithdrawn, old, fact, because="it started again")
        started = begin(case, rule, fact, trigger, subject, calendar)
        yield started
        yield from stopped_by_stay(case, born(started), started)


def stopped_by_stay(case: Case, deadline: Deadline, fact: DeadlineEvent) -> Iterator[Event]:
    """A clock that a fact about it starts, or lets run longer, stands still while the proceedings are stayed."""
    if case.stayed and deadline.ticking and time_limit(deadline.regime, deadline.rule).pauses:
        since = max(fact.occurred_at, case.stayed_at or fact.occurred_at)  # it may have run before the stay
        if since < deadline.due_at:
            yield about(DeadlinePaused, deadline, since, illustrative=fact.illustrative)


def is_of(deadline: Deadline, rule: TimeLimit) -> bool:
    """Whether it is a deadline of this duty, also where the row was parted since, or by the part of other regulations.

    Else what a record holds under the undivided id would run on unseen beside the clock that takes its place.
    """
    return whole(deadline.rule) == rule.whole


# --- For whom


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


def _is_for(case: Case, rule: TimeLimit, subject: str | None) -> bool:
    """Whether it is law for them: under their regulations, and at their seniority.

    Of whom no known rank was told, nothing is taken away.
    """
    officer = case.officers.get(subject or "")
    spared = bool(rule.not_for) and officer is not None and seniority_of(officer.rank) in rule.not_for
    return case.regime_of(subject) in rule.regimes and not spared


# --- Whether it starts beside those before it


def _starts(rule: TimeLimit, before: list[Deadline], fact: Event, trigger: date) -> bool:
    """Not before its provision was in force, not twice if it starts once, not by an act older than its own last one."""
    if not rule.is_in_force(trigger):
        return False
    if rule.once and any(old.state is not DeadlineState.WITHDRAWN for old in before):
        return False
    return not any(old.set_at > fact.occurred_at for old in before)


def _left_by_a_period(old: Deadline) -> bool:
    """A clock that starts again ends the one that ran; a duty that a period left behind stays owed."""
    return old.period and old.state is DeadlineState.DUE


# --- From which day, and as what


def day_of(case: Case, occasion: Occasion, fact: Event) -> date:
    """The day that an occasion names: to count from, or to move a limit to."""
    if occasion.counted_from == "first_known":
        return case.first_known
    told = getattr(fact, occasion.counted_from) if occasion.counted_from else None
    day = london_date(fact.occurred_at) if told is None else told  # an older record may lack the day
    if not isinstance(day, date):
        raise ValueError(f"{fact.name} has no date {occasion.counted_from!r} to count from")
    return london_date(day) if isinstance(day, datetime) else day


def begin(
    case: Case, rule: TimeLimit, fact: Event, trigger: date, subject: str | None, calendar: Calendar
) -> DeadlineSet:
    """The fact that a clock of this row began, counted from the trigger."""
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
        duty=duty_of(case, rule),
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


def duty_of(case: Case, rule: TimeLimit) -> Role:
    """Whose duty it is as the investigation stands."""
    iopc = case.mode in (Mode.DIRECTED, Mode.INDEPENDENT)
    return rule.duty_if_iopc if iopc and rule.duty_if_iopc else rule.duty


def _warning_day(rule: TimeLimit, today: date, due: date | None) -> date | None:
    day = due - timedelta(days=rule.warn_days) if due else None
    return day if day and day > today else None


def _fresh_id(case: Case, rule: TimeLimit, subject: str | None) -> str:
    """An act names a deadline by its id, so that parting a row changes none: told again, it finds the same one."""
    base = f"{rule.whole}/{subject}" if subject else rule.whole
    times = sum(1 for d in case.deadlines.values() if d.subject == subject and is_of(d, rule))
    return f"{base}/{times + 1}" if times else base
