"""Read models that were spoiled are found and made anew, beside an engine at work."""

import asyncio

import asyncpg
import pytest

from activities.read_models import TABLES
from activities.rebuild import differing, rebuild
from activities.record import Records
from activities.store import Pool
from tests.integration.test_store import act, check_whole, opening, reference, suspend


@pytest.mark.parametrize("table", TABLES)
async def test_what_was_spoiled_is_found_and_made_anew(
    records: Records, pool: Pool, owner_url: str, table: str
) -> None:
    name, other = reference(), reference()
    for each in (name, other):
        await records.open_case(opening(each))
        await records.record(suspend(each))
    assert await differing(pool) == []
    owner = await asyncpg.connect(owner_url)
    spoil = SPOIL.get(table, "UPDATE reporting.{} SET force = 'x' WHERE reference = $1")
    await owner.execute(spoil.format(table), name)
    await owner.close()
    assert await differing(pool) == [name]
    assert await rebuild(pool) >= 2
    assert await differing(pool) == []
    await check_whole(pool, name)


OF_NOTHING = """
    INSERT INTO reporting.{} (reference, officer, force, hearing, person, proceedings, state, notice_published)
    VALUES ($1, 'A', 'x', 'H', 'p', 'hearing', 'listed', false)
"""
OF_NOTHING_ELSE = """
    INSERT INTO reporting.{} (reference, officer, force, person, published, barred_list_reported, set_aside)
    VALUES ($1, 'A', 'x', 'p', false, false, false)
"""


SPOIL = {"hearings": OF_NOTHING, "outcomes": OF_NOTHING_ELSE}  # the case has no row there to spoil


async def test_a_wrong_snapshot_does_not_vouch_for_itself(records: Records, pool: Pool) -> None:
    name = reference()
    await records.open_case(opening(name))
    change = """UPDATE probity.stream SET snapshot = jsonb_set(snapshot, '{force}', '"other"') WHERE stream = $1"""
    await pool.execute(change, name)
    await rebuild(pool)
    assert await pool.fetchval("SELECT force FROM reporting.register WHERE reference = $1", name) != "other"


async def test_the_engine_works_on_meanwhile(records: Records, pool: Pool) -> None:
    name = reference()
    await records.open_case(opening(name))
    acts = [records.record(act(name, f"P{n}")) for n in range(2, 8)]
    await asyncio.gather(rebuild(pool), *acts, rebuild(pool))
    assert await differing(pool) == []
    await check_whole(pool, name)
