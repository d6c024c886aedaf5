"""Turns of delivery on a real Postgres without Temporal: how an endpoint fares, and what a turn leaves behind."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from temporalio.testing import ActivityEnvironment

from activities import connection, masters
from activities.feed import Cursor
from activities.record import Records
from activities.sql import sql
from activities.store import Pool
from activities.text.sealing import Ring
from activities.webhooks import backoff, deliver, subscribers
from activities.webhooks.deliver import Deliveries
from activities.webhooks.outbound import Outbound
from activities.webhooks.subscribers import Wanted
from activities.webhooks.turns import SubscriberStanding, Trial, Turn
from deploy.roles import KEEPER, as_role
from domain.errors import Unopened
from integration.observability import gauges
from tests.engine import RING
from tests.receiver import Got, Receiver, Says, receiver
from tests.store import opening, reference

NAME = "hr-system"


@pytest.fixture
async def hook(keeper: Pool) -> AsyncIterator[Receiver]:
    """A receiver that is told of everything from now on."""
    async with receiver() as listening:
        await subscribers.add(keeper, RING, Wanted(subscription=NAME, url=listening.url), None)
        yield listening
    await subscribers.remove(keeper, NAME)


@pytest.fixture
async def deliveries(pool: Pool) -> AsyncIterator[Deliveries]:
    outbound = Outbound(development=True)
    yield Deliveries(pool, RING, outbound)
    await outbound.close()


async def turn(
    deliveries: Deliveries, now: datetime | None = None, late: timedelta = timedelta()
) -> SubscriberStanding:
    """Take one. `late`: for how long earlier attempts at it had failed."""
    asked = Turn(subscription=NAME, now=now or datetime.now(UTC))
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, started_time=environment.info.scheduled_time + late)
    return await environment.run(deliveries.deliver, asked)


async def kept(pool: Pool) -> backoff.Strain:
    row = await pool.fetchrow("SELECT * FROM probity.subscription WHERE subscription = $1", NAME)
    assert row is not None
    return backoff.Strain(*(row[name] for name in backoff.Strain._fields))


async def opened(records: Records, count: int) -> None:
    for _ in range(count):
        assert (await records.open_case(opening(reference()))).refusal is None


@pytest.mark.parametrize(("status", "seconds"), [(500, 5), (429, 5), (429, 60)])
async def test_eight_cases_that_fail_at_once_give_the_endpoint_one_rest(
    hook: Receiver, deliveries: Deliveries, records: Records, pool: Pool, status: int, seconds: int
) -> None:
    await opened(records, deliver.AT_ONCE)
    hook.behave = lambda _: Says(status, {"retry-after": str(seconds)}, after=0.1)
    begun = datetime.now(UTC)
    found = await turn(deliveries, begun)
    assert len(hook.got) == found.cases == deliver.AT_ONCE
    assert (await kept(pool)).rests == 1
    assert found.resting_until is not None
    assert timedelta(seconds=seconds) <= found.resting_until - begun < timedelta(seconds=seconds + 4)


async def test_what_is_taken_after_another_was_put_off_does_not_end_the_rest(
    hook: Receiver, deliveries: Deliveries, records: Records, pool: Pool
) -> None:
    await opened(records, 2)
    slow: list[str] = []

    def behave(got: Got) -> Says:
        slow.append(got.id)
        return Says(429, {"retry-after": "60"}) if len(slow) == 1 else Says(after=0.3)

    hook.behave = behave
    await turn(deliveries)
    assert len(hook.got) == 2 and len(hook.taken) == 1
    strain = await kept(pool)
    assert strain.rests == 1 and strain.resting_until is not None
    assert strain.resting_until > datetime.now(UTC) + timedelta(seconds=50)


async def test_who_fails_so_slowly_that_the_rest_is_over_meanwhile_is_given_no_other(
    hook: Receiver, deliveries: Deliveries, records: Records, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "RESTS", (timedelta(milliseconds=1),))
    await opened(records, deliver.AT_ONCE)
    hook.behave = lambda _: Says(500, after=0.1 * len(hook.got))
    await turn(deliveries)
    assert len(hook.got) == deliver.AT_ONCE
    assert (await kept(pool)).rests == 1


class Meanwhile(Outbound):
    """Does something once, after the first answer has come and before whoever sent has it."""

    def __init__(self, do: Callable[[], Awaitable[object]]) -> None:
        super().__init__(development=True)
        self._do: Callable[[], Awaitable[object]] | None = do

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> backoff.Response:
        response = await super().post(url, body, headers)
        do, self._do = self._do, None
        if do:
            await do()
        return response


async def test_a_turn_for_one_that_was_removed_says_nothing_of_another_added_under_its_name(
    hook: Receiver, deliveries: Deliveries, records: Records, keeper: Pool, pool: Pool
) -> None:
    """It said that the new one had taken what was sent to the old one, and nobody ever sent it."""
    begins = Cursor.read((await subscribers.get(keeper, NAME)).cursor)
    await opened(records, 1)

    async def added_anew() -> None:
        await subscribers.remove(keeper, NAME)
        await subscribers.add(keeper, RING, Wanted(subscription=NAME, url=f"{hook.url}/new"), begins)
        hook.behave = lambda _: Says(500)
        await turn(deliveries)

    outbound = Meanwhile(added_anew)
    await turn(Deliveries(pool, RING, outbound))
    await outbound.close()
    assert [got.path for got in hook.got] == ["/hook", "/hook/new"]
    states = await pool.fetch("SELECT DISTINCT state FROM probity.delivery WHERE subscription = $1", NAME)
    assert [row["state"] for row in states] == ["waiting"]


LONG = """
INSERT INTO probity.delivery (subscription, event_id, type, stream, version, tried_at, state)
SELECT $1, gen_random_uuid(), 'x', 'S-1', n, now(), 'delivered' FROM generate_series(1, 40000) n
"""


async def test_a_subscriber_goes_with_a_log_that_takes_longer_than_an_append_may(
    keeper: Pool, owner_url: str, forger: "asyncpg.Connection[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.SESSION, "statement_timeout", "100")  # in place of a log of half a million
    hurried = await connection.open_pool(as_role(owner_url, KEEPER))
    await subscribers.add(keeper, RING, Wanted(subscription=NAME, url="https://hr.example"), None)
    await forger.execute(LONG, NAME)
    await subscribers.remove(hurried, NAME)
    assert await subscribers.subscribers(keeper) == []
    await hurried.close()


async def test_of_a_subscriber_that_was_removed_nothing_waits(pool: Pool) -> None:
    buffer = MetricBuffer(1_000)
    meter = Runtime(telemetry=TelemetryConfig(metrics=buffer)).metric_meter
    assert "removed" not in await gauges._tell_webhooks(pool, meter, {"removed"})
    told = {each.metric.name: each.value for each in buffer.retrieve_updates()}
    names = ("waiting", "dead_letters", "oldest_waiting_seconds")
    assert told == {f"probity_webhooks_{name}": 0 for name in names}


async def test_a_turn_that_comes_after_an_outage_reckons_from_its_own_time(
    hook: Receiver, deliveries: Deliveries, records: Records
) -> None:
    await opened(records, 1)
    hook.behave = lambda _: Says(429, {"retry-after": "60"})
    now = datetime.now(UTC)
    found = await turn(deliveries, now - timedelta(hours=1), late=timedelta(hours=1))
    assert found.resting_until is not None and found.retry_at is not None
    assert min(found.resting_until, found.retry_at) >= now + timedelta(seconds=60)


TOO_MUCH = "SELECT length($1::text) / ($2::interval IS NULL AND $3::bigint IS NULL)::int"  # divides by zero
LOGGED = """
INSERT INTO probity.delivery (subscription, event_id, type, state, attempts, tried_at, status)
SELECT $1, gen_random_uuid(), 'test', 'tested', 1, clock_timestamp() - $2::interval, 204 FROM generate_series(1, $3)
"""


async def test_the_log_is_cleared_in_pieces_of_what_is_old(
    hook: Receiver, deliveries: Deliveries, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "CLEARED", 2)
    monkeypatch.setattr(deliver, "CLEARINGS", 3)
    old, young = deliver.RETENTION + timedelta(days=1), deliver.RETENTION - timedelta(days=1)
    await pool.execute(LOGGED, NAME, old, 7)
    await pool.execute(LOGGED, NAME, young, 1)
    left = []
    for _ in range(2):
        await turn(deliveries)
        left.append(await pool.fetchval("SELECT count(*) FROM probity.delivery WHERE subscription = $1", NAME))
    assert left == [2, 1]


async def test_how_the_endpoint_fares_is_kept_though_the_log_cannot_be_cleared(
    hook: Receiver,
    deliveries: Deliveries,
    records: Records,
    pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(deliver, "sql", lambda name: TOO_MUCH if name == "clear_log" else sql(name))
    await opened(records, 1)
    hook.behave = lambda _: Says(429)
    await turn(deliveries)
    assert (await kept(pool)).rests == 1
    assert f"The log of webhooks to {NAME} is not cleared" in caplog.text


@pytest.mark.parametrize(
    "changed",
    [
        "url = url || '/elsewhere'",
        "types = '{party_added}'",
        "forces = '{force-02}'",
        "restricted = true",
        "reader_role = 'clerk', reader_id = 'c-1', purpose = 'None of theirs.'",
    ],
)
async def test_a_subscriber_that_was_changed_in_the_database_is_told_nothing_until_the_keeper_has_seen_it(
    hook: Receiver,
    deliveries: Deliveries,
    records: Records,
    keeper: Pool,
    forger: "asyncpg.Connection[asyncpg.Record]",
    changed: str,
) -> None:
    """Its owner has no master key, and would have text opened and sent to an address of theirs."""
    await opened(records, 1)
    await forger.execute(f"UPDATE probity.subscription SET {changed} WHERE subscription = $1", NAME)
    with pytest.raises(Unopened, match="No secret opens for the subscriber hr-system"):
        await turn(deliveries)
    with pytest.raises(Unopened):
        await ActivityEnvironment().run(deliveries.send_test, Trial(subscription=NAME, id=str(uuid4())))
    assert hook.got == []
    await subscribers.rotate(keeper, RING, NAME, timedelta())
    await ActivityEnvironment().run(deliveries.send_test, Trial(subscription=NAME, id=str(uuid4())))
    assert len(hook.got) == 1


async def test_who_adds_a_row_that_waits_has_nothing_told_beyond_what_the_subscriber_may_know(
    keeper: Pool, deliveries: Deliveries, records: Records, pool: Pool, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """The engine's login may write the queue, and the register of read models by a rebuild, but opens no text."""
    ours, theirs, hidden = reference(), reference(), reference()
    async with receiver() as hook:
        wanted = Wanted(subscription=NAME, url=hook.url, types=("case_referred",), forces=("force-02",))
        await subscribers.add(keeper, RING, wanted, None)
        await records.open_case(opening(ours, force="force-02"))
        await records.open_case(opening(theirs, force="force-01"))
        await records.open_case(opening(hidden, force="force-02", restricted=True))
        await owner.execute("UPDATE reporting.register SET restricted = false WHERE reference = $1", hidden)
        await pool.execute(
            "INSERT INTO probity.delivery (subscription, event_id, type, stream, version, state, retry_at)"
            " SELECT $1, event_id, type, stream, version, 'waiting', now() FROM probity.event WHERE stream = ANY ($2)"
            " AND (stream <> $3 OR type <> 'case_referred')",
            *(NAME, [ours, theirs, hidden], ours),
        )
        await turn(deliveries)
        await turn(deliveries)
        told = [(got.told["subject"], got.told["type"]) for got in hook.got]
        assert told == [(ours, "probity.case_referred")]
        assert not await pool.fetchval("SELECT count(*) FROM probity.delivery WHERE state = 'waiting'")
    await subscribers.remove(keeper, NAME)


async def test_nothing_is_sent_that_no_secret_signs(
    hook: Receiver, deliveries: Deliveries, records: Records, forger: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await opened(records, 1)
    await forger.execute("DELETE FROM probity.webhook_secret WHERE subscription = $1", NAME)
    with pytest.raises(Unopened):
        await turn(deliveries)
    assert hook.got == []


async def test_a_secret_stays_bound_when_the_master_key_changes(
    hook: Receiver, deliveries: Deliveries, records: Records, keeper: Pool
) -> None:
    await opened(records, 1)
    new = Ring([bytes([7]) * 32, bytes(range(32))])
    try:
        assert (await masters.rewrap(keeper, new)).left == ()
        deliveries.ring = new
        await turn(deliveries)
        assert hook.taken
    finally:
        await masters.rewrap(keeper, Ring([bytes(range(32)), bytes([7]) * 32]))
