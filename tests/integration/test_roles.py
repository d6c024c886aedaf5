"""Each role of the database as an attacker: what it may do, and everything else it tries and is refused."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import reduce
from hashlib import sha256
from typing import Any, TypeAlias, cast
from uuid import uuid4

import asyncpg
import pytest
from temporalio.client import Client

from activities import feed, store
from activities.chain import canonical, envelope
from activities.proof import checkpoints, whole
from activities.record import Records
from activities.sql import sql
from activities.store import Pool
from activities.text import erasure
from activities.webhooks import subscribers
from activities.webhooks.subscribers import Wanted
from deploy import roles
from deploy.roles import ENGINE, FEED, GATEWAY, KEEPER, OPENER, READER, SIGNER
from domain.errors import Unavailable
from domain.messages import Actor
from domain.vocabulary import Role
from tests.engine import RING, SIGNING
from tests.store import act, check_whole, opening, reference
from worker import check

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Login: TypeAlias = Callable[[str], Awaitable[Connection]]


@pytest.fixture
async def ref(records: Records) -> str:
    """A case with some events."""
    name = reference()
    await records.open_case(opening(name))
    await records.record(act(name, "P2"))
    return name


@pytest.fixture(scope="module")
async def login(owner_url: str) -> AsyncIterator[Login]:
    """Log in as someone who has this role and nothing else: a real login, not the owner's with a role put on."""
    owner = await asyncpg.connect(owner_url)
    opened: list[Connection] = []
    names: list[str] = []

    async def log_in(role: str) -> Connection:
        name, password = f"attacker_{uuid4().hex}", uuid4().hex
        await owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE {role}")
        names.append(name)
        opened.append(await asyncpg.connect(owner_url, user=name, password=password))
        return opened[-1]

    yield log_in
    for connection in opened:
        await connection.close()
    for name in names:
        await owner.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")
    await owner.close()


KEEPS = ("probity.text_key", "probity.subscription", "probity.webhook_secret")  # where the keeper may more

# --- whatever role it has, nobody changes the record

ATTACKS = [
    "UPDATE probity.event SET data = '{}'",
    "UPDATE probity.event SET hash = hash",
    "DELETE FROM probity.event",
    "TRUNCATE probity.event",
    "UPDATE probity.command SET body_hash = body_hash",
    "DELETE FROM probity.command",
    "TRUNCATE probity.command",
    "DELETE FROM probity.stream",
    "TRUNCATE probity.stream",
    "UPDATE probity.stream SET stream = 'X-1'",
    "UPDATE probity.stream SET opened_at = now()",
    "MERGE INTO probity.event e USING probity.event s ON e.event_id = s.event_id WHEN MATCHED THEN DELETE",
    "INSERT INTO probity.event SELECT * FROM probity.event ON CONFLICT (event_id) DO UPDATE SET data = '{}'",
    "INSERT INTO probity.event (stream, version, transaction_id) VALUES ('X-1', 1, '1')",
    "INSERT INTO probity.event (stream, version, generation) VALUES ('X-1', 1, 1)",
    "INSERT INTO probity.generation VALUES (9, 'x')",
    "INSERT INTO probity.event (stream, version, position) OVERRIDING SYSTEM VALUE VALUES ('X-1', 1, 1)",
    "DELETE FROM probity.checkpoint",
    "UPDATE probity.checkpoint_head SET head = sha256('x')",
    "DELETE FROM probity.text_key",
    "TRUNCATE probity.text_key",
    "UPDATE probity.text_key SET subject = 'x'",
    "UPDATE probity.referral_key SET reference = 'X-1'",
    "DELETE FROM probity.referral_key",
    "DELETE FROM probity.migration",
    "INSERT INTO probity.migration VALUES ('x', 'x')",
    # the triggers, and everything else that could stand in a statement's way or be put there
    "ALTER TABLE probity.event DISABLE TRIGGER ALL",
    "ALTER TABLE probity.event DISABLE TRIGGER append_only",
    "DROP TRIGGER append_only ON probity.event",
    "ALTER TRIGGER append_only ON probity.event RENAME TO other",
    "CREATE OR REPLACE FUNCTION probity.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    "DROP FUNCTION probity.refuse_change() CASCADE",
    "CREATE TRIGGER a BEFORE INSERT ON probity.event FOR EACH ROW EXECUTE FUNCTION probity.refuse_change()",
    "CREATE RULE a AS ON DELETE TO probity.event DO INSTEAD NOTHING",
    "ALTER TABLE probity.event ENABLE ROW LEVEL SECURITY",
    "SET session_replication_role = replica",
    # the tables
    "DROP TABLE probity.event CASCADE",
    "ALTER TABLE probity.event RENAME TO other",
    "ALTER TABLE probity.event DROP COLUMN hash",
    "ALTER TABLE probity.event SET SCHEMA reporting",
    "ALTER TABLE probity.event OWNER TO CURRENT_USER",
    "DROP SCHEMA probity CASCADE",
    "CREATE TABLE probity.other ()",
    "CREATE TABLE reporting.other ()",
    "CREATE TABLE public.other ()",
    "CREATE SCHEMA other",
    "CREATE INDEX ON probity.event (type)",
    "VACUUM FULL probity.event",
    # rights
    "GRANT UPDATE ON probity.event TO CURRENT_USER",
    "GRANT ALL ON ALL TABLES IN SCHEMA probity TO CURRENT_USER",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA probity GRANT ALL ON TABLES TO PUBLIC; CREATE TABLE probity.mine ()",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    "CREATE ROLE other SUPERUSER",
    "COPY probity.event TO PROGRAM 'cat'",
    "SELECT pg_read_file('PG_VERSION')",
]


