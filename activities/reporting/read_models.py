"""What BI tools read of a case: rows for the plain tables of the schema `reporting`.

`rows` is pure and a function of the folded case alone, so the tables can be built anew from the events at any time.
Only opaque references, dates and closed lists of words go in: never reasons, summaries or statements.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from pydantic import BaseModel

from domain.regimes import reviews
from domain.state import Case, Deadline, Hearing, Officer, Outcome

__all__ = ["TABLES", "Rows", "changes", "owed", "rows"]

# Each table, and the column that names a row within its case.
TABLES = {
    "register": "reference",
    "deadlines": "deadline",
    "restrictions": "officer",
    "hearings": "officer",
    "outcomes": "officer",
}

Rows = dict[str, list[dict[str, Any]]]


def rows(case: Case) -> Rows:
    """Table name -> the rows that the case has in it."""
    officers = list(case.officers.values())
    return {
        "register": [_register(case)],
        "deadlines": [_deadline(case, deadline) for deadline in case.deadlines.values()],
        "restrictions": list(_restrictions(case, officers)),
        "hearings": list(_hearings(case, officers)),
        "outcomes": list(_outcomes(case, officers)),
    }


# As sql/deadlines.
OWED = ("reference", "clock", "deadline", "kind", "title", "subject", "duty", "state", "overdue", "due", "owed_since")
MARKS = ("citation", "unverified", "illustrative", "force")


def owed(case: Case, *, overdue: bool = False) -> list[dict[str, Any]]:
    """The duties that a case still owes, as the table of deadlines is read: nearest first, undated ones last.

    `owed_since`: the day since when one is owed as soon as practicable.
    """
    found = [each for each in case.deadlines.values() if (each.overdue if overdue else each.outstanding)]
    found.sort(key=lambda each: (each.due or date.max, each.owed_since or date.max, each.id))
    told = ({**_deadline(case, each), "clock": case.clock, "owed_since": each.owed_since} for each in found)
    return [{name: row[name] for name in (*OWED, *MARKS)} for row in told]


def changes(before: Case | None, after: Case) -> dict[str, dict[str, Any]]:
    """What brings the read models from `before` (None: whatever is there) to `after`: of each table in which something
    changed the rows that did, and the keys of all that the case still has."""
    old, new = rows(before) if before else {}, rows(after)
    changed = {}
    for table, key in TABLES.items():
        had = {row[key]: row for row in old.get(table, [])}
        has = {row[key]: row for row in new[table]}
        if had != has or before is None:
            changed[table] = {"rows": [row for name, row in has.items() if had.get(name) != row], "keys": list(has)}
    return changed


def _only(part: BaseModel, *names: str) -> dict[str, Any]:
    """These fields and no others: what is added to a part of the case is not published by itself."""
    return {name: getattr(part, name) for name in names}


def _register(case: Case) -> dict[str, Any]:
    undecided = [officer for officer in case.officers.values() if not officer.finished]
    return {
        **_only(case, "reference", "force", "stage", "clock", "regime", "origin", "referral_kind", "mode", "severity"),
        **_only(case, "stayed", "restricted", "first_known", "opened_at", "closed_at", "illustrative"),
        "officers": len(case.officers),
        "officers_open": 0 if case.closed_at else len(undecided),
        "overdue": len(case.overdue),
        "next_due": _nearest(case.ticking),
    }


def _deadline(case: Case, deadline: Deadline) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "deadline": deadline.id,
        "force": case.force,
        "kind": "right" if deadline.right else "period" if deadline.period else "duty",
        **_only(deadline, "rule", "title", "duty", "subject", "state", "overdue", "trigger", "due"),
        **_only(deadline, "done_at", "missed_at", "ended_at", "regime", "citation", "unverified", "illustrative"),
    }


def _who(case: Case, officer: Officer) -> dict[str, Any]:
    return {"reference": case.reference, "officer": officer.ref, "force": case.force, "person": officer.person}


def _restrictions(case: Case, officers: Iterable[Officer]) -> Iterator[dict[str, Any]]:
    for officer in officers:
        if officer.restriction is not None:
            reviews = [deadline for deadline in case.deadlines.values() if _owed_review(deadline, officer)]
            yield {
                **_who(case, officer),
                **_only(officer.restriction, "measure", "imposed_at", "oral", "confirmed", "last_review"),
                "next_review": _nearest(reviews),
                "review_overdue": any(deadline.overdue for deadline in reviews),
            }


def _owed_review(deadline: Deadline, officer: Officer) -> bool:
    """Whether a deadline waits for the officer's restriction to be reviewed, by whichever rule."""
    return deadline.subject == officer.ref and deadline.outstanding and deadline.rule in reviews()


def _nearest(deadlines: Iterable[Deadline]) -> date | None:
    return min((deadline.due for deadline in deadlines if deadline.due), default=None)


def _hearings(case: Case, officers: Iterable[Officer]) -> Iterator[dict[str, Any]]:
    for officer in officers:
        if (hearing := officer.hearing) is not None:
            yield {
                **_who(case, officer),
                "hearing": hearing.ref,
                "state": _hearing_state(hearing),
                **_only(hearing, "proceedings", "begins_on", "notice_published", "chair"),
                "finding": None if officer.outcome and officer.outcome.set_aside else hearing.finding,
            }


def _hearing_state(hearing: Hearing) -> str:
    for state in ("withdrawn", "concluded", "adjourned", "opened"):
        if getattr(hearing, state):
            return state
    return "listed" if hearing.begins_on else "referred"


def _outcomes(case: Case, officers: Iterable[Officer]) -> Iterator[dict[str, Any]]:
    for officer in officers:
        if officer.disposal or officer.outcome or officer.departed:
            yield {
                **_who(case, officer),
                **_only(officer, "severity", "case_to_answer", "disposal", "departed"),
                "proceedings": officer.hearing.proceedings if officer.hearing else None,
                "finding": officer.hearing.finding if officer.hearing else None,
                **_only(officer.outcome or Outcome(), "sanction", "notified_on", "live_until", "published"),
                **_only(officer.outcome or Outcome(), "barred_list_reported", "appeal_to", "set_aside"),
            }
