"""What every store keeps to, whichever it is and however it is reached.

There are two. The record in Postgres is what the engine runs on, and is reached in several ways: as the engine, as the
keeper, as the owner, and through a pooler that gives each use a connection of its own and prepares no statement. The
engine in memory is what tests of case files, pages and the like stand on: it may leave things out, but what it does it
has to do as the real one, or those tests prove nothing. A store that is added is added to `STORES`.

Against another Postgres: `DATABASE_URL=... pytest tests/integration/test_store_contract.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

import asyncpg
import pytest
from pydantic_core import to_jsonable_python

from activities import connection, store
from activities.proof import whole
from activities.record import Act, Answer, OpenCase, PassTime, Records
from activities.store import Pool
from deploy.roles import ENGINE, KEEPER, as_role
from domain.case import fold
from domain.errors import Refused, UnknownCase
from domain.messages import Recorded, event_id
from domain.state import Case
from tests.engine import RING
from tests.kit import referral, referred
from tests.memory import Memory
from tests.store import reference

LATER = timedelta(days=900)


class Told(NamedTuple):
    """What a store says: where the case stands, what the act gave, or the code of its refusal."""

    version: int
    events: tuple[Recorded, ...]
    refused: str | None = None


class Store(Protocol):
    """What the contract asks of a store."""

    async def open(self, ref: str, command_id: str = "open", **facts: Any) -> Told:
        """Open a case."""

    async def act(self, ref: str, command_id: str, command: str, body: dict[str, Any], expected: int | None) -> Told:
        """Record an act."""

    async def pass_time(self, ref: str, until: datetime) -> int:
        """Record what time did; the version after it."""

    async def events(self, ref: str, after: int = 0) -> list[Recorded]:
        """The record of a case after a version."""

    async def case(self, ref: str) -> Case:
        """The case as it stands."""

    async def faults(self, ref: str) -> list[str]:
        """What is wrong with the record of a case."""


class InPostgres:
    """The record's activities over a pool."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.records = pool, Records(pool, RING)

    async def open(self, ref: str, command_id: str = "open", **facts: Any) -> Told:
        body = to_jsonable_python(referral(reference=ref, **facts))
        answer = await self.records.open_case(OpenCase(referral=body, command_id=command_id, now=datetime.now(UTC)))
        return self._told(answer, answer.events)

    async def act(self, ref: str, command_id: str, command: str, body: dict[str, Any], expected: int | None) -> Told:
        now = datetime.now(UTC)
        told = Act(stream=ref, command_id=command_id, command=command, body=body, known=0, expected=expected, now=now)
        answer = await self.records.record(told)
        return self._told(answer, answer.told)

    @staticmethod
    def _told(answer: Answer, events: tuple[Recorded, ...]) -> Told:
        return Told(answer.version, events, answer.refusal.code if answer.refusal else None)

    async def pass_time(self, ref: str, until: datetime) -> int:
        passed = PassTime(stream=ref, until=until, known=0, now=datetime.now(UTC))
        return (await self.records.enforce_deadlines(passed)).version

    async def events(self, ref: str, after: int = 0) -> list[Recorded]:
        return await store.events(self.pool, ref, after)

    async def case(self, ref: str) -> Case:
        return await store.load(self.pool, ref)

    async def faults(self, ref: str) -> list[str]:
        return await whole.verify(self.pool, ref)


class InMemory:
    """The engine in memory, whose refusals are raised."""

    def __init__(self) -> None:
        self.memory = Memory()

    async def open(self, ref: str, command_id: str = "open", **facts: Any) -> Told:
        return await self._answer(ref, lambda: self.memory.refer(to_jsonable_python(referral(reference=ref, **facts))))

    async def act(self, ref: str, command_id: str, command: str, body: dict[str, Any], expected: int | None) -> Told:
        do = self.memory.do
        return await self._answer(ref, lambda: do(ref, command, body, command_id=command_id, expected=expected))

    async def _answer(self, ref: str, ask: Callable[[], Awaitable[Any]]) -> Told:
        try:
            receipt = await ask()
        except Refused as no:
            return Told(len(self.memory.records.get(ref, ())), (), no.code)
        return Told(receipt.version, receipt.events)

    async def pass_time(self, ref: str, until: datetime) -> int:
        await self.memory.skip(ref, until)
        return len(self.memory.records[ref])

    async def events(self, ref: str, after: int = 0) -> list[Recorded]:
        return self.memory.records.get(ref, [])[after:]

    async def case(self, ref: str) -> Case:
        return await self.memory.case(ref)

    async def faults(self, ref: str) -> list[str]:
        return []  # it keeps no chain


