"""What is listed over all cases has the time it takes, and what Postgres is not done with in time is told as that."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from activities import connection, reading, store
from activities.record import Records
from activities.store import Pool
from domain.errors import Unavailable
from tests.store import asked, opening, reference

SLOW = """
ALTER TABLE {0} ENABLE ROW LEVEL SECURITY;
CREATE POLICY slow ON {0} FOR SELECT USING (pg_sleep(0.3) IS NOT NULL);
"""
TABLES = ("reporting.register", "reporting.restrictions", "probity.stream")
SENTENCE = "Postgres was not done in time: it is busy or stands still, or what was asked of it takes long."

LISTS: dict[str, Callable[[Pool], Awaitable[list[dict[str, Any]]]]] = {
    "register": reading.register,
    "deadlines": reading.deadlines,
    "restrictions": reading.restrictions,
    "handed_over": reading.handed_over,
}


@pytest.fixture(scope="module")
async def slow(records: Records, owner_url: str) -> None:
    """Two cases with a row in each list, on a Postgres that takes a while over every row."""
    into, name = reference(), reference()
    for each in (into, name):
        assert (await records.open_case(opening(each, officers="AB"))).refusal is None
    reasons = {"redeployment_considered": True, "public_interest_requires": True}
    for act in (
        asked(name, "suspend", "impose_restriction", officer="A", measure="suspension", **reasons),
        asked(name, "give", "hand_over_officer", officer="B", to=into),
    ):
        answer = await records.record(act)
        assert answer.refusal is None, answer.refusal
    owner = await asyncpg.connect(owner_url)
    for table in TABLES:
        await owner.execute(SLOW.format(table))
    await owner.close()


@pytest.fixture
async def hurried(slow: None, database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pool]:
    """Connections on which an act has less time than a row takes."""
    monkeypatch.setitem(connection.SESSION, "statement_timeout", "200")
    monkeypatch.setattr(connection, "TRANSACTION_SECONDS", 0.25)
    pool = await store.open_pool(database_url)
    yield pool
    await pool.close()


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_over_all_cases_has_the_time_it_takes(hurried: Pool, name: str) -> None:
    assert await LISTS[name](hurried)


@pytest.mark.parametrize("server", [True, False], ids=["as Postgres counts", "as we count"])
async def test_what_is_not_done_in_time_is_not_told_as_a_postgres_that_is_away(
    database_url: str, monkeypatch: pytest.MonkeyPatch, server: bool
) -> None:
    if server:
        monkeypatch.setitem(connection.SESSION, "statement_timeout", "200")
    else:
        monkeypatch.setattr(connection, "TRANSACTION_SECONDS", 0.25)
    pool = await store.open_pool(database_url)
    with pytest.raises(Unavailable) as late:
        async with store.transaction(pool) as connected:
            await connected.execute("SELECT pg_sleep(2)")
    assert (late.value.code, str(late.value)) == ("unavailable", SENTENCE)
    await pool.close()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(), "nothing listens where DATABASE_URL says"),
        (FileNotFoundError(), "nothing listens where DATABASE_URL says"),
        (ConnectionResetError(), "the connection broke off"),
        (asyncpg.ConnectionDoesNotExistError("closed in the middle of operation"), "the connection broke off"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_postgres_that_is_away_is_told_as_that_and_in_words(error: Exception, said: str) -> None:
    with pytest.raises(Unavailable) as away, connection.answering():
        raise error
    assert away.value.sentence == f"Postgres did not answer: {said}."