@pytest.mark.parametrize("role", [ENGINE, FEED, GATEWAY, KEEPER, OPENER, READER, SIGNER])
async def test_no_role_changes_the_record(pool: Pool, login: Login, ref: str, role: str) -> None:
    attacker = await login(role)
    for attack in ATTACKS:
        try:
            await attacker.execute(attack)
        except asyncpg.PostgresError as refused:
            assert isinstance(refused, asyncpg.InsufficientPrivilegeError | asyncpg.GeneratedAlwaysError), attack
            continue
        # Postgres passes these over with a warning; what was asked for must not have come about
        assert attack.startswith(("GRANT", "VACUUM")), attack
    granted = "SELECT has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE') FROM pg_class WHERE relname = 'event'"
    assert not await attacker.fetchval(granted)
    await check_whole(pool, ref)


@pytest.mark.parametrize("role", [ENGINE, FEED, READER, SIGNER])
async def test_no_role_becomes_another(login: Login, owner_url: str, role: str) -> None:
    attacker, owner = await login(role), await asyncpg.connect(owner_url)
    others = [await owner.fetchval("SELECT current_user"), *({ENGINE, FEED, KEEPER, OPENER, READER, SIGNER} - {role})]
    await owner.close()
    for other in others:
        for attack in (f'SET ROLE "{other}"', f'SET SESSION AUTHORIZATION "{other}"', f'GRANT "{other}" TO "{role}"'):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await attacker.execute(attack)
    await attacker.execute("RESET ROLE; RESET SESSION AUTHORIZATION")
    assert not await attacker.fetchval("SELECT pg_has_role('postgres', 'MEMBER')")


# --- what the engine may do it may not do to hide something


async def test_nobody_rewinds_a_case(pool: Pool, login: Login, ref: str, owner_url: str) -> None:
    engine, owner = await login(ENGINE), await asyncpg.connect(owner_url)
    for attack in ("version = version - 1", "version = 0", "head = sha256('x')", "version = 1, head = sha256('x')"):
        statement = f"UPDATE probity.stream SET {attack} WHERE stream = $1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await engine.execute(statement, ref)
        with pytest.raises(asyncpg.RestrictViolationError, match="moves forward only"):
            await owner.execute(statement, ref)
    await owner.close()
    await check_whole(pool, ref)


