"""What tests of the store share: a case opened and acted on, and whether everything that is kept of it agrees."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pydantic_core import to_jsonable_python

from activities import store
from activities.proof import whole
from activities.record import Act, Answer, OpenCase
from activities.reporting.read_models import TABLES, rows
from activities.store import Pool
from domain.case import fold
from domain.messages import Recorded
from tests.kit import referral, referred

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OPENED = referred().case.version  # events that open a case
ADDED = len(referred().when("add_party", party="P2").facts)  # events of one `act`
ONE, TWO = OPENED + ADDED, OPENED + 2 * ADDED
AUTHORITY = {"role": "appropriate_authority", "id": "authority-1"}


def reference() -> str:
    return f"S-{uuid4().hex[:12].upper()}"


def opening(ref: str, command_id: str = "open", **facts: Any) -> OpenCase:
    body = to_jsonable_python(referral(reference=ref, **facts))
    return OpenCase(referral=body, command_id=command_id, now=NOW)


def act(ref: str, command_id: str, known: int = 0, expected: int | None = None, **facts: Any) -> Act:
    """Someone adds a party: an act that may be done any number of times."""
    body = {"actor": AUTHORITY, "occurred_at": "2020-08-01T10:00:00Z", "party": command_id, "kind": "complainant"}
    return Act(
        stream=ref,
        command_id=command_id,
        command="add_party",
        body=body | facts,
        known=known,
        expected=expected,
        now=NOW,
    )


async def read_models(pool: Pool, ref: str) -> dict[str, list[dict[str, Any]]]:
    return {
        table: [dict(row) for row in await pool.fetch(f"SELECT * FROM reporting.{table} WHERE reference = $1", ref)]
        for table in TABLES
    }


def in_order(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {table: sorted(found, key=lambda row: str(row[TABLES[table]])) for table, found in tables.items()}


async def check_whole(pool: Pool, ref: str) -> list[Recorded]:
    """Everything the store keeps of a case agrees with everything else; its events."""
    recorded = await store.events(pool, ref)
    stands = await pool.fetch("SELECT version, snapshot_version FROM probity.stream WHERE stream = $1", ref)
    assert [event.version for event in recorded] == list(range(1, len(recorded) + 1))
    assert [tuple(row) for row in stands] == [(len(recorded), len(recorded))]
    told = await pool.fetch(
        "SELECT command_id, first_version, last_version FROM probity.command WHERE stream = $1", ref
    )
    spans = [(event.version, event.command_id) for event in recorded]
    kept = [(version, id) for id, first, last in told for version in range(first, last + 1)]
    assert sorted(kept) == spans
    case = fold(event.event() for event in recorded)
    assert await store.load(pool, ref) == case
    assert in_order(await read_models(pool, ref)) == in_order(rows(case))
    assert await whole.verify(pool, ref) == []
    return recorded


def suspend(ref: str, known: int = OPENED) -> Act:
    """An act that changes the register, the deadlines and the restrictions."""
    body = referred().body("impose_restriction", at="2020-08-01")
    return Act(
        stream=ref,
        command_id="suspend",
        command="impose_restriction",
        body=to_jsonable_python(body),
        known=known,
        now=NOW,
    )


def correct(ref: str, event: int, known: int = OPENED) -> Act:
    """An act that voids an event."""
    body = {"actor": {"role": "clerk", "id": "clerk-1"}, "occurred_at": "2020-08-02T10:00:00Z", "event": event}
    return Act(
        stream=ref,
        command_id=f"correct-{event}",
        command="correct_record",
        body={**body, "reasons": "Another case."},
        known=known,
        now=NOW,
    )


def asked(ref: str, command_id: str, command: str, **facts: Any) -> Act:
    """An act between two cases."""
    body = {"actor": AUTHORITY, "occurred_at": "2020-08-03T10:00:00Z", "reasons": "One night's work.", **facts}
    return Act(stream=ref, command_id=command_id, command=command, body=body, known=0, now=NOW)


def refusal(answer: Answer) -> tuple[str, str]:
    assert answer.refusal is not None
    return answer.refusal.code, answer.refusal.sentence
