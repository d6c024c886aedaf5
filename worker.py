"""The process: settings, pool, Temporal client, one worker. `python -m worker`.

Before it polls it checks that the database has every migration and the namespace every search attribute, and says in
one sentence what is missing. SIGTERM or SIGINT: it stops polling, lets running activities end, then exits 0.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from activities.record import Records
from activities.store import Pool, open_pool
from deploy import migrate, register, roles
from domain.errors import Unavailable
from integration.client import connect_temporal
from integration.settings import Settings
from integration.watch import Watch

__all__ = ["engine", "main"]

CONNECTIONS = 10  # activities never wait for one another's connection, or a busy database would look like one away
GRACE = timedelta(seconds=25)  # longer than the longest append, so that none is cut off


@asynccontextmanager
async def engine(settings: Settings, client: Client, pool: Pool) -> AsyncIterator[Worker]:
    """A worker that runs cases while the context lasts; checks first that it can."""
    await check(client, pool)
    records, watch = Records(pool), Watch(pool, client, settings.task_queue)
    worker = Worker(
        client,
        task_queue=settings.task_queue,
        activities=[records.open_case, records.load_case, records.record, records.enforce_deadlines, watch.look],
        max_concurrent_local_activities=CONNECTIONS - 2,
        max_concurrent_activities=3,  # two that wait for the store, and the watch
        max_cached_workflows=settings.cached_cases,
        graceful_shutdown_timeout=GRACE,
    )
    async with worker:
        yield worker


async def check(client: Client, pool: Pool) -> None:
    """Raise `Unavailable` in one sentence when the engine is not set up, or its login may do too much."""
    if lacking := await migrate.missing(pool):
        raise Unavailable(f"The database lacks {', '.join(lacking)}: run `python -m deploy.migrate`.")
    if await migrate.moved(pool):
        raise Unavailable("The record was restored into another Postgres cluster: run `python -m deploy.migrate`.")
    if await roles.may_change_the_record(pool):
        raise Unavailable(
            "The database lets this login change what is recorded: "
            f"let the worker log in as {roles.ENGINE} (docs/run.md, The roles of the database)."
        )
    if lacking := await register.missing(client):
        raise Unavailable(f"Temporal lacks search attributes ({', '.join(lacking)}): run `python -m deploy.register`.")


async def main() -> None:
    """Run until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    settings = Settings.from_environment()
    pool = await open_pool(settings.database_url, size=CONNECTIONS)
    try:
        async with engine(settings, await connect_temporal(settings), pool):
            print(f"probity worker ready: task queue {settings.task_queue}", flush=True)
            await stop.wait()
    finally:
        await pool.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(main())
    except Unavailable as away:
        sys.exit(f"{away.code}: {away}")
