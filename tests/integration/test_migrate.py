"""Migrations: from empty, twice, two at once, changed, broken; and what they leave to read."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from difflib import unified_diff
from typing import TypeAlias
from urllib.parse import urlsplit

import asyncpg
import pytest

from activities import store
from activities.starting import MIGRATED_TO, moved
from deploy import migrate as migrations
from deploy.migrate import main, migrate
from deploy.roles import ENGINE, as_role
from domain.errors import Unavailable
from integration.reference.reporting import COUNTS, comments
from tests.schema_snapshot import FILE, schema

ALL = [
    "0001_event_store.sql",
    "0002_reporting.sql",
    "0003_roles.sql",
    "0004_checkpoints.sql",
    "0005_feed.sql",
    "0007_append.sql",
    "0008_sealing.sql",
    "0009_reads.sql",
    "0010_rebuild.sql",
    "0011_checkpoints_on_the_feed.sql",
    "0012_webhooks.sql",
    "0013_duplicates.sql",
    "0014_gateway.sql",
    "0015_restored.sql",
    "0016_trace_context.sql",
    "0017_proofs.sql",
    "0018_readings_in_order.sql",
    "0019_no_command_without_an_event.sql",
    "0020_log_in_order.sql",
    "0021_readings_dated.sql",
    "0022_handed_over.sql",
    "0023_dated_as_recorded.sql",
    "0024_asked_in_the_clear.sql",
    "0025_keys_of_cases.sql",
    "0026_readings_linked.sql",
    "0027_signing_held.sql",
    "0028_reporting.sql",
    "0029_over_all_cases.sql",
    "0030_swap_what_moved.sql",
    "0031_dated_in_reach.sql",
    "0032_settled_pages.sql",
    "0033_in_form.sql",
    "0034_proofs_given.sql",
    "0035_nothing_passed_over.sql",
    "0036_noted_as_it_is.sql",
]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
NOWHERE = "postgresql://someone:s3cret@127.0.0.1:1/probity"


@pytest.fixture
async def connection(empty: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(empty)
    yield connection
    await connection.close()


async def applied(connection: Connection) -> list[str]:
    return [row["name"] for row in await connection.fetch("SELECT name FROM probity.migration ORDER BY name")]


async def test_an_empty_database_gets_them_all_once(empty: str, connection: Connection) -> None:
    assert await migrate(empty) == ALL
    assert await applied(connection) == ALL
    assert await migrate(empty) == []


def test_every_part_asks_for_the_last() -> None:
    assert ALL[-1] == MIGRATED_TO, "name the new migration in activities/starting.py"


async def test_the_schema_is_the_one_that_can_be_read_in_one_file(empty: str) -> None:
    await migrate(empty)
    was, now = FILE.read_text("utf-8").splitlines(), (await asyncio.to_thread(schema, empty)).splitlines()
    differs = [line for line in unified_diff(was, now, n=0, lineterm="") if line[:1] in "-+"][2:]
    assert not differs, f"deploy/schema.sql is not what the migrations come to: run `make snapshots`.\n{differs[:9]}"


async def test_those_who_migrate_at_once_wait_for_each_other(empty: str, connection: Connection) -> None:
    done = await asyncio.gather(*(migrate(empty) for _ in range(5)))
    assert sorted(done) == [[], [], [], [], ALL]
    assert await applied(connection) == ALL


async def test_a_file_that_changed_after_it_was_applied_stops_everything(
    empty: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(empty)
    files = migrations.files()
    changed = files | {ALL[1]: files[ALL[1]] + "-- one more", "9999_next.sql": "CREATE TABLE next ()"}
    monkeypatch.setattr(migrations, "files", lambda: changed)
    with pytest.raises(Unavailable, match=r"^0002_reporting\.sql was changed after it was applied"):
        await migrate(empty)
    assert await applied(connection) == ALL


@pytest.mark.parametrize(
    "fails",
    [
        "SELECT no_such_function()",
        "ALTER TABLE probity.migration ADD CHECK (name < '9999') NOT VALID",  # fails when it is noted down
    ],
)
async def test_a_file_that_fails_leaves_nothing_of_itself(
    empty: str, connection: Connection, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    broken = migrations.files() | {"9999_broken.sql": f"CREATE TABLE public.half (); {fails}"}
    monkeypatch.setattr(migrations, "files", lambda: broken)
    with pytest.raises(asyncpg.PostgresError):
        await migrate(empty)
    assert await applied(connection) == ALL
    assert await connection.fetchval("SELECT to_regclass('public.half')") is None


KEY = """
INSERT INTO probity.text_key (key, stream, subject, wrapped, master, made_at)
VALUES (gen_random_uuid(), 'NOCASE-1', $1, 'x', 'x', now() - $2::interval)
"""


async def test_keys_that_were_left_where_no_case_was_opened_go_and_none_of_a_case_that_is_being_opened(
    empty: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = migrations.files()
    monkeypatch.setattr(migrations, "files", lambda: {name: files[name] for name in ALL if name < "0025"})
    await migrate(empty)
    await connection.execute(KEY, "p-1", timedelta(minutes=2))
    await connection.execute(KEY, "p-2", timedelta(seconds=2))
    monkeypatch.setattr(migrations, "files", lambda: files)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await migrate(empty)
    left = "SELECT array_agg(subject ORDER BY subject) FROM probity.text_key"
    assert await connection.fetchval(left) == ["p-1", "p-2"]
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("UPDATE probity.text_key SET made_at = now() - interval '2 minutes'")
    await connection.execute("RESET session_replication_role")
    assert await migrate(empty) == [name for name in ALL if name >= "0025"]
    assert await connection.fetchval(left) is None
    enabled = (
        "SELECT tgenabled FROM pg_trigger WHERE tgname = 'never_deleted' AND tgrelid = 'probity.text_key'::regclass"
    )
    assert await connection.fetchval(enabled) == b"O"


async def test_a_database_of_a_later_release_is_left_alone(
    empty: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(empty)
    monkeypatch.setattr(migrations, "files", dict)
    assert await migrate(empty) == []
    assert await applied(connection) == ALL


async def test_a_record_that_is_restored_into_another_cluster_begins_a_generation(
    empty: str, connection: Connection
) -> None:
    await migrate(empty)
    numbers = "SELECT array_agg(number ORDER BY number) FROM probity.generation"
    assert await connection.fetchval(numbers) == [1] and not await moved(connection)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("UPDATE probity.generation SET cluster = 'another'")
    assert await moved(connection)
    assert await migrate(empty) == []
    assert await connection.fetchval(numbers) == [1, 2] and not await moved(connection)
    assert await migrate(empty) == []
    assert await connection.fetchval(numbers) == [1, 2]
    assert await migrate(empty, restored=True) == []  # as an operator says who restored a copy of the files
    assert await connection.fetchval(numbers) == [1, 2, 3]


async def test_every_table_and_column_for_bi_tools_says_what_it_is(pool: store.Pool) -> None:
    silent = await pool.fetch("""
        SELECT t.relname, c.attname FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0
        WHERE t.relnamespace = 'reporting'::regnamespace AND t.relkind = 'r'
          AND (col_description(t.oid, c.attnum) IS NULL OR obj_description(t.oid) IS NULL)
    """)
    assert silent == []
    assert await pool.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'reporting'") == 5


async def test_the_page_for_bi_tools_says_what_the_database_says_and_its_counts_are_taken(pool: store.Pool) -> None:
    told = await pool.fetch("""
        SELECT relname || '.' || attname AS of, col_description(t.oid, attnum) AS says
        FROM pg_class t JOIN pg_attribute c ON attrelid = t.oid AND attnum > 0
        WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'r'
    """)
    columns = {name: says for name, says in comments().items() if "." in name}
    assert columns == {row["of"]: row["says"] for row in told}
    for how in COUNTS.values():
        counted = how if how.startswith("count") else f"count(*) {how}"
        await pool.fetchval(f"SELECT {counted.replace('FROM ', 'FROM reporting.')}")


def test_the_command_says_that_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    assert main() == 1
    told = capsys.readouterr().err
    assert (
        told.startswith("unavailable: Cannot reach the database: ") and told.count("\n") == 1 and "s3cret" not in told
    )


def test_the_command_says_that_it_was_told_no_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main() == 1
    assert capsys.readouterr().err.startswith("unavailable: DATABASE_URL is not set")


async def test_the_command_says_to_a_worker_s_login_whose_it_takes(
    owner_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The worker's refusal to start sends here whoever has its settings at hand."""
    monkeypatch.setenv("DATABASE_URL", as_role(owner_url, ENGINE))
    assert await asyncio.to_thread(main) == 1
    told = capsys.readouterr().err
    assert told.startswith("unavailable: The database does not let this login migrate (permission denied ")
    assert "let DATABASE_URL name its owner" in told and told.count("\n") == 1


