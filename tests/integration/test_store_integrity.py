"""What is kept beside the events may be lost; events may only grow in number, and whoever changes one is found out."""

from typing import Any

import asyncpg
import pytest

from activities import chain, store
from activities.proof import whole
from activities.record import Records
from activities.store import Pool
from domain.errors import UnknownCase, Unreadable
from tests.store import ONE, TWO, act, check_whole, opening, reference

UNTOLD = "Event {} and the command that told it do not fit: one of the two was changed."


# --- the snapshot is a cache


@pytest.mark.parametrize(
    "spoiled",
    [
        "snapshot = NULL",
        "snapshot = '\"nonsense\"'",
        "snapshot = snapshot - 'officers'",
        'snapshot = snapshot || \'{"force": "other", "version": 3}\'',
        'snapshot = snapshot || \'{"force": "other"}\', snapshot_version = 4',
        "snapshot = snapshot || '{\"force\": \"other\"}', snapshot_code = sha256('other code')",
        'snapshot = snapshot || \'{"force": "other", "version": 99}\', snapshot_version = 99',
        "snapshot = NULL, snapshot_version = NULL, snapshot_code = NULL",
    ],
)
async def test_a_lost_or_spoiled_snapshot_changes_no_answer(records: Records, pool: Pool, spoiled: str) -> None:
    name = reference()
    await records.open_case(opening(name))
    await records.record(act(name, "P2"))
    whole = await store.load(pool, name)
    await pool.execute(f"UPDATE probity.stream SET {spoiled} WHERE stream = $1", name)
    assert await store.load(pool, name) == whole
    assert (await records.record(act(name, "P3", known=ONE))).version == TWO
    await check_whole(pool, name)


async def test_an_older_snapshot_is_folded_on(records: Records, pool: Pool, ref: str) -> None:
    kept = "SELECT snapshot, snapshot_version FROM probity.stream WHERE stream = $1"
    older = await pool.fetchrow(kept, ref)
    assert older is not None
    await records.record(act(ref, "P2"))
    whole = await store.load(pool, ref)
    put_back = "UPDATE probity.stream SET snapshot = $2, snapshot_version = $3 WHERE stream = $1"
    await pool.execute(put_back, ref, *older)
    assert await store.load(pool, ref) == whole
    await records.record(act(ref, "P3"))
    await check_whole(pool, ref)


# --- append-only, and tampering all the same


@pytest.mark.parametrize("table", ["event", "command"])
@pytest.mark.parametrize(
    "change", ["UPDATE probity.{} SET stream = stream", "DELETE FROM probity.{}", "TRUNCATE probity.{} CASCADE"]
)
async def test_the_record_only_grows_even_for_its_owner(
    owner_url: str, pool: Pool, ref: str, table: str, change: str
) -> None:
    owner = await asyncpg.connect(owner_url)
    with pytest.raises(asyncpg.RestrictViolationError, match=rf"^probity\.{table} is append-only: [A-Z]+ is refused\."):
        await owner.execute(change.format(table))
    await owner.close()
    await check_whole(pool, ref)


COPY = """
    INSERT INTO probity.event (stream, version, event_id, occurred_at, recorded_at, type, schema_version, actor_role,
                               actor_id, command, command_id, correlation_id, causation_id, data, hash)
    SELECT stream, $2, gen_random_uuid(), occurred_at, recorded_at, type, schema_version, actor_role,
           actor_id, command, command_id, correlation_id, causation_id, data, hash
    FROM probity.event WHERE stream = $1 AND version = 4
"""
CHANGE = "UPDATE probity.event SET {} WHERE stream = $1 AND version = $2"
MOVE = "UPDATE probity.event SET version = version + {} WHERE stream = $1 AND version {} $2"
DELETE = "DELETE FROM probity.event WHERE stream = $1 AND version {} $2"
BACK = "UPDATE probity.event SET version = version - {} WHERE stream = $1 AND version - 1000 > $2"


