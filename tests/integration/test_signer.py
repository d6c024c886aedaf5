"""The signer signs by schedule, says why it cannot, and signs nothing over a changed record."""

import asyncio
import json
import logging
import os
import stat
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError

from activities import chain, store
from activities.proof import witness
from activities.proof.checkpoints import make, signing_key, trusted
from activities.record import Records
from activities.store import Pool
from deploy.embedded import Stack
from deploy.roles import SIGNER, as_role
from deploy.signer import SCHEDULE, signer
from domain.errors import RolledBack, Unavailable
from integration.client import Probity, connect_temporal
from integration.export import export
from integration.observability.logs import JsonLines, release
from integration.settings import Settings
from integration.verify import check, statements
from tests.engine import SIGNING, running
from tests.postgres import program
from tests.store import opening, reference


def write_key(file: Path, key: Ed25519PrivateKey, *earlier: Ed25519PrivateKey) -> str:
    """This key in a file, below it the public halves of earlier ones; its own."""
    blocks = [key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())]
    form = PublicFormat.SubjectPublicKeyInfo
    blocks += [each.public_key().public_bytes(Encoding.PEM, form) for each in earlier]
    file.write_bytes(b"".join(blocks))
    return key.public_key().public_bytes_raw().hex()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    write_key(tmp_path / "key.pem", SIGNING)
    return tmp_path / "key.pem"


@pytest.fixture
def settings(stack: Stack, owner_url: str, key: Path) -> Settings:
    return replace(running(stack, as_role(owner_url, SIGNER)), signing_key=key, checkpoint_minutes=30)


@pytest.fixture
async def temporal(settings: Settings) -> AsyncIterator[Client]:
    client = await connect_temporal(settings)
    yield client
    try:
        await client.get_schedule_handle(SCHEDULE).delete()
    except RPCError:
        pass  # it was not made


@pytest.fixture
async def signing(settings: Settings) -> AsyncIterator[Pool]:
    pool = await store.open_pool(settings.database_url)
    yield pool
    await pool.close()


async def signed_by_schedule(client: Client, times: int) -> dict[str, Any]:
    """What the schedule's run gives when it is triggered by hand; `times`: how many there are then."""
    schedule = client.get_schedule_handle(SCHEDULE)
    await schedule.trigger()
    for _ in range(80):
        if len(actions := (await schedule.describe()).info.recent_actions) >= times:
            break
        await asyncio.sleep(0.25)
    begun = actions[-1].action
    assert isinstance(begun, ScheduleActionExecutionStartWorkflow)
    handle = client.get_workflow_handle(begun.workflow_id, run_id=begun.first_execution_run_id)
    result: dict[str, Any] = await handle.result()
    return result


async def test_a_schedule_signs_and_a_new_key_takes_over_without_a_restart(
    settings: Settings, temporal: Client, signing: Pool, records: Records, key: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "deploy.signer")
    await records.open_case(opening(reference()))
    async with signer(settings, temporal, signing):
        pass
    async with signer(settings, temporal, signing):  # as at every start
        first = await signed_by_schedule(temporal, 1)
        rotated = write_key(key, later := Ed25519PrivateKey.generate(), SIGNING)
        second = await signed_by_schedule(temporal, 2)
        write_key(key, SIGNING, later)  # or no test after this one could sign
        await signed_by_schedule(temporal, 3)
        described = await temporal.get_schedule_handle(SCHEDULE).describe()
    assert [first["number"] + 1, first["cases"]] == [second["number"], second["cases"]]
    told = [json.loads(JsonLines().format(each)) for each in caplog.records if each.name == "deploy.signer"]
    assert [each["message"] for each in told[:1]] == [
        f"ready: version {release()}, task queue {settings.task_queue}-signer, every 30 minutes"
    ]
    signed = [(each["checkpoint"], each["cases"]) for each in told if each["message"] == "signed"]
    assert signed[:2] == [(each["number"], each["cases"]) for each in (first, second)] and len(signed) == 3
    assert described.schedule.spec.intervals[0].every.total_seconds() == 1800
    kept = await signing.fetch("SELECT statement, public_key FROM probity.checkpoint ORDER BY number DESC LIMIT 3")
    assert [row["statement"] for row in kept[1:]] == [second, first]
    assert [row["public_key"].hex() == rotated for row in kept] == [False, True, False]


