"""The record when things go wrong or all at once: power cuts between any two statements, many writers on one case."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

import asyncpg
import pytest

from activities import connection, reading, store
from activities.record import Act, Answer, OpenCase, PassTime, Records
from activities.store import Pool
from domain import working_days
from domain.errors import Unavailable
from domain.investigation.facts import InterviewRecorded
from domain.messages import Actor
from domain.vocabulary import Role
from tests import engine
from tests.engine import RING
from tests.kit import moment
from tests.midnight import BEFORE, move_midnight
from tests.store import (
    ADDED,
    NOW,
    ONE,
    OPENED,
    TWO,
    act,
    check_whole,
    opening,
    reference,
    refusal,
    suspend,
)

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # generic in its stubs only


class Fragile(Connection):
    """A connection that is cut as soon as `left` more statements of `task` have been answered; None: it holds.

    What the pool does beside it, to replace the connection that was cut before, is not counted.
    """

    left: ClassVar[int | None] = None
    task: ClassVar[asyncio.Task[Any] | None] = None

    async def execute(self, *args: Any, **options: Any) -> Any:
        return await self._spend(super().execute(*args, **options))

    async def fetch(self, *args: Any, **options: Any) -> Any:
        return await self._spend(super().fetch(*args, **options))

    async def fetchrow(self, *args: Any, **options: Any) -> Any:
        return await self._spend(super().fetchrow(*args, **options))

    async def fetchval(self, *args: Any, **options: Any) -> Any:
        return await self._spend(super().fetchval(*args, **options))

    async def _spend(self, statement: Awaitable[Any]) -> Any:
        answer = await statement
        if Fragile.left is not None and asyncio.current_task() is Fragile.task:
            Fragile.left -= 1
            if Fragile.left == 0:
                self.terminate()
                raise ConnectionResetError("the cable was cut")
        return answer


@pytest.fixture
async def fragile(database_url: str) -> AsyncIterator[Records]:
    """The record's activities over connections that can be cut."""
    pool = await store.open_pool(database_url, size=2, connection_class=Fragile)
    yield Records(pool, RING)
    Fragile.left = None
    await pool.close()


Attempt = Callable[[Records, str], Awaitable[Answer]]

ATTEMPTS: dict[str, Attempt] = {
    "open": lambda records, ref: records.open_case(opening(ref)),
    "record": lambda records, ref: records.record(suspend(ref)),
    "enforce": lambda records, ref: records.enforce_deadlines(
        PassTime(stream=ref, until=moment("2021-08-01"), known=OPENED, now=NOW)
    ),
}


@pytest.mark.parametrize("what", sorted(ATTEMPTS))
async def test_a_cut_after_any_statement_leaves_all_or_nothing(
    fragile: Records, records: Records, pool: Pool, what: str
) -> None:
    attempt, left, seen = ATTEMPTS[what], 0, set()
    while Fragile.left is None:
        ref, left = reference(), left + 1
        if what != "open":
            await records.open_case(opening(ref))
        before = await store.events(pool, ref)
        Fragile.left, Fragile.task = left, asyncio.current_task()
        try:
            await attempt(fragile, ref)
            break  # there is no statement after which to cut
        except (OSError, asyncpg.InterfaceError, Unavailable):
            Fragile.left = None
        after = await store.events(pool, ref)
        if after:
            await check_whole(pool, ref)
        seen.add(after != before)
        answer = await attempt(fragile, ref)  # Temporal tries again
        assert answer.refusal is None and answer.version > len(before)
        assert (await check_whole(pool, ref))[-len(answer.events) :] == list(answer.events)
        assert after in (before, await store.events(pool, ref))
        assert (await attempt(records, ref)).model_copy(update={"now": answer.now}) == answer
    assert seen == {False, True}  # it was cut before the commit, and after it
    assert left > 2


SLEEP = """
    CREATE FUNCTION public.sleep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';
    CREATE TRIGGER sleep AFTER INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION public.sleep()
"""
KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


