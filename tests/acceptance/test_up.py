"""The engine as it is run at home: started, stopped in good order, and started again with its cases still there."""

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, cast
from urllib.request import urlopen

import pytest

from deploy import demo, embedded
from deploy.embedded import Stack, temporal_binary
from deploy.engine import Running, command_line, exports, where
from deploy.keys import Keys
from domain.errors import Unavailable
from integration.cli.tables import Terminal
from integration.settings import Settings
from integration.verify import statements

ROOT = Path(__file__).parents[2]
NAMED = ("DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in NAMED}
TOLD_IN_THE_CLEAR, TOLD_SEALED = "GraveAndOpen.", "GraveAndSealed."
ENVIRONMENT |= {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}


@asynccontextmanager
async def up(folder: Path, end: signal.Signals, *arguments: str) -> AsyncIterator[dict[str, str]]:
    """`python -m deploy.up` in this folder, until this signal ends it; its settings as the file for shells has them."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.up", *arguments),
        cwd=folder,
        env=ENVIRONMENT,
        stdout=PIPE,
        start_new_session=True,
    )
    try:
        await said(process, b"Probity is up")
        text = (folder / ".probity" / "env").read_text()
        yield dict(re.findall(r"export (\w+)='?([^'\n]*)", text))
        process.send_signal(end)
        assert await asyncio.wait_for(process.wait(), 30) == 0
        assert not (folder / ".probity" / "env").exists()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


LOGS = ("postgres", "worker", "gateway", "codec-server", "signer")


async def said(process: Process, words: bytes) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        async for line in process.stdout:
            if line.startswith(words):
                return
    raise AssertionError("it ended early")


async def probity(settings: dict[str, str], *args: str) -> str:
    return await output(settings, sys.executable, "-m", "integration.cli", *args)


async def output(settings: dict[str, str], *command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, env={**ENVIRONMENT, **settings}, stdout=PIPE, cwd=ROOT)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_cases_are_still_there_when_it_is_started_again(tmp_path: Path) -> None:
    by = ("--by", "appropriate_authority:aa-1")
    try:
        async with up(tmp_path, signal.SIGTERM, "--clear") as settings:
            await probity(settings, "refer", "examples/referral.yaml")
            facts = ("--with", "kind=mandatory", "--with", f"reasons={TOLD_IN_THE_CLEAR}")
            await probity(settings, "do", "NEW-2026-0001", "assess_referral", *by, *facts)
            assert TOLD_IN_THE_CLEAR.encode() in temporal_holds(tmp_path)
            assert not settings["PROBITY_PAYLOAD_KEYS"]
        earlier = settings
        async with up(tmp_path, signal.SIGINT) as settings:
            for name in ("PROBITY_UI_URL", "PROBITY_GATEWAY_URL", "TEMPORAL_ADDRESS", "DATABASE_URL"):
                assert settings[name] == earlier[name]
            assert "NEW-2026-0001" in await probity(settings, "cases")
            assert "refer_mandatory_conduct" in await probity(settings, "deadlines")
            assert "done in time" in await probity(settings, "do", "NEW-2026-0001", "refer_to_iopc", *by)
            for name in ("PROBITY_SIGNING_KEY", "PROBITY_PAYLOAD_KEYS"):
                key = Path(settings[name])
                assert key.stat().st_mode & 0o777 == 0o600 and key.parent == tmp_path / ".probity"
            await sealed_from_now_on(settings, tmp_path)
            assert "those that stood at checkpoint" in await checked(settings, tmp_path / "case.zip")
            kept = statements((tmp_path / ".probity" / "witness.jsonl").read_text())
            assert [each["number"] for each in kept] == list(range(1, len(kept) + 1)) and len(kept) > 1  # of both runs
        logs = [tmp_path / ".probity" / f"{name}.log" for name in LOGS]
        starts = [log.read_text().count('"message": "ready: version ') for log in logs[1:]]
        assert starts == [2, 2, 1, 2]  # the first run had no codec server
        assert logs[4].read_text().count('"message": "signed", "checkpoint": ') >= len(kept)
        assert len({log.stat().st_mode for log in logs}) == 1
        told = [json.loads(line) for log in logs[1:] for line in log.read_text().splitlines()]
        assert any(each["logger"] == "probity.codec" and "decoded for" in each["message"] for each in told)
        assert sum("shutdown" in each["message"] for each in told) >= 2, "of both runs"
        (keys := Keys(tmp_path / ".probity")).payload.unlink()
        with pytest.raises(Unavailable, match="payload-keys: put back"):
            keys.make(sealed=True)  # it reads the real Temporal's file, and did when nothing in it was sealed yet
    finally:
        embedded.remove(tmp_path / ".probity")


async def sealed_from_now_on(settings: dict[str, str], folder: Path) -> None:
    """Temporal does not hold what is told; its command line reads it by the codec server, and that is recorded."""
    by = ("--by", "appropriate_authority:aa-1")
    facts = ("--with", "officers=A", "--with", "measure=redeployment", "--with", f"reasons={TOLD_SEALED}")
    await probity(settings, "do", "NEW-2026-0001", "impose_restriction", *by, *facts)
    assert TOLD_SEALED.encode() not in temporal_holds(folder)
    shown = await history(settings)
    assert TOLD_SEALED in shown and TOLD_IN_THE_CLEAR in shown
    assert "first-look" in await probity(settings, "reads", "NEW-2026-0001")
    blind = {name: value for name, value in settings.items() if name != "TEMPORAL_CODEC_ENDPOINT"}
    shown = await history(blind)
    assert TOLD_SEALED not in shown and TOLD_IN_THE_CLEAR in shown
    page = await asyncio.to_thread(urlopen, f"{settings['PROBITY_UI_URL']}/api/v1/settings")
    assert json.load(page)["Codec"]["Endpoint"] == settings["TEMPORAL_CODEC_ENDPOINT"]


async def history(settings: dict[str, str]) -> str:
    """The payloads of the case, as Temporal's command line has them."""
    show = (temporal_binary(), "workflow", "show", "--workflow-id", "case/NEW-2026-0001", "--output", "json")
    shown = await output(settings, *show)
    return b"\n".join(b64decode(data) for data in re.findall(r'"data": "([^"]*)"', shown)).decode(errors="replace")


def temporal_holds(folder: Path) -> bytes:
    """Everything that is in the database of Temporal."""
    return b"".join(file.read_bytes() for file in (folder / ".probity").glob("temporal.db*"))


async def checked(settings: dict[str, str], file: Path) -> str:
    """What is proved of an export once the signer, which signs when the engine starts, has signed."""
    for _ in range(40):
        await probity(settings, "export", "NEW-2026-0001", "--to", str(file), "--purpose", "To test.")
        if "checkpoint" in (told := await probity(settings, "verify", str(file))):
            return told
        await asyncio.sleep(0.5)
    raise AssertionError(told)


def test_what_is_told_can_be_pasted_into_a_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert exports({"A": "x y&z"}) == ["export A='x y&z'"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "my env" / "python"))
    assert command_line() == "'my env/python' -m integration.cli"
    (tmp_path / "my env").mkdir()
    (tmp_path / "my env" / "probity").touch()
    assert command_line() == "'my env/probity'"


