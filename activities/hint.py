"""The hint that something was recorded, so that those who follow the feed need not wait for their next look.

It is sent after an append and not in it: a transaction that notifies takes a lock of the whole cluster when it commits,
so all appends would queue behind one another. It is sent once for all that is recorded within `PAUSE`, promises nothing
and may be lost. Who follows looks regardless.

https://www.postgresql.org/docs/current/sql-notify.html
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from activities.connection import TRANSACTION_SECONDS, Pool, answering, connected
from domain.errors import Unavailable

__all__ = ["Hint", "Hints", "heard"]

CHANNEL = "probity_feed"
PAUSE = 0.05


class Hints:
    """Sends them, over a pool of the engine."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sending: asyncio.Task[None] | None = None

    def soon(self) -> None:
        """Something was recorded. Returns at once."""
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        await asyncio.sleep(PAUSE)
        with suppress(Unavailable):
            async with connected(self._pool) as connection:
                await connection.execute("SELECT pg_notify($1, '')", CHANNEL)


class Hint(asyncio.Event):
    """Set by each hint, and when the connection that hears them is `lost`: then it is set by none any more."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = False

    async def within(self, seconds: float) -> None:
        """Wait for it, and no longer than this."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.wait()

    def hear(self, *_: object) -> None:
        """What asyncpg calls for a hint."""
        self.set()

    def lose(self, *_: object) -> None:
        """What asyncpg calls when the connection ends."""
        self.lost = True
        self.set()


@asynccontextmanager
async def heard(pool: Pool) -> AsyncIterator[Hint]:
    """What each hint sets. It takes a connection for as long. Raises `Unavailable` when none is to be had."""
    hint = Hint()
    with answering():
        connection = await pool.acquire(timeout=TRANSACTION_SECONDS)
    try:
        with answering():
            connection.add_termination_listener(hint.lose)
            await connection.add_listener(CHANNEL, hint.hear)
        yield hint
    finally:
        with suppress(Unavailable), answering():  # one that was lost has nothing to remove
            connection.remove_termination_listener(hint.lose)
            await connection.remove_listener(CHANNEL, hint.hear)
        await pool.release(connection)
