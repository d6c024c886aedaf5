"""What an act costs beside the law: how often it goes to Postgres, and how often the same is reckoned."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from activities import connection, reading, record, room, store
from activities.record import Records
from activities.sql import name_of, sql
from activities.store import Pool
from activities.webhooks import subscribers
from domain.state import Case
from tests.engine import RING
from tests.store import OPENED, act, opening, reference

if TYPE_CHECKING:
    from asyncpg.connection import LoggedQuery


@pytest.fixture
async def one(database_url: str) -> AsyncIterator[tuple[Pool, list[str]]]:
    """A pool of one connection, and all that is said on it but for hints."""
    pool, said = await store.open_pool(database_url, size=1), list[str]()

    def hear(query: "LoggedQuery") -> None:
        if "pg_notify" not in query.query:
            said.append(name_of(query.query))

    async with pool.acquire() as only:
        only.add_query_logger(hear)
    yield pool, said
    await pool.close()


async def test_an_act_goes_to_postgres_twice_and_its_receipt_once(one: tuple[Pool, list[str]]) -> None:
    pool, said = one
    records, ref = Records(pool, RING), reference()
    await records.open_case(opening(ref))
    said.clear()
    answer = await records.record(act(ref, "P2", known=OPENED))
    assert said == ["see", "append"]
    said.clear()
    assert await reading.shown(pool, answer.told)
    assert said == ["holds"]


async def test_whoever_looks_for_subscribers_who_are_behind_says_no_more_than_that(one: tuple[Pool, list[str]]) -> None:
    pool, said = one
    await subscribers.behind(pool)
    assert said == ["behind"]


async def test_where_a_case_stands_and_its_json_are_reckoned_once(
    records: Records, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counter[str]()

    def count(module: Any, name: str) -> None:
        reckon = getattr(module, name)

        def counting(value: Any) -> Any:
            counted[name] += isinstance(value, Case)
            return reckon(value)

        monkeypatch.setattr(module, name, counting)

    count(record, "standing")
    for module in (store, room, connection):
        count(module, "to_json")
    await records.record(act(ref, "P2", known=OPENED))
    assert counted == {"standing": 1, "to_json": 1}


async def test_a_snapshot_goes_from_its_row_to_the_model_with_nothing_between(pool: Pool, ref: str) -> None:
    for row in (await pool.fetchrow(sql("see"), ref, ""), await pool.fetchrow(sql("read_stream"), ref)):
        assert row is not None
        assert isinstance(row["snapshot"], str)
        assert store.snapshot_of(row) == await store.load(pool, ref)