async def test_the_engine_puts_nothing_beside_the_chain(pool: Pool, login: Login, ref: str) -> None:
    """All that a stolen login can do is to add an event at the end of a case, where it is linked and seen."""
    engine, seen = await login(ENGINE), await store.see(pool, ref)  # type: ignore[arg-type]  # it only reads
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await engine.execute("INSERT INTO probity.event (stream, version) VALUES ($1, 9)", ref)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await engine.execute("INSERT INTO probity.command SELECT * FROM probity.command")
    last = (await store.events(pool, ref))[-1]
    event = envelope(last)
    event |= {"event_id": uuid4(), "command": "x", "command_id": "x", "recorded_at": seen.now}
    told = {"command_id": "x", "name": "x", "body_hash": "\\x" + "00" * 32}

    async def attack(
        head: bytes, first: int, at: datetime = seen.now, of: str = ref, blank: str = "", **changed: object
    ) -> None:
        row = json.dumps(told | {"stream": of, "first_version": first, "recorded_at": at.isoformat()})
        bare = canonical(event | {"stream": of, "recorded_at": at} | changed).decode() + blank
        await engine.execute(sql("append"), row, head, [bare], None, None, seen.now, None, "{}")

    here, year, before = seen.version + 1, timedelta(days=365), last.recorded_at - timedelta(microseconds=1)
    for head, first, changed, refused in (
        (seen.head, here, {"version": here + 1}, asyncpg.IntegrityConstraintViolationError),
        (seen.head, here, {"version": 1}, asyncpg.IntegrityConstraintViolationError),
        (seen.head, here, {"version": here, "stream": "ANOTHER"}, asyncpg.IntegrityConstraintViolationError),
        (sha256(b"x").digest(), here, {"version": here}, asyncpg.SerializationError),
        (seen.head, here - 1, {"version": here - 1}, asyncpg.SerializationError),
        (seen.head, 1, {"version": 1}, asyncpg.SerializationError),
        (seen.head, here, {"version": here, "command": "y"}, asyncpg.IntegrityConstraintViolationError),
        (seen.head, here, {"version": here, "command_id": "y"}, asyncpg.IntegrityConstraintViolationError),
        (seen.head, here, {"version": here, "recorded_at": seen.now - year}, asyncpg.IntegrityConstraintViolationError),
        (seen.head, here, {"version": here, "at": seen.now - year}, asyncpg.RestrictViolationError),
        (seen.head, here, {"version": here, "at": seen.now + year}, asyncpg.RestrictViolationError),
        (seen.head, here, {"version": here, "at": before}, asyncpg.RestrictViolationError),
        (bytes(32), 1, {"version": 1, "of": reference(), "at": seen.now - year}, asyncpg.RestrictViolationError),
        # no reader has such a year, and no event is ever taken out
        (seen.head, here, {"version": here, "occurred_at": "200000-01-01"}, asyncpg.CheckViolationError),
        (seen.head, here, {"version": here, "occurred_at": "0044-03-15 BC"}, asyncpg.CheckViolationError),
        (seen.head, here, {"version": here, "occurred_at": "infinity"}, asyncpg.CheckViolationError),
    ):
        with pytest.raises(refused):
            await attack(head, first, **changed)
    await check_whole(pool, ref)
    await attack(seen.head, here, version=here)
    assert await whole.verify(pool, ref) == []
    assert (await store.see(pool, ref)).version == here  # type: ignore[arg-type]
    # What is not canonical is taken as it is, and named in one sentence, which stays.
    told["command_id"], event["command_id"], event["event_id"] = "y", "y", uuid4()
    seen = await store.see(pool, ref)  # type: ignore[arg-type]
    await attack(seen.head, here + 1, seen.now, blank=" ", version=here + 1)
    (fault,) = await whole.verify(pool, ref)
    assert fault.startswith(f"Event {here + 1} does not continue event {here}: one of the two was changed or put in")