@pytest.mark.parametrize(
    ("version", "statements", "said"),
    [
        (4, [CHANGE.format('data = data || \'{"party": "X"}\'')], "Event 4 does not continue event 3: "),
        (1, [CHANGE.format("occurred_at = now()")], "Event 1 does not begin the chain: "),
        (ONE, [CHANGE.format("actor_id = 'x'")], f"Event {ONE} does not continue event {ONE - 1}: "),
        (ONE, [CHANGE.format("hash = sha256('x')")], f"Event {ONE} does not continue event {ONE - 1}: "),
        (4, [DELETE.format("=")], "Event 4 is missing."),
        (ONE, [DELETE.format("=")], f"Event {ONE} is missing from the end."),
        (1, [DELETE.format(">=")], f"Events 1 to {ONE} are missing from the end."),
        (4, [DELETE.format("="), MOVE.format(1000, ">"), BACK.format(1001)], "Event 5 was recorded as event 6."),
        (
            4,
            [MOVE.format(1000, ">"), BACK.format(999), COPY.replace("$2", "$2 + 1")],
            "Event 6 was recorded as event 5.",
        ),
        (2**62, [COPY], f"Events {ONE + 1} to {2**62 - 1} are missing."),
        (2**62, [COPY], f"Event {2**62} was put in after the end."),
        (ONE + 1, [COPY], f"Event {ONE + 1} was put in after the end."),
        (
            ONE,
            ["UPDATE probity.stream SET head = sha256('x') WHERE stream = $1 AND version = $2"],
            f"Event {ONE} is not",
        ),
    ],
)
async def test_tampering_is_seen_and_named(
    records: Records, pool: Pool, forger: Any, ref: str, version: int, statements: list[str], said: str
) -> None:
    await records.record(act(ref, "P2"))
    assert await whole.verify(pool, ref) == []
    for statement in statements:
        assert not (await forger.execute(statement, ref, version)).endswith(" 0")
    faults = await whole.verify(pool, ref)
    assert any(fault.startswith(said) for fault in faults), faults


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("event SET generation = 0", "Event {} was moved in the feed: who follows it may have missed it."),
        ("event SET transaction_id = '3'", "Event {} was moved in the feed: who follows it may have missed it."),
        ("event SET correlation_id = gen_random_uuid()", UNTOLD),
        ("event SET causation_id = 'other'", UNTOLD),
        ("command SET name = 'other'", UNTOLD),
        ("command SET last_version = last_version + 1, first_version = first_version + 1", UNTOLD),
        ("command SET recorded_at = recorded_at - interval '1 day'", UNTOLD),
        ("command SET command_id = 'other'", UNTOLD),
        ("command SET first_version = first_version - 1, last_version = last_version - 1", UNTOLD),
        ("command SET first_version = first_version - 1", UNTOLD),
        ("command SET last_version = last_version + 1000", UNTOLD),
    ],
)
async def test_what_the_chain_does_not_cover_is_compared_with_what_it_does(
    records: Records, pool: Pool, forger: Any, ref: str, change: str, said: str
) -> None:
    await records.record(act(ref, "P2"))
    which = "version = $2" if change.startswith("event") else "first_version = $2"
    assert await forger.execute(f"UPDATE probity.{change} WHERE stream = $1 AND {which}", ref, ONE) == "UPDATE 1"
    assert await whole.verify(pool, ref) == [said.format(ONE)]


async def test_a_command_that_was_put_in_is_told(pool: Pool, forger: Any, ref: str) -> None:
    """Whoever gave it would be refused, as if it had been recorded."""
    put = "INSERT INTO probity.command SELECT stream, 'P2', name, body_hash, 2, 3, recorded_at FROM probity.command"
    assert await forger.execute(f"{put} WHERE stream = $1", ref) == "INSERT 0 1"
    assert await whole.verify(pool, ref) == [UNTOLD.format(2)]


async def test_an_event_that_is_dated_before_the_one_before_it_is_told(
    records: Records, pool: Pool, forger: Any, ref: str
) -> None:
    await records.record(act(ref, "P2"))
    for table in ("event", "command"):
        change = f"UPDATE probity.{table} SET recorded_at = '2019-01-01' WHERE stream = $1 AND command_id = 'P2'"
        assert await forger.execute(change, ref) == "UPDATE 1"
    await relink(forger, pool, ref)
    told = f"Event {ONE} is dated before the one before it, as of when it was recorded."
    assert await whole.verify(pool, ref) == [told]


async def test_a_row_that_says_closed_beside_events_that_do_not_is_found(owner_url: str, pool: Pool, ref: str) -> None:
    owner = await asyncpg.connect(owner_url)
    await owner.execute("UPDATE probity.stream SET closed_at = now() WHERE stream = $1", ref)
    await owner.close()
    told = "When the case was opened or closed is not what the events give: its row was changed."
    assert await whole.verify(pool, ref) == [told]


