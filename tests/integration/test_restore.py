"""A real dump, restored into another cluster: what was signed still verifies, and nobody goes on as if nothing were."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import worker
from activities import chain, feed, reading, store
from activities.feed import START
from activities.proof import checkpoints, whole
from activities.record import Records
from activities.starting import moved
from activities.store import Pool
from activities.text import erasure, reads
from deploy import embedded
from deploy.migrate import migrate
from deploy.roles import ENGINE, FEED, KEEPER, OPENER, SIGNER, as_role
from domain.errors import Unavailable
from integration.export import export
from integration.keeper import Keeper
from integration.verify import check, fingerprint
from tests.engine import RING
from tests.integration.test_erasure import KEEPER_OF_RECORD, MARK, READER, WHY, about, suspend, told
from tests.postgres import program
from tests.store import act, asked, check_whole, reference

KEY = Ed25519PrivateKey.generate()
TRUSTED = fingerprint(KEY.public_key().public_bytes_raw().hex())


@pytest.fixture
async def elsewhere(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """An empty database in a cluster of its own, which knows our roles."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "none")
    async with embedded.stack(None, ui=False) as other:
        await migrate(other.database_url)  # roles are the cluster's, and no dump of a database has them
        admin = await asyncpg.connect(other.database_url)
        await admin.execute("CREATE DATABASE restored")
        await admin.close()
        yield urlsplit(other.database_url)._replace(path="/restored").geturl()


async def end(pool: Pool) -> feed.Cursor:
    return (await feed.page(pool, START, 5000)).cursor


async def read_long_ago(owner_url: str, ref: str) -> list[reads.Reading]:
    """A log of readers as an older record has it: none of it could be written today."""
    at, owner = datetime(2024, 5, 6, tzinfo=UTC), await asyncpg.connect(owner_url)
    head = chain.link(chain.GENESIS, reads._envelope(ref, 1, at, "clerk", "c-7", "events", "x"))
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(
            "INSERT INTO probity.reading VALUES ($1, 1, $2, 'clerk', 'c-7', 'events', 'x', $3)", ref, at, head
        )
    await owner.close()
    pool = await store.open_pool(as_role(owner_url, FEED))
    log = await reads.readings(pool, ref)
    await pool.close()
    return log


async def test_a_dump_is_restored_and_nobody_goes_on_as_if_nothing_were(
    records: Records, owner_url: str, elsewhere: str, tmp_path: Path
) -> None:
    ref, person, file = reference(), f"p-{reference().lower()}", tmp_path / "dump"
    here = {role: await store.open_pool(as_role(owner_url, role)) for role in (KEEPER, SIGNER, FEED)}
    assert (await records.open_case(about(ref, person))).refusal is None
    assert (await records.record(suspend(ref))).refusal is None
    first = await checkpoints.make(here[SIGNER], KEY)
    before = await check_whole(here[KEEPER], ref)
    log = await read_long_ago(owner_url, ref)
    await asyncio.to_thread(program, "pg_dump", owner_url, "--format=custom", "--file", file)

    # After the dump: an act that will be lost, an erasure that is kept elsewhere, a checkpoint that is too.
    assert (await records.record(act(ref, "lost"))).refusal is None
    await erasure.forget(here[KEEPER], person, ref, KEEPER_OF_RECORD, WHY)
    erased = [each for each in await erasure.erasures(here[KEEPER]) if each.case == ref]
    second, seen = await checkpoints.make(here[SIGNER], KEY), await end(here[FEED])

    await asyncio.to_thread(program, "pg_restore", elsewhere, "--exit-on-error", file)
    owner = await asyncpg.connect(elsewhere)
    assert await moved(owner)  # a worker does not start before it was migrated
    await migrate(elsewhere)
    there = {role: await store.open_pool(as_role(elsewhere, role)) for role in (KEEPER, SIGNER, FEED, OPENER, ENGINE)}

    # What was recorded and signed is whole, and an export of it proves it to who trusts the key.
    assert await whole.verify(there[FEED], ref) == [] == await checkpoints.contradictions(there[FEED], ref)
    assert await store.events(there[FEED], ref) == before
    assert await reads.readings(there[FEED], ref) == log and await reads.verify(there[FEED], ref) == []
    (bundle := tmp_path / "case.zip").write_bytes(await export(there[FEED], ref, KEY))
    report = check(bundle, [TRUSTED], [first, second])
    assert not report.faults and f"checkpoint {first['number']}" in str(report.proved)

    # Nobody opens text until what had been erased is erased again.
    for opening in (reading.events(there[OPENER], READER, ref), export(there[OPENER], ref, KEY, READER)):
        with pytest.raises(Unavailable, match="run `probity reforget` first"):
            await opening
    assert MARK not in str(told(await reading.events(there[OPENER], None, ref)))

    # Nor does anybody tell text: it would go with the keys that came back, when these are destroyed again.
    records = Records(there[ENGINE], RING)
    lift = asked(ref, "between", "lift_restriction", officer="A", reasons=f"{MARK} told between")
    for telling in (
        worker.check(None, there[ENGINE], RING),  # type: ignore[arg-type]
        records.record(lift),
        records.open_case(about(reference(), person)),
    ):
        with pytest.raises(Unavailable, match="run `probity reforget` first"):
            await telling
    assert (await records.record(act(ref, "P9"))).refusal is None  # what has no words in it is taken
    woken = list[str]()

    async def wake(cases: Sequence[str]) -> None:
        woken.extend(cases)

    assert await Keeper(there[KEEPER], RING, wake).forget_again(erased) == erased
    assert woken == [each.case for each in erased]
    shown = told(await reading.events(there[OPENER], READER, ref))
    assert f"{MARK} of B alone" in shown.values() and f"{MARK} of A" not in shown.values()
    assert (await records.record(lift)).refusal is None  # as Temporal does, which tries again
    assert f"{MARK} told between" in told(await reading.events(there[OPENER], READER, ref)).values()

    # Who followed sees the number rise, and misses nothing of what comes now, wherever it had got to.
    assert (await Records(there[KEEPER], RING).record(act(ref, "found"))).refusal is None
    now = (await feed.page(there[FEED], seen, 5000)).events
    assert {place.generation for _, place in now} == {2} and seen.generation == 1
    assert now[0][0].command_id == "P9" and now[1][0].type == "text_erased"
    assert {"between", "found"} <= {event.command_id for event, _ in now}
    assert "lost" not in {event.command_id for event in await store.events(there[FEED], ref)}

    # A checkpoint that is signed now is another than the one that was lost, and whoever kept that can show it.
    assert (again := await checkpoints.make(there[SIGNER], KEY))["number"] == second["number"]
    bundle.write_bytes(await export(there[FEED], ref, KEY))
    assert not check(bundle, [TRUSTED], [first, again]).faults
    assert any("kept elsewhere" in fault for fault in check(bundle, [TRUSTED], [first, second]).faults)
    await owner.close()
    for pool in (*here.values(), *there.values()):
        await pool.close()
