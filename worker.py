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
from typing import Any

from temporalio.client import Client
from temporalio.common import VersioningBehavior
from temporalio.runtime import Runtime
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkerDeploymentConfig

from activities import starting
from activities.connection import writable
from activities.record import Records
from activities.store import Pool, open_pool, transaction
from activities.text.opening import may_open
from activities.text.sealing import Ring
from deploy import processes, register, roles
from domain.errors import Unavailable
from integration.beside import beside
from integration.client import connect_temporal
from integration.leaving import run
from integration.nexus import served
from integration.observability import tracing
from integration.observability.gauges import watch
from integration.observability.health import health
from integration.observability.logs import log_as_json, release
from integration.observability.runtime import address, measured
from integration.settings import Settings
from integration.watch import Watch
from integration.webhooks.delivering import delivering

__all__ = ["engine", "main"]

CONNECTIONS = 10  # so that activities seldom wait for one another's, or a busy database would look like one away
GRACE = timedelta(seconds=25)  # longer than the longest append, so that none is cut off
log = logging.getLogger("probity.worker")


@asynccontextmanager
async def engine(settings: Settings, client: Client, pool: Pool) -> AsyncIterator[Worker]:
    """A worker that runs cases while the context lasts; checks first that it can."""
    ring = await check(client, pool, settings.ring)
    records, watch = Records(pool, ring), Watch(pool, client, settings.task_queue)
    async with (
        delivering(settings, client, ring),
        served(settings, client) as services,
        _worker(settings, client, records, watch, services) as worker,
    ):
        yield worker


def _worker(settings: Settings, client: Client, records: Records, watch: Watch, services: list[Any]) -> Worker:
    return Worker(
        client,
        task_queue=settings.task_queue,
        activities=[records.open_case, records.load_case, records.record, records.enforce_deadlines, watch.look_over],
        max_concurrent_local_activities=CONNECTIONS - 2,
        max_concurrent_activities=3,  # two that wait for the store, and the watch
        max_cached_workflows=settings.cached_cases,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),  # of five only one asks for new cases: they starved
        nexus_service_handlers=services,
        graceful_shutdown_timeout=GRACE,
        deployment_config=_pinned(settings),
    )


def _pinned(settings: Settings) -> WorkerDeploymentConfig | None:
    """Where versions are used, a case stays with the one it began its history under (docs/upgrade.md)."""
    if settings.version is None:
        return None
    return WorkerDeploymentConfig(settings.version, True, VersioningBehavior.PINNED)


async def check(client: Client, pool: Pool, ring: Ring | None) -> Ring:
    """The master keys. Raises `Unavailable` in one sentence when the engine is not set up, or may do too much."""
    if ring is None:
        raise Unavailable("PROBITY_MASTER_KEYS is not set; it names the file of the master keys (docs/run.md).")
    await starting.check(pool, "worker", roles.ENGINE)
    if await roles.may_change_the_record(pool):
        raise Unavailable(
            "The database lets this login change what is recorded: "
            f"let the worker log in as {roles.ENGINE} (docs/run.md, The roles of the database)."
        )
    async with transaction(pool) as connection:
        await may_open(connection)  # who tells text while that is owed would lose it
    if lacking := await register.missing(client):
        raise Unavailable(f"Temporal lacks search attributes ({', '.join(lacking)}): run `python -m deploy.register`.")
    await starting.check_keys(pool, ring, secrets=True)
    return ring


async def main() -> None:
    """Run until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    settings = Settings.from_environment()
    if settings.processes > 1:
        sys.exit(await processes.together(settings.processes, stop))
    log_as_json(sys.stderr, settings.log_level)
    host, port = address(settings.metrics_address)
    runtime = measured(host, port)
    tracing.start()
    pool = await open_pool(settings.database_url, size=CONNECTIONS)
    try:
        client = await connect_temporal(settings, runtime=runtime)
        async with engine(settings, client, pool) as worker, watched(settings, worker, runtime, pool) as health_at:
            told = f"metrics http://{host}:{port}/metrics, health {health_at}"
            queue = f"task queue {settings.task_queue}"
            queue += f", version {settings.version.to_canonical_string()}" if settings.version else ""
            print(f"probity worker ready: {queue}, {told}", flush=True)
            log.info("ready: version %s, %s, %s", release(), queue, told)
            await stop.wait()
            log.info("told to stop")
    finally:
        await pool.close()


@asynccontextmanager
async def watched(settings: Settings, worker: Worker, runtime: Runtime, pool: Pool) -> AsyncIterator[str]:
    """Tell gauges and health while the context lasts; gives the address of `/health` and `/ready`."""

    async def polling() -> bool:
        return worker.is_running and not worker.is_shutdown

    async def postgres() -> bool:
        return await writable(pool)

    async def temporal() -> bool:
        return await worker.client.service_client.check_health()

    checks = {"worker": polling, "postgres": postgres, "temporal": temporal}
    host, port = address(settings.health_address)
    async with beside("The gauges", watch(pool, runtime.metric_meter, temporal)), health(host, port, checks) as chosen:
        yield f"http://{host}:{chosen}"


if __name__ == "__main__":
    run(main())
