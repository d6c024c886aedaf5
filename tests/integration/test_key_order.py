"""Whoever changes keys or secrets locks them in one order, so that no two wait for each other, on a real Postgres."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from activities.record import Records
from activities.sql import sql
from activities.store import Pool
from activities.text import erasure
from activities.webhooks import subscribers
from activities.webhooks.subscribers import Wanted
from domain.messages import Actor
from domain.vocabulary import Role
from tests.engine import RING
from tests.store import opening, reference

BLOCKED = "SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
KEYS = "SELECT key FROM probity.text_key WHERE stream = $1 ORDER BY ctid"
SECRETS = "SELECT secret FROM probity.webhook_secret WHERE subscription = $1 ORDER BY ctid"
HOUR = timedelta(hours=1)


async def crossed(pool: Pool, old: str, lie: list[UUID], other: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Keys are wrapped anew one by one, a lower first, and another act begins in between and waits for that one.

    `lie`: the keys as they lie; the higher of the two lies before the lower, or there is nothing to show.
    """
    high, low = next((one, two) for one, two in pairwise(lie) if one > two)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks, pool.acquire() as wrapping, wrapping.transaction():
        assert await wrapping.fetch(sql(old), RING.ids[0], 1, UUID(int=low.int - 1))
        acting = tasks.create_task(other())
        while not (acting.done() or await wrapping.fetchval(BLOCKED)):
            await asyncio.sleep(0.001)
        assert await wrapping.fetch(sql(old), RING.ids[0], 1, UUID(int=high.int - 1))


async def test_an_erasure_and_a_change_of_the_master_key_do_not_wait_for_each_other(
    records: Records, keeper: Pool
) -> None:
    lie = list[UUID]()
    while lie == sorted(lie):  # keys are made at random
        name = reference()
        await records.open_case(opening(name))
        lie = [row["key"] for row in await keeper.fetch(KEYS, name)]

    async def forget() -> None:
        by = Actor(role=Role.CLERK, id="clerk-9")
        assert (await erasure.forget(keeper, None, name, by, "The period has ended.")).cases == (name,)

    await crossed(keeper, "old_keys", lie, forget)


@pytest.mark.parametrize("act", ["rotate", "remove"])
async def test_nor_do_an_act_on_the_secrets_of_a_subscriber_and_a_change_of_the_master_key(
    keeper: Pool, act: str
) -> None:
    await subscribers.add(keeper, RING, Wanted(subscription=act, url="https://example.test/"), None)
    lie = list[UUID]()
    while lie == sorted(lie):
        await subscribers.rotate(keeper, RING, act, HOUR)
        lie = [row["secret"] for row in await keeper.fetch(SECRETS, act)]

    async def change() -> None:
        await (subscribers.rotate(keeper, RING, act, HOUR) if act == "rotate" else subscribers.remove(keeper, act))

    await crossed(keeper, "old_secrets", lie, change)