async def test_a_changed_record_fails_the_run_by_name(
    settings: Settings, temporal: Client, signing: Pool, records: Records, owner_url: str
) -> None:
    ref = reference()
    await records.open_case(opening(ref))
    owner = await asyncpg.connect(owner_url)
    try:
        async with signer(settings, temporal, signing):
            await signed_by_schedule(temporal, 1)
            change = "UPDATE probity.checkpoint_head SET head = sha256('x') WHERE stream = $1"
            await owner.execute("SET session_replication_role = replica")
            assert await owner.execute(change, ref) == "UPDATE 1"
            with pytest.raises(WorkflowFailureError) as failed:
                await signed_by_schedule(temporal, 2)
    finally:  # or no test after this one could sign
        back = "UPDATE probity.checkpoint_head AS held SET head = hash FROM probity.event AS told "
        back += "WHERE held.stream = $1 AND (told.stream, told.version) = (held.stream, held.version)"
        await owner.execute(back, ref)
        await owner.close()
    stopped = failed.value.cause
    assert isinstance(stopped, ActivityError)
    assert isinstance(stopped.cause, ApplicationError)
    assert stopped.cause.type == "contradicted"
    assert ref in str(stopped.cause)


async def test_an_incident_is_a_line_of_the_signer_s_log(
    settings: Settings, temporal: Client, key: Path, tmp_path: Path
) -> None:
    """It was the last line of a traceback, and nothing else says it before the alert, three hours later."""
    env = {"DATABASE_URL": settings.database_url, "TEMPORAL_ADDRESS": settings.temporal_address}
    env |= {"PROBITY_TASK_QUEUE": settings.task_queue, "PROBITY_SIGNING_KEY": str(key)}
    write_key(key, other := Ed25519PrivateKey.generate(), SIGNING)
    arguments, log = ("-m", "deploy.signer"), tmp_path / "log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env={**os.environ, **env}, stdout=PIPE, stderr=errors
        )
    try:
        assert process.stdout is not None and b"ready" in await asyncio.wait_for(process.stdout.readline(), 60)
        await signed_by_schedule(temporal, 1)
        write_key(key, SIGNING)  # which does not know the one that signed
        with pytest.raises(WorkflowFailureError):
            await signed_by_schedule(temporal, 2)
        write_key(key, SIGNING, other)  # or no test after this one could sign
        await signed_by_schedule(temporal, 3)
    finally:
        process.terminate()
        await process.wait()
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    (told,) = [line for line in lines if line["level"] != "info"]  # the SDK told it again, by a traceback
    assert told["level"] == "error" and "a key that the signer does not know" in told["message"]
    assert "docs/run.md" in told["message"]


@pytest.mark.parametrize("wrong", ["no key", "no file", "no right"])
async def test_it_says_why_it_cannot_sign_and_makes_no_schedule(
    wrong: str, settings: Settings, temporal: Client, signing: Pool, pool: Pool, tmp_path: Path
) -> None:
    key = {"no key": None, "no file": tmp_path / "none.pem"}.get(wrong, settings.signing_key)
    told = {"no key": "PROBITY_SIGNING_KEY is not set", "no file": "cannot be read", "no right": "add checkpoints"}
    with pytest.raises(Unavailable, match=told[wrong]):
        async with signer(replace(settings, signing_key=key), temporal, pool if wrong == "no right" else signing):
            pass
    with pytest.raises(RPCError, match="not found"):
        await temporal.get_schedule_handle(SCHEDULE).describe()


# --- the witness


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "witness.jsonl"


async def test_what_was_signed_is_appended_once_and_in_order(signing: Pool, key: Path, kept: Path) -> None:
    before = await make(signing, signing_key(key))
    await witness.keep(signing, kept, trusted(SIGNING))
    assert statements(kept.read_text())[-1] == before
    missed = [await make(signing, signing_key(key)) for _ in range(2)]
    for _ in range(2):  # as when the activity is tried again
        await witness.keep(signing, kept, trusted(SIGNING))
    told = statements(kept.read_text())
    assert told[-3:] == [before, *missed]
    assert [each["number"] for each in told] == list(range(1, missed[-1]["number"] + 1))