@pytest.mark.parametrize("table", ["probity.stream", "probity.command", "probity.event", "reporting.deadlines"])
@pytest.mark.parametrize("what", sorted(ATTEMPTS))
async def test_a_server_that_is_killed_between_any_two_statements_keeps_all_or_nothing(
    records: Records, pool: Pool, owner_url: str, what: str, table: str
) -> None:
    """The server writes one table after another, and is killed when it has written this one."""
    ref, owner = reference(), await asyncpg.connect(owner_url)
    if what != "open":
        await records.open_case(opening(ref))
    before = await store.events(pool, ref)
    await owner.execute(SLEEP.format(table))
    attempt = asyncio.ensure_future(ATTEMPTS[what](records, ref))
    async with asyncio.timeout(10):
        while not await owner.fetchval(KILL):
            await asyncio.sleep(0.001)
    with pytest.raises(Unavailable):
        await attempt
    await owner.execute("DROP FUNCTION public.sleep CASCADE")
    await owner.close()
    assert await store.events(pool, ref) == before
    if before:
        await check_whole(pool, ref)
    assert (await ATTEMPTS[what](records, ref)).refusal is None
    await check_whole(pool, ref)


def told(command_id: str, at: Any) -> store.Provenance:
    return store.Provenance(Actor(role=Role.CLERK, id="clerk-1"), "record_interview", command_id, bytes(32), at)


async def test_a_writer_who_read_before_another_wrote_writes_nothing(records: Records, pool: Pool) -> None:
    ref = reference()
    await records.open_case(opening(ref))
    async with pool.acquire() as connection:
        first, second = await store.see(connection, ref), await store.see(connection, ref)
        happened = [InterviewRecorded(occurred_at=NOW, officer="A")]
        await store.append(first, told("a", first.now), happened, None)
        with pytest.raises(asyncpg.SerializationError):
            await store.append(second, told("b", second.now), happened, None)
    assert len(await check_whole(pool, ref)) == OPENED + 1


async def test_a_writer_whom_another_overtook_reads_again_and_is_not_overtaken_twice(
    records: Records, pool: Pool
) -> None:
    ref, versions = reference(), []
    await records.open_case(opening(ref))

    async def overtaken(seen: store.Seen) -> int:
        versions.append(seen.version)
        async with pool.acquire() as other:
            if len(versions) == 1:
                await records.record(act(ref, "P2"))
            else:  # now the case is held
                with pytest.raises(asyncpg.LockNotAvailableError):
                    await other.execute("SELECT 1 FROM probity.stream WHERE stream = $1 FOR UPDATE NOWAIT", ref)
        happened = [InterviewRecorded(occurred_at=NOW, officer="A")]
        return (await store.append(seen, told("late", seen.now), happened, None)).case.version

    assert await store.write(pool, ref, "late", overtaken) == ONE + 1
    assert versions == [OPENED, ONE]
    await check_whole(pool, ref)


