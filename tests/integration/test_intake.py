"""Intake against a running engine: each matter is taken once, whoever is killed, and answered alike ever after."""

import asyncio
import json
import os
import signal
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from activities.store import Pool
from deploy.embedded import Stack
from domain.errors import DuplicateReference, Unavailable
from integration.cli.tables import moment
from integration.client import Probity, connect_temporal
from integration.intake.files import template
from integration.intake.matters import FileReceipt, Intake
from integration.settings import Settings
from tests.engine import MASTER_KEY, at_work, reference, referral, running
from workflows.case import WORKFLOW_TYPE, workflow_id

ROOT = Path(__file__).parents[2]
BY = {"role": "intake", "id": "folder"}


@pytest.fixture(scope="module")
async def settings(stack: Stack, database_url: str) -> AsyncIterator[Settings]:
    """The settings of a running engine."""
    found = running(stack, database_url)
    async with at_work(found):
        yield found


@pytest.fixture(scope="module")
async def probity(settings: Settings) -> AsyncIterator[Probity]:
    async with Probity.connect(settings) as connected:
        yield connected


def environment(settings: Settings, keys: Path) -> Mapping[str, str]:
    keys.write_text(b64encode(MASTER_KEY).decode())
    return {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": settings.database_url,
        "TEMPORAL_ADDRESS": settings.temporal_address,
        "TEMPORAL_NAMESPACE": settings.temporal.get("namespace", "default"),
        "PROBITY_TASK_QUEUE": settings.task_queue,
        "PROBITY_MASTER_KEYS": str(keys),
    }


async def cli(settings: Settings, keys: Path, *args: str) -> asyncio.subprocess.Process:
    return await probity_cli(settings, keys, "intake", *args)


async def probity_cli(settings: Settings, keys: Path, *args: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "integration.cli", *args),
        cwd=ROOT,
        env=environment(settings, keys),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_same_referral_again_is_answered_as_the_first_time(probity: Probity) -> None:
    matter = referral(reference())
    first = await probity.refer_once(matter)
    assert await probity.refer_once(matter) == first
    await probity.do(first.reference, "add_party", {**_clerk(matter), "party": "c-1", "kind": "complainant"})
    assert await probity.refer_once(matter) == first


def _clerk(matter: Mapping[str, Any]) -> dict[str, Any]:
    return {"actor": {"role": "clerk", "id": "cl-1"}, "occurred_at": matter["occurred_at"]}


async def test_another_referral_of_that_reference_is_refused(probity: Probity) -> None:
    matter = referral(reference())
    await probity.refer_once(matter)
    other = {**matter, "allegations": [{**matter["allegations"][0], "summary": "Something else."}]}
    with pytest.raises(DuplicateReference, match="is taken by another matter"):
        await probity.refer_once(other)


async def test_without_the_keys_nobody_can_tell_and_it_is_refused(settings: Settings, probity: Probity) -> None:
    matter = referral(reference())
    await probity.refer_once(matter)
    async with Probity.connect(replace(settings, ring=None)) as keyless:
        with pytest.raises(DuplicateReference, match="only the master keys can tell"):
            await keyless.refer_once(matter)


async def test_a_referral_that_is_on_its_way_is_waited_for(settings: Settings, probity: Probity) -> None:
    """Whoever asked first was killed after its workflow was started, and before anything was recorded."""
    matter = referral(reference())
    temporal = await connect_temporal(settings)
    await temporal.start_workflow(
        WORKFLOW_TYPE, matter, id=workflow_id(matter["reference"]), task_queue=settings.task_queue
    )
    assert (await probity.refer_once(matter)).version > 0


async def test_one_referral_asked_for_many_times_at_once_is_taken_once(probity: Probity) -> None:
    matter = referral(reference())
    answers = await asyncio.gather(*(probity.refer_once(matter) for _ in range(8)))
    assert len({answer.version for answer in answers}) == 1
    assert len({event.event_id for answer in answers for event in answer.events}) == answers[0].version


async def test_a_file_is_answered_alike_each_time(probity: Probity) -> None:
    good, bad, concerned = referral(reference()), referral(reference()), referral(reference())
    del bad["force"]
    concerned["actor"] = {"role": "intake", "id": "p-1"}
    data = json.dumps([good, bad, concerned]).encode()
    receipt = await Intake(probity, BY).take_file("json", data)
    assert [(each.taken, each.code) for each in receipt.answers] == [
        (True, None),
        (False, "malformed"),
        (False, "conflict_of_interest"),
    ]
    assert receipt.answers[0].recorded_at is not None
    assert "looked up" not in receipt.model_dump_json()
    assert await Intake(probity, BY).take_file("json", data) == receipt


async def test_nothing_is_answered_while_the_engine_is_away(settings: Settings) -> None:
    away = replace(settings, temporal={**settings.temporal, "target_host": "127.0.0.1:1"})
    async with Probity.connect(away) as nowhere:
        with pytest.raises(Unavailable):
            await Intake(nowhere, BY).take_file("json", json.dumps([referral(reference())] * 20).encode())