@pytest.mark.parametrize("cut", [1, 20])
async def test_a_torn_line_is_cut_off_and_written_whole(cut: int, signing: Pool, key: Path, kept: Path) -> None:
    for _ in range(2):
        await make(signing, signing_key(key))
    await witness.keep(signing, kept, trusted(SIGNING))
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-cut])
    await witness.keep(signing, kept, trusted(SIGNING))
    assert kept.read_bytes() == whole
    numbers = [each["number"] for each in statements(whole.decode())]
    assert len(numbers) == len(set(numbers)) >= 2, "what it has it is not told again"


@pytest.mark.parametrize("wrong", ["a folder", "a link", "another text", "a value", "empty lines"])
async def test_a_witness_that_cannot_be_used_is_told_and_left_as_it_is(
    wrong: str, signing: Pool, kept: Path, tmp_path: Path
) -> None:
    if wrong == "a folder":
        kept.mkdir()
    elif wrong == "a link":
        kept.symlink_to(tmp_path / "elsewhere")
    else:
        kept.write_text({"another text": "no statement\n", "a value": "null\n", "empty lines": "\n"}[wrong])
    with pytest.raises(Unavailable, match=r"The witness .* cannot be read and written"):
        await witness.keep(signing, kept, trusted(SIGNING))
    assert not (tmp_path / "elsewhere").exists()
    assert kept.is_dir() or wrong == "a link" or len(kept.read_text().splitlines()) == 1


