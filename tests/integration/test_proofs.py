"""The record as evidence, by the command line: an event changed beside its hash, and cases that nobody asks for."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from activities import store
from activities.proof import checkpoints, whole
from activities.record import Records
from activities.sql import sql
from activities.store import Pool
from deploy.embedded import Stack
from deploy.roles import SIGNER, as_role
from deploy.signer import new_key
from integration.cli.main import app
from integration.verify import check
from tests.engine import SIGNING
from tests.store import opening, reference

CHANGE = 'UPDATE probity.event SET data = data || \'{"party": "X"}\' WHERE stream = $1 AND version = 4'
CHANGED = "Event 4 does not continue event 3: one of the two was changed or put in, or one between them was taken out."


@pytest.fixture(autouse=True)
def as_signer(stack: Stack, owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment of whoever signs and exports names."""
    (key := tmp_path / "key.pem").write_bytes(new_key())
    monkeypatch.setenv("DATABASE_URL", as_role(owner_url, SIGNER))
    monkeypatch.setenv("TEMPORAL_ADDRESS", stack.temporal_address)
    monkeypatch.setenv("PROBITY_SIGNING_KEY", str(key))


async def run(*line: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(line))


async def test_every_case_is_verified_and_each_that_is_not_whole_is_named(
    pool: Pool, ref: str, forger: Any, records: Records
) -> None:
    whole = await run("verify", "--all")
    cases = await pool.fetchval("SELECT count(*) FROM probity.stream")
    assert (whole.exit_code, whole.stdout) == (0, f"Looked at {cases} cases: the record of each is whole.\n")
    gone = reference()
    await records.open_case(opening(gone))
    await forger.execute(CHANGE, ref)
    await forger.execute("DELETE FROM probity.stream WHERE stream = $1", gone)
    told = await run("verify", "--all")
    assert told.exit_code == 1
    lines = sorted(
        [f"{ref}: {CHANGED}", f"{gone}: The case is gone: there is no row of it, and events or checkpoints are."]
    )
    assert told.stdout.splitlines() == [*lines, f"Looked at {cases + 1} cases: 2 are not whole."]
    data = await run("verify", "--all", "--json")
    assert data.exit_code == 1 and json.loads(data.stdout)["cases"] == cases + 1
    assert json.loads(data.stdout)["faults"][ref] == [CHANGED]
    await forger.execute("DELETE FROM probity.event WHERE stream = ANY ($1)", [ref, gone])
    await forger.execute("DELETE FROM probity.stream WHERE stream = $1", ref)


async def test_checkpoints_that_are_not_as_they_were_signed_are_named_beside_the_cases(
    owner_url: str, ref: str, forger: Any
) -> None:
    signer = await store.open_pool(as_role(owner_url, SIGNER))
    number = (await checkpoints.make(signer, SIGNING))["number"]
    await signer.close()
    row = await forger.fetchrow("SELECT signature FROM probity.checkpoint WHERE number = $1", number)
    change = "UPDATE probity.checkpoint SET signature = $2 WHERE number = $1"
    await forger.execute(change, number, bytes(64))
    told, data = await run("verify", "--all"), await run("verify", "--all", "--json")
    await forger.execute(change, number, row["signature"])
    said = f"Checkpoint {number} is not what was signed."
    assert (told.exit_code, told.stdout.splitlines()[0]) == (1, said)
    assert data.exit_code == 1 and json.loads(data.stdout)["checkpoints"] == [said]
    assert (await run("verify", "--all")).exit_code == 0


LOG = """
    INSERT INTO probity.reading (stream, number, read_at, reader_role, reader_id, what, purpose, hash)
    VALUES ($1, 1, '{}', 'clerk', 'x', 'events', 'x', sha256('x'))
"""


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE probity.stream SET closed_at = '0044-03-15 BC' WHERE stream = $1",
        LOG.format("infinity"),
        LOG.format("294000-01-01"),
    ],
)
async def test_a_value_that_python_has_not_hides_no_case(ref: str, records: Records, forger: Any, change: str) -> None:
    """Whoever owns the tables could end the nightly look with it, before it came to the case that they changed."""
    await records.open_case(opening(later := f"{ref}-Z"))
    await forger.execute("ALTER TABLE probity.stream DROP CONSTRAINT IF EXISTS in_form")
    await forger.execute(change, ref)
    await forger.execute(CHANGE, later)
    told = await run("verify", "--all")
    assert told.exit_code == 1
    assert f"{ref}: It holds a value that cannot be read: it was changed." in told.stdout
    assert f"{later}: {CHANGED}" in told.stdout
    for table in ("reading", "event", "stream"):
        await forger.execute(f"DELETE FROM probity.{table} WHERE stream = ANY ($1)", [ref, later])


async def test_a_case_that_is_not_whole_is_exported_and_said_to_be_so(
    owner_url: str, ref: str, forger: Any, tmp_path: Path
) -> None:
    """A checkpoint is signed over it, since no hash is another; a panel may need the file, and is not to be misled."""
    file = tmp_path / "case.zip"
    whole = await run("export", ref, "--to", str(file))
    assert (whole.exit_code, whole.stderr) == (0, "")
    was = await forger.fetchval("SELECT data FROM probity.event WHERE stream = $1 AND version = 4", ref)
    await forger.execute(CHANGE, ref)
    signer = await store.open_pool(as_role(owner_url, SIGNER))
    await checkpoints.make(signer, SIGNING)
    await signer.close()
    told = await run("export", ref, "--to", str(file), "--overwrite")
    assert told.exit_code == 1 and told.stdout.startswith(f"Wrote {file}, signed.")
    assert told.stderr.splitlines() == [
        f"The record of {ref} is not whole, and whoever is given the file has to know it:",
        CHANGED,
    ]
    assert any("Event 4" in fault for fault in check(file, []).faults)
    await forger.execute("UPDATE probity.event SET data = $2 WHERE stream = $1 AND version = 4", ref, was)


async def test_nothing_is_read_that_could_not_be_written(ref: str, tmp_path: Path) -> None:
    """That it was read is recorded for good."""
    told = await run("export", ref, "--to", str(tmp_path / "none" / "case.zip"))
    assert told.exit_code == 2 and f"there is no folder {tmp_path / 'none'} to write to." in told.stderr
    told = await run("export", ref, "--to", str(tmp_path), "--overwrite")
    assert (told.exit_code, told.stderr) == (2, f"malformed: {tmp_path} is a folder: name a file in it.\n")


async def test_a_file_that_is_there_is_not_written_over_unasked(ref: str, tmp_path: Path) -> None:
    file = tmp_path / "case.zip"
    file.write_text("of last week")
    told = await run("export", ref, "--to", str(file))
    said = f"{file} is there already: name another with --to, or write over it with --overwrite."
    assert (told.exit_code, told.stdout, told.stderr) == (2, "", f"malformed: {said}\n")
    assert file.read_text() == "of last week"
    assert (await run("export", ref, "--to", str(file), "--overwrite")).exit_code == 0
    assert check(file, []).faults == []


async def test_a_long_case_is_verified_in_its_time(pool: Pool, ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export may take minutes, and now waits for it."""
    slow = "FROM (SELECT WHERE (SELECT pg_sleep(3.2)) IS NOT NULL) AS slow, probity.event"  # once, not once an event
    monkeypatch.setattr(store, "sql", lambda name: sql(name).replace("FROM probity.event", slow))
    assert await whole.verify(pool, ref) == []