async def _pooled(url: str) -> Pool:
    """As a pooler of transactions does it: nothing that a session holds is there the next time."""
    return await asyncpg.create_pool(
        url, init=connection._prepare, min_size=0, max_size=4, statement_cache_size=0, max_queries=1
    )


STORES: dict[str, Callable[[str], Awaitable[Pool]] | None] = {
    "engine": lambda url: store.open_pool(as_role(url, ENGINE)),
    "keeper": lambda url: store.open_pool(as_role(url, KEEPER)),
    "owner": store.open_pool,
    "pooler": lambda url: _pooled(as_role(url, ENGINE)),
    "memory": None,
}


@pytest.fixture(scope="module", params=STORES)
async def kept(request: pytest.FixtureRequest, owner_url: str) -> AsyncIterator[Store]:
    """Each store in turn."""
    reach = STORES[request.param]
    if reach is None:
        yield InMemory()
        return
    pool = await reach(owner_url)
    yield InPostgres(pool)
    await pool.close()


@pytest.fixture
async def ref(kept: Store) -> str:
    """A case that was opened."""
    name = reference()
    assert (await kept.open(name)).refused is None
    return name


async def told(kept: Store, ref: str, command_id: str, expected: int | None = None, **facts: Any) -> Told:
    """Someone adds a party, named after the command id unless said otherwise."""
    body = to_jsonable_python(referred().body("add_party", at="2020-08-01", **{"party": command_id, **facts}))
    return await kept.act(ref, command_id, "add_party", body, expected)


async def suspended(kept: Store, ref: str, command_id: str = "S", **facts: Any) -> Told:
    body = to_jsonable_python(referred().body("impose_restriction", at="2020-08-01", **facts))
    return await kept.act(ref, command_id, "impose_restriction", body, None)


async def check(kept: Store, ref: str) -> list[Recorded]:
    """What holds of every case at all times; its events."""
    events = await kept.events(ref)
    assert [each.version for each in events] == list(range(1, len(events) + 1))
    assert {each.stream for each in events} == {ref}
    assert len({each.event_id for each in events}) == len(events)
    assert [each.recorded_at for each in events] == sorted(each.recorded_at for each in events)
    assert await kept.case(ref) == fold(each.event() for each in events)
    assert await kept.faults(ref) == []
    return events


async def test_an_act_tells_what_it_added_and_no_more(kept: Store, ref: str) -> None:
    before = await check(kept, ref)
    answer = await told(kept, ref, "P2")
    after = await check(kept, ref)
    assert (answer.version, [*answer.events], answer.refused) == (len(after), after[len(before) :], None)
    assert [each.event_id for each in answer.events] == [event_id(ref, "P2", n) for n in range(len(answer.events))]
    assert {(each.command, each.command_id) for each in answer.events} == {("add_party", "P2")}


async def test_a_record_is_read_from_any_version_on(kept: Store, ref: str) -> None:
    await told(kept, ref, "P2")
    events = await check(kept, ref)
    for after in (0, 1, len(events) - 1, len(events), len(events) + 7):
        assert await kept.events(ref, after) == events[after:]


async def test_a_case_that_is_not_there_is_unknown(kept: Store) -> None:
    name = reference()
    assert await kept.events(name) == []
    with pytest.raises(UnknownCase):
        await kept.case(name)
    assert (await told(kept, name, "P2")).refused == "unknown_case"
    assert await kept.events(name) == []


async def test_a_reference_is_of_one_matter(kept: Store, ref: str) -> None:
    before = await check(kept, ref)
    assert (await kept.open(ref, "another", force="force-2")).refused == "duplicate_reference"
    assert await check(kept, ref) == before


