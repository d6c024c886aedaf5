"""A database with as many events as are asked for, of cases that went from referral to their end.

Written by the server from a few whole histories, a reference in place of another, so that a million are there in some
minutes. They are real events in size and kind, and fold; their hashes are random, and no benchmark here checks a chain.
"""

import asyncpg

from domain.messages import Recorded
from tests.kit import recorded as as_recorded
from tests.kit import referred

__all__ = ["fill"]

AT_ONCE = 100  # cases a transaction
SINCE = "timestamptz '2021-01-01'"  # cases are spread over five years from then on
FILL = """
INSERT INTO probity.event (stream, version, event_id, occurred_at, recorded_at, type, schema_version, actor_role,
    actor_id, command, command_id, correlation_id, causation_id, data, hash)
SELECT name, version, gen_random_uuid(), occurred_at, SINCE + number * step + version * interval '1 hour', type,
    schema_version, actor_role, actor_id, command, command_id, md5(name)::uuid, command_id,
    replace(data::text, 'X-2020-0001', name)::jsonb, sha256(random()::text::bytea)
FROM generate_series($1::bigint, $2::bigint) AS number
CROSS JOIN LATERAL (SELECT 'N-' || lpad(number::text, 9, '0')) AS named (name)
CROSS JOIN LATERAL (SELECT interval '5 years' / $3::float8) AS every (step)
JOIN shape ON shape.which = number % (SELECT max(which) + 1 FROM shape)
ORDER BY number, version
""".replace("SINCE", SINCE)
HEADS = """
INSERT INTO probity.stream (stream, version, head, opened_at, closed_at)
SELECT e.stream, e.version, e.hash, e.recorded_at, e.recorded_at FROM probity.event e
WHERE e.stream BETWEEN $1 AND $2
  AND e.version = (SELECT max(version) FROM probity.event l WHERE l.stream = e.stream)
"""


def histories() -> list[list[Recorded]]:
    """Some whole stories: of one officer to an appeal, of two with a restriction, of one without case to answer."""
    told = [
        referred().when("impose_restriction").up_to("decide_appeal").history,
        referred().up_to("close_case").history,
        referred().when("update_party").when("impose_restriction").up_to("submit_report").history,
    ]
    return [[as_recorded(event, version) for version, event in enumerate(history, 1)] for history in told]


async def fill(owner_url: str, events: int) -> dict[str, int]:
    """Write so many events, or a few more; how many events and cases there are."""
    connection = await asyncpg.connect(owner_url)
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=str)
    shapes = histories()
    await connection.execute(
        "CREATE TEMP TABLE shape (which integer, version bigint, occurred_at timestamptz, type text, "
        "schema_version integer, actor_role text, actor_id text, command text, command_id text, data jsonb)"
    )
    for which, history in enumerate(shapes):
        await connection.executemany(
            "INSERT INTO shape VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [_row(which, each) for each in history],
        )
    cases = -(-events * len(shapes) // sum(map(len, shapes)))
    for first in range(0, cases, AT_ONCE):
        last = min(first + AT_ONCE, cases) - 1
        async with connection.transaction():
            await connection.execute(FILL, first, last, float(cases))
            await connection.execute(HEADS, f"N-{first:09}", f"N-{last:09}")
    await connection.execute("VACUUM (ANALYZE) probity.event")
    await connection.execute("VACUUM (ANALYZE) probity.stream")
    count = await connection.fetchval("SELECT count(*) FROM probity.event")
    await connection.close()
    return {"events": count, "cases": cases}


def _row(which: int, event: Recorded) -> tuple[object, ...]:
    told = event.model_dump_json(include={"data"})
    data = told[len('{"data":') : -1]
    who = (event.actor.role, event.actor.id, event.command, event.command_id)
    return (which, event.version, event.occurred_at, event.type, event.schema_version, *who, data)
