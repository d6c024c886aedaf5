"""The engine as it is run at home: started, stopped in good order, and started again with its cases still there."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy import embedded
from deploy.engine import command_line, exports

ROOT = Path(__file__).parents[2]
NAMED = ("DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in NAMED}
ENVIRONMENT |= {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}


@asynccontextmanager
async def up(folder: Path, end: signal.Signals) -> AsyncIterator[dict[str, str]]:
    """`python -m deploy.up` in this folder, until this signal ends it; its settings as the file for shells has them."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.up"), cwd=folder, env=ENVIRONMENT, stdout=PIPE, start_new_session=True
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


async def said(process: Process, words: bytes) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        async for line in process.stdout:
            if line.startswith(words):
                return
    raise AssertionError("it ended early")


async def probity(settings: dict[str, str], *args: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "integration.cli", *args), env={**ENVIRONMENT, **settings}, stdout=PIPE, cwd=ROOT
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_cases_are_still_there_when_it_is_started_again(tmp_path: Path) -> None:
    by = ("--by", "appropriate_authority:aa-1")
    try:
        async with up(tmp_path, signal.SIGTERM) as settings:
            await probity(settings, "refer", "examples/referral.yaml")
            facts = ("--with", "kind=mandatory", "--with", "reasons=Gravity.")
            await probity(settings, "do", "NEW-2026-0001", "assess_referral", *by, *facts)
        async with up(tmp_path, signal.SIGINT) as settings:
            assert "NEW-2026-0001" in await probity(settings, "cases")
            assert "refer_mandatory_conduct" in await probity(settings, "deadlines")
            assert "done in time" in await probity(settings, "do", "NEW-2026-0001", "refer_to_iopc", *by)
            key = Path(settings["PROBITY_SIGNING_KEY"])
            assert key.stat().st_mode & 0o777 == 0o600 and key.parent == tmp_path / ".probity"
            assert "those that stood at checkpoint" in await checked(settings, tmp_path / "case.zip")
    finally:
        embedded.remove(tmp_path / ".probity")


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
