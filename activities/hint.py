"""The hint that something was recorded, so that those who follow the feed need not wait for their next look.

It is sent after an append and not in it: a transaction that notifies takes a lock of the whole cluster when it commits,
so all appends would queue behind one another. It is sent once for all that is recorded within `PAUSE`, promises nothing
and may be lost. Who follows looks regardless.

https://www.postgresql.org/docs/current/sql-notify.html
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from activities.connection import Pool, connected
from domain.errors import Unavailable

__all__ = ["Hints", "heard"]

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


@asynccontextmanager
async def heard(pool: Pool) -> AsyncIterator[asyncio.Event]:
    """An event that each hint sets. It takes a connection for as long; one that is lost is silent, no more."""
    hint = asyncio.Event()

    def hear(*_: object) -> None:
        hint.set()

    async with pool.acquire() as connection:
        await connection.add_listener(CHANNEL, hear)
        try:
            yield hint
        finally:
            await connection.remove_listener(CHANNEL, hear)