async def test_a_snapshot_that_is_not_what_the_events_give_is_decided_on_and_found(
    records: Records, owner_url: str, pool: Pool, ref: str
) -> None:
    owner = await asyncpg.connect(owner_url)
    false = "UPDATE probity.stream SET snapshot = jsonb_set(snapshot, '{force}', '\"other\"') WHERE stream = $1"
    await owner.execute(false, ref)
    await owner.close()
    assert (await records.record(act(ref, "P2"))).refusal is None
    assert (await store.load(pool, ref)).force == "other"
    told = "The snapshot is not what the events give: drop it, and look at what was decided on it since."
    assert await whole.verify(pool, ref) == [told]


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("type", "'restriction_forgotten'", "Event {} of case {} is of a type that this release does not know."),
        ("data", "'{}'", "Event {} of case {} does not fit its type, party_added."),
    ],
)
async def test_an_event_of_another_release_is_told_by_its_code(
    records: Records,
    pool: Pool,
    forger: "asyncpg.Connection[asyncpg.Record]",
    ref: str,
    column: str,
    value: str,
    sentence: str,
) -> None:
    await records.record(act(ref, "P2"))
    await forger.execute(f"UPDATE probity.event SET {column} = {value} WHERE stream = $1 AND version = $2", ref, ONE)
    await forger.execute("UPDATE probity.stream SET snapshot = NULL WHERE stream = $1", ref)
    with pytest.raises(Unreadable) as told:
        await store.load(pool, ref)
    assert (told.value.code, told.value.sentence) == ("unreadable", sentence.format(ONE, ref))
    with pytest.raises(Unreadable):
        await records.record(act(ref, "P3"))
    await relink(forger, pool, ref)
    assert await whole.verify(pool, ref) == [f"{sentence.format(ONE, ref)} The chain is whole."]


async def test_a_field_that_no_event_of_the_type_has_is_named(
    records: Records, pool: Pool, forger: "asyncpg.Connection[asyncpg.Record]", ref: str
) -> None:
    """Its name is read as if it were the record's own words."""
    await records.record(act(ref, "P2"))
    put = 'UPDATE probity.event SET data = data || \'{"finding": "x"}\' WHERE stream = $1 AND version = $2'
    await forger.execute(put, ref, ONE)
    await relink(forger, pool, ref)
    told = f"Event {ONE} holds a field that no event party_added has: it was put in or changed."
    assert await whole.verify(pool, ref) == [told]


async def relink(forger: "asyncpg.Connection[asyncpg.Record]", pool: Pool, ref: str) -> None:
    """As the release would have recorded it that knows the event."""
    *before, last = await store.events(pool, ref)
    head = chain.link(bytes.fromhex(before[-1].hash), chain.envelope(last))
    await forger.execute("UPDATE probity.event SET hash = $3 WHERE stream = $1 AND version = $2", ref, ONE, head)
    await forger.execute("UPDATE probity.stream SET head = $2 WHERE stream = $1", ref, head)


NOTHING = """
    SELECT probity.append(
        jsonb_build_object('stream', stream, 'command_id', 'x', 'name', 'x', 'body_hash', '\\x' || repeat('00', 32),
                           'first_version', version + 1, 'recorded_at', now()),
        head, '{}', NULL, NULL, now(), now(), '{}'
    ) FROM (SELECT stream, version, head FROM probity.stream WHERE stream = $1
            UNION ALL SELECT $1, 0, decode(repeat('00', 32), 'hex') ORDER BY version DESC LIMIT 1) AS stands
"""


async def test_an_append_of_nothing_closes_no_case_and_takes_no_reference(pool: Pool, ref: str) -> None:
    for name in (ref, reference()):
        with pytest.raises(asyncpg.CheckViolationError, match="gave_an_event"):
            await pool.execute(NOTHING, name)
    await check_whole(pool, ref)


async def test_a_case_of_which_every_event_was_taken_is_told(pool: Pool, forger: Any, ref: str) -> None:
    await forger.execute("DELETE FROM probity.event WHERE stream = $1", ref)
    await forger.execute("UPDATE probity.stream SET version = 0 WHERE stream = $1", ref)
    assert await whole.verify(pool, ref) == [UNTOLD.format(1), "No event opens the case."]
    await forger.execute("DELETE FROM probity.command WHERE stream = $1", ref)
    assert await whole.verify(pool, ref) == ["No event opens the case."]


async def test_a_case_whose_row_was_taken_is_not_said_to_be_none(pool: Pool, forger: Any, ref: str) -> None:
    await forger.execute("DELETE FROM probity.stream WHERE stream = $1", ref)
    assert await whole.verify(pool, ref) == ["The case is gone: there is no row of it, and events or checkpoints are."]
    with pytest.raises(UnknownCase):
        await whole.verify(pool, reference())
