"""Versions of the worker: a case goes from one to the next, and none stays behind with one that is gone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.common import WorkerDeploymentVersion

from activities import store
from activities.store import Pool
from deploy import register
from deploy.embedded import Stack
from integration import versions
from integration.client import Probity, connect_temporal
from integration.settings import Settings
from integration.versions import Fleet
from tests.engine import act, reference, referral, running
from worker import engine

OLD, NEW = "0.1.0", "0.2.0"


@pytest.fixture(scope="module")
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    pool = await store.open_pool(settings.database_url)
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
async def settings(stack: Stack, database_url: str) -> Settings:
    settings = running(stack, database_url)
    await register.register(await connect_temporal(settings))
    return settings


@pytest.fixture
def released(settings: Settings) -> tuple[Settings, Settings]:
    """The settings of a worker of each release, in a deployment and on a task queue of their own."""
    own = replace(settings, task_queue=f"probity-{uuid4()}")
    name = f"test-{uuid4().hex[:8]}"
    return (
        replace(own, version=WorkerDeploymentVersion(name, OLD)),
        replace(own, version=WorkerDeploymentVersion(name, NEW)),
    )


async def current(probity: Probity, build: str) -> None:
    assert not (await probity.upgrade(build)).left


async def test_a_case_whose_version_nobody_runs_is_found_and_started_anew(
    released: tuple[Settings, Settings], pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = released
    ref, asked = reference(), versions.fleet
    async with engine(old, await connect_temporal(old), pool), Probity.connect(old) as probity:
        await current(probity, OLD)
        await probity.refer(referral(ref))

    async def later(*where: object) -> Fleet:
        """As it is told two minutes on: Temporal remembers a worker for as long as its last poll might take."""
        told = await asked(*where)  # type: ignore[arg-type]
        return told._replace(run=frozenset(each for each in told.run if not each.endswith(OLD)))

    monkeypatch.setattr(versions, "fleet", later)
    async with engine(new, await connect_temporal(new), pool), Probity.connect(new) as probity:
        found = await probity.watch(repair=True)
        assert (found.abandoned.first, found.started, found.well) == ((ref,), 0, False), "no version is current yet"
        assert f"1 pinned to a version of the worker that no worker runs any more: {ref}" in found.tell()
        assert (await probity.upgrade(NEW)).left == (ref,)
        mended = await probity.watch(repair=True)
        assert (mended.abandoned.first, mended.started) == ((ref,), 1)
        body = act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")
        await probity.do(ref, "add_party", body)
        assert (await probity.upgrade()).left == ()
        assert await probity.verify(ref) == []


async def test_a_case_that_does_not_go_is_started_anew_when_told_to(
    released: tuple[Settings, Settings], pool: Pool
) -> None:
    old, new = released
    ref = reference()
    async with engine(old, await connect_temporal(old), pool), Probity.connect(old) as probity:
        await current(probity, OLD)
        await probity.refer(referral(ref))
    # Its worker is gone, and Temporal does not know that yet: the case is woken in vain.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(versions, "PATIENCE", timedelta(seconds=5))
        async with engine(new, await connect_temporal(new), pool), Probity.connect(new) as probity:
            told = await probity.upgrade(NEW, anew=True)
            assert (told.moved, told.anew, told.left) == (0, 1, ())
            body = act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")
            await probity.do(ref, "add_party", body)
            assert await probity.verify(ref) == []


async def test_a_rehearsed_case_keeps_its_clock_when_it_goes(released: tuple[Settings, Settings], pool: Pool) -> None:
    old, new = released
    temporal, ref = await connect_temporal(old), reference()
    async with engine(old, temporal, pool), Probity.connect(old) as probity:
        await current(probity, OLD)
        await probity.refer(referral(ref, "rehearsed"))
        await probity.skip(ref, datetime.now(UTC) + timedelta(days=30))
        async with engine(new, await connect_temporal(new), pool):
            await current(probity, NEW)
            assert [each.cases for each in await probity.versions() if each.build == OLD] == [0]
            assert await probity.now(ref) > datetime.now(UTC) + timedelta(days=29)
            body = act("clerk", await probity.now(ref), party="P-1", kind="interested_person")
            await probity.do(ref, "add_party", body)
            assert await probity.verify(ref) == []
