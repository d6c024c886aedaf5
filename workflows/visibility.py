"""What an operator sees of a case in the Temporal UI: search attributes, the current details page, timer summaries.

Search attributes are never encrypted: they hold stages, codes and dates only. Officers appear by their letter.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from domain.case import Possible, lawful_next
from domain.state import Case, Deadline, Officer
from domain.summary import Standing
from domain.working_days import end_of_day, england_and_wales

__all__ = ["ATTRIBUTES", "attributes", "changes", "details", "static_summary"]

Pair = SearchAttributePair[Any]  # of str, int, bool, datetime or a sequence of str

STAGE = SearchAttributeKey.for_keyword("CaseStage")
SEVERITY = SearchAttributeKey.for_keyword("CaseSeverity")
MODE = SearchAttributeKey.for_keyword("CaseMode")
FORCE = SearchAttributeKey.for_keyword("CaseForce")
REGIME = SearchAttributeKey.for_keyword("CaseRegime")
CLOCK = SearchAttributeKey.for_keyword("CaseClock")
NEXT_DEADLINE = SearchAttributeKey.for_keyword("NextDeadline")
NEXT_DEADLINE_AT = SearchAttributeKey.for_datetime("NextDeadlineAt")
HEARING_AT = SearchAttributeKey.for_datetime("HearingAt")
OVERDUE = SearchAttributeKey.for_int("OverdueCount")
RESTRICTIONS = SearchAttributeKey.for_keyword_list("RestrictionsInForce")
STAYED = SearchAttributeKey.for_bool("Stayed")

# Within the pool of SQL visibility: 10 keywords and 3 of each other type (server common/searchattribute/defs.go).
ATTRIBUTES: dict[str, IndexedValueType.ValueType] = {
    **{
        key.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        for key in (STAGE, SEVERITY, MODE, FORCE, REGIME, CLOCK, NEXT_DEADLINE)
    },
    NEXT_DEADLINE_AT.name: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    HEARING_AT.name: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    OVERDUE.name: IndexedValueType.INDEXED_VALUE_TYPE_INT,
    RESTRICTIONS.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    STAYED.name: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
}


def attributes(stands: Standing) -> list[Pair]:
    """The search attributes of a case where it stands."""
    pairs: list[Pair] = [
        SearchAttributePair(STAGE, stands.stage.value),
        SearchAttributePair(FORCE, stands.force),
        SearchAttributePair(REGIME, stands.regime.value),
        SearchAttributePair(CLOCK, stands.clock.value),
        SearchAttributePair(OVERDUE, stands.overdue),
        SearchAttributePair(STAYED, stands.stayed),
    ]
    return [*pairs, *_optional(stands)]


def _optional(stands: Standing) -> Iterator[Pair]:
    if stands.severity:
        yield SearchAttributePair(SEVERITY, stands.severity.value)
    if stands.mode:
        yield SearchAttributePair(MODE, stands.mode.value)
    if stands.next_deadline and stands.next_due_at:
        yield SearchAttributePair(NEXT_DEADLINE, stands.next_deadline)
        yield SearchAttributePair(NEXT_DEADLINE_AT, stands.next_due_at)
    if stands.hearing_on:
        yield SearchAttributePair(HEARING_AT, end_of_day(stands.hearing_on - timedelta(days=1)))
    if stands.restrictions:
        yield SearchAttributePair(RESTRICTIONS, list(stands.restrictions))


def changes(published: TypedSearchAttributes, wanted: Iterable[Pair]) -> list[SearchAttributeUpdate[Any]]:
    """What to publish so that the attributes are as wanted; empty, so without a history event, if nothing moved."""
    was = {pair.key.name: pair for pair in published if pair.key.name in ATTRIBUTES}
    now = {pair.key.name: pair for pair in wanted}
    changed = [pair.key.value_set(pair.value) for name, pair in now.items() if was.get(name) != pair]
    gone = [pair.key.value_unset() for name, pair in was.items() if name not in now]
    return [*changed, *gone]


def static_summary(reference: str, force: str) -> str:
    """The line under a workflow's id in the UI, set once at the start."""
    return f"Misconduct case {reference}, {force}"


def details(case: Case) -> str:
    """The page that the UI shows as current details, in Markdown."""
    head = f"**{case.stage.value}** · {case.regime.value} regulations · {case.clock.value} · version {case.version}"
    stay = "\n\n**Stayed for criminal proceedings**" if case.stayed else ""
    made_up = "\n\n*Contains illustrative facts that are not in the public record.*" if _illustrative(case) else ""
    parts = [head + stay + made_up, _overdue(case), _due(case), _officers(case), _next(case)]
    return "\n\n".join(part for part in parts if part)


def _illustrative(case: Case) -> bool:
    return case.illustrative or any(deadline.illustrative for deadline in case.deadlines.values())


def _overdue(case: Case) -> str:
    rows = [f"- **{d.title}** {_whom(d)}: was due {_day(d)}, owed by {_said(d.duty)} {_flag(d)}" for d in case.overdue]
    return "\n".join([f"### Overdue ({len(rows)})", *rows]) if rows else ""


def _due(case: Case) -> str:
    ticking = [f"- {_day(d)}: {d.title} {_whom(d)}, {_said(d.duty)} {_flag(d)}" for d in case.ticking[:12]]
    owed = [d for d in case.deadlines.values() if d.state.value == "due"]
    open_ended = [f"- as soon as practicable: {d.title} {_whom(d)}, {_said(d.duty)} {_flag(d)}" for d in owed[:12]]
    return "\n".join(["### Due", *(ticking + open_ended or ["- nothing"])])


def _officers(case: Case) -> str:
    return "\n".join(["### Officers", *(_officer(case, officer) for officer in case.officers.values())])


def _officer(case: Case, officer: Officer) -> str:
    """One line an officer: a Markdown table is shown without space between its columns."""
    hearing, outcome = officer.hearing, officer.outcome
    facts = [
        case.stage_of(officer).value,
        officer.severity,
        officer.restriction and f"on {officer.restriction.measure}",
        hearing and hearing.pending and hearing.begins_on and f"{hearing.proceedings} on {hearing.begins_on:%-d %b %Y}",
        hearing and hearing.finding and f"found: {hearing.finding}",
        outcome.sanction if outcome else officer.disposal,
        officer.departed,
    ]
    return f"- **{officer.ref}**: " + " · ".join(_said(fact) for fact in facts if fact)


def _next(case: Case) -> str:
    rows = [_offer(act) for act in lawful_next(case, england_and_wales())]
    return "\n".join(["### May be done next", *rows]) if rows else ""


def _offer(act: Possible) -> str:
    return f"- `{act.command}`" + (f" ({', '.join(act.officers)})" if act.officers else "")


def _said(word: str) -> str:
    return word.replace("_", " ")


def _whom(deadline: Deadline) -> str:
    return f"({deadline.subject})" if deadline.subject else ""


def _day(deadline: Deadline) -> str:
    return f"{deadline.due:%a %-d %b %Y}" if deadline.due else "as soon as practicable"


def _flag(deadline: Deadline) -> str:
    return f"· {deadline.citation}" + (" · **unverified**" if deadline.unverified else "")