async def test_an_attempt_that_was_given_up_holds_no_one_up(
    database_url: str, records: Records, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = reference()
    await records.open_case(opening(ref))
    monkeypatch.setattr(connection, "SESSION", connection.SESSION | {"lock_timeout": "50"})
    async with await store.open_pool(database_url) as impatient:
        async with pool.acquire() as zombie, zombie.transaction():
            assert await store.hold(zombie, ref)
            with pytest.raises(Unavailable, match="LockNotAvailableError"):
                await Records(impatient, RING).record(act(ref, "P2"))
        assert (await Records(impatient, RING).record(act(ref, "P2"))).version == ONE
    await check_whole(pool, ref)


async def test_an_attempt_ends_by_itself(records: Records, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = reference()
    await records.open_case(opening(ref))
    monkeypatch.setattr(connection, "TRANSACTION_SECONDS", 0.05)
    async with pool.acquire() as zombie, zombie.transaction():
        assert await store.hold(zombie, ref)
        with pytest.raises(Unavailable, match="not done in time"):
            await records.record(act(ref, "P2"))
    monkeypatch.undo()
    await check_whole(pool, ref)


@pytest.fixture
async def wide(database_url: str) -> AsyncIterator[Pool]:
    """As many connections as there are writers."""
    pool = await store.open_pool(database_url, size=20)
    yield pool
    await pool.close()


async def race(pool: Pool, ref: str, *attempts: Awaitable[Answer]) -> list[Answer]:
    """Let all attempts begin while someone else holds the case, and then go at once."""
    async with pool.acquire() as holder:
        transaction = holder.transaction()
        await transaction.start()
        await store.hold(holder, ref)
        running = [asyncio.ensure_future(attempt) for attempt in attempts]
        waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
        async with asyncio.timeout(10):
            while await holder.fetchval(waiting) < len(attempts):
                await asyncio.sleep(0.001)
        await transaction.rollback()
    return list(await asyncio.gather(*running))


async def test_an_attempt_and_its_retry_at_once_record_once(wide: Pool) -> None:
    ref, records = reference(), Records(wide, RING)
    await records.open_case(opening(ref))
    answers = await race(wide, ref, *(records.record(act(ref, "P2", known=OPENED)) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert len(await check_whole(wide, ref)) == ONE


async def test_two_acts_at_once_are_both_recorded_unless_they_expected_to_be_alone(wide: Pool) -> None:
    ref, records = reference(), Records(wide, RING)
    await records.open_case(opening(ref))
    await race(wide, ref, records.record(act(ref, "P2")), records.record(act(ref, "P3")))
    assert len(await check_whole(wide, ref)) == TWO
    answers = await race(wide, ref, *(records.record(act(ref, f"Q{n}", expected=TWO)) for n in range(4)))
    assert sorted(refusal(answer)[0] for answer in answers if answer.refusal) == ["stale"] * 3
    assert len(await check_whole(wide, ref)) == TWO + ADDED


async def test_what_only_one_may_do_only_one_does(wide: Pool) -> None:
    ref, records = reference(), Records(wide, RING)
    await records.open_case(opening(ref))
    same = [act(ref, f"c{n}", party="P2") for n in range(4)]
    answers = await race(wide, ref, *(records.record(each) for each in same))
    assert sorted(refusal(answer)[0] for answer in answers if answer.refusal) == ["already_done"] * 3
    assert len(await check_whole(wide, ref)) == ONE


async def test_time_and_an_act_at_once_enforce_a_deadline_once(wide: Pool) -> None:
    ref, records = reference(), Records(wide, RING)
    await records.open_case(opening(ref))
    passed = PassTime(stream=ref, until=moment("2021-08-01"), known=OPENED, now=NOW)
    late = act(ref, "P2", occurred_at="2021-08-01T10:00:00Z")
    await records.record(suspend(ref))
    await race(wide, ref, *(records.enforce_deadlines(passed) for _ in range(4)), records.record(late))
    recorded = await check_whole(wide, ref)
    missed = [event.data["deadline"] for event in recorded if event.type == "deadline_missed"]
    assert missed and len(set(missed)) == len(missed)


async def test_a_case_opened_by_many_at_once_is_one_case(wide: Pool) -> None:
    ref, records = reference(), Records(wide, RING)
    same = [records.open_case(opening(ref, command_id=f"open-{n}")) for n in range(8)]
    other = [records.open_case(opening(ref, force="force-2")) for _ in range(8)]
    answers = await asyncio.gather(*same, *other)
    opened = [answer for answer in answers if answer.refusal is None]
    assert len(opened) == 8 and all(answer == opened[0] for answer in opened)
    assert {refusal(answer)[0] for answer in answers if answer.refusal} == {"duplicate_reference"}
    assert tuple(await check_whole(wide, ref)) == opened[0].events


async def test_fifty_acts_each_told_twice_stand_once_in_one_chain(wide: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "TRANSACTION_SECONDS", 30)  # the last of them waits for all others
    ref, records = reference(), Records(wide, RING)
    await records.open_case(opening(ref))
    told = [act(ref, f"Q{n}") for n in range(50)]
    answers = await asyncio.gather(*(records.record(each) for each in told for _ in range(2)))
    assert all(answer.refusal is None for answer in answers)
    recorded = await check_whole(wide, ref)
    assert len(recorded) == OPENED + 50 * ADDED
    moments = [event.recorded_at for event in recorded]
    assert moments == sorted(moments)


async def test_acts_on_other_cases_do_not_wait(records: Records, pool: Pool) -> None:
    held, free = reference(), reference()
    for ref in (held, free):
        await records.open_case(opening(ref))
    async with pool.acquire() as someone, someone.transaction():
        assert await store.hold(someone, held)
        assert (await records.record(act(free, "P2"))).version == ONE


async def test_a_clock_that_jumps_back_dates_nothing_before_the_last_event(
    records: Records, pool: Pool, owner_url: str
) -> None:
    ref = reference()
    await records.open_case(opening(ref))
    owner = await asyncpg.connect(owner_url)
    await owner.execute("SET session_replication_role = replica")  # as if recorded while the clock was an hour ahead
    await owner.execute("UPDATE probity.event SET recorded_at = recorded_at + interval '1 hour' WHERE stream = $1", ref)
    await owner.close()
    ahead = (await store.events(pool, ref))[-1].recorded_at
    assert {event.recorded_at for event in (await records.record(act(ref, "P2", known=OPENED))).events} == {ahead}


async def test_a_clock_that_jumps_ahead_dates_nothing_in_the_future(records: Records, pool: Pool) -> None:
    """Temporal's, which tells the engine what time it is: the record goes by the database's."""
    ref, now = reference(), datetime.now(UTC)
    ahead, suspended = now + timedelta(days=400), now - timedelta(days=60)
    opened = OpenCase(referral=engine.referral(ref, known=suspended), command_id="open", now=ahead)
    version = (await records.open_case(opened)).version

    async def told(command_id: str, at: datetime) -> Answer:
        body = engine.suspension(at)
        command = "impose_restriction"
        return await records.record(
            Act(stream=ref, command_id=command_id, command=command, body=body, known=version, now=ahead)
        )

    code, sentence = refusal(await told("early", now + timedelta(hours=1)))
    assert (code, "is in the future: it is " in sentence) == ("malformed", True)
    version = (await told("suspend", suspended)).version
    missed = await records.enforce_deadlines(PassTime(stream=ref, until=ahead, known=version, now=ahead))
    assert "deadline_missed" in {event.type for event in missed.events}
    again = PassTime(stream=ref, until=ahead, known=missed.version, now=ahead)
    assert (await records.enforce_deadlines(again)).events == ()
    for event in await check_whole(pool, ref):
        assert event.occurred_at <= datetime.now(UTC)
        assert event.recorded_at <= datetime.now(UTC)


async def test_what_is_overdue_in_a_rehearsal_pages_nobody(records: Records, pool: Pool) -> None:
    ref, now = reference(), datetime.now(UTC)
    matter = {**engine.referral(ref, known=now - timedelta(days=1)), "clock": "rehearsed"}
    version = (await records.open_case(OpenCase(referral=matter, command_id="open", now=now))).version
    body, later = engine.assessment(now), now + timedelta(days=30)
    told = Act(stream=ref, command_id="1", command="assess_referral", body=body, known=version, now=now)
    version, (_, before) = (await records.record(told)).version, await reading.gauges(pool)
    passed = PassTime(stream=ref, until=later, known=version, now=later)
    assert "deadline_missed" in {event.type for event in (await records.enforce_deadlines(passed)).events}
    assert (await reading.gauges(pool))[1] == before


async def test_nothing_is_missed_before_its_day_has_ended_by_the_clock_that_dates_it(
    records: Records, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, now = reference(), datetime.now(UTC)
    known = now - BEFORE
    monkeypatch.setattr(working_days, "LONDON", UTC)
    move_midnight(now.date(), (now + timedelta(seconds=30)).replace(microsecond=0))
    opened = OpenCase(referral=engine.referral(ref, known=known), command_id="open", now=now)
    version = (await records.open_case(opened)).version
    assessed = Act(
        stream=ref,
        command_id="assess",
        command="assess_referral",
        body=engine.assessment(known),
        known=version,
        now=now,
    )
    version = (await records.record(assessed)).version
    passed = PassTime(stream=ref, until=now + timedelta(seconds=50), known=version, now=now)
    early = await records.enforce_deadlines(passed)
    assert early.events == () and early.now is not None and now <= early.now < now + timedelta(seconds=30)
    move_midnight(now.date(), now.replace(microsecond=0))
    (missed, *_) = (await records.enforce_deadlines(passed)).events
    assert (missed.type, missed.occurred_at <= missed.recorded_at) == ("deadline_missed", True)


async def test_a_connection_that_breaks_between_two_messages_is_an_outage() -> None:
    """As a fault of ours it would be the answer to a command that has only to be tried again."""

    class Broken:
        def acquire(self, timeout: float) -> Any:
            raise asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")

    with pytest.raises(Unavailable):
        async with connection.transaction(cast(Pool, Broken())):
            pass
