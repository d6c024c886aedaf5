"""The contract on the real thing: rows as the tables hold them, events as the feed gives them, columns as they are."""

import json
from typing import Any

import asyncpg
import pytest
from jsonschema import Draft202012Validator

from activities.feed import lines
from activities.record import Records
from activities.reporting.read_models import TABLES
from activities.reporting.reported import REPORTED
from activities.store import Pool
from integration import contract
from tests.store import opening, reference, suspend

SQL = {"string": "text", "integer": "integer", "boolean": "boolean"}
SQL_OF_FORMAT = {"date": "date", "date-time": "timestamp with time zone"}


def kind(schema: dict[str, Any], parts: dict[str, Any]) -> tuple[str, bool]:
    """The type of a column in SQL, and whether it may be empty, as the contract says."""
    if "anyOf" in schema:
        first, empty = schema["anyOf"]
        assert empty == {"type": "null"}
        return kind(first, parts)[0], True
    if "$ref" in schema:
        return kind(parts[schema["$ref"].rpartition("/")[2]], parts)
    return SQL_OF_FORMAT.get(schema.get("format", ""), SQL[schema["type"]]), False


@pytest.mark.parametrize("table", TABLES)
async def test_the_columns_are_those_of_the_table(pool: Pool, table: str) -> None:
    parts = contract.document("read_models")["$defs"]
    found = await pool.fetch(
        "SELECT column_name, data_type, is_nullable = 'YES' FROM information_schema.columns "
        "WHERE table_schema = 'reporting' AND table_name = $1",
        table,
    )
    told = {name: kind(schema, parts) for name, schema in parts[table]["properties"].items()}
    assert {name: (of, empty) for name, of, empty in found} == told
    assert sorted(parts[table]["required"]) == sorted(REPORTED[table].model_fields)


async def test_rows_and_events_fit_as_others_read_them(records: Records, pool: Pool, owner_url: str) -> None:
    name = reference()
    await records.open_case(opening(name))
    await records.record(suspend(name))
    models = contract.document("read_models")["$defs"]
    owner = await asyncpg.connect(owner_url)
    for table in ("register", "deadlines", "restrictions"):
        rows = await owner.fetch(f"SELECT to_json(t) FROM reporting.{table} AS t WHERE reference = $1", name)
        check = Draft202012Validator({"$ref": f"#/$defs/{table}", "$defs": models})
        assert [[each.message for each in check.iter_errors(json.loads(row[0]))] for row in rows] == [[]] * len(rows)
        assert rows
    await owner.close()
    event = Draft202012Validator(contract.document("events"))
    told = [json.loads(line) async for page in lines(pool) for line in page.lines]
    assert {"restriction_imposed", "deadline_set"} <= {each["type"] for each in told}
    assert [each["type"] for each in told if not event.is_valid(each)] == []