async def test_the_engine_adds_nothing_that_no_reader_takes(login: Login) -> None:
    """What is recorded can never be taken out, and one such row had every follower of the feed stand still."""
    engine, now, live = await login(ENGINE), datetime.now(UTC), {"clock": "live"}

    async def opened(ref: str = "", at: datetime = now, opened: str = "now()", begins: int = 1, **changed: Any) -> None:
        ref = ref or reference()
        row = {"stream": ref, "command_id": "x", "name": "x", "body_hash": "\\x" + "00" * 32, "first_version": 1}
        told = {"stream": ref, "type": "x", "schema_version": 1, "actor": {"role": "clerk", "id": "c-1"}, "data": live}
        told |= {"command": "x", "command_id": "x", "recorded_at": at, "occurred_at": at} | changed
        first = told | {"version": 1, "event_id": uuid4()}
        second = told | {"version": 2, "event_id": uuid4(), "data": {"clock": "rehearsed"}}
        happened = [canonical(first).decode(), canonical(second).decode()]
        array = f"('[{begins}:{begins + 1}]=' || $3::text[]::text)::text[]"
        append = f"SELECT probity.append($1, $2, {array}, NULL, NULL, {opened}, NULL, '{{}}')"
        await engine.execute(append, json.dumps(row | {"recorded_at": at.isoformat()}), bytes(32), happened)

    for role in Role:
        await opened(actor={"role": role, "id": "c-1"})
    deep = reduce(lambda inner, _: [inner], range(120), list[Any]())
    for wrong in (
        {"ref": f'{reference()}","version":9,"x":"'},
        {"ref": f"{reference()}\n"},
        {"ref": f"{reference()}\u0130"},
        {"opened": "'0044-03-15 BC'"},
        {"opened": "'infinity'"},
        {"type": 'x\ndata: {"stream":"ANOTHER"}\n\nevent: x'},
        {"actor": {"role": "of_tomorrow", "id": "c-1"}},
        {"actor": {"role": "clerk", "id": "c 1"}},
        {"data": [live]},
        {"data": live | {"x": deep}},
        {"data": live | {"x": 10**4000}},
        {"data": live | {"x": [-(2**53)]}},
    ):
        with pytest.raises(asyncpg.CheckViolationError, match="in_form"):
            await opened(**wrong)
    with pytest.raises(asyncpg.RestrictViolationError, match="dated as of when it is recorded"):
        await opened(at=now - timedelta(days=365), begins=0)


