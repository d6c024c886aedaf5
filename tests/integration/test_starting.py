"""A part that cannot serve what the database holds does not start, and each says so in the same sentence."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest

import worker
from activities import starting, store
from activities.record import Records
from activities.text.sealing import Ring
from deploy import migrate as migrations
from deploy.embedded import Stack
from deploy.migrate import migrate
from deploy.roles import ENGINE, GATEWAY, SIGNER, as_role
from deploy.signer import new_key, signer
from domain.errors import Unavailable
from integration.client import connect_temporal
from integration.gateway import gateway, serve
from integration.settings import Settings
from tests.engine import RING, running
from tests.store import opening, reference


async def starts_worker(settings: Settings) -> None:
    async with await store.open_pool(settings.database_url) as pool:
        await worker.check(await connect_temporal(settings), pool, settings.ring)


async def starts_signer(settings: Settings) -> None:
    async with await store.open_pool(settings.database_url) as pool, signer(settings, cast("Any", None), pool):
        pass


async def starts_gateway(settings: Settings) -> None:
    app, nothing = gateway(None, None, ring=settings.ring), cast("Any", None)
    await serve._serve(settings, app, nothing, nothing, "")


PARTS: dict[str, Callable[[Settings], Awaitable[None]]] = {
    ENGINE: starts_worker,
    SIGNER: starts_signer,
    GATEWAY: starts_gateway,
}


@pytest.fixture
def settings(stack: Stack, tmp_path: Path) -> Settings:
    (tmp_path / "key.pem").write_bytes(new_key())
    return replace(running(stack, stack.database_url), signing_key=tmp_path / "key.pem", who=None, purpose=None)


@pytest.mark.parametrize("role", PARTS)
async def test_on_the_schema_of_an_earlier_release_no_part_starts(
    settings: Settings, empty: str, migrated: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signer and the gateway did, and what they were asked failed by whatever they came upon first."""
    said = rf"^The database lacks {starting.MIGRATED_TO}: run `python -m deploy\.migrate`\.$"
    settings = replace(settings, database_url=as_role(empty, role))
    with pytest.raises(Unavailable, match=said):
        await PARTS[role](settings)
    earlier = dict(sorted(migrations.files().items())[:-1])
    with monkeypatch.context() as before:
        before.setattr(migrations, "files", lambda: earlier)
        await migrate(empty)
    with pytest.raises(Unavailable, match=said):
        await PARTS[role](settings)


@pytest.mark.parametrize("role", [SIGNER, GATEWAY])
async def test_where_no_release_that_says_what_it_migrated_has_been_no_part_starts(
    settings: Settings, owner_url: str, owner: "asyncpg.Connection[asyncpg.Record]", role: str
) -> None:
    """An earlier release let nobody but the engine see it."""
    pool = await store.open_pool(as_role(owner_url, role))
    await starting.check(pool, "part", role)
    await owner.execute(f"REVOKE SELECT (name) ON probity.migration FROM {role}")
    with pytest.raises(Unavailable, match=rf"run `python -m deploy\.migrate`, and let the \w+ log in as {role}"):
        await PARTS[role](replace(settings, database_url=as_role(owner_url, role)))
    await migrate(owner_url)
    await starting.check(pool, "part", role)
    await pool.close()


@pytest.mark.parametrize("role", [ENGINE, GATEWAY])
async def test_with_other_master_keys_no_part_starts(
    settings: Settings, owner_url: str, records: Records, role: str
) -> None:
    """The gateway did, and showed that text cannot be opened wherever there was some."""
    await records.open_case(opening(reference()))
    settings = replace(settings, database_url=as_role(owner_url, role), ring=Ring([b"other" + bytes(27)]))
    said = rf"^The master keys lack {RING.ids[0]}, under which text is sealed \(docs/run\.md\)\.$"
    with pytest.raises(Unavailable, match=said):
        await PARTS[role](settings)
