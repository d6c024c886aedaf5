"""The same matter told twice, found among all cases of a real store, also when they are very many."""

from time import perf_counter
from typing import Any

import asyncpg
from pydantic_core import to_jsonable_python

from activities import store
from activities.record import Act, Records
from activities.reporting import duplicates
from activities.sql import sql
from activities.store import Pool
from domain.duplicates import NEAR_IN_KIND
from tests.kit import referral
from tests.store import NOW, opening, reference


async def opened(records: Records, person: str, **facts: Any) -> str:
    name = reference()
    matter = to_jsonable_python(referral(reference=name))
    officers = [{**each, "person": f"{person}-{each['officer']}"} for each in matter["officers"]]
    told = await records.open_case(opening(name, officers=officers, **facts))
    assert told.refusal is None
    return name


async def like(pool: Pool, name: str, *, earlier: bool = False) -> list[str]:
    found = await duplicates.of_case(pool, await store.load(pool, name), earlier=earlier)
    return [each.reference for _, each in found.alike]


async def compare(records: Records, name: str, other: str) -> None:
    body = {
        "actor": {"role": "appropriate_authority", "id": "authority-1"},
        "occurred_at": "2020-08-01T10:00:00Z",
        "reference": other,
        "view": "another_matter",
        "reasons": "Another night.",
    }
    act = Act(stream=name, command_id=f"compare-{other}", command="compare_case", body=body, known=0, now=NOW)
    assert (await records.record(act)).refusal is None


async def test_it_is_flagged_until_a_person_has_looked(records: Records, pool: Pool) -> None:
    first, second, third = [await opened(records, "one") for _ in range(3)]
    other = await opened(records, "other")
    assert await like(pool, second) == [first, third]
    assert await like(pool, second, earlier=True) == [first]
    assert await like(pool, first, earlier=True) == []
    assert await like(pool, other) == []
    await compare(records, second, first)
    assert (await like(pool, second), await like(pool, first)) == ([third], [third])
    alike = (await duplicates.every(pool)).alike
    pairs = [frozenset((of, found.reference)) for of, found in alike if of in (first, second, third)]
    assert sorted(pairs, key=sorted) == sorted((frozenset((each, third)) for each in (first, second)), key=sorted)


async def test_another_force_is_another_matter(records: Records, pool: Pool) -> None:
    first = await opened(records, "forces", force="force-1")
    second = await opened(records, "forces", force="force-2")
    assert (await like(pool, first), await like(pool, second)) == ([], [])


STREAMS = """
    INSERT INTO probity.stream (stream, version, head, opened_at)
    SELECT 'M-' || n, 2, sha256('x'), now() FROM generate_series(1, $1::int) n
"""
EVENTS = """
    INSERT INTO probity.event (stream, version, event_id, occurred_at, recorded_at, type, schema_version, actor_role,
                               actor_id, command, command_id, correlation_id, causation_id, data, hash)
    SELECT 'M-' || n, v, gen_random_uuid(), now(), now(), CASE v WHEN 1 THEN 'case_referred' ELSE 'officer_added' END,
           1, 'intake', 'i-1', 'open_case', 'open', gen_random_uuid(), 'open',
           CASE v WHEN 1 THEN '{}' ELSE jsonb_build_object('officer', 'A', 'person', 'm-' || n % 80000) END, sha256('x')
    FROM generate_series(1, $1::int) n, generate_series(1, 2) v
"""
REGISTER = """
    INSERT INTO reporting.register (reference, force, stage, clock, regime, origin, officers, officers_open, stayed,
                                    overdue, first_known, opened_at, illustrative)
    SELECT 'M-' || n, 'force-1', 'referral', 'live', '2020', 'complaint', 1, 1, false, 0,
           date '2016-01-01' + (n * 37) % 3650, now(), false
    FROM generate_series(1, $1::int) n
"""


async def test_among_a_hundred_thousand_cases_it_is_found_at_once(records: Records, pool: Pool, owner_url: str) -> None:
    first, second = [await opened(records, "many", force="force-1") for _ in range(2)]
    owner = await asyncpg.connect(owner_url)
    for statement in (STREAMS, EVENTS, REGISTER):
        await owner.execute(statement, 100_000)
    await owner.execute("ANALYZE")
    assert await like(pool, second) == [first]
    began = perf_counter()
    for _ in range(20):
        await like(pool, second, earlier=True)
    each = (perf_counter() - began) / 20
    began = perf_counter()
    pairs = await pool.fetch(sql("like_each_other"), NEAR_IN_KIND, duplicates.MOST)
    over_all = perf_counter() - began
    await owner.execute("DELETE FROM reporting.register WHERE reference LIKE 'M-%'")  # or they hide others' pairs
    await owner.close()
    assert len(pairs) == duplicates.MOST
    assert (each < 0.1, over_all < 3) == (True, True), (each, over_all)  # beyond 3 seconds a statement is cut off