async def test_nobody_else_appends(login: Login) -> None:
    for role in (FEED, READER, SIGNER):
        other = await login(role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await other.execute("SELECT probity.append('{}', '', '{}', '{}', '', now(), now(), '{}')")
    for role in (ENGINE, FEED, READER, SIGNER):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await (await login(role)).execute("SELECT probity.publish('X-1', '{}')")


async def test_the_engine_makes_the_read_models_anew_and_touches_no_table_of_them(login: Login, ref: str) -> None:
    """What it may do to them it may do through functions, which leave nothing but whole tables in place."""
    engine = await login(ENGINE)
    for attack in (
        "DELETE FROM reporting.register",
        "UPDATE reporting.register SET force = 'x'",
        "DROP TABLE reporting.register",
        "ALTER TABLE reporting.register ADD COLUMN x text",
        "SELECT * FROM rebuilding.run",
        "INSERT INTO rebuilding.done VALUES ('X-1', 1)",
        "CREATE TABLE rebuilding.other ()",
        "SELECT probity.check_rebuild(gen_random_uuid())",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await engine.execute(attack)
    run = await engine.fetchval("SELECT probity.begin_rebuild()")
    with pytest.raises(asyncpg.SerializationError):
        await engine.execute("SELECT probity.swap_rebuild($1)", run)
    for role in (FEED, READER, SIGNER, OPENER):
        for call in ("begin_rebuild()", "left_to_rebuild('', 1)", "hold_read_models(1)"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await (await login(role)).execute(f"SELECT probity.{call}")


async def test_the_signer_adds_no_head_without_its_proof(login: Login, owner_url: str, ref: str) -> None:
    """Without the key: added where the case had not moved it put each export at fault, and `verify` found none."""
    signer = await store.open_pool(roles.as_role(owner_url, SIGNER))
    await checkpoints.make(signer, SIGNING)
    number = (await checkpoints.make(signer, SIGNING))["number"]
    await signer.close()
    add = (
        "INSERT INTO probity.checkpoint_head (stream, checkpoint, version, head, proof)"
        " SELECT stream, $2, version, hash, $3 FROM probity.event WHERE stream = $1 AND version = 1"
    )
    attacker = await login(SIGNER)
    with pytest.raises(asyncpg.CheckViolationError, match="with_its_proof"):
        await attacker.execute(add, ref, number, None)


# --- and what each is there for


async def test_the_feed_reads_the_record_and_nothing_else(login: Login, ref: str) -> None:
    feed = await login(FEED)
    assert await feed.fetchval("SELECT count(*) FROM probity.event WHERE stream = $1", ref) > 0
    for attack in (
        "INSERT INTO probity.stream (stream, head, opened_at) VALUES ('X-1', sha256(''), now())",
        "INSERT INTO probity.command VALUES ('X-1', 'x', 'x', sha256(''), 1, 1, now())",
        "UPDATE probity.stream SET snapshot = NULL",
        "SELECT 1 FROM probity.stream FOR UPDATE",
        "SELECT * FROM reporting.register",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await feed.execute(attack)


async def test_a_key_is_destroyed_by_the_keeper_alone_with_an_event_and_does_not_come_back(
    login: Login, keeper: Pool, ref: str
) -> None:
    destroy = (
        "UPDATE probity.text_key SET wrapped = NULL, master = NULL, erased_by = gen_random_uuid() WHERE stream = $1"
    )
    for role in (ENGINE, FEED, OPENER, READER, SIGNER):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await (await login(role)).execute(destroy, ref)
    attacker = await login(KEEPER)
    with pytest.raises(asyncpg.RestrictViolationError, match="by an event of its case that names it"):
        await attacker.execute(destroy, ref)
    await erasure.forget(keeper, None, ref, Actor(role=Role.CLERK, id="c-7"), "The period has ended.")
    for attack in ("wrapped = 'x', master = 'x', erased_by = NULL", "erased_by = gen_random_uuid()"):
        with pytest.raises(asyncpg.RestrictViolationError, match="wrapped anew or destroyed"):
            await attacker.execute(f"UPDATE probity.text_key SET {attack} WHERE stream = $1", ref)


@pytest.mark.parametrize("role", [FEED, SIGNER])
async def test_who_reads_the_record_does_not_see_the_keys(login: Login, ref: str, role: str) -> None:
    reader = await login(role)
    assert await reader.fetchval("SELECT count(key) FROM probity.text_key WHERE stream = $1", ref) > 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute("SELECT wrapped FROM probity.text_key")


async def test_the_engine_delivers_and_neither_adds_a_subscriber_nor_changes_what_it_may_know(login: Login) -> None:
    engine = await login(ENGINE)
    for attack in (
        "INSERT INTO probity.subscription (subscription, url) VALUES ('x-1', 'https://x.example')",
        "UPDATE probity.subscription SET url = 'https://x.example'",
        "UPDATE probity.subscription SET reader_role = 'clerk', reader_id = 'x', purpose = 'x'",
        "UPDATE probity.subscription SET types = '{}', forces = '{}'",
        "DELETE FROM probity.subscription",
        "INSERT INTO probity.webhook_secret (secret) VALUES (gen_random_uuid())",
        "DELETE FROM probity.webhook_secret",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await engine.execute(attack)
    for role in (FEED, OPENER, READER, SIGNER):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await (await login(role)).execute("SELECT wrapped FROM probity.webhook_secret")


CURSOR = "UPDATE probity.subscription SET generation = $1, transaction = $2, position = $3"
TRIED = """
INSERT INTO probity.delivery (subscription, event_id, type, state, tried_at)
VALUES ('hr', gen_random_uuid(), 'test', 'tested', $1::text::timestamptz)
"""
NOTED = """
INSERT INTO probity.delivery (subscription, event_id, type, stream, version, state, retry_at)
SELECT 'hr', event_id, type, stream, version, 'waiting', now() FROM probity.event WHERE stream = $1
"""


async def test_the_engine_passes_no_subscriber_over(login: Login, keeper: Pool, records: Records) -> None:
    engine, name, hidden = await login(ENGINE), reference(), reference()
    async with store.transaction(keeper) as connection:
        begins = feed.Cursor(*(await connection.fetch(sql("feed_end")))[0])
    await subscribers.add(keeper, RING, Wanted(subscription="hr", url="https://hr.example"), begins)
    await records.open_case(opening(name))
    await records.open_case(opening(hidden, restricted=True))
    async with asyncio.timeout(60):
        while (page := await feed.page(keeper, begins)).events[-1][0].stream != hidden:
            pass  # an open transaction may hold it back
    end = page.cursor
    assert {event.stream for event, _ in page.events} == {name, hidden}
    for place in (page.events[0][1], end):
        with pytest.raises(asyncpg.RestrictViolationError, match="moves past no event that is not noted"):
            await engine.execute(CURSOR, *place)
    with pytest.raises(asyncpg.CheckViolationError):
        await engine.execute(NOTED.replace("'waiting', now()", "'tested', NULL"), name)
    await engine.execute(NOTED, name)
    await engine.execute(CURSOR, *end)  # past the restricted case, of which it is not told
    for place in (end._replace(transaction=2**62), end._replace(generation=9), end._replace(transaction=-1)):
        with pytest.raises(asyncpg.RestrictViolationError, match="moves past no event that is not noted"):
            await engine.execute(CURSOR, *place)
    for forgets in ("", "UPDATE probity.delivery SET state = 'delivered', retry_at = NULL;"):
        with pytest.raises(asyncpg.RestrictViolationError, match="What a subscriber is to be told stays"):
            await engine.execute(f"{forgets} DELETE FROM probity.delivery")
    for attack in ("event_id = gen_random_uuid()", "noted_at = now() - interval '1 year'", "stream = NULL"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await engine.execute(f"UPDATE probity.delivery SET {attack}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await engine.execute("INSERT INTO probity.delivery (noted_at) VALUES (now())")
    await engine.execute(NOTED, hidden)
    await engine.execute("DELETE FROM probity.delivery WHERE stream = $1", hidden)
    await subscribers.remove(keeper, "hr")
    assert not await engine.fetchval("SELECT count(*) FROM probity.delivery WHERE subscription = 'hr'")


async def test_the_engine_leaves_nothing_over_which_a_subscriber_is_told_no_more(
    login: Login, keeper: Pool, records: Records
) -> None:
    """No verb of the keeper would take it away but to remove the subscriber."""
    engine, name = await login(ENGINE), reference()
    await subscribers.add(keeper, RING, Wanted(subscription="hr", url="https://hr.example"), None)
    await records.open_case(opening(name))
    for attack in ("turn = 9223372036854775807", "turn = turn + 2", "turn = turn - 1"):
        with pytest.raises(asyncpg.RestrictViolationError, match="A turn is followed by the next"):
            await engine.execute(f"UPDATE probity.subscription SET {attack}")
    for when in ("0044-03-15 BC", "200000-01-01", "infinity"):
        for attack in ("resting_until", "failing_since", "last_delivered"):
            with pytest.raises(asyncpg.CheckViolationError, match="dated_in_reach"):
                await engine.execute(f"UPDATE probity.subscription SET {attack} = '{when}'")
        with pytest.raises(asyncpg.CheckViolationError, match="dated_in_reach"):
            await engine.execute(NOTED.replace("now()", f"'{when}'"), name)
        with pytest.raises(asyncpg.CheckViolationError, match="dated_in_reach"):
            await engine.execute(TRIED, when)
    for another in ("gen_random_uuid(), type, stream, version", "event_id, 'x', stream, version",
                    "event_id, type, 'ANOTHER', version", "event_id, type, stream, version + 1"):  # fmt: skip
        with pytest.raises(asyncpg.RestrictViolationError, match="an event as it is recorded"):
            await engine.execute(NOTED.replace("'hr', event_id, type, stream, version", f"'hr', {another}"), name)
    await engine.execute(NOTED.replace("stream, version, 'waiting', now()", "NULL, NULL, 'tested', NULL"), name)
    await engine.execute(NOTED, name)  # a test gives way
    assert await engine.fetchval("SELECT array_agg(DISTINCT state) FROM probity.delivery") == ["waiting"]
    await subscribers.remove(keeper, "hr")


async def test_a_reader_sees_the_read_models_and_nothing_else(login: Login, ref: str) -> None:
    reader = await login(READER)
    assert await reader.fetchval("SELECT count(*) FROM reporting.register WHERE reference = $1", ref) == 1
    for table in ("event", "command", "stream", "migration"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(f"SELECT * FROM probity.{table}")
    for attack in ("DELETE FROM reporting.register", "UPDATE reporting.register SET force = 'x'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(attack)


async def test_every_table_was_thought_of(pool: Pool) -> None:
    """A table that a later migration adds says who may do what with it."""
    rows = await pool.fetch("""
        SELECT n.nspname || '.' || c.relname AS name, r.rolname AS role, string_agg(p, ' ' ORDER BY p) AS may
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('probity', 'reporting')
        CROSS JOIN pg_roles r
        CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) AS p
        WHERE c.relkind IN ('r', 'v', 'm') AND r.rolname LIKE 'probity\\_%'
          AND has_table_privilege(r.oid, c.oid, p)
        GROUP BY 1, 2
    """)
    may = {(row["name"], row["role"]): row["may"] for row in rows}
    gateway = {name: told for (name, role), told in may.items() if role == GATEWAY}
    reads = {name: told for (name, role), told in may.items() if role in (OPENER, READER)}
    assert gateway == {**reads, "probity.referral_key": "INSERT SELECT"}
    may = {key: told for key, told in may.items() if key[1] != GATEWAY}
    # The keeper does what the engine does, the opener what the feed does; what they do beyond it stands below.
    for theirs, own in ((ENGINE, KEEPER), (FEED, OPENER)):
        same = {(name, theirs): told for (name, role), told in may.items() if role == own}
        theirs_may = {key: told for key, told in may.items() if key[1] == theirs}
        assert all(set(told.split()) <= set(same[key].split()) for key, told in theirs_may.items())
        may = {key: told for key, told in may.items() if key[1] != own or key[0] in KEEPS}
    reporting = [f"reporting.{table}" for table in ("register", "deadlines", "restrictions", "hearings", "outcomes")]
    recorded, signed = ("event", "command", "stream"), ("checkpoint", "checkpoint_head")
    assert may == {
        ("probity.event", ENGINE): "SELECT",  # and adds by probity.append
        **{("probity.feed_page", role): "SELECT" for role in (ENGINE, FEED, SIGNER)},  # the engine has them settled
        **{("probity.generation", role): "SELECT" for role in (ENGINE, FEED, SIGNER)},
        **{("probity.reforgotten", role): "SELECT" for role in (ENGINE, FEED, SIGNER)},  # and INSERT of the keeper
        ("probity.outbox", FEED): "SELECT",
        ("probity.command", ENGINE): "SELECT",
        ("probity.stream", ENGINE): "SELECT",  # and UPDATE of the snapshot
        ("probity.migration", ENGINE): "SELECT",
        **{(table, ENGINE): "SELECT" for table in reporting},  # and writes them by probity.append, or makes them anew
        **{(f"probity.{table}", role): "SELECT" for table in recorded for role in (FEED, SIGNER)},
        **{(f"probity.{table}", role): "SELECT" for table in signed for role in (ENGINE, FEED)},
        ("probity.checkpoint", SIGNER): "SELECT",  # and adds, without choosing its place on the feed
        ("probity.checkpoint_head", SIGNER): "INSERT SELECT",
        **{(table, READER): "SELECT" for table in reporting},
        **{("probity.reading", role): "SELECT" for role in (ENGINE, FEED, SIGNER)},  # added to by probity.log_readings
        **{("probity.text_key", role): "SELECT" for role in (ENGINE, KEEPER, OPENER)},  # of others without the keys
        ("probity.subscription", KEEPER): "DELETE INSERT SELECT",
        **{("probity.subscription", role): "SELECT" for role in (ENGINE, FEED, OPENER)},  # the engine moves it on
        ("probity.webhook_secret", KEEPER): "DELETE INSERT SELECT UPDATE",
        ("probity.webhook_secret", ENGINE): "SELECT",
        ("probity.delivery", ENGINE): "DELETE SELECT",  # and notes what is to be told and what came of it
        ("probity.delivery", FEED): "SELECT",
    }


async def test_a_login_that_may_do_too_much_is_known(login: Login, owner_url: str, pool: Pool) -> None:
    assert not await roles.may_change_the_record(await login(ENGINE))
    assert not await roles.may_change_the_record(pool)
    owner = await asyncpg.connect(owner_url)
    assert await roles.may_change_the_record(owner)
    await owner.close()


@pytest.mark.parametrize("role", [FEED, READER])
async def test_a_worker_with_the_login_of_whoever_reads_is_told_whose_it_needs(login: Login, role: str) -> None:
    """It ended with a traceback, and the sentence for others would have named another role."""
    with pytest.raises(Unavailable, match=f"let the worker log in as {ENGINE}"):
        await check(cast("Client", None), cast("Pool", await login(role)), RING)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("postgresql://a:b@host/db", "postgresql://a:b@host/db?options=-c%20role%3Dprobity_engine"),
        ("postgresql://a@/db?host=/x", "postgresql://a@/db?host=/x&options=-c%20role%3Dprobity_engine"),
    ],
)
def test_a_role_is_put_on_an_address(given: str, made: str) -> None:
    assert roles.as_role(given, ENGINE) == made


@pytest.mark.parametrize(
    ("role", "statement", "told"),
    [
        (ENGINE, "UPDATE probity.text_key SET wrapped = NULL", f"takes the role {KEEPER} besides those it has"),
        (
            ENGINE,
            "INSERT INTO probity.reforgotten (generation, erasures) VALUES (1, 1)",
            f"takes the role {KEEPER} besides those it has",
        ),
        (ENGINE, "DELETE FROM probity.subscription", f"takes the role {KEEPER} besides those it has"),
        (
            ENGINE,
            "INSERT INTO probity.checkpoint_head SELECT * FROM probity.checkpoint_head",
            f"takes the role {SIGNER} besides those it has",
        ),
        (FEED, "SELECT probity.hold_signing()", f"takes the role {SIGNER} besides those it has"),
        (FEED, "SELECT probity.begin_rebuild()", f"takes the role {ENGINE} besides those it has"),
        (FEED, "SELECT FROM reporting.register", f"takes the role {READER} besides those it has"),
        (READER, "SELECT FROM probity.event", f"takes the role {FEED} besides those it has"),
        (FEED, "UPDATE probity.event SET data = '{}'", "is for another role"),
    ],
)
async def test_who_may_not_do_something_is_told_the_role_that_may(
    owner_url: str, role: str, statement: str, told: str
) -> None:
    pool = await store.open_pool(roles.as_role(owner_url, role))
    with pytest.raises(Unavailable, match=rf"^The database login may not do this: it {told} \(docs/run\.md\)\.$"):
        async with store.transaction(pool) as connection:
            await connection.execute(statement)
    await pool.close()
