"""A consumer of the feed that is killed at random while cases move: it misses nothing and takes nothing twice."""

import asyncio
import json
import random
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from activities.feed import Page
from activities.record import Records
from activities.store import Pool
from deploy.embedded import Stack
from deploy.roles import GATEWAY, as_role
from domain.errors import Unavailable
from integration import problems
from integration.client import Probity
from integration.gateway import gateway
from integration.gateway.limits import Limits
from tests.engine import RING, running
from tests.gateway import served
from tests.store import act, opening, reference

CONSUMER = Path(__file__).parents[2] / "examples" / "feed" / "consumer.py"
CASES, KILLS = 24, 6


@pytest.fixture
async def address(stack: Stack, owner_url: str) -> AsyncIterator[str]:
    """A gateway over the record alone: the feed asks nothing of Temporal."""
    async with Probity.connect(running(stack, as_role(owner_url, GATEWAY))) as probity:
        app = gateway(probity, None, Limits("1000000/minute"), ring=RING)
        async with served(app) as address:
            yield address


@asynccontextmanager
async def consuming(address: str, file: Path) -> AsyncIterator[None]:
    """The consumer of the examples as a process; killed at the end, as by a power cut."""
    process = await asyncio.create_subprocess_exec(sys.executable, CONSUMER, address, file)
    try:
        yield
        assert process.returncode is None, "it ended by itself"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def taken(file: Path) -> list[tuple[str, str, int]]:
    """Id, case and version of each event, in the order in which they were taken."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        try:
            return list(database.execute("SELECT event_id, reference, version FROM taken ORDER BY number"))
        except sqlite3.OperationalError:  # it was killed before it had made its tables
            return []


async def more(file: Path, count: int) -> None:
    """Wait until so many are taken."""
    async with asyncio.timeout(30):
        while len(taken(file)) < count:
            await asyncio.sleep(0.02)


async def moving(records: Records, pace: random.Random) -> None:
    """Cases are opened and move, several at a time, over some seconds."""

    async def one(name: str) -> None:
        await asyncio.sleep(pace.uniform(0, 6))
        await records.open_case(opening(name))
        await asyncio.sleep(pace.uniform(0, 2))
        await records.record(act(name, "P2"))

    await asyncio.gather(*(one(reference()) for _ in range(CASES)))


async def test_killed_at_random_it_sees_every_event_once_and_in_the_order_of_its_case(
    address: str, records: Records, pool: Pool, tmp_path: Path
) -> None:
    chance, file, found = random.Random(6), tmp_path / "taken.db", [0]
    file.touch()
    writing = asyncio.create_task(moving(records, chance))
    for _ in range(KILLS):
        async with consuming(address, file):
            await more(file, found[-1] + 1)
            await asyncio.sleep(chance.uniform(0, 0.1))
        found.append(len(taken(file)))
    await writing
    wanted = [
        (str(row["event_id"]), row["stream"], row["version"])
        for row in await pool.fetch("SELECT event_id, stream, version FROM probity.event ORDER BY stream, version")
    ]
    async with consuming(address, file):
        await more(file, len(wanted))
    seen = taken(file)
    assert 0 < found[1] < found[-2] < len(wanted), "it was not killed in the middle"
    assert sorted(seen, key=lambda each: each[1:]) == wanted
    for name in {stream for _, stream, _ in wanted}:
        versions = [version for _, stream, version in seen if stream == name]
        assert versions == sorted(versions)


async def test_on_a_cursor_that_is_not_of_this_store_it_ends_and_when_told_to_ask_again_it_asks(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, page = count(), Probity.feed_page

    async def away_at_first(*told: Any, **how: Any) -> Page:
        if next(asked) == 0:
            raise Unavailable("It is away.")
        return await page(*told, **how)

    monkeypatch.setattr(Probity, "feed_page", away_at_first)
    monkeypatch.setattr(problems, "RETRY_SECONDS", 0)
    file = tmp_path / "taken.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE place (one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT)")
        database.execute("INSERT INTO place VALUES (1, '9-9-9')")
    process = await asyncio.create_subprocess_exec(sys.executable, CONSUMER, address, file, stderr=PIPE)
    try:
        async with asyncio.timeout(20):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    told = json.loads(said)
    assert (process.returncode, told["status"], told["code"], next(asked)) == (1, 503, "unavailable", 2)
    assert "begin without a cursor" in told["detail"] and "After a restore" in told["detail"]


async def test_while_the_gateway_is_away_it_waits_and_goes_on(
    stack: Stack, owner_url: str, port: int, records: Records, pool: Pool, tmp_path: Path
) -> None:
    """It is started before there is one, and each that follows stops while it asks."""
    file = tmp_path / "taken.db"
    file.touch()
    async with (
        Probity.connect(running(stack, as_role(owner_url, GATEWAY))) as probity,
        consuming(f"http://127.0.0.1:{port}", file),
    ):
        app = gateway(probity, None, Limits("1000000/minute"), ring=RING)
        for _ in range(3):
            await records.open_case(opening(reference()))
            async with served(app, port):
                await more(file, await pool.fetchval("SELECT count(*) FROM probity.event"))
    wanted = await pool.fetch("SELECT event_id FROM probity.event")
    assert sorted(id for id, _, _ in taken(file)) == sorted(str(row["event_id"]) for row in wanted)


async def test_an_event_that_comes_again_after_a_restore_is_not_taken_again(
    address: str, records: Records, pool: Pool, tmp_path: Path
) -> None:
    file, name = tmp_path / "taken.db", reference()
    file.touch()
    await records.open_case(opening(name))
    async with consuming(address, file):
        await more(file, await pool.fetchval("SELECT count(*) FROM probity.event"))
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("DELETE FROM place")  # what was taken comes again, under the ids that it had
    await records.record(act(name, "P2"))
    wanted = await pool.fetchval("SELECT count(*) FROM probity.event")
    async with consuming(address, file):
        await more(file, wanted)
    assert len({id for id, _, _ in taken(file)}) == len(taken(file)) == wanted