async def test_a_command_that_comes_again_is_done_once_and_told_again(kept: Store, ref: str) -> None:
    first = await suspended(kept, ref)
    await told(kept, ref, "P2")
    before = await check(kept, ref)
    again = await suspended(kept, ref)
    assert (again.events, again.refused) == (first.events, None)
    assert await check(kept, ref) == before


async def test_a_command_id_is_of_one_act(kept: Store, ref: str) -> None:
    await told(kept, ref, "P2")
    before = await check(kept, ref)
    assert (await told(kept, ref, "P2", party="P3")).refused == "already_done"
    assert (await suspended(kept, ref, "P2")).refused == "already_done"
    assert await check(kept, ref) == before


async def test_a_command_id_belongs_to_its_case(kept: Store, ref: str) -> None:
    other = reference()
    await kept.open(other)
    here, there = await told(kept, ref, "P2"), await told(kept, other, "P2")
    assert here.refused is there.refused is None
    assert {each.event_id for each in here.events}.isdisjoint(each.event_id for each in there.events)


async def test_an_act_for_another_version_is_stale(kept: Store, ref: str) -> None:
    version = len(await check(kept, ref))
    assert (await told(kept, ref, "P2", expected=version)).refused is None
    assert (await told(kept, ref, "P3", expected=version)).refused == "stale"
    assert (await told(kept, ref, "P2", expected=version)).refused is None  # it had been told
    assert {each.command_id for each in await check(kept, ref)}.isdisjoint({"P3"})


async def test_what_is_refused_leaves_nothing_behind(kept: Store, ref: str) -> None:
    await suspended(kept, ref)
    before = await check(kept, ref)
    assert (await suspended(kept, ref, "again")).refused == "already_done"
    assert (await told(kept, ref, "P9", kind="nobody")).refused == "malformed"
    assert await check(kept, ref) == before
    assert (await told(kept, ref, "again")).refused is None  # the id of a refused act is free


async def test_acts_at_once_on_one_case_come_one_after_the_other(kept: Store, ref: str) -> None:
    before = len(await check(kept, ref))
    answers = await asyncio.gather(*(told(kept, ref, f"P{n}") for n in range(2, 8)))
    assert [each.refused for each in answers] == [None] * 6
    events = await check(kept, ref)
    assert len(events) == before + sum(len(each.events) for each in answers)


async def test_the_same_command_at_once_is_done_once(kept: Store, ref: str) -> None:
    before = len(await check(kept, ref))
    answers = await asyncio.gather(*(told(kept, ref, "P2") for _ in range(5)))
    assert all(each.events == answers[0].events for each in answers)
    assert len(await check(kept, ref)) == before + len(answers[0].events)


async def test_time_does_once_what_it_does(kept: Store) -> None:
    ref = reference()
    await kept.open(ref, clock="live")
    await suspended(kept, ref)
    until = datetime.now(UTC) + LATER
    version = await kept.pass_time(ref, until)
    events = await check(kept, ref)
    assert version == len(events) and "deadline_missed" in {each.type for each in events}
    assert await kept.pass_time(ref, until) == version


async def test_a_correction_is_read_with_the_whole_history(kept: Store, ref: str) -> None:
    answer = await suspended(kept, ref)
    mistaken = next(each.version for each in answer.events if each.type == "restriction_imposed")
    body = to_jsonable_python(referred().body("correct_record", at="2020-08-02", event=mistaken))
    assert (await kept.act(ref, "C", "correct_record", body, None)).refused is None
    await check(kept, ref)
    assert (await kept.case(ref)).officers["A"].restriction is None
    assert (await told(kept, ref, "P2")).refused is None
    await check(kept, ref)


@pytest.mark.parametrize("kind", ["complainant", "interested_person"])
async def test_what_is_recorded_is_what_was_told(kept: Store, ref: str, kind: str) -> None:
    (added, *_) = (await told(kept, ref, "P2", kind=kind)).events
    assert (added.data["party"], added.data["kind"]) == ("P2", kind)
    assert (await check(kept, ref))[added.version - 1] == added