def test_the_address_of_the_temporal_ui_says_where_in_it_a_case_is_told() -> None:
    here = Stack("postgresql://", "localhost:7233", "default", "http://127.0.0.1:8233")
    running = Running(
        here, Settings("postgresql://", {}), {"PROBITY_GATEWAY_URL": "http://127.0.0.1:1"}, cast(Any, None)
    )
    address, told, *_ = where(running, []).splitlines()
    assert address == "Temporal UI   http://127.0.0.1:8233"
    assert told.strip() == "open a case, then User Metadata; columns and views: docs/operator.md"
    without = where(replace(running, stack=replace(here, ui_url=None)), [])
    assert without.startswith("Temporal UI   not started here\nGateway ")
    shown = Terminal(file=StringIO(), width=200)
    demo._tell_where(shown, running, [])
    assert isinstance(shown.file, StringIO) and f"{address}\n{told}\n" in shown.file.getvalue()


async def test_a_demo_that_does_not_stay_up_tells_no_address_that_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "examples", list)  # what they come to test_examples.py sees
    shown = Terminal(file=StringIO(), width=200)
    assert await demo.demo(shown, stay=False, full=False) == 0
    assert isinstance(shown.file, StringIO)
    told = shown.file.getvalue()
    assert "Every expectation" in told and "Stopping" in told
    assert "export " not in told and "://" not in told
