"""The feed under writers that commit out of order, after a restore, and as other services ask for it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import groupby
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest
from temporalio.client import Client

from activities import feed, hint, reading, store
from activities.chain import canonical
from activities.feed import START, Cursor, Signed, held_back, page
from activities.proof import checkpoints
from activities.record import Records
from activities.sql import sql
from activities.store import Pool
from deploy.embedded import Stack
from deploy.roles import SIGNER, as_role
from domain.errors import Malformed, Unavailable
from domain.messages import Recorded
from integration.beside import beside
from integration.client import Probity
from integration.gateway import feed as gateway_feed
from integration.webhooks import bell
from tests.engine import RING, SIGNING, away, undone
from tests.store import OPENED, act, opening, reference


async def end(pool: Pool) -> Cursor:
    return [START, *[place async for _, place in following(pool, START)]][-1]


async def following(pool: Pool, after: Cursor, limit: int = 3) -> AsyncIterator[tuple[Any, Cursor]]:
    """Everything that is there now, page by page."""
    while True:
        events, after, _ = await page(pool, after, limit)
        if not events:
            return
        for each in events:
            yield each


async def test_every_event_comes_once_and_in_the_order_of_its_case(
    records: Records, pool: Pool, follower: Pool
) -> None:
    names = [reference() for _ in range(5)]
    await asyncio.gather(*(records.open_case(opening(name)) for name in names))
    await asyncio.gather(*(records.record(act(name, "P2")) for name in names))
    seen = [(event.stream, event.version) async for event, _ in following(follower, START)]
    assert len(seen) == len(set(seen)) == await pool.fetchval("SELECT count(*) FROM probity.event")
    for name in names:
        versions = [version for stream, version in seen if stream == name]
        assert versions == sorted(versions)
    assert [event for event, _ in (await page(follower, START, 5000)).events if event.stream == names[0]] == list(
        await reading.events(pool, None, names[0])
    )


async def test_a_transaction_that_stays_open_in_the_middle_is_not_passed_over(
    records: Records, pool: Pool, follower: Pool, owner: Any
) -> None:
    await records.open_case(opening(reference()))
    start = await end(follower)
    early = reference()
    async with pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        # the open transaction has its id; those that commit meanwhile have higher ids and are held back
        await slow.fetchval("SELECT pg_current_xact_id()")
        await records.open_case(opening(early))
        assert (await page(follower, start)).events == ()
        held = await held_back(follower)
        assert held.events == OPENED and held.seconds >= 0
        await transaction.rollback()
    seen = [event.stream async for event, _ in following(follower, start)]
    assert seen == [early] * OPENED
    assert (await held_back(follower)).events == 0


async def test_what_commits_late_with_a_lower_number_is_still_seen(
    records: Records, follower: Pool, owner_url: str
) -> None:
    ref, other = reference(), reference()
    await records.open_case(opening(ref))
    await records.open_case(opening(other))
    start, copy = await end(follower), COPY
    async with asyncpg.create_pool(owner_url, min_size=1) as pool, pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(copy, ref, 901)  # a lower position, and not yet committed
        async with pool.acquire() as quick:
            await quick.execute(copy, other, 902)  # a higher one, committed
        first = await page(follower, start)
        await transaction.commit()
    seen = [event.version for event, _ in first.events]
    seen += [event.version async for event, _ in following(follower, first.cursor)]
    assert seen == [901, 902]


COPY = """
    INSERT INTO probity.event (stream, version, event_id, occurred_at, recorded_at, type, schema_version, actor_role,
                               actor_id, command, command_id, correlation_id, causation_id, data, hash)
    SELECT stream, $2, gen_random_uuid(), occurred_at, recorded_at, type, schema_version, actor_role,
           actor_id, command, command_id, correlation_id, causation_id, data, hash
    FROM probity.event WHERE stream = $1 AND version = 1
