"""Read models that were spoiled are found and made anew, beside an engine at work."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest
from pydantic_core import to_jsonable_python

from activities import store
from activities.proof import whole
from activities.record import Act, Records
from activities.reporting import rebuild as rebuilding
from activities.reporting.read_models import TABLES
from activities.reporting.rebuild import differing, drop_snapshots, rebuild
from activities.sql import sql
from activities.store import Pool
from domain.errors import Unavailable
from tests.engine import undone
from tests.kit import moment, referred
from tests.store import act, check_whole, opening, reference, suspend

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


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
    # and of a case that is none, somebody is told to be suspended
    ghost = (
        "INSERT INTO reporting.{0} SELECT (jsonb_populate_record(t, $2)).* FROM reporting.{0} t WHERE reference = $1"
    )
    await owner.execute(ghost.format(table), name, f'{{"reference": "{name}-Z"}}')
    await owner.close()
    assert await differing(pool) == [name, f"{name}-Z"]
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


LOOKS = """
    SELECT format('%s %s', tablename, indexdef) FROM pg_indexes WHERE schemaname = 'reporting'
    UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'reporting'::regnamespace
    UNION ALL SELECT format('%s %s %s %s', relname, attname, format_type(atttypid, atttypmod),
                            col_description(attrelid, attnum)) || attnotnull || coalesce(attacl::text, '')
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'r' AND attnum > 0
    UNION ALL SELECT format('%s %s %s', relname, relowner::regrole, obj_description(oid)) || a::text
    FROM pg_class, aclexplode(relacl) AS a WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'r'
    ORDER BY 1
"""
WHICH = "SELECT oid FROM pg_class WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'r' ORDER BY oid"


async def looks(owner: Owner) -> list[str]:
    return [row[0] for row in await owner.fetch(LOOKS)]


async def which(owner: Owner) -> list[int]:
    return [row[0] for row in await owner.fetch(WHICH)]


def inform(ref: str, number: int) -> Act:
    """An act that settles one deadline and sets another: what is lost of it no later act makes good."""
    body = referred().body("update_party", at=moment("2020-08-01T10:00") + timedelta(minutes=number))
    return act(ref, f"I{number}").model_copy(update={"command": "update_party", "body": to_jsonable_python(body)})


async def test_an_append_at_any_moment_is_in_the_tables_that_stay(records: Records, pool: Pool, owner: Owner) -> None:
    """Old cases move and new ones come all the while that one run after the other swaps its tables in."""
    names = [reference() for _ in range(6)]
    for name in names[:3]:
        await records.open_case(opening(name))
    over, before = asyncio.Event(), await which(owner)

    async def write(name: str) -> int:
        await records.open_case(opening(name))
        number = 1
        while not over.is_set():
            number += 1
            answer = await records.record(inform(name, number))
            assert answer.refusal is None
        return number

    writers = [asyncio.create_task(write(name)) for name in names]
    for _ in range(4):
        await rebuild(pool)
    over.set()
    assert min(await asyncio.gather(*writers)) > 5, "nothing was written meanwhile"
    assert not set(before) & set(await which(owner)), "the tables are the old ones"
    assert await differing(pool) == []
    for name in names:
        await check_whole(pool, name)


async def test_rights_keys_indexes_and_comments_are_kept(pool: Pool, owner: Owner) -> None:
    await owner.execute("CREATE INDEX by_hand ON reporting.outcomes (sanction) WHERE published")
    await owner.execute("GRANT SELECT (reference, stage) ON reporting.register TO probity_feed")
    before, tables = await looks(owner), await which(owner)
    assert any("by_hand" in line for line in before)
    await rebuild(pool)
    assert await looks(owner) == before and await which(owner) != tables
    await owner.execute("DROP INDEX reporting.by_hand; REVOKE ALL ON reporting.register FROM probity_feed")


STEPS = ("begin_rebuild", "left_to_rebuild", "fill_rebuild", "analyze_rebuild", "look_over_rebuild")
UNDER_THE_LOCK = ("hold_read_models", "left_to_swap", "swap_rebuild")


@pytest.mark.parametrize("step", [*STEPS, *UNDER_THE_LOCK])
async def test_a_run_that_ends_early_changes_nothing_and_the_next_begins_anew(
    records: Records, pool: Pool, owner: Owner, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    name = reference()
    await records.open_case(opening(name))
    before, tables = await looks(owner), await which(owner)
    with monkeypatch.context() as patch:
        kill = "SELECT pg_terminate_backend(pg_backend_pid())"
        patch.setattr(rebuilding, "sql", lambda asked: kill if asked == step else sql(asked))
        with pytest.raises((Unavailable, asyncpg.PostgresError)):
            await rebuild(pool)
    assert (await looks(owner), await which(owner)) == (before, tables)
    await records.record(act(name, "P2"))
    assert await differing(pool) == []
    await rebuild(pool)
    assert await which(owner) != tables and await differing(pool) == []
    await check_whole(pool, name)
    assert await owner.fetchval("SELECT count(*) FROM rebuilding.run") == 0


async def test_nothing_is_swapped_while_a_case_is_elsewhere(records: Records, pool: Pool, owner: Owner) -> None:
    """The server looks itself, under its lock, and believes nobody."""
    name = reference()
    await records.open_case(opening(name))
    run, tables = await pool.fetchval(sql("begin_rebuild")), await which(owner)
    with pytest.raises(asyncpg.SerializationError, match="has moved"):
        await pool.execute(sql("swap_rebuild"), run)
    with pytest.raises(asyncpg.InvalidTransactionStateError):
        async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
            await connection.execute(sql("swap_rebuild"), run)
    assert await which(owner) == tables


async def test_of_two_runs_the_later_goes_on(records: Records, pool: Pool, owner: Owner) -> None:
    await records.open_case(opening(reference()))
    before = await which(owner)
    told = await asyncio.gather(rebuild(pool), rebuild(pool), return_exceptions=True)
    stopped = [each for each in told if not isinstance(each, int)]
    assert len(stopped) < 2 and all("Another run" in str(each) for each in stopped), told
    assert not set(before) & set(await which(owner)) and await differing(pool) == []


READ = """
    SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_all_tables
    WHERE relid IN ('probity.stream'::regclass, 'probity.event'::regclass)
