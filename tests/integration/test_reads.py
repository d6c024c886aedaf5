"""Who reads free text is recorded, in a chain that nobody changes; who does not say why does not read it."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from activities import chain, feed, reading, store
from activities.record import Records
from activities.sql import sql
from activities.store import Pool
from activities.text import reads
from activities.text.reads import Reader
from deploy.roles import ENGINE, FEED, GATEWAY, KEEPER, OPENER, SIGNER, as_role
from deploy.roles import READER as BI
from domain.errors import AlreadyDone, Unavailable
from domain.messages import Actor
from domain.vocabulary import Role
from integration.cli.told import given
from integration.export import export
from integration.record import Record
from integration.settings import Settings
from tests.engine import RING
from tests.store import opening, reference

WHY = "To decide on the report."
WHO = Actor(role=Role.INVESTIGATOR, id="i-9")
READER = Reader(WHO, WHY, RING)


async def test_a_reading_is_recorded_with_who_when_and_why(pool: Pool, ref: str) -> None:
    await reading.events(pool, READER, ref)
    await reading.events(pool, READER._replace(purpose="To answer the officer."), ref)
    first, second = await reads.readings(pool, ref)
    assert (first.number, first.reader, first.what, first.purpose) == (1, WHO, "events", WHY)
    assert second.purpose == "To answer the officer." and first.read_at < second.read_at
    assert await reads.verify(pool, ref) == []


async def test_what_is_shown_sealed_is_no_reading(pool: Pool, owner_url: str, ref: str) -> None:
    reader = await store.open_pool(as_role(owner_url, FEED))
    await reading.events(pool, None, ref)
    await reading.events(reader, READER, ref)  # without the right it stays sealed, whatever is said
    await reading.events(pool, READER, "NO-SUCH-CASE")
    await export(pool, ref)
    await export(reader, ref, None, READER)
    assert await reads.readings(reader, ref) == []
    await reader.close()


async def test_who_is_told_of_an_id_that_was_used_reads_no_text(pool: Pool, settings: Settings, ref: str) -> None:
    async def refused() -> None:
        raise AlreadyDone("Used.")

    with pytest.raises(AlreadyDone, match="the same act has the same --at"):
        await given(refused(), Record(pool, settings).read_by(READER), ref, "open")
    assert await reads.readings(pool, ref) == []


async def test_a_page_of_the_feed_is_a_reading_of_every_case_on_it(pool: Pool, records: Records, ref: str) -> None:
    other = reference()
    await records.open_case(opening(other))
    await feed.page(pool, limit=5000, reader=READER)
    for name in (ref, other):
        assert [each.what for each in await reads.readings(pool, name)] == ["feed"]
    await export(pool, ref, None, READER)
    assert [each.what for each in await reads.readings(pool, ref)] == ["feed", "export"]


async def test_many_who_read_at_once_are_recorded_one_after_the_other(pool: Pool, ref: str) -> None:
    await asyncio.gather(*(reading.events(pool, READER, ref) for _ in range(12)))
    await asyncio.gather(*(feed.page(pool, limit=5000, reader=READER) for _ in range(4)))
    assert [each.number for each in await reads.readings(pool, ref)] == list(range(1, 17))
    assert await reads.verify(pool, ref) == []


async def test_nothing_is_shown_that_could_not_be_recorded(
    pool: Pool, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "sql", lambda name: "SELECT 1/0" if name == "log_readings" else sql(name))
    with pytest.raises((Unavailable, asyncpg.PostgresError)):
        await reading.events(pool, READER, ref)
    assert await pool.fetchval("SELECT count(*) FROM probity.reading WHERE stream = $1", ref) == 0


@pytest.mark.parametrize("role", [ENGINE, FEED, KEEPER, OPENER])
async def test_no_role_changes_the_log(pool: Pool, owner_url: str, ref: str, role: str) -> None:
    await reading.events(pool, READER, ref)
    attacker = await asyncpg.connect(as_role(owner_url, role))
    for attack in (
        "UPDATE probity.reading SET purpose = 'x'",
        "DELETE FROM probity.reading",
        "TRUNCATE probity.reading",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await attacker.execute(attack)
    await attacker.close()


async def test_the_owner_is_stopped_by_the_trigger_and_found_by_the_chain(
    pool: Pool, owner: "asyncpg.Connection[asyncpg.Record]", ref: str
) -> None:
    for _ in range(3):
        await reading.events(pool, READER, ref)
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await owner.execute("UPDATE probity.reading SET purpose = 'x' WHERE stream = $1", ref)
    await owner.execute("ALTER TABLE probity.reading DISABLE TRIGGER ALL")
    await owner.execute("UPDATE probity.reading SET purpose = 'x' WHERE stream = $1 AND number = 2", ref)
    assert await reads.verify(pool, ref) == [
        "Reading 2 of the log of readers does not continue the one before: one was changed."
    ]
    await owner.execute("DELETE FROM probity.reading WHERE stream = $1 AND number = 2", ref)
    assert await reads.verify(pool, ref) == ["Reading 2 is missing from the log of readers."]
    await owner.execute("ALTER TABLE probity.reading ENABLE TRIGGER ALL")


PUT = """
    INSERT INTO probity.reading (stream, number, read_at, reader_role, reader_id, what, purpose, hash)
    VALUES ($1, $2, $3, 'investigator', 'x', 'events', 'x', $4)
