"""Versions of the worker: a case goes from one to the next, and none stays behind with one that is gone."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.api.worker.v1 import WorkerHeartbeat
from temporalio.common import WorkerDeploymentVersion

from activities.store import Pool
from activities.webhooks import subscribers
from activities.webhooks.subscribers import Wanted
from domain.errors import Unavailable
from integration import versions
from integration.client import Probity, connect_temporal
from integration.settings import Settings
from integration.webhooks.bell import Bell
from tests.engine import RING, act, reference, referral
from worker import engine
from workflows.case import workflow_id
from workflows.subscription import subscription_id

OLD, NEW = "0.1.0", "0.2.0"


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


async def gone(probity: Probity, build: str) -> None:
    """Wait until it is known that no worker runs this build: at once as a rule, but its farewell may be lost."""
    async with asyncio.timeout(1.5 * versions.HEARD_WITHIN.total_seconds()):
        while any(each.run for each in await probity.versions() if each.build == build):
            await asyncio.sleep(0.1)


async def test_a_case_whose_version_nobody_runs_is_found_and_started_anew(
    released: tuple[Settings, Settings], pool: Pool
) -> None:
    old, new = released
    ref = reference()
    async with engine(old, await connect_temporal(old), pool), Probity.connect(old) as probity:
        await current(probity, OLD)
        await probity.refer(referral(ref))
    async with engine(new, await connect_temporal(new), pool), Probity.connect(new) as probity:
        await gone(probity, OLD)
        found = await probity.watch(repair=True)
        assert (found.abandoned.first, found.started, found.well) == ((ref,), 0, False), "no current version is run"
        assert f"1 pinned to {version(old)}, which no worker runs any more: {ref}" in found.tell()
        with pytest.raises(Unavailable, match=f"No worker runs {version(old)}"):
            await probity.upgrade()
        assert (await probity.upgrade(NEW)).left == (ref,)
        mended = await probity.watch(repair=True)
        assert (mended.abandoned.first, mended.started) == ((ref,), 1)
        body = act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")
        await probity.do(ref, "add_party", body)
        assert (await probity.upgrade()).left == ()
        assert await probity.verify(ref) == []


def version(settings: Settings) -> str:
    assert settings.version is not None
    return f"{settings.version.deployment_name}:{settings.version.build_id}"


async def test_workers_that_have_ended_are_known_from_every_page(
    released: tuple[Settings, Settings], pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "PAGE", 1)
    old, new = released
    async with engine(old, await connect_temporal(old), pool), engine(new, await connect_temporal(new), pool):
        async with Probity.connect(old) as probity:
            await current(probity, OLD)
            await current(probity, NEW)
    async with Probity.connect(old) as probity, asyncio.timeout(30):
        for build in (OLD, NEW):
            await gone(probity, build)


async def test_commands_given_while_cases_go_are_recorded_once(released: tuple[Settings, Settings], pool: Pool) -> None:
    old, new = released
    async with (
        engine(old, await connect_temporal(old), pool),
        engine(new, await connect_temporal(new), pool),
        Probity.connect(old) as probity,
    ):
        await current(probity, OLD)
        cases = [reference() for _ in range(3)]
        for ref in cases:
            await probity.refer(referral(ref))
        done = asyncio.Event()
        giving = [asyncio.create_task(parties(probity, ref, done)) for ref in cases]
        for build in (NEW, OLD, NEW):  # at once: a case that has just begun is not in Temporal's list yet
            await current(probity, build)
        done.set()
        for ref, given in zip(cases, await asyncio.gather(*giving), strict=True):
            recorded = [each.data["party"] for each in await probity.events(ref) if each.type == "party_added"]
            assert recorded == given
            assert (
                run := await versions.run_of(await connect_temporal(new), workflow_id(ref))
            ) and run.version == version(new)


async def parties(probity: Probity, ref: str, done: asyncio.Event) -> list[str]:
    """Give one command after the other, each sent until it is answered, as callers have to."""
    given: list[str] = []
    while not done.is_set():
        given.append(f"P-{len(given)}")
        party = act("clerk", datetime.now(UTC), party=given[-1], kind="interested_person")
        while True:
            try:
                await probity.do(ref, "add_party", party, command_id=given[-1])
                break
            except Unavailable:
                await asyncio.sleep(0.1)
    return given


async def test_a_case_that_does_not_go_is_started_anew_when_told_to(
    released: tuple[Settings, Settings], pool: Pool
) -> None:
    old, new = released
    ref = reference()
    async with engine(old, await connect_temporal(old), pool), Probity.connect(old) as probity:
        await current(probity, OLD)
        await probity.refer(referral(ref))

    async def nobody(*_: object) -> list[WorkerHeartbeat]:
        return []

    # Its worker was killed, and could not say that it ends: for two minutes the case is woken in vain.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(versions, "_heartbeats", nobody)
        patch.setattr(versions, "PATIENCE", timedelta(seconds=5))
        async with engine(new, await connect_temporal(new), pool), Probity.connect(new) as probity:
            told = await probity.upgrade(NEW, anew=True)
            assert (told.moved, told.anew, told.left) == (0, 1, ())
            body = act("clerk", datetime.now(UTC), party="P-1", kind="interested_person")
            await probity.do(ref, "add_party", body)
            assert await probity.verify(ref) == []


async def test_a_subscriber_who_has_nothing_to_do_goes_too(
    released: tuple[Settings, Settings], pool: Pool, keeper: Pool
) -> None:
    """It stayed with the version that it had begun under, which then was never drained."""
    old, new = released
    temporal, name = await connect_temporal(old), "idle"
    await subscribers.add(keeper, RING, Wanted(subscription=name, url="https://example.test/"), None)
    async with engine(old, temporal, pool), Probity.connect(old) as probity:
        await current(probity, OLD)
        await Bell(pool, temporal, old.task_queue).ring(name)
        async with engine(new, await connect_temporal(new), pool):
            await current(probity, NEW)
            assert (run := await versions.run_of(temporal, subscription_id(name))) and run.version == version(new)


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
