"""Delivering webhooks: what the workflow of a subscriber (`workflows/subscription.py`) has done, turn by turn.

    note     events after the cursor that the subscriber is told of become rows that wait, and the cursor moves: at once
    send     of each case that is due the next row is sent, then the one after it; cases at once, a case in order
    end      how the endpoint fares is kept, and the subscriber disabled if it has to be

All that is known stands in Postgres. A turn that dies is taken again by another worker; one that was given up and still
runs finds that the turn is no longer its own, and writes nothing more. So an event may be sent twice, under one id, and
never goes unsent; within a case none is first sent before the one before it was taken or given up (docs/adr/0023).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from temporalio import activity

from activities import feed, metrics
from activities.feed import Cursor
from activities.sql import sql
from activities.store import Connection, Pool, recorded_from, transaction
from activities.text.opening import Readable
from activities.text.reads import Reader, open_for
from activities.text.sealing import Ring, Unopenable
from activities.webhooks import cloudevent
from activities.webhooks.backoff import DeliveryState, Response, Strain, after
from activities.webhooks.subscribers import bound
from activities.webhooks.turns import Change, Replay, SubscriberStanding, Trial, Tried, Turn
from domain.errors import Unavailable, Unopened, Unreadable
from domain.messages import Actor

if TYPE_CHECKING:  # not at run time: whoever only names these activities, as the command line, needs no HTTP client
    from activities.webhooks.outbound import Outbound

__all__ = ["DELIVER", "Deliveries"]

DELIVER = "deliver_webhooks"
SECONDS = 20.0  # of a turn: within the grace of a worker that stops
PAGE = 200
MOST_CASES = 1000  # that wait; beyond it nothing is read on, and the cursor stays
IN_TURN, AT_ONCE = 64, 8  # cases: in one turn, and at the same time
BEAT = 2.0  # seconds
RETENTION = timedelta(days=30)  # of the log
CLEARED, CLEARINGS = 1000, 10  # rows of it at once; how often in a turn
PUT_OFF = timedelta(minutes=10)  # of an event that this release cannot read: somebody mends it, or another may
log = logging.getLogger(__name__)


class Deliveries:
    """The activities, over a pool of their own, the master keys and a way out."""

    def __init__(self, pool: Pool, ring: Ring, outbound: "Outbound") -> None:
        self.pool, self.ring, self.outbound = pool, ring, outbound

    @property
    def activities(self) -> list[Callable[..., Any]]:
        """What a worker is to offer."""
        return [self.deliver, self.change_subscription, self.replay_dead_letters, self.send_test]

    @activity.defn(name=DELIVER)
    async def deliver(self, turn: Turn) -> SubscriberStanding:
        """Take a turn. Raises `Unavailable`; what a receiver does is no error."""
        async with transaction(self.pool) as connection:
            row = await connection.fetchrow(sql("begin_turn"), turn.subscription)
            if row is None:
                return SubscriberStanding(state="removed")
            secrets = await self._secrets(connection, row)
        info = activity.info()  # attempts may have failed since `turn.now`, for as long as the database was away
        taken = _Taken(self, row, secrets, turn.now + (info.started_time - info.scheduled_time))
        if row["state"] == "active":
            async with _beating():
                await taken.take()
        return await self.standing(turn.subscription, more=taken.more)

    @activity.defn
    async def change_subscription(self, change: Change) -> SubscriberStanding:
        """Pause it or make it active. A turn that is under way writes nothing more."""
        async with transaction(self.pool) as connection:
            await connection.execute(sql("set_subscription"), change.subscription, change.state, change.because)
            if change.state == "active":
                await connection.execute(sql("due_now"), change.subscription, change.now)
        return await self.standing(change.subscription)

    @activity.defn
    async def replay_dead_letters(self, replay: Replay) -> int:
        """Let dead letters wait again; how many did."""
        event = UUID(replay.event) if replay.event else None
        async with transaction(self.pool) as connection:
            done = await connection.execute(sql("replay"), replay.subscription, event, replay.now)
        return int(done.rpartition(" ")[2])

    @activity.defn
    async def send_test(self, trial: Trial) -> Tried | None:
        """Send a test once, paused or not, and log it; None when there is no such subscriber."""
        id = UUID(trial.id)
        async with transaction(self.pool) as connection:
            row = await connection.fetchrow(sql("subscription"), trial.subscription)
            if row is None:
                return None
            secrets = await self._secrets(connection, row)
        content = cloudevent.test_body(id, trial.subscription, row["now"])
        signed = cloudevent.headers(id, row["now"], content, secrets)
        async with _beating():
            response = await self.outbound.post(row["url"], content, signed)
        said = (response.status, response.fault, response.milliseconds)
        async with transaction(self.pool) as connection:
            await connection.execute(sql("write_test"), trial.subscription, id, "test", *said)
        told = dict(zip(("status", "fault", "milliseconds"), said, strict=True))
        return Tried.model_validate({"id": trial.id, "delivered": response.delivered, **told})

    async def _secrets(self, connection: Connection, row: "asyncpg.Record") -> list[bytes]:
        """What signs for a subscriber that is as the keeper added it. Raises `Unopened`."""
        found, about = list[bytes](), bound(row)
        for each in await connection.fetch(sql("secrets_of"), row["subscription"]):
            with suppress(Unopenable):
                found.append(self.ring.unwrap(each["secret"], each["wrapped"], each["master"], about).secret)
        if not found:
            raise Unopened(
                f"No secret opens for the subscriber {row['subscription']} as it stands in the database: "
                "see docs/webhooks.md, Secrets."
            )
        return found

    async def standing(self, subscription: str, *, more: bool = False) -> SubscriberStanding:
        """How it stands now."""
        async with transaction(self.pool) as connection:
            row = await connection.fetchrow(sql("standing"), subscription)
        return SubscriberStanding(more=more, **dict(row)) if row else SubscriberStanding(state="removed")


class _Taken:
    """One turn of one subscriber."""

    def __init__(self, deliveries: Deliveries, row: "asyncpg.Record", secrets: Sequence[bytes], now: datetime) -> None:
        self._pool, self._outbound = deliveries.pool, deliveries.outbound
        self._row, self._secrets, self._now = row, secrets, now
        self._name, self._turn = row["subscription"], row["turn"]
        self._strain = Strain(*(row[name] for name in Strain._fields))._replace(struck=tuple(row["struck"]))
        self._begun, self._places = monotonic(), asyncio.Semaphore(AT_ONCE)
        self._ours, self._delivered = True, False
        self._disabled: str | None = None
        self.more = False
        who = Actor(role=row["reader_role"], id=row["reader_id"]) if row["reader_id"] else None
        self._reader = Reader(who, row["purpose"], deliveries.ring) if who else None

    async def take(self) -> None:
        """Note, send, and keep how it went."""
        if not self._resting():
            await self._note()
            await self._send()
        async with transaction(self._pool) as connection:
            strain = (list(self._strain.struck), *self._strain[1:])
            last = self._real_now() if self._delivered else None
            await connection.execute(sql("end_turn"), self._name, self._turn, *strain, last, self._disabled)
        await self._clear_log()

    async def _clear_log(self) -> None:
        """In pieces, and by itself: how the endpoint fares is kept though this is too much for now."""
        try:
            for _ in range(CLEARINGS):
                async with transaction(self._pool) as connection:
                    done = await connection.execute(sql("clear_log"), self._name, RETENTION, CLEARED)
                if int(done.rpartition(" ")[2]) < CLEARED:
                    return
        except Unavailable as why:
            log.warning("The log of webhooks to %s is not cleared, a later turn will: %s", self._name, why)

    def _time(self) -> datetime:
        """Now, by the clock that retries are reckoned on: the workflow's, which a rehearsal skips forward."""
        return self._now + timedelta(seconds=monotonic() - self._begun)

    def _real_now(self) -> datetime:
        """Now, by the clock of the database: what a receiver compares a signature's time with."""
        now: datetime = self._row["now"]
        return now + timedelta(seconds=monotonic() - self._begun)

    def _resting(self) -> bool:
        return self._strain.resting_until is not None and self._strain.resting_until > self._time()

    def _over(self) -> bool:
        """Whether the turn ends here: it is another's, its time is up, or the endpoint wants to be left alone."""
        return not self._ours or bool(self._disabled) or self._resting() or monotonic() - self._begun > SECONDS

    # --- note

    async def _note(self) -> None:
        async with transaction(self._pool) as connection:
            cases = (await connection.fetchrow(sql("standing"), self._name) or {"cases": 0})["cases"]
        cursor = Cursor(*(self._row[name] for name in Cursor._fields))
        found = cases >= MOST_CASES
        while not found and not self._over():
            try:
                page = await feed.page(self._pool, cursor, PAGE)
            except Unreadable as why:  # what was noted before it is sent all the same
                return self._stops(why)
            if page.events:
                found = await self._keep(page)
                cursor = page.cursor
            if page.stopped:
                return self._stops(page.stopped)
            self.more = len(page.events) == PAGE
            if not self.more:
                return

    def _stops(self, why: Unreadable) -> None:
        self.more = False  # a turn at once would find the same
        log.warning("The feed of webhooks to %s stops: %s", self._name, why.sentence)

    async def _keep(self, page: feed.Page) -> bool:
        """Keep what of a page is to be delivered, and how far it was read; whether there was any."""
        noted = 0
        async with transaction(self._pool) as connection:
            if await self._hold(connection):
                ids = [event.event_id for event, _ in page.events]
                noted = await connection.fetchval(sql("note_deliveries"), self._name, self._time(), ids)
                await connection.execute(sql("move_cursor"), self._name, *page.cursor)
        return bool(noted)

    async def _hold(self, connection: Connection) -> bool:
        self._ours = self._ours and bool(await connection.fetchval(sql("hold_turn"), self._name, self._turn))
        return self._ours

    # --- send

    async def _send(self) -> None:
        async with transaction(self._pool) as connection:
            due = await connection.fetch(sql("waiting_cases"), self._name, self._time(), IN_TURN)
        if self._strain.rests and due:  # it has failed as a whole: one tries it before the others come
            await self._case(due[0])
            due = due[1:] if not self._strain.rests else []
        results = await asyncio.gather(*map(self._case, due), return_exceptions=True)
        for failed in results:
            if isinstance(failed, BaseException):
                raise failed

    async def _case(self, due: "asyncpg.Record") -> None:
        """Send what is due of one case, in order, until one has to wait."""
        async with self._places:
            row: asyncpg.Record | None = due
            while row is not None and not self._over():
                following = await self._attempt(row)
                if following is not None and following.state == "waiting":
                    return
                async with transaction(self._pool) as connection:
                    row = await connection.fetchrow(sql("waiting_of"), self._name, row["stream"], self._time())

    async def _attempt(self, row: "asyncpg.Record") -> DeliveryState | None:
        """Send it, and keep what follows; None when it is not to be told any more."""
        id: UUID = row["event_id"]
        try:
            found = await self._event(id)
        except Unreadable as why:  # the others are not to wait with it
            return await self._put_off(row, why)
        if found is None:
            async with transaction(self._pool) as connection:
                if await self._hold(connection):
                    await connection.execute(sql("not_to_be_told"), self._name, id)
            return None
        event, force = found
        content = cloudevent.body(event, force)
        signed = cloudevent.headers(id, self._real_now(), content, self._secrets)
        sent = self._time()
        response = await self._outbound.post(self._row["url"], content, signed)
        following = after(response, id, row["stream"], row["attempts"], self._strain, sent, self._time())
        self._strain, self._disabled = following.strain, self._disabled or following.disabled
        self._delivered = self._delivered or response.delivered
        await self._write(id, following, response)
        late = self._real_now() - event.recorded_at
        metrics.told(self._name, following.state, late if response.delivered else None)
        return following

    async def _put_off(self, row: "asyncpg.Record", why: Unreadable) -> DeliveryState:
        log.warning("A webhook to %s waits: %s", self._name, why.sentence)
        following = DeliveryState("waiting", row["attempts"], self._time() + PUT_OFF, self._strain)
        await self._write(row["event_id"], following, Response(None, why.code, 0))
        return following

    async def _event(self, id: UUID) -> tuple[Readable, str] | None:
        """The event as this subscriber is shown it: that text was opened is recorded before anything is sent."""
        async with transaction(self._pool) as connection:
            rights = (self._row[name] for name in ("types", "forces", "restricted"))
            row = await connection.fetchrow(sql("event_to_deliver"), id, *rights)
            if row is None:
                return None
            found: dict[str, Any] = dict(row)
            force: str = found.pop("force")
            (shown,) = await open_for(connection, self._reader, "webhook", [recorded_from(found)])
        return shown, force

    async def _write(self, id: UUID, following: DeliveryState, response: Response) -> None:
        said = (following.state, following.attempts, following.retry_at)
        async with transaction(self._pool) as connection:
            if await self._hold(connection):
                await connection.execute(
                    sql("write_delivery"), self._name, id, *said, response.status, response.fault, response.milliseconds
                )


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Tell Temporal that the turn is alive, also while a receiver takes its time: a dead one is soon taken anew."""

    async def beat() -> None:
        while activity.in_activity():
            activity.heartbeat()
            await asyncio.sleep(BEAT)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