"""
OF_OLD = (
    """INSERT INTO probity.stream (stream, version, head, opened_at)
       SELECT 'R-' || n, 10, sha256(''), now() FROM generate_series(1, 2000) n""",
    """INSERT INTO probity.event (stream, version, event_id, transaction_id, occurred_at, recorded_at, type,
                                  schema_version, actor_role, actor_id, command, command_id, correlation_id,
                                  causation_id, data, hash)
       SELECT 'R-' || n, v, gen_random_uuid(), (3 + (n + v) % 100)::text::xid8, now(), now(), 'x', 1,
              'clerk', 'c', 'x', 'y', gen_random_uuid(), 'z', '{}', sha256('')
       FROM generate_series(1, 2000) n, generate_series(1, 10) v""",
    "ANALYZE probity.stream, probity.event",
)


async def test_under_the_lock_only_cases_that_may_have_moved_are_looked_at(owner: Owner) -> None:
    await owner.execute("SET session_replication_role = replica")
    async with undone(owner):
        for statement in OF_OLD:
            await owner.execute(statement)
        run = await owner.fetchval(sql("begin_rebuild"))
        await owner.execute("INSERT INTO rebuilding.done SELECT stream, version FROM probity.stream")
        await owner.execute(sql("look_over_rebuild"), run)
        before = await owner.fetchval(READ)
        assert await owner.fetch(sql("left_to_swap"), 500) == []
        await owner.execute(sql("swap_rebuild"), run)
        assert await owner.fetchval(READ) - before < 100


@pytest.mark.parametrize("moved", ["before the look", "after the look", "after it was filled in again"])
async def test_a_case_that_moved_is_not_passed_over_by_the_swap(
    records: Records, pool: Pool, owner: Owner, moved: str
) -> None:
    name = reference()
    await records.open_case(opening(name))
    run = rebuilding._Run(pool, await rebuilding._begin(pool))
    await run.fill()
    if moved == "before the look":
        await records.record(act(name, "P2"))
    await pool.execute(sql("look_over_rebuild"), run.token)
    if moved == "after the look":
        await records.record(act(name, "P2"))
    if moved == "after it was filled in again":
        await owner.execute("SELECT probity.fill_rebuild($1, $2, $3, '{}')", run.token, [name], [99])
    assert [row["stream"] for row in await pool.fetch(sql("left_to_swap"), 500)] == [name]
    with pytest.raises(asyncpg.SerializationError, match="has moved"):
        await pool.execute(sql("swap_rebuild"), run.token)
    assert await rebuild(pool) and await differing(pool) == []


@pytest.mark.parametrize("step", ["it fills", "it analyzes", "it swaps"])
async def test_a_run_that_another_overtakes_says_so_at_whatever_step_it_is(
    step: str, records: Records, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = reference()
    await records.open_case(opening(name))
    token = await rebuilding._begin(pool)
    run = rebuilding._Run(pool, token)
    await run.fill()
    later = rebuilding._Run(pool, await rebuilding._begin(pool))

    async def begun(_: Pool) -> UUID:
        return token

    async def filled(_: rebuilding._Run) -> int:
        return 0

    with monkeypatch.context() as late, pytest.raises(Unavailable, match="Another run of the rebuild has begun"):
        if step == "it fills":
            await run.fill()
        elif step == "it swaps":
            await later.fill()  # or every case is left, which are too many to be filled in under the lock
            for _ in range(rebuilding.TRIES):  # whoever reads the tables just now is waited for
                with suppress(rebuilding._Busy):
                    await run.swap(1000)
        else:
            late.setattr(rebuilding, "_begin", begun)
            late.setattr(rebuilding._Run, "fill", filled)
            await rebuild(pool)
    await rebuild(pool)
    assert await differing(pool) == []


async def test_whoever_reads_for_long_is_waited_for_and_the_engine_is_not_held_up(
    records: Records, pool: Pool, owner: Owner
) -> None:
    name, tables = reference(), await which(owner)
    await records.open_case(opening(name))
    async with owner.transaction():
        await owner.execute("SELECT 1 FROM reporting.register")
        run = asyncio.create_task(rebuild(pool))
        for number in range(2, 6):
            assert (await records.record(act(name, f"P{number}"))).refusal is None
        await asyncio.sleep(0.7)  # longer than the lock is waited for
        assert not run.done() and await which(owner) == tables
    await run
    assert await which(owner) != tables and await differing(pool) == []
    await check_whole(pool, name)


async def test_a_view_that_rests_on_a_table_is_named_and_kept(pool: Pool, owner: Owner) -> None:
    await owner.execute("CREATE VIEW public.ours AS SELECT reference FROM reporting.hearings")
    tables = await which(owner)
    with pytest.raises(Unavailable, match=r"public.ours rests on reporting.hearings"):
        await rebuild(pool)
    assert await which(owner) == tables
    await owner.execute("DROP VIEW public.ours")


SUPPRESS = "EXECUTE FUNCTION suppress_redundant_updates_trigger()"
FENCES = {
    "row security": ("ALTER TABLE {} ENABLE ROW LEVEL SECURITY", "ALTER TABLE {} DISABLE ROW LEVEL SECURITY"),
    "a policy": ("CREATE POLICY ours ON {} USING (true)", "DROP POLICY ours ON {}"),
    "a trigger": (f"CREATE TRIGGER ours BEFORE UPDATE ON {{}} FOR EACH ROW {SUPPRESS}", "DROP TRIGGER ours ON {}"),
}


@pytest.mark.parametrize("fence", FENCES)
async def test_a_fence_round_the_rows_of_a_table_is_kept(pool: Pool, owner: Owner, fence: str) -> None:
    up, down = FENCES[fence]
    await owner.execute(up.format("reporting.outcomes"))
    tables = await which(owner)
    try:
        with pytest.raises(Unavailable, match=r"reporting\.outcomes has row security or triggers"):
            await rebuild(pool)
        assert await which(owner) == tables
    finally:
        await owner.execute(down.format("reporting.outcomes"))


async def test_snapshots_are_dropped_while_the_engine_works(records: Records, pool: Pool) -> None:
    names = [reference() for _ in range(4)]
    for name in names:
        await records.open_case(opening(name))
    cases = [await store.load(pool, name) for name in names]
    assert await drop_snapshots(pool) >= len(names)
    assert await pool.fetchval("SELECT count(snapshot) FROM probity.stream") == 0
    assert [await store.load(pool, name) for name in names] == cases
    assert await whole.verify(pool, names[0]) == []
    acts = [records.record(act(name, f"P{number}")) for name in names for number in range(2, 6)]
    await asyncio.gather(*acts, drop_snapshots(pool), drop_snapshots(pool))
    for name in names:
        assert len(await store.command_ids(pool, name)) == 5
        await records.record(act(name, "P9"))
        await check_whole(pool, name)