async def test_a_run_waits_for_a_witness_that_cannot_be_written_and_signs_nothing_meanwhile(
    settings: Settings, temporal: Client, signing: Pool, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each try is a line of the log: beside it the SDK told the same by a traceback."""
    before = await signing.fetchval("SELECT count(*) FROM probity.checkpoint")
    kept.mkdir()
    async with signer(replace(settings, witness=kept), temporal, signing):
        run = asyncio.create_task(signed_by_schedule(temporal, 1))
        while not (failure := await last_failure(temporal)):
            await asyncio.sleep(0.1)
        assert "The witness" in failure
        assert await signing.fetchval("SELECT count(*) FROM probity.checkpoint") == before
        kept.rmdir()
        assert statements(kept.read_text() if (statement := await run) else "")[-1] == statement
    told = [each for each in caplog.records if each.levelname != "DEBUG" and each.name != "asyncio"]
    assert told and all(each.message.startswith("Nothing was signed, and it is tried again: The w") for each in told)
    assert not any(each.exc_info for each in told)


async def last_failure(client: Client) -> str:
    """Why the activity of the run that goes on failed last."""
    for action in (await client.get_schedule_handle(SCHEDULE).describe()).info.recent_actions:
        assert isinstance(action.action, ScheduleActionExecutionStartWorkflow)
        handle = client.get_workflow_handle(action.action.workflow_id)
        for pending in (await handle.describe()).raw_description.pending_activities:
            return pending.last_failure.message
    return ""


async def test_a_record_that_was_rolled_back_is_signed_no_more_and_shown_by_the_witness(
    settings: Settings, temporal: Client, signing: Pool, records: Records, owner_url: str, key: Path, kept: Path
) -> None:
    ref = reference()
    await records.open_case(opening(ref))
    owner = await asyncpg.connect(owner_url)
    await owner.execute("SET session_replication_role = replica")
    try:
        async with signer(replace(settings, witness=kept), temporal, signing):
            last = await signed_by_schedule(temporal, 1)
            await owner.execute("DELETE FROM probity.checkpoint_head WHERE checkpoint = $1", last["number"])
            await owner.execute("DELETE FROM probity.checkpoint WHERE number = $1", last["number"])
            held = kept.read_bytes()
            with pytest.raises(WorkflowFailureError) as failed:
                await signed_by_schedule(temporal, 2)
            assert await owner.fetchval("SELECT max(number) FROM probity.checkpoint") in (None, last["number"] - 1)
            other = await make(signing, signing_key(key))  # who signs on by hand is found out as well
            with pytest.raises(RolledBack, match=f"checkpoint {last['number']} "):
                await witness.keep(signing, kept, trusted(SIGNING))
    finally:
        await owner.close()
    assert isinstance(failed.value.cause, ActivityError)
    assert isinstance(failed.value.cause.cause, ApplicationError)
    assert failed.value.cause.cause.type == "rolled_back"
    assert other["number"] == last["number"]
    assert kept.read_bytes() == held and json.loads(held.splitlines()[-1]) == last
    file = kept.with_name("case.zip")
    file.write_bytes(await export(signing, ref, signing_key(key)))
    faults = check(file, [], statements(kept.read_text())).faults
    assert any("is not the one that was kept elsewhere" in fault for fault in faults)


async def test_what_was_signed_is_on_disk_before_it_counts(
    signing: Pool, key: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real calls in their order: what the file held when it was synced, its folder, and only then an answer."""
    done: list[str] = []
    sync = os.fsync

    def synced(number: int) -> None:
        sync(number)
        folder = stat.S_ISDIR(os.fstat(number).st_mode)
        done.append("folder" if folder else kept.read_text().splitlines()[-1] if kept.stat().st_size else "nothing")

    await witness.keep(signing, kept, trusted(SIGNING))
    monkeypatch.setattr(os, "fsync", synced)
    statement = await witness.sign(signing, signing_key(key), kept)
    assert done[-2:] == [chain.canonical(statement).decode(), "folder"]
    assert await witness.sign(signing, signing_key(key), None) and len(done) == 4  # where there is none, none is synced


FULL = """
import asyncio, resource, sys
from pathlib import Path
from activities import chain, store
from activities.proof import witness
from activities.proof.checkpoints import signing_key
from domain.errors import Unavailable

async def main(url, key, file, room):
    resource.setrlimit(resource.RLIMIT_FSIZE, (Path(file).stat().st_size + int(room), resource.RLIM_INFINITY))
    pool = await store.open_pool(url)
    try:
        await witness.sign(pool, signing_key(Path(key)), Path(file))
    except Unavailable as full:
        print(full.code, full)
    finally:
        await pool.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_nothing_is_signed_while_the_witness_s_disk_is_full_and_it_goes_on_after(
    signing: Pool, settings: Settings, key: Path, kept: Path
) -> None:
    await witness.sign(signing, signing_key(key), kept)
    by_hand = await make(signing, signing_key(key))  # the witness has not taken it yet, and has room for a part of it
    count = "SELECT count(*) FROM probity.checkpoint"
    before, whole = await signing.fetchval(count), kept.read_bytes()
    told = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FULL, settings.database_url, str(key), str(kept), "40", stdout=PIPE, stderr=PIPE
    )
    out, err = await told.communicate()
    assert (out.decode(), err.decode()) == (
        f"unavailable The witness {kept} cannot be read and written (OSError).\n",
        "",
    )
    assert await signing.fetchval(count) == before and kept.read_bytes().startswith(whole)
    after = await witness.sign(signing, signing_key(key), kept)
    assert statements(kept.read_text())[-2:] == [by_hand, after]


async def test_by_hand_too_nothing_is_signed_over_an_older_copy(
    settings: Settings, signing: Pool, records: Records, owner_url: str, key: Path, kept: Path
) -> None:
    """The whole database as it was, checkpoints and all: what is left fits, and the witness alone knows better."""
    await records.open_case(opening(reference()))
    await witness.sign(signing, signing_key(key), kept)
    name = f"older_{uuid4().hex}"
    older = urlsplit(owner_url)._replace(path=f"/{name}").geturl()
    server = await asyncpg.connect(urlsplit(owner_url)._replace(path="/postgres").geturl())
    await server.execute(f"CREATE DATABASE {name}")
    dump = kept.with_name("dump")
    program("pg_dump", owner_url, "-Fc", "-f", dump)
    program("pg_restore", older, dump)
    last = await witness.sign(signing, signing_key(key), kept)
    login = replace(settings, database_url=as_role(older, SIGNER), witness=kept)
    async with Probity.connect(login) as probity:
        with pytest.raises(RolledBack, match=f"does not hold checkpoint {last['number']} as the witness has it"):
            await probity.checkpoint(signing_key(key))
    copy = await asyncpg.connect(older)
    assert await copy.fetchval("SELECT max(number) FROM probity.checkpoint") == last["number"] - 1
    await copy.close()
    await server.execute(f"DROP DATABASE {name}")
    await server.close()
    assert statements(kept.read_text())[-1] == last