def test_the_command_tells_what_it_applied(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def applied(_: str, *, restored: bool) -> list[str]:
        told.append(restored)
        return results.pop()

    told: list[bool] = []
    results = [[], ALL]
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    monkeypatch.setattr(migrations, "migrate", applied)
    assert (main(), main(["--restored"]), main(["--restore"]), told) == (0, 0, 2, [False, True])
    assert capsys.readouterr().out.splitlines() == [*(f"applied {name}" for name in ALL), "The database is up to date."]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (NOWHERE, "Cannot reach the database: "),
        ("postgresql://someone:s3cret@host:port/probity", "DATABASE_URL cannot be read"),
        ("s3cret", "DATABASE_URL cannot be read"),
        ("postgresql://someone:s3cret@[::1/probity", "DATABASE_URL cannot be read"),
    ],
)
async def test_a_pool_that_cannot_be_opened_says_so_without_the_password(url: str, said: str) -> None:
    with pytest.raises(Unavailable, match=said) as refused:
        await store.open_pool(url)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_database_that_does_not_exist_is_told_in_one_sentence(empty: str) -> None:
    with pytest.raises(
        Unavailable, match=r'^Cannot reach the database: database "nowhere" does not exist\. .*: check DATABASE_URL\.$'
    ):
        await migrate(urlsplit(empty)._replace(path="/nowhere").geturl())


async def test_a_finding_that_was_set_aside_stands_no_more_in_what_is_there_already(
    empty: str, connection: Connection
) -> None:
    await migrate(empty)
    for officer, set_aside in (("A", True), ("B", False)):
        await connection.execute(
            "INSERT INTO reporting.hearings (reference, officer, force, hearing, person, proceedings, state, "
            "notice_published, finding) VALUES ('X', $1, 'f', 'H', 'p', 'hearing', 'concluded', true, 'misconduct')",
            officer,
        )
        await connection.execute(
            "INSERT INTO reporting.outcomes (reference, officer, force, person, published, barred_list_reported, "
            "set_aside, finding) VALUES ('X', $1, 'f', 'p', false, false, $2, 'misconduct')",
            *(officer, set_aside),
        )
    await connection.execute(migrations.files()["0028_reporting.sql"])
    found = "SELECT finding FROM reporting.{} ORDER BY officer"
    assert [row[0] for row in await connection.fetch(found.format("hearings"))] == [None, "misconduct"]
    assert [row[0] for row in await connection.fetch(found.format("outcomes"))] == ["misconduct"] * 2
