"""By what an operator finds a case in the Temporal UI: search attributes, and what introduces it there.

Search attributes are never encrypted: they hold stages, codes and dates only. Officers appear by their letter.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from domain.messages import plain
from domain.referral import Referral
from domain.state import Case
from domain.summary import Standing
from domain.vocabulary import Origin
from domain.working_days import end_of_day

__all__ = [
    "ATTRIBUTES",
    "NEXT_DEADLINE_AT",
    "ORIGINS",
    "OVERDUE",
    "STAGE",
    "Introduction",
    "attributes",
    "changes",
    "introduction",
]

Pair = SearchAttributePair[Any]  # of str, int, bool, datetime or a sequence of str

STAGE = SearchAttributeKey.for_keyword("CaseStage")
SEVERITY = SearchAttributeKey.for_keyword("CaseSeverity")
MODE = SearchAttributeKey.for_keyword("CaseMode")
FORCE = SearchAttributeKey.for_keyword("CaseForce")
REGIME = SearchAttributeKey.for_keyword("CaseRegime")
CLOCK = SearchAttributeKey.for_keyword("CaseClock")
NEXT_DEADLINE = SearchAttributeKey.for_keyword("NextDeadline")
NEXT_DUTY_OF = SearchAttributeKey.for_keyword("NextDutyOf")
NEXT_DEADLINE_AT = SearchAttributeKey.for_datetime("NextDeadlineAt")
HEARING_AT = SearchAttributeKey.for_datetime("HearingAt")
OVERDUE = SearchAttributeKey.for_int("OverdueCount")
OVERDUE_BY = SearchAttributeKey.for_keyword_list("OverdueBy")
OVERDUE_RULES = SearchAttributeKey.for_keyword_list("OverdueRules")
OWED_SINCE = SearchAttributeKey.for_datetime("OwedSince")
REVIEW_CALLED_FOR = SearchAttributeKey.for_bool("ReviewCalledFor")
RESTRICTIONS = SearchAttributeKey.for_keyword_list("RestrictionsInForce")
STAYED = SearchAttributeKey.for_bool("Stayed")

# Within the pool of SQL visibility: 10 keywords and 3 of each other type (server common/searchattribute/defs.go).
ATTRIBUTES: dict[str, IndexedValueType.ValueType] = {
    **{
        key.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        for key in (STAGE, SEVERITY, MODE, FORCE, REGIME, CLOCK, NEXT_DEADLINE, NEXT_DUTY_OF)
    },
    **{key.name: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME for key in (NEXT_DEADLINE_AT, HEARING_AT, OWED_SINCE)},
    OVERDUE.name: IndexedValueType.INDEXED_VALUE_TYPE_INT,
    **{key.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST for key in (OVERDUE_BY, OVERDUE_RULES, RESTRICTIONS)},
    **{key.name: IndexedValueType.INDEXED_VALUE_TYPE_BOOL for key in (STAYED, REVIEW_CALLED_FOR)},
}

ORIGINS = {
    Origin.COMPLAINT: "complaint",
    Origin.CONDUCT_MATTER: "conduct matter",
    Origin.DSI: "death or serious injury matter",
}


def attributes(stands: Standing) -> list[Pair]:
    """The search attributes of a case where it stands, as the store told it: reckoned here, they would bind replay.

    What is None or empty is not set, and so is found by no view.
    """
    told: list[tuple[SearchAttributeKey[Any], Any]] = [
        (STAGE, stands.stage.value),
        (SEVERITY, stands.severity and stands.severity.value),
        (MODE, stands.mode and stands.mode.value),
        (FORCE, stands.force),
        (REGIME, stands.regime.value),
        (CLOCK, stands.clock.value),
        (NEXT_DEADLINE, stands.next_deadline),
        (NEXT_DUTY_OF, stands.next_duty_of),
        (NEXT_DEADLINE_AT, stands.next_due_at),
        (HEARING_AT, stands.hearing_on and _start_of(stands.hearing_on)),
        (OWED_SINCE, stands.owed_since and _start_of(stands.owed_since)),
        (REVIEW_CALLED_FOR, stands.review_called_for or None),
        (OVERDUE, stands.overdue),
        (OVERDUE_BY, list(stands.overdue_by)),
        (OVERDUE_RULES, list(stands.overdue_rules)),
        (RESTRICTIONS, list(stands.restrictions)),
        (STAYED, stands.stayed),
    ]
    return [SearchAttributePair(key, value) for key, value in told if value is not None and value != []]


def _start_of(day: date) -> datetime:
    """The first moment of a day in London."""
    return end_of_day(day - timedelta(days=1))


def changes(published: TypedSearchAttributes, wanted: Iterable[Pair]) -> list[SearchAttributeUpdate[Any]]:
    """What to publish so that the attributes are as wanted; empty, so without a history event, if nothing moved."""
    was = {pair.key.name: pair for pair in published if pair.key.name in ATTRIBUTES}
    now = {pair.key.name: pair for pair in wanted}
    changed = [pair.key.value_set(pair.value) for name, pair in now.items() if was.get(name) != pair]
    gone = [pair.key.value_unset() for name, pair in was.items() if name not in now]
    return [*changed, *gone]


class Introduction(TypedDict):
    """What a workflow is started with so that the UI can introduce its case: arguments of `start_workflow`."""

    static_summary: str
    static_details: str
    memo: dict[str, Any]


def introduction(matter: Referral | Case) -> Introduction:
    """The line under the workflow's id, a word of what it is about, and the memo: facts that do not change."""
    officers = f"{len(matter.officers)} {'officer' if len(matter.officers) == 1 else 'officers'}"
    origin = ORIGINS[matter.origin]
    made_up = "\n\n*Contains illustrative facts that are not in the public record.*" if matter.illustrative else ""
    return {
        "static_summary": f"Misconduct case {matter.reference}, {matter.force}: {origin}, {officers}",
        "static_details": f"{origin.capitalize()} against {officers} of {matter.force}, known since "
        f"{plain(matter.first_known)}.{made_up}\n\nHow it stands is told under *Current Details*. Acts are given "
        "under *More Actions*, *Send an Update*; each says what it does and on what it rests.",
        "memo": {
            "origin": matter.origin.value,
            "first_known": matter.first_known.isoformat(),
            "officers": len(matter.officers),
            "illustrative": matter.illustrative,
        },
    }
