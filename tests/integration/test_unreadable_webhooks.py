"""Webhooks of a case that cannot be read wait, and the others go out.

In a module, and so a database, without a worker: its bell would ring for the subscriber, and two would take turns.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import pytest
from temporalio.testing import ActivityEnvironment

from activities import feed
from activities.feed import Cursor
from activities.record import Records
from activities.store import Pool
from activities.webhooks.deliver import Deliveries
from activities.webhooks.outbound import Outbound
from activities.webhooks.subscribers import Wanted, add, remove
from activities.webhooks.turns import SubscriberStanding, Turn
from tests.engine import RING
from tests.integration.test_unreadable import BROKEN, SECRET, broken, change, cursor
from tests.receiver import Receiver, receiver
from tests.store import ONE, act, opening, reference

__all__ = ["broken", "cursor"]  # the fixtures

NAME = "unreadable"


async def test_a_webhook_of_it_waits_and_those_of_other_cases_go_out(
    pool: Pool, keeper: Pool, records: Records, owner_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    refs, outbound = [reference(), reference()], Outbound(development=True)
    deliveries, what = Deliveries(pool, RING, outbound), BROKEN["an unknown role"][0]
    owner = await asyncpg.connect(owner_url)
    async with closing(outbound, owner), receiver() as hook:
        await add(keeper, RING, Wanted(subscription=NAME, url=hook.url), None)
        for ref in refs:
            await records.open_case(opening(ref))
            await records.record(act(ref, "P2"))
        told = 2 * ONE
        assert await all_told(deliveries, hook, refs, told) == told
        await owner.execute("UPDATE probity.delivery SET state = 'waiting', attempts = 0, retry_at = now()")
        await change(owner_url, refs[0], what)
        again = await all_told(deliveries, hook, refs, told + 2 * ONE - 1) - told
        await change(owner_url, refs[0], "actor_role = 'appropriate_authority'")
        assert again == 2 * ONE - 1
        waits = await owner.fetch(
            "SELECT state, fault, attempts FROM probity.delivery WHERE state = 'waiting' AND stream = ANY ($1)", refs
        )
        assert [tuple(row) for row in waits] == [("waiting", "unreadable", 0)]
        assert f"Event {ONE} of case {refs[0]}" in caplog.text
        await remove(keeper, NAME)


@pytest.mark.parametrize("broken", ["no data"], indirect=True)
async def test_webhooks_say_in_the_same_turn_what_stops_them_and_ask_for_no_other_turn(
    broken: tuple[str, str, str], cursor: Cursor, pool: Pool, keeper: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    _, ref, _ = broken
    outbound = Outbound(development=True)
    async with closing(outbound), receiver() as hook:
        await add(keeper, RING, Wanted(subscription=NAME, url=hook.url), cursor)
        async with asyncio.timeout(60):
            while (await feed.page(pool, cursor)).stopped is None:
                pass  # an open transaction may hold it back
        standing = await turn(Deliveries(pool, RING, outbound))
        await remove(keeper, NAME)
    assert hook.of(ref) == list(range(1, ONE)) and not standing.more
    assert f"stops: Event {ONE} of case {ref}" in caplog.text and SECRET not in caplog.text


@asynccontextmanager
async def closing(*open: Outbound | asyncpg.Connection) -> AsyncIterator[None]:
    """Close these at the end, also of a test that fails."""
    try:
        yield
    finally:
        for each in open:
            await each.close()


async def all_told(deliveries: Deliveries, hook: Receiver, refs: list[str], count: int) -> int:
    """Take turns until so many requests about these cases came, and one more turn; how many came.

    An open transaction may hold some back, and cases of other tests go on.
    """

    def came() -> int:
        return len([each for each in hook.got if each.told["subject"] in refs])

    async with asyncio.timeout(60):
        while came() < count:
            await turn(deliveries)
    await turn(deliveries)
    return came()


async def turn(deliveries: Deliveries) -> SubscriberStanding:
    return await ActivityEnvironment().run(deliveries.deliver, Turn(subscription=NAME, now=datetime.now(UTC)))