"""


async def test_a_reader_beside_many_writers_sees_all(records: Records, follower: Pool, owner_url: str) -> None:
    start, names = await end(follower), [reference() for _ in range(30)]
    wide = await store.open_pool(as_role(owner_url, "probity_engine"), size=10)
    writing = asyncio.gather(*(Records(wide, RING).open_case(opening(name)) for name in names))
    seen: list[tuple[str, int]] = []
    cursor = start
    while not writing.done():
        events, cursor, _ = await page(follower, cursor, 7)
        seen += [(event.stream, event.version) for event, _ in events]
        await asyncio.sleep(0)
    await writing
    seen += [(event.stream, event.version) async for event, _ in following(follower, cursor)]
    assert sorted(seen) == sorted((name, version) for name in names for version in range(1, OPENED + 1))
    await wide.close()


async def test_after_a_restore_what_is_new_comes_after_what_was_there(
    ref: str, records: Records, follower: Pool, owner: Any
) -> None:
    """In the other cluster transaction ids are lower again: here the old events are given ids of the far future."""
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "UPDATE probity.event SET transaction_id = (transaction_id::text::bigint + 10^12)::bigint::text::xid8"
    )
    assert (await page(follower, START)).events == ()  # without a generation nothing would be seen for years
    await owner.execute("INSERT INTO probity.generation (number, cluster) SELECT 2, probity.cluster()")
    await owner.execute("INSERT INTO probity.reforgotten (generation, erasures) VALUES (2, 0)")
    assert ref in {event.stream async for event, _ in following(follower, START)}
    last, new = await end(follower), reference()
    await records.open_case(opening(new))
    assert [event.stream async for event, _ in following(follower, last)] == [new] * OPENED
    assert (await end(follower)).generation == 2
    with pytest.raises(Unavailable, match="an older copy"):
        await page(follower, Cursor(3, 1, 1))


async def test_a_cursor_that_was_never_given_out_is_refused(records: Records, follower: Pool) -> None:
    """It comes from another store, or from this one before it was set back: until then all would be passed over."""
    await records.open_case(opening(reference()))
    last = await end(follower)
    assert (await page(follower, last)).events == ()  # the very end is no place beyond it
    coming = last._replace(generation=2, transaction=last.transaction + 10**6)
    for asked in (page(follower, coming), anext(feed.lines(follower, coming)), feed.entries(follower, coming)):
        with pytest.raises(Unavailable, match="beyond the end of the feed"):
            await asked


async def test_who_follows_is_told_by_a_hint_and_looks_without_one(
    records: Records, follower: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, soon, later = await end(follower), reference(), reference()
    following = feed.follow(follower, start, 2)
    monkeypatch.setattr(feed, "LOOK", 60)

    async def next_events() -> list[str]:
        async with asyncio.timeout(10):
            return [(await anext(following))[0].stream for _ in range(OPENED)]

    first = asyncio.ensure_future(next_events())
    await asyncio.sleep(0.3)  # it has looked, and waits
    await records.open_case(opening(soon))
    assert await first == [soon] * OPENED
    monkeypatch.setattr(feed, "LOOK", 0.1)
    monkeypatch.setattr(hint.Hints, "soon", lambda _: None)
    await records.open_case(opening(later))
    waiting = asyncio.ensure_future(next_events())
    assert await waiting == [later] * OPENED
    await following.aclose()  # type: ignore[attr-defined]  # it is a generator


async def test_hints_are_few_and_their_loss_is_no_fault(pool: Pool, follower: Pool, database_url: str) -> None:
    async with hint.heard(follower) as told:
        hints = hint.Hints(pool)
        for _ in range(100):
            hints.soon()
        async with asyncio.timeout(10):
            await told.wait()
        told.clear()
        await asyncio.sleep(0.2)
        assert not told.is_set()
    closed = await store.open_pool(database_url)
    await closed.close()
    hints = hint.Hints(closed)
    hints.soon()
    assert hints._sending is not None
    await hints._sending


async def test_who_listens_is_told_that_the_database_is_away_in_our_words(
    stack: Stack, database_url: str, follower: Pool
) -> None:
    async with hint.heard(follower) as told, away(stack, database_url):
        async with asyncio.timeout(10):
            await told.wait()
        assert told.lost
        with pytest.raises(Unavailable, match="SQLSTATE 55000"):
            async with hint.heard(follower):
                pass


async def test_bell_and_gateway_hear_again_once_the_database_is_back(
    stack: Stack, database_url: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "LOOK", 0.05)
    monkeypatch.setattr(gateway_feed, "LOOK", 0.05)
    ears: list[hint.Hint] = []

    @asynccontextmanager
    async def heard(_: Pool) -> AsyncIterator[hint.Hint]:
        async with hint.heard(pool) as ear:
            ears.append(ear)
            yield ear

    async def listening() -> None:
        async with asyncio.timeout(10):
            while len([ear for ear in ears if not ear.lost]) < 2:
                await asyncio.sleep(0.02)

    monkeypatch.setattr(bell, "heard", heard)
    probity = cast("Probity", SimpleNamespace(heard=lambda: heard(pool)))
    rings = bell.Bell(pool, cast("Client", None), "no-queue").watch()  # nobody is rung for: there is no subscriber
    gateway = gateway_feed.Heard()
    async with beside("The bell", rings), gateway.listening(probity):
        await listening()
        async with away(stack, database_url):
            await asyncio.sleep(0.3)  # both have tried, and were refused
        await listening()
        woken = gateway.next
        hint.Hints(pool).soon()
        await asyncio.wait_for(woken.wait(), 10)


async def test_checkpoints_stand_among_the_events_for_who_asks(
    records: Records, owner_url: str, follower: Pool
) -> None:
    signer, key = await store.open_pool(as_role(owner_url, SIGNER)), SIGNING
    begin = (await feed.entries(follower, START, 5000)).cursor
    names = [reference() for _ in range(3)]
    statements = []
    for name in names:
        await records.open_case(opening(name))
        statements.append(await checkpoints.make(signer, key))
    whole = await feed.entries(follower, begin, 5000)
    order = [each.statement["number"] if isinstance(each, Signed) else each.stream for each, _ in whole.events]
    assert [each for each, _ in groupby(order)] == [
        each for name, made in zip(names, statements, strict=True) for each in (name, made["number"])
    ]
    assert [place for _, place in whole.events] == sorted(place for _, place in whole.events)
    for told, _ in whole.events:
        if isinstance(told, Signed):  # genuine for whoever has the public key, without the store
            key.public_key().verify(bytes.fromhex(told.signature), canonical(told.statement))
    # page by page it is the same, and who did not ask for them sees events alone
    paged: list[Any] = []
    after = begin
    while (some := await feed.entries(follower, after, 2)).events:
        paged, after = [*paged, *some.events], some.cursor
    assert tuple(paged) == whole.events
    events = (await page(follower, begin, 5000)).events
    assert list(events) == [each for each in whole.events if not isinstance(each[0], Signed)]
    with pytest.raises(Unavailable, match="an older copy"):
        await feed.entries(follower, Cursor(9, 1, 1))
    await signer.close()


async def test_a_checkpoint_waits_behind_what_may_still_be_recorded(
    records: Records, owner_url: str, follower: Pool, owner: Any
) -> None:
    signer = await store.open_pool(as_role(owner_url, SIGNER))
    await records.open_case(opening(reference()))
    begin = await end(follower)
    async with owner.transaction():
        await owner.execute("SELECT pg_current_xact_id()")
        await checkpoints.make(signer, SIGNING)
        assert not (await feed.entries(follower, begin)).events
    ((told, _),) = (await feed.entries(follower, begin)).events
    assert isinstance(told, Signed)
    await signer.close()


async def test_a_follower_is_told_of_a_checkpoint(records: Records, owner_url: str, follower: Pool) -> None:
    signer = await store.open_pool(as_role(owner_url, SIGNER))
    await records.open_case(opening(reference()))
    following = feed.follow_entries(follower, await end(follower))
    made = await checkpoints.make(signer, SIGNING)
    told, _ = await asyncio.wait_for(anext(following), 5)
    assert isinstance(told, Signed) and told.statement == made
    await signer.close()


async def test_a_signer_cannot_choose_where_a_checkpoint_stands(owner_url: str) -> None:
    signer = await asyncpg.connect(as_role(owner_url, SIGNER))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await signer.execute(
            "INSERT INTO probity.checkpoint (number, made_at, statement, public_key, signature, transaction_id)"
            " VALUES (99, now(), '{}', decode(repeat('00', 32), 'hex'), decode(repeat('00', 64), 'hex'), '3')"
        )
    await signer.close()


async def test_the_outbox_tells_checkpoints_as_an_aggregate_of_their_own(
    records: Records, owner_url: str, follower: Pool
) -> None:
    signer = await store.open_pool(as_role(owner_url, SIGNER))
    await records.open_case(opening(reference()))
    made = await checkpoints.make(signer, SIGNING)
    row = await follower.fetchrow(
        "SELECT * FROM probity.outbox WHERE aggregatetype = 'checkpoint' ORDER BY version DESC LIMIT 1"
    )
    assert row is not None and row["type"] == "checkpoint_signed" and row["payload"]["statement"] == made
    assert await follower.fetchval("SELECT count(*) = count(DISTINCT id) FROM probity.outbox")
    await signer.close()


async def test_the_outbox_has_the_columns_of_debezium(ref: str, follower: Pool) -> None:
    row = await follower.fetchrow("SELECT * FROM probity.outbox WHERE aggregateid = $1", ref)
    assert row is not None
    assert list(row.keys())[:5] == ["id", "aggregatetype", "aggregateid", "type", "payload"]


async def test_lines_hold_what_events_hold(records: Records, follower: Pool) -> None:
    await records.open_case(opening(reference()))
    odd = reference()
    await records.open_case(opening(odd, command_id='"quoted" \\ and so on'))
    events = await page(follower, START, 5000)
    found = [json.loads(line) async for lines in feed.lines(follower) for line in lines.lines]
    assert odd in {event.stream for event, _ in events.events}
    places = [Cursor.read(each.pop("cursor")) for each in found]
    told = await reading.shown(follower, [Recorded.model_validate(each) for each in found])
    assert list(zip(told, places, strict=True)) == list(events.events)
    assert [lines async for lines in feed.lines(follower, events.cursor)] == []


@pytest.mark.parametrize("statement", ["feed", "feed_open", "feed_lines"])
async def test_a_page_is_read_from_the_index_and_no_more_than_a_page(
    owner: Any, follower: Pool, records: Records, statement: str
) -> None:
    await records.open_case(opening(reference()))
    copies = COPY.replace("$2", "n").replace("WHERE", "CROSS JOIN generate_series(1000, 21000) n WHERE")
    name = await owner.fetchval("SELECT stream FROM probity.event ORDER BY position DESC LIMIT 1")
    async with undone(owner):
        await owner.execute(copies, name)
        await owner.execute("ANALYZE probity.event")
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {sql(statement)}"
        told = json.loads(await owner.fetchval(explain, *START, 500))
    nodes = list(_nodes(told[0]["Plan"]))
    assert "Sort" not in {node["Node Type"] for node in nodes}
    (scan,) = [node for node in nodes if node.get("Index Name") == "event_feed"]
    assert scan["Node Type"] == "Index Scan"
    assert scan["Actual Rows"] <= 500


async def test_where_the_feed_ends_is_read_from_the_index_and_no_further(owner: Any, records: Records) -> None:
    await records.open_case(opening(reference()))
    copies = COPY.replace("$2", "n").replace("WHERE", "CROSS JOIN generate_series(1000, 21000) n WHERE")
    name = await owner.fetchval("SELECT stream FROM probity.event ORDER BY position DESC LIMIT 1")
    last = "SELECT max((generation, transaction_id::text::bigint, position)) FROM probity.event"
    assert await owner.fetchrow(sql("feed_end")) == await owner.fetchval(last)
    async with undone(owner):
        await owner.execute(copies, name)
        await owner.execute("ANALYZE probity.event")
        told = json.loads(await owner.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {sql('feed_end')}"))
    (scan,) = [node for node in _nodes(told[0]["Plan"]) if node.get("Relation Name") == "event"]
    assert (scan.get("Index Name"), scan["Actual Rows"]) == ("event_feed", 1)


async def test_the_log_of_a_subscriber_is_read_and_cleared_by_its_index(forger: Any) -> None:
    deliveries = """
        INSERT INTO probity.delivery (subscription, event_id, type, stream, version, noted_at, tried_at, state)
        SELECT 'hr', gen_random_uuid(), 'x', 'S-1', n, now(), now() - n * interval '1 minute', 'delivered'
        FROM generate_series(1, 20000) n
    """
    async with undone(forger):
        await forger.fetchval(sql("add_subscription"), "hr", "https://x", [], [], False, None, None, None, 0, 0, 0)
        await forger.execute(deliveries)
        await forger.execute("ANALYZE probity.delivery")
        explain = "EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) "
        shown = json.loads(await forger.fetchval(explain + sql("deliveries"), "hr", None, 100))
        cleared = json.loads(
            await forger.fetchval(explain + sql("clear_log"), "hr", timedelta(days=13, hours=20), 1000)
        )
    nodes = list(_nodes(shown[0]["Plan"]))
    assert "Sort" not in {node["Node Type"] for node in nodes}
    assert [(node["Index Name"], node["Actual Rows"]) for node in nodes if "Index Name" in node] == [
        ("delivery_log", 100)
    ]
    scanned = [node for node in _nodes(cleared[0]["Plan"]) if node["Node Type"] not in ("Subquery Scan", "ModifyTable")]
    gone = [node.get("Index Name", "none") for node in scanned if "Scan" in node["Node Type"]]
    assert gone == [
        "delivery_log",
        "delivery_pkey",
    ]  # found by the one, deleted by the other, and nothing looked through


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)


def test_a_cursor_is_written_and_read() -> None:
    assert Cursor.read(str(Cursor(1, 742, 31))) == Cursor(1, 742, 31) == Cursor.read("1-742-31")
    for wrong in ("", "1", "1-2", "1-2-x", "1-2-3-4", "-1-2-3", "1-2-9999999999999999999", "٣-0-0"):
        with pytest.raises(Malformed):
            Cursor.read(wrong)
    assert feed.START < Cursor(1, 0, 0)
