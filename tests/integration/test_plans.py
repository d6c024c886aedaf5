"""What is asked over all cases goes by an index: none of it reads through what grows with the record."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from activities.sql import sql

Owner = asyncpg.Connection
N = 20_000  # closed cases, each with its keys and a delivery; every tenth with ten events
HASH = r"decode(repeat('00', 32), 'hex')"
CASE = "'C-' || lpad(n::text, 9, '0')"
FILLED = (
    f"""INSERT INTO probity.stream (stream, version, head, opened_at, closed_at)
        SELECT {CASE}, 1, {HASH}, now(), now() FROM generate_series(1, {N}) n""",
    f"""INSERT INTO probity.event (stream, version, event_id, occurred_at, recorded_at, type, schema_version,
                                   actor_role, actor_id, command, command_id, correlation_id, causation_id, data, hash)
        SELECT {CASE}, v, gen_random_uuid(), now(), now(), 'case_referred', 1, 'clerk', 'c-1', 'x', 'y',
               gen_random_uuid(), 'z', '{{}}', {HASH} FROM generate_series(1, {N} / 10) n, generate_series(1, 10) v""",
    f"""INSERT INTO probity.text_key (key, stream, subject, wrapped, master)
        SELECT gen_random_uuid(), {CASE}, s, {HASH}, 'm-1' FROM generate_series(1, {N}) n,
               unnest(ARRAY['*', '#', 'p-' || n]) s""",
    "INSERT INTO probity.subscription (subscription, url, generation, transaction, position)"
    " VALUES ('hr', 'https://x', 0, 0, 0)",
    f"""INSERT INTO probity.delivery (subscription, event_id, type, stream, version, tried_at, state)
        SELECT 'hr', gen_random_uuid(), 'x', {CASE}, 1, now(), 'delivered' FROM generate_series(1, {N}) n""",
)
ASKED: list[tuple[str, tuple[Any, ...], int]] = [  # and how many rows of a table may be read for it
    ("every_erasure", (), 0),
    ("living_text", ("C-000001000", 500), 1600),
    ("masters", (), 2),
    ("old_keys", ("m-1", 500, UUID(int=0)), 500),
    ("old_keys", ("m-0", 500, UUID(int=0)), 0),
    ("standing", ("hr",), 0),
    ("text_about", ("p-1000", None), 2),
    ("text_about", (None, "C-000001000"), 4),
]


@pytest.fixture(scope="module")
async def owner(owner_url: str) -> AsyncIterator["Owner[asyncpg.Record]"]:
    """Someone for whom no trigger fires, in a database that is filled."""
    connection = await asyncpg.connect(owner_url)
    await connection.execute("SET session_replication_role = replica")
    for statement in FILLED:
        await connection.execute(statement)
    await connection.execute("ANALYZE")
    yield connection
    await connection.close()


@pytest.mark.parametrize(("statement", "args", "most"), ASKED, ids=lambda each: each if isinstance(each, str) else "")
async def test_no_more_is_read_than_is_asked_for(
    owner: "Owner[asyncpg.Record]", statement: str, args: tuple[Any, ...], most: int
) -> None:
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {sql(statement)}"
    nodes = list(_nodes(json.loads(await owner.fetchval(explain, *args))[0]["Plan"]))
    read = Counter[str]()
    for node in nodes:
        if "Relation Name" in node:
            each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            read[node["Relation Name"]] += round(each * node["Actual Loops"])
    few = {"subscription"}
    assert {table: rows for table, rows in read.items() if table not in few and rows > most} == {}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)
