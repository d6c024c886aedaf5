"""The tutorial for an integrator: its commands, as they stand, in one shell each, in a folder like a checkout."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from deploy.engine import engine, exports

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


# The verbs that the tutorial does not tell of. All in one process: it takes seconds to start one.
VERBS = """
. .probity/env
export DATABASE_URL=${DATABASE_URL/probity_engine/probity_keeper}
.venv/bin/python - <<'END'
import sys
from integration.cli.main import main

def ends_well(line):
    sys.argv = ["probity", *line.split()]
    try:
        main()
    except SystemExit as end:
        return not end.code
    return True

for verb in ("list", "pause first --because Moving", "resume first", "rotate first --keep 1", "dead first",
             "replay first"):
    assert ends_well(f"webhooks {verb}"), verb
assert ends_well("resume")
assert not ends_well("webhooks add second http://10.0.0.1/")
assert not ends_well("webhooks pause nobody")
assert not ends_well("webhooks replay first 00000000-0000-4000-8000-000000000000")
END
"""


async def test_from_nothing_to_a_verified_webhook(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBITY_WEBHOOKS_DEVELOPMENT", "on")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PORT", str(port))
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    data = tmp_path / ".probity"
    data.mkdir()
    async with engine(data, ui=False) as running:
        (data / "env").write_text("\n".join([*exports(running.environment), ""]))
        said = []
        try:
            *blocks, last = BLOCK.findall((ROOT / "docs" / "tutorial-integrator.md").read_text("utf-8"))
            for block in (*blocks, VERBS, last):
                said.append(await shell(block, tmp_path))
        finally:
            end(data / "receiver.pid")
    _, _, tested, received, logged, verbs, removed = said
    assert "first answered 204" in tested
    listening, test, first, *_ = received.splitlines()
    assert (listening, test) == (f"listening on {port}", "probity.test")
    assert (referred := re.fullmatch(r"probity\.case_referred (TUT-\d+) 0000000001", first))
    assert "refused" not in received
    assert "delivered" in logged and referred[1] in logged
    for words in (
        "everything",
        "first is paused; 0 deliveries wait.",
        "first is delivered to again.",
        "whsec_",
        "first has no dead letters.",
        "0 dead letters of first",
        "0 cases were started.",
        "malformed: The address is of this machine or of a private network, where webhooks do not go.",
        "not_found: There is no subscriber 'nobody'.",
        "not_found: first has no dead letter of the event 00000000-0000-4000-8000-000000000000",
    ):
        assert words in verbs
    assert "told of nothing any more" in removed


async def shell(block: str, folder: Path) -> str:
    process = await asyncio.create_subprocess_exec("bash", "-euc", block, cwd=folder, stdout=PIPE, stderr=STDOUT)
    out = (await asyncio.wait_for(process.communicate(), 60))[0].decode()
    assert process.returncode == 0, out
    return out


def end(pid: Path) -> None:
    """Stop the receiver, if a command before its end failed."""
    if pid.exists():
        try:
            os.kill(int(pid.read_text()), signal.SIGTERM)
        except ProcessLookupError:
            return