async def test_a_hundred_rows_and_a_kill_make_a_hundred_cases(settings: Settings, pool: Pool, tmp_path: Path) -> None:
    prefix, drop, keys = reference(), tmp_path / "drop", tmp_path / "keys"
    drop.mkdir()
    header = "reference;force;origin;first_known;referred_at;person;allegation;summary"
    rows = [f"{prefix}-{n};f-1;complaint;2026-03-02;2026-03-03T09:30Z;p-{n};1;Said." for n in range(100)]
    (drop / "hundred.csv").write_text("\ufeff" + "\r\n".join((header, *rows)), "utf-8")

    async def cases() -> int:
        query = "SELECT count(*) FROM probity.stream WHERE stream LIKE $1 || '-%'"
        return int(await pool.fetchval(query, prefix))

    watching = ("watch", str(drop), "--settle", "0", "--every", "0.1")
    for until in (1, 40, 80):
        killed = await cli(settings, keys, *watching)
        async with asyncio.timeout(60):
            while await cases() < until:
                assert killed.returncode is None, await killed.communicate()
                await asyncio.sleep(0.01)
        os.kill(killed.pid, signal.SIGKILL)
        await killed.communicate()
        assert 0 < await cases() < 100
    last = await cli(settings, keys, *watching, "--once")
    out, err = await last.communicate()
    assert (last.returncode, err) == (0, b"")
    assert out.decode().strip().endswith("100 taken, 0 refused")
    assert await cases() == 100
    (answer,) = (drop / "answers").iterdir()
    receipt = FileReceipt.model_validate_json(answer.read_text())
    assert sorted(each.reference or "" for each in receipt.answers) == sorted(f"{prefix}-{n}" for n in range(100))
    assert [*(drop / "taking").iterdir()] == []


async def test_the_command_line_takes_a_file_once(settings: Settings, tmp_path: Path) -> None:
    keys, file = tmp_path / "keys", tmp_path / "one.json"
    matter = referral(reference())
    file.write_text(json.dumps([matter, {**matter, "force": "other"}]))
    said = set()
    for _ in range(2):
        run = await cli(settings, keys, "take", str(file))
        out, err = await run.communicate()
        assert (run.returncode, err) == (1, b"")
        told = out.decode().splitlines()
        assert told[0].endswith("1 taken, 1 refused")
        assert f"row 1: {matter['reference']}: taken, at version" in told[1]
        said.add(told[1])
        assert any(line.startswith("  row 2") and "duplicate_reference: The reference" in line for line in told)
    (line,) = said  # the second time as the first: when it was recorded
    async with Probity.connect(settings) as probity:
        opening = await probity.events(matter["reference"])
    assert f", recorded {moment(opening[0].recorded_at)}" in line


async def test_a_file_that_was_taken_is_the_same_when_it_is_dropped(settings: Settings, tmp_path: Path) -> None:
    keys, drop = tmp_path / "keys", tmp_path / "drop"
    drop.mkdir()
    file = drop / "one.csv"
    file.write_text(template().replace("EX-2026", reference()), "utf-8")
    for args in (("take", str(file)), ("watch", str(drop), "--settle", "0", "--once")):
        run = await cli(settings, keys, *args)
        out, err = await run.communicate()
        assert (run.returncode, err) == (0, b""), out
        assert out.decode().splitlines()[0].endswith(": 2 taken, 0 refused")


async def test_a_matter_that_was_told_twice_is_taken_and_flagged(
    settings: Settings, probity: Probity, tmp_path: Path
) -> None:
    people = [{"officer": letter, "person": f"{reference()}-{letter}"} for letter in "AB"]
    first, second = ({**referral(reference()), "officers": people} for _ in range(2))
    data = json.dumps([first, second]).encode()
    receipt = await Intake(probity, BY).take_file("json", data)
    flagged = {each.reference: {like.reference for like in each.possible_duplicates} for each in receipt.answers}
    pair = {first["reference"], second["reference"]}
    assert sorted(flagged.values(), key=len) in ([set(), {name}] for name in pair)  # the later names the earlier
    assert await Intake(probity, BY).take_file("json", data) == receipt
    keys = tmp_path / "keys"
    for verb in (("show", second["reference"]), ("duplicates",), ("duplicates", second["reference"])):
        run = await probity_cli(settings, keys, *verb)
        out, err = await run.communicate()
        assert (run.returncode, err) == (0, b"")
        told = " ".join(out.decode().split())
        assert any(f"{name}: the same force, officer A, B concerned in both" in told for name in pair)
    looked = {**_clerk(second), "actor": {"role": "iopc", "id": "i-1"}, "reasons": "Another night."}
    compared = {**looked, "reference": first["reference"], "view": "another_matter"}
    await probity.do(second["reference"], "compare_case", compared)
    assert (await probity.duplicates(second["reference"]), await probity.duplicates(first["reference"])) == ([], [])
