"""A new table of holidays over the cases of a real store: listed first, then moved, by the command line."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.embedded import Stack
from domain import working_days
from domain.working_days import Calendar, england_and_wales, london_date
from integration.cli.main import app
from integration.client import Probity, connect_temporal
from integration.settings import Settings
from tests.engine import act, at_work, reference, referral, running, suspension

REPRESENTATIONS = "suspension_reps/A"  # seven working days


@pytest.fixture
def settings(stack: Stack, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = running(stack, database_url)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", stack.temporal_address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", stack.namespace)
    monkeypatch.setenv("PROBITY_TASK_QUEUE", settings.task_queue)
    return settings


def proclaim(monkeypatch: pytest.MonkeyPatch) -> date:
    """A release with another table: the working day after next has become a holiday."""
    now = england_and_wales()
    day = list(islice(now.working_days(london_date(datetime.now(UTC)) + timedelta(days=1)), 2))[1]
    then = replace(now, version="9999-01", holidays={**now.holidays, day: "Day of thanks"})
    tables: Mapping[str, Calendar] = {now.version: now, then.version: then}
    monkeypatch.setattr(working_days, "_calendars", lru_cache(lambda: tables))
    return day


async def probity(*args: str) -> tuple[int, Any]:
    told = await asyncio.to_thread(CliRunner().invoke, app, ["holidays", *args, "--json"])
    return told.exit_code, json.loads(told.stdout.splitlines()[0])


async def suspended(client: Probity, clock: str) -> str:
    ref = reference()
    await client.refer(referral(ref, clock))
    await client.do(ref, "impose_restriction", suspension(await client.now(ref)))
    return ref


async def test_a_proclaimed_holiday_moves_what_runs_in_every_case(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(settings) as client:
        live, imported, missed, quiet = [
            await suspended(client, "live"),
            await suspended(client, "recorded"),
            await suspended(client, "rehearsed"),
            reference(),
        ]
        await client.refer(referral(quiet))
        was_due = (await client.case(live)).deadlines[REPRESENTATIONS].due
        await client.skip(missed, (await client.case(missed)).deadlines[REPRESENTATIONS].due_at + timedelta(hours=1))
    assert was_due is not None

    day = proclaim(monkeypatch)
    async with at_work(settings) as client:
        before = {ref: len(await client.events(ref)) for ref in (live, imported, missed, quiet)}
        code, told = await probity("--dry-run")
        rows = {(row["reference"], row["deadline"]): row for row in told["deadlines"]}
        assert (code, told["table"]) == (0, "9999-01")
        assert (quiet, REPRESENTATIONS) not in rows and (missed, REPRESENTATIONS) not in rows
        assert rows[live, REPRESENTATIONS]["was_due"] == was_due.isoformat()
        assert "Day of thanks" in rows[live, REPRESENTATIONS]["because"]
        assert {ref: len(await client.events(ref)) for ref in before} == before

        code, told = await probity("--apply", "--by", "clerk:c-1", "--reasons", "Proclaimed on Thursday")
        assert code == 0
        assert all(row["moved"] == (row["reference"] != imported) for row in told["deadlines"])
        moved = (await client.case(live)).deadlines[REPRESENTATIONS]
        assert moved.due == next(england_and_wales().working_days(was_due + timedelta(days=1)))
        assert day < was_due and moved.calendar == "9999-01"
        added = (await client.events(live))[before[live] :]
        assert added[0].type == "holidays_adopted" and added[0].data["reasons"] == "Proclaimed on Thursday"
        assert {each.type for each in added[1:]} == {"deadline_recomputed"}
        assert len(await client.events(imported)) == before[imported]

        told = (await probity("--apply"))[1]
        assert [row["reference"] for row in told["deadlines"] if row["reference"] != imported] == []
        await client.do(imported, "go_live", act("clerk", datetime.now(UTC)))
        assert (await client.case(imported)).deadlines[REPRESENTATIONS].due == moved.due
        assert await client.verify(live) == []


async def test_a_case_that_cannot_be_moved_does_not_keep_the_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporal = await connect_temporal(settings)
    async with at_work(settings) as client:
        gone, live = await suspended(client, "live"), await suspended(client, "live")
        await temporal.get_workflow_handle(f"case/{gone}").terminate()
    proclaim(monkeypatch)
    async with at_work(settings) as client:
        code, told = await probity("--apply")
        ended = {row["reference"]: row for row in told["deadlines"]}
        assert code == 1
        assert ended[live]["moved"] and not ended[gone]["moved"]
        assert "no workflow runs it" in ended[gone]["refused"]
