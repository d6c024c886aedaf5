"""Settled pages of the feed: the lines that the events give, from every cursor; and found out where they are not."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment
from typer.testing import CliRunner, Result

from activities import feed, store
from activities.connection import Pool
from activities.feed import PAGE, START, Cursor
from activities.record import Records
from deploy.embedded import Stack
from deploy.roles import FEED, as_role
from domain.errors import Unavailable
from integration.cli.main import app
from integration.settings import Settings
from integration.watch import Watch
from tests.store import opening, reference
from workflows.watch import Look

MANY = """
    INSERT INTO probity.event (stream, version, event_id, occurred_at, recorded_at, type, schema_version, actor_role,
                               actor_id, command, command_id, correlation_id, causation_id, data, hash)
    SELECT stream, n, gen_random_uuid(), occurred_at, recorded_at, type, schema_version, actor_role,
           actor_id, command, command_id, correlation_id, causation_id, data || $3, hash
    FROM probity.event CROSS JOIN generate_series($2::bigint, $2 + $4 - 1) n WHERE stream = $1 AND version = 1
"""

CUT = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'probity'
"""


@pytest.fixture(scope="module")
async def many(records: Records, owner_url: str) -> str:
    """A case of so many events that two pages can be settled and a third cannot, in several transactions."""
    name = reference()
    assert (await records.open_case(opening(name, command_id='"quoted" and \\ so on'))).refusal is None
    await add(owner_url, name, 1000, *[PAGE // 5] * 11)
    return name


async def add(owner_url: str, stream: str, version: int, *counts: int, text: str = "") -> None:
    owner = await asyncpg.connect(owner_url)
    for count in counts:
        await owner.execute(MANY, stream, version, json.dumps({"copied": text}), count)
        version += count
    await owner.close()


async def whole(pool: Pool, after: Cursor = START) -> list[bytes]:
    """Every line after a cursor."""
    told = list[bytes]()
    async for found in feed.lines(pool, after):
        assert found.cursor == places(found.lines)[-1]
        told += found.lines
    return told


async def settled(owner: Any) -> int:
    count: int = await owner.fetchval("SELECT count(*) FROM probity.feed_page")
    return count


def places(lines: list[bytes]) -> list[Cursor]:
    return [Cursor.read(json.loads(line)["cursor"]) for line in lines]


async def test_what_is_settled_reads_as_what_was_recorded_from_every_cursor(
    many: str, pool: Pool, follower: Pool, owner: Any
) -> None:
    await owner.execute("TRUNCATE probity.feed_page")
    before = await whole(follower)
    assert len(before) == await owner.fetchval("SELECT count(*) FROM probity.event") > 2 * PAGE
    assert places(before) == [place for _, place in (await feed.page(follower, START, 5000)).events]
    assert await feed.settle(pool, most=1) == 1
    assert await feed.settle(pool) == await settled(owner) - 1 > 0
    assert await feed.settle(pool) == 0  # what is left fills no page
    assert await whole(follower) == before
    ends = places(before)
    for at in (0, 1, PAGE - 2, PAGE - 1, PAGE, 2 * PAGE - 1, 2 * PAGE, len(ends) - 1):
        assert await whole(follower, ends[at]) == before[at + 1 :]
    assert await feed.faults(follower) == []


async def test_who_stops_reading_half_way_leaves_nothing_running(many: str, follower: Pool) -> None:
    reading = feed.lines(follower)
    assert (await anext(reading)).lines
    assert follower.get_size() - follower.get_idle_size() == 1  # the next is on its way
    await reading.aclose()
    assert follower.get_idle_size() == follower.get_size()
    with pytest.raises(Unavailable, match="an older copy"):
        await anext(feed.lines(follower, Cursor(9, 1, 1)))


async def test_no_line_is_left_out_or_told_twice_where_pages_go_and_connections_break_on_the_way(
    many: str, pool: Pool, follower: Pool, owner: Any
) -> None:
    before = await whole(follower)
    await feed.settle(pool)
    reading = feed.lines(follower)
    told = (await anext(reading)).lines
    async with owner.transaction():
        await owner.execute("TRUNCATE probity.feed_page")  # whoever reads on waits for its end
        second = await anext(reading)
        await owner.execute(CUT)
        with pytest.raises(Unavailable):
            await anext(reading)
    assert await feed.settle(pool, most=1) == 1
    assert told + second.lines + await whole(follower, second.cursor) == before


async def test_it_is_read_from_the_page_and_not_made_again(many: str, pool: Pool, follower: Pool, forger: Any) -> None:
    await feed.settle(pool)
    swap = "UPDATE probity.feed_page SET lines = convert_to(replace(convert_from(lines, 'UTF8'), $1, $2), 'UTF8')"
    await forger.execute(swap, many, many[::-1])
    told = await whole(follower)
    await forger.execute(swap, many[::-1], many)
    assert many[::-1] in told[0].decode() and many in told[-1].decode()


async def test_nothing_is_settled_past_a_transaction_that_may_still_record(
    many: str, pool: Pool, follower: Pool, owner: Any, owner_url: str
) -> None:
    await feed.settle(pool)
    had = await settled(owner)
    slow = await asyncpg.connect(owner_url)
    async with slow.transaction():
        await slow.execute(MANY, many, 900, "{}", 1)  # numbered before all that follows
        await add(owner_url, many, 5000, PAGE)
        assert await feed.settle(pool) == 0
    await slow.close()
    assert await feed.settle(pool) == 1 == await settled(owner) - had
    versions = [json.loads(line)["version"] for line in await whole(follower)]
    assert versions.index(900) == versions.index(5000) - 1
    assert await feed.faults(follower) == []


async def test_two_that_settle_at_once_keep_each_page_once(
    many: str, database_url: str, follower: Pool, owner: Any
) -> None:
    await owner.execute("TRUNCATE probity.feed_page")
    pools = [await store.open_pool(database_url) for _ in range(2)]
    counts = await asyncio.gather(*(feed.settle(pool) for pool in pools))
    await asyncio.gather(*(pool.close() for pool in pools))
    assert sum(counts) == await settled(owner) > 1
    lines = await whole(follower)
    assert len(set(lines)) == len(lines) == await owner.fetchval("SELECT count(*) FROM probity.event")


async def test_a_page_of_large_events_ends_at_a_mebibyte(
    many: str, pool: Pool, follower: Pool, owner: Any, owner_url: str
) -> None:
    await add(owner_url, many, 10_000, 12, text="x" * 2**18)
    await feed.settle(pool)
    sizes = [row[0] for row in await owner.fetch("SELECT octet_length(lines) FROM probity.feed_page")]
    assert 2**20 <= max(sizes) < 2**20 + 2**18 + PAGE * 1000 and len([size for size in sizes if size > 2**20]) >= 2
    assert places(await whole(follower)) == [place for _, place in (await feed.page(follower, START, 5000)).events]


async def test_a_page_that_was_changed_is_named_by_the_verification_of_all(
    many: str, pool: Pool, forger: Any, follower: Pool, stack: Stack, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", as_role(owner_url, FEED))
    monkeypatch.setenv("TEMPORAL_ADDRESS", stack.temporal_address)
    await feed.settle(pool)
    first = await forger.fetchrow("SELECT * FROM probity.feed_page ORDER BY after_generation LIMIT 1")
    assert json.loads((await run("verify", "--all", "--json")).stdout)["feed"] == []
    said = "The page of the feed after 0-0-0 is not what its events are"
    for change in ("lines = set_byte(lines, 99, 0)", "last_position = last_position - 1", "lines = ''"):
        await forger.execute(f"UPDATE probity.feed_page SET {change} WHERE after_generation = 0")
        told, data = await run("verify", "--all"), await run("verify", "--all", "--json")
        assert told.exit_code == data.exit_code == 1
        assert told.stdout.startswith(said) and json.loads(data.stdout)["feed"][0].startswith(said)
        await forger.execute("DELETE FROM probity.feed_page WHERE after_generation = 0")
        await forger.execute("INSERT INTO probity.feed_page SELECT ($1::probity.feed_page).*", first)
    assert await feed.faults(follower) == []


async def run(*line: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(line))


async def test_the_command_line_tells_all_of_it_for_an_archive(
    many: str, follower: Pool, stack: Stack, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", as_role(owner_url, FEED))
    monkeypatch.setenv("TEMPORAL_ADDRESS", stack.temporal_address)
    lines = await whole(follower)
    assert (await run("feed", "--as-recorded")).stdout.encode().splitlines() == lines
    after = str(places(lines)[PAGE])
    assert (await run("feed", "--as-recorded", "--after", after)).stdout.encode().splitlines() == lines[PAGE + 1 :]
    refused = await run("feed", "--as-recorded", "--follow")
    assert refused.exit_code == 2 and "--follow: --as-recorded goes with --after alone" in str(refused.output)


async def test_the_watch_settles_and_nobody_else_may(
    many: str, pool: Pool, owner: Any, follower: Pool, temporal: Client, settings: Settings, owner_url: str
) -> None:
    await owner.execute("TRUNCATE probity.feed_page")
    await ActivityEnvironment().run(Watch(pool, temporal, settings.task_queue).look_over, Look(repair=False))
    assert await settled(owner) > 1
    for login, statement in (
        (follower, "SELECT probity.settle_page()"),
        (pool, "UPDATE probity.feed_page SET lines = ''"),
        (pool, "DELETE FROM probity.feed_page"),
        (pool, "INSERT INTO probity.feed_page SELECT * FROM probity.feed_page"),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await login.execute(statement)
