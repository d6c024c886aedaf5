"""The how-to pages for callers who use nothing of ours: what they say is run as it stands, on an engine at work.

A block ```sh of a page is run by bash, one after the other: on an engine that leaves its payloads in the clear, and on
one that seals them.
What a page shows of a file, as ```ts FILE, is what the file holds.
"""

import asyncio
import os
import re
import shutil
import sys
from asyncio.subprocess import PIPE, STDOUT
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client

from deploy.embedded import Stack
from deploy.engine import exports
from deploy.part import part
from integration.codec import PayloadKeys
from integration.settings import Settings
from tests.engine import at_work, running
from workflows.case import workflow_id

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\S+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KEYS = (b"n" * 32, b"o" * 32)
PATIENCE = 120  # seconds for the commands of a page: npm fetches what it needs


@pytest.fixture
async def settings(stack: Stack, database_url: str) -> Settings:
    return running(stack, database_url)


def blocks(page: str, language: str) -> list[tuple[str, str]]:
    """What a page says in this language: the rest of the line that opens each block, and the block."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return [(word, block) for kind, word, block in BLOCK.findall(text) if kind == language]


def place(folder: Path, settings: Settings, codec: str | None) -> None:
    """A folder that looks as the checkout does, where a page is followed: with the settings of the engine at work."""
    own = {
        "TEMPORAL_ADDRESS": settings.temporal_address,
        "TEMPORAL_NAMESPACE": settings.temporal.get("namespace", "default"),
        "PROBITY_TASK_QUEUE": settings.task_queue,
    }
    (folder / ".probity").mkdir()
    if codec:
        (folder / "payload-keys").write_text("\n".join(b64encode(key).decode() for key in KEYS))
        own |= {"PROBITY_PAYLOAD_KEYS": str(folder / "payload-keys"), "TEMPORAL_CODEC_ENDPOINT": codec}
    (folder / ".probity" / "env").write_text("\n".join([*exports(own), ""]))
    (folder / ".venv").symlink_to(sys.prefix)
    ignored = shutil.ignore_patterns("node_modules")
    shutil.copytree(ROOT / "examples" / "typescript", folder / "examples" / "typescript", ignore=ignored)


async def follow(page: str, folder: Path, reference: str) -> list[str]:
    """What each block of commands printed, with a case of this reference in place of the page's own."""
    told = []
    for _, block in blocks(page, "sh"):
        process = await bash(re.sub(r"(TS|CLI)-2026-0001", reference, block), folder)
        out, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode == 0, out.decode()
        told.append(out.decode())
    return told


async def bash(block: str, folder: Path) -> asyncio.subprocess.Process:
    script = f"set -euo pipefail\n{block}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("TEMPORAL_", "PROBITY_"))}
    environment["PYTHONPATH"] = str(ROOT)
    return await asyncio.create_subprocess_exec(
        "bash", "-c", script, cwd=folder, env=environment, stdout=PIPE, stderr=STDOUT
    )


@asynccontextmanager
async def codec(settings: Settings, folder: Path) -> AsyncIterator[str | None]:
    """Where a codec server of development mode answers, as `make up` has one; none where none is needed."""
    if settings.payload_keys is None:
        yield None
        return
    (folder / "keys").write_text("\n".join(b64encode(key).decode() for key in KEYS))
    own = {"PROBITY_PAYLOAD_KEYS": str(folder / "keys"), "DATABASE_URL": ""}
    async with part("codec server", own, "integration.codec_server", "--development") as (_, endpoint):
        yield endpoint


@pytest.mark.parametrize("name", [name for name, _ in blocks("typescript.md", "ts")])
def test_what_the_page_shows_is_what_is_run(name: str) -> None:
    shown = dict(blocks("typescript.md", "ts"))[name]
    assert shown == (ROOT / "examples" / "typescript" / name).read_text("utf-8")


@pytest.fixture(params=["clear", "sealed"])
def keyed(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings of an engine that leaves its payloads in the clear, and of one that seals them."""
    return replace(settings, payload_keys=PayloadKeys(KEYS)) if request.param == "sealed" else settings


async def in_the_clear(settings: Settings, reference: str) -> int:
    """How many arguments and answers lie open in Temporal, of those that the caller sent and was given."""
    client = await Client.connect(settings.temporal_address, namespace=settings.temporal.get("namespace", "default"))
    history = await client.get_workflow_handle(workflow_id(reference)).fetch_history()
    sent = [
        payload
        for event in history.events
        for payload in (
            *event.workflow_execution_started_event_attributes.input.payloads,
            *event.workflow_execution_update_accepted_event_attributes.accepted_request.input.args.payloads,
            *event.workflow_execution_update_completed_event_attributes.outcome.success.payloads,
        )
    ]
    assert len(sent) > 3
    return sum(payload.metadata["encoding"] != b"binary/encrypted" for payload in sent)


async def test_a_case_is_driven_from_typescript(keyed: Settings, tmp_path: Path) -> None:
    sealed = keyed.payload_keys is not None
    reference = "TS-2026-0002" if sealed else "TS-2026-0001"
    async with at_work(keyed) as probity, codec(keyed, tmp_path) as endpoint:
        place(tmp_path, keyed, endpoint)
        *_, told = await follow("typescript.md", tmp_path, reference)
        given = [event.command_id for event in await probity.events(reference) if event.type == "referral_assessed"]
    assert given == [f"{reference}/assessment"]
    ((_, shown),) = blocks("typescript.md", "text")
    expected = re.escape(shown.replace("TS-2026-0001", reference)).replace("2026\\-12\\-23", r"\d{4}-\d\d-\d\d")
    assert re.fullmatch(expected, told), told
    assert (await in_the_clear(keyed, reference) == 0) == sealed


async def test_a_case_is_driven_with_temporal_s_command_line(keyed: Settings, tmp_path: Path) -> None:
    sealed = keyed.payload_keys is not None
    reference = "CLI-2026-0002" if sealed else "CLI-2026-0001"
    async with at_work(keyed) as probity, codec(keyed, tmp_path) as endpoint:
        place(tmp_path, keyed, endpoint)
        told = await follow("temporal-cli.md", tmp_path, reference)
        events = [event.type for event in await probity.events(reference)]
    whole = "\n".join(told)
    assert events.count("referral_assessed") == 1
    assert events.count("restriction_imposed") == 1
    assert re.search(r"Error: .+ \(type: already_done, retryable: false\)\nnot done: 1\n", whole), whole
    assert f'"reference": "{reference}"' in told[-1]
    assert '"command": "add_officer"' in told[-1]
    assert re.search(rf"Running +case/{reference} +Case", told[-1])
    assert (await in_the_clear(keyed, reference) == 0) == sealed
