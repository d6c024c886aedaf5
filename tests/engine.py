"""What tests of a running engine share: settings, the engine, acts in words, a database away, a case spoiled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from activities import store
from activities.text.sealing import Ring
from deploy.embedded import Stack
from domain.messages import Actor
from domain.vocabulary import Role
from integration.client import Probity, connect_temporal
from integration.settings import Settings
from worker import engine

__all__ = [
    "MASTER_KEY",
    "RING",
    "SIGNING",
    "act",
    "at_work",
    "away",
    "held_fast",
    "patient_activity",
    "reference",
    "referral",
    "running",
    "suspension",
    "undone",
    "unreadable",
]

MASTER_KEY = bytes(range(32))  # the tests' own
RING = Ring([MASTER_KEY])
SIGNING = Ed25519PrivateKey.generate()  # of all checkpoints in the store that the tests share: they follow each other


def running(stack: Stack, database_url: str) -> Settings:
    """Settings for a worker and its clients on a task queue of their own."""
    settings = Settings.from_environment(
        {
            "DATABASE_URL": database_url,
            "TEMPORAL_ADDRESS": stack.temporal_address,
            "TEMPORAL_NAMESPACE": stack.namespace,
            "PROBITY_TASK_QUEUE": f"probity-{uuid4()}",
        }
    )
    return replace(settings, ring=RING, who=Actor(role=Role.CLERK, id="reader-1"), purpose="To test.")


@asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[Probity]:
    """A client of an engine that runs meanwhile, on connections of its own."""
    pool = await store.open_pool(settings.database_url)
    try:
        async with engine(settings, await connect_temporal(settings), pool), Probity.connect(settings) as probity:
            yield probity
    finally:
        await pool.close()


async def held_fast(let_go: asyncio.Event) -> bool:
    """What a part answers that stands still, as a Postgres whose disk hangs: to be cancelled it waits for it too."""
    try:
        await let_go.wait()
    except asyncio.CancelledError:
        await let_go.wait()
    return True


def reference() -> str:
    """A reference that no other test uses."""
    return f"T-{uuid4().hex[:12].upper()}"


def referral(ref: str, clock: str = "live", known: datetime | None = None) -> dict[str, Any]:
    """A referral of two officers, first known at `known`, else now."""
    known = known or datetime.now(UTC)
    return {
        "reference": ref,
        "force": "force-01",
        "clock": clock,
        "origin": "conduct_matter",
        "first_known": known.date().isoformat(),
        "actor": {"role": "intake", "id": "intake-1"},
        "occurred_at": known.isoformat(),
        "officers": [{"officer": "A", "person": "p-1"}, {"officer": "B", "person": "p-2"}],
        "allegations": [{"allegation": "1", "summary": "Said to have looked up a record.", "officers": ["A", "B"]}],
    }


def act(role: str, at: datetime, **facts: Any) -> dict[str, Any]:
    """The body of an act by this role."""
    return {"actor": {"role": role, "id": f"{role}-1"}, "occurred_at": at.isoformat(), **facts}


def assessment(at: datetime) -> dict[str, Any]:
    """The matter must be referred to the IOPC."""
    return act("appropriate_authority", at, kind="mandatory", reasons="Serious assault.")


def suspension(at: datetime) -> dict[str, Any]:
    """A lawful suspension of officer A."""
    conditions = {"redeployment_considered": True, "public_interest_requires": True}
    return act("appropriate_authority", at, officer="A", measure="suspension", reasons="Grave.", **conditions)


@asynccontextmanager
async def away(stack: Stack, database_url: str) -> AsyncIterator[None]:
    """Nobody can connect to the database meanwhile, and whoever was connected is not: as while a Postgres starts up."""
    name = urlsplit(database_url).path.removeprefix("/")
    server = await asyncpg.connect(stack.database_url)
    try:
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)
        yield
    finally:
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await server.close()


async def patient_activity(handle: WorkflowHandle[Any, Any]) -> str:
    """The summary of the first ordinary activity in the history, as soon as there is one."""
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            return event.user_metadata.summary.data.decode(errors="replace")
    raise AssertionError("the workflow ended without an ordinary activity")


async def unreadable(owner_url: str, ref: str, *, to: str = "of_tomorrow") -> str:
    """Let the case hold an event of a later release, as its worker leaves it beside an older gateway; what it was."""
    owner = await asyncpg.connect(owner_url)
    await owner.execute("SET session_replication_role = replica")  # no trigger fires
    kept = await owner.fetchval("SELECT type FROM probity.event WHERE stream = $1 AND version = 2", ref)
    await owner.execute("UPDATE probity.event SET type = $2 WHERE stream = $1 AND version = 2", ref, to)
    await owner.execute("UPDATE probity.stream SET snapshot = NULL WHERE stream = $1", ref)
    await owner.close()
    return str(kept)


@asynccontextmanager
async def undone(owner: Any) -> AsyncIterator[None]:
    """A transaction that is rolled back: nobody else has to read what it wrote."""
    transaction = owner.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()