"""


async def linked(pool: Pool, ref: str, at: datetime) -> tuple[str, int, datetime, bytes]:
    """What a reading at a moment is put in with, rightly linked to the last one."""
    last = (await reads.readings(pool, ref))[-1]
    envelope = reads._envelope(ref, last.number + 1, at, "investigator", "x", "events", "x")
    return ref, last.number + 1, at, chain.link(bytes.fromhex(last.hash), envelope)


@pytest.mark.parametrize("role", [ENGINE, GATEWAY, KEEPER, OPENER])
async def test_nobody_puts_a_reading_in_the_log_themselves(pool: Pool, owner_url: str, ref: str, role: str) -> None:
    """One with any hash had `verify` say for ever that a reading was changed; nor is one numbered or dated at will."""
    await reading.events(pool, READER, ref)
    attacker = await asyncpg.connect(as_role(owner_url, role))
    now = await attacker.fetchval("SELECT now()")
    for put in ((ref, 2, now, sha256(b"x").digest()), await linked(pool, ref, now)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await attacker.execute(PUT, *put)
    await attacker.execute(sql("log_readings"), [ref, ref], "clerk", "c-1", "events", "x")
    await attacker.close()
    assert [each.number for each in await reads.readings(pool, ref)] == [1, 2]
    assert await reads.verify(pool, ref) == []


async def test_a_reader_who_is_no_actor_hides_no_other(pool: Pool, owner_url: str, ref: str) -> None:
    """A login that may open text may say that anyone reads: nobody could be shown the log of the case again."""
    await reading.events(pool, READER, ref)
    attacker = await asyncpg.connect(as_role(owner_url, OPENER))
    await attacker.execute(sql("log_readings"), [ref], "nobody", "\x1b[2J", "events", "x")
    await attacker.close()
    first, second = await reads.readings(pool, ref)
    assert first.reader == WHO and (second.reader.role, second.reader.id) == ("nobody", "\x1b[2J")
    assert await reads.verify(pool, ref) == []


@pytest.mark.parametrize("role", [FEED, SIGNER, BI])
async def test_who_may_not_open_text_adds_nothing_to_the_log(owner_url: str, ref: str, role: str) -> None:
    attacker = await asyncpg.connect(as_role(owner_url, role))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await attacker.execute(sql("log_readings"), [ref], "clerk", "c-1", "events", "x")
    await attacker.close()


async def test_the_database_links_a_reading_as_anyone_else_does(pool: Pool, ref: str) -> None:
    """Whatever signs there are in what was said: JSON is escaped there as it is here."""
    signs = "".join(chr(each) for each in (*range(1, 0x250), 0x2028, 0x2029, 0xFEFF, 0xFFFD, 0x1F46E))
    await reading.events(pool, READER, ref)
    await reads.log_decoded(pool, WHO, signs, [ref])
    await reads.log_decoded(pool, WHO, '\\\\u0041\\"%s%%', [ref])
    assert [each.purpose for each in await reads.readings(pool, ref)][1] == signs
    assert await reads.verify(pool, ref) == []


async def test_those_who_read_the_same_cases_in_any_order_wait_for_each_other(pool: Pool, records: Records) -> None:
    first, second = sorted(reference() for _ in range(2))
    for name in (first, second):
        await records.open_case(opening(name))

    async def read(connection: store.Connection, *names: str) -> None:
        await reads._write(connection, WHO, WHY, "decode", names)

    async with store.transaction(pool) as other:
        async with store.transaction(pool) as one:
            await read(one, first)
            waiting = asyncio.create_task(read(other, second, first))
            await asyncio.sleep(0.3)
            await read(one, second)  # the other waits for the first, and holds none
        await waiting
    for name in (first, second):
        assert [each.number for each in await reads.readings(pool, name)] == [1, 2]
        assert await reads.verify(pool, name) == []


@pytest.mark.parametrize("role", [FEED, SIGNER, BI])
async def test_who_may_not_open_text_keeps_nobody_from_it(pool: Pool, owner_url: str, ref: str, role: str) -> None:
    """Whoever may log in can hold an advisory lock, and a case was no more read while they did."""
    await reading.events(pool, READER, ref)
    attacker = await asyncpg.connect(as_role(owner_url, role))
    async with attacker.transaction():
        await attacker.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", ref)
        if role != BI:
            await attacker.execute("SELECT FROM probity.reading")
        for mode in ("ROW SHARE", "ROW EXCLUSIVE", "SHARE", "EXCLUSIVE"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with attacker.transaction():
                    await attacker.execute(f"LOCK TABLE probity.reading IN {mode} MODE")
        await reading.events(pool, READER, ref)
    await attacker.close()


async def test_a_gap_in_the_log_is_told_in_one_sentence_however_wide(
    pool: Pool, owner: "asyncpg.Connection[asyncpg.Record]", ref: str
) -> None:
    await reading.events(pool, READER, ref)
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(PUT, ref, 2**62, datetime.now(UTC), bytes(32))
    assert await reads.verify(pool, ref) == [f"Readings 2 to {2**62 - 1} are missing from the log of readers."]


async def test_a_reading_that_is_dated_before_the_one_before_is_named(
    pool: Pool, owner: "asyncpg.Connection[asyncpg.Record]", ref: str
) -> None:
    """By more than a minute: a clock that was set right is no fault. Nor is what comes later, dated as it was."""
    await reading.events(pool, READER, ref)
    (first,) = await reads.readings(pool, ref)
    await owner.execute("SET session_replication_role = replica")
    for seconds in (-59, -59 - 61, 0):
        await owner.execute(PUT, *await linked(pool, ref, first.read_at + timedelta(seconds=seconds)))
    await owner.execute("RESET session_replication_role")
    assert await reads.verify(pool, ref) == [
        "Reading 3 of the log of readers is dated more than a minute before reading 2."
    ]


# --- over all cases


async def test_the_register_is_sorted_and_sifted_as_people_work_through_it(
    pool: Pool, records: Records, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """What is overdue comes first, then what is open by its nearest limit; with the filters that the gateway has."""
    force = f"force-{uuid4().hex[:8]}"
    closed, later, sooner, late = [reference() for _ in range(4)]
    for name in (closed, later, sooner, late):
        await records.open_case(opening(name, force=force))
    change = (
        "UPDATE reporting.register SET next_due = $2, overdue = $3, stage = $4, closed_at = $5 WHERE reference = $1"
    )
    for name, due, overdue, stage, at in (
        (closed, None, 0, "closed", datetime.now(UTC)),
        (later, date(2030, 2, 2), 0, "referral", None),
        (sooner, date(2030, 1, 1), 0, "investigation", None),
        (late, date(2030, 3, 3), 2, "investigation", None),
    ):
        await owner.execute(change, name, due, overdue, stage, at)

    async def found(**sought: Any) -> list[str]:
        return [each["reference"] for each in await reading.register(pool, force=force, **sought)]

    assert await found() == [late, sooner, later, closed]
    assert await found(overdue=True) == [late]
    assert await found(overdue=False) == [sooner, later, closed]
    assert await found(stage="investigation") == [late, sooner]
    assert late in {each["reference"] for each in await reading.register(pool)}
