"""The part of a worker that delivers webhooks: beside the cases, so that a slow receiver holds up none of them."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from activities.faults import Faults
from activities.store import open_pool
from activities.text.sealing import Ring
from activities.webhooks.deliver import Deliveries
from activities.webhooks.outbound import Outbound
from integration.beside import beside
from integration.settings import Settings
from integration.webhooks.bell import Bell
from workflows.subscription import deliveries_queue

__all__ = ["delivering"]

SUBSCRIBERS, CONNECTIONS = 20, 6  # that are delivered to at once, over so many connections of their own
GRACE = timedelta(seconds=25)  # longer than a turn
LOUD = "NOT FOR REAL CASES: by PROBITY_WEBHOOKS_DEVELOPMENT webhooks may go to this machine, and without encryption."
log = logging.getLogger(__name__)


@asynccontextmanager
async def delivering(settings: Settings, client: Client, ring: Ring) -> AsyncIterator[None]:
    """Deliver webhooks, and ring for whom there is something to deliver, while the context lasts."""
    if settings.webhooks_development:
        log.warning(LOUD)
    async with AsyncExitStack() as ended:
        pool = await open_pool(settings.database_url, size=CONNECTIONS)
        ended.push_async_callback(pool.close)
        outbound = Outbound(development=settings.webhooks_development)
        ended.push_async_callback(outbound.close)
        worker = _worker(settings, client, Deliveries(pool, ring, outbound))
        async with beside("The bell", Bell(pool, client, settings.task_queue).watch()), worker:
            yield


def _worker(settings: Settings, client: Client, deliveries: Deliveries) -> Worker:
    config = client.config(active_config=True)
    config["plugins"] = []  # with ours it would poll for workflows too
    return Worker(
        Client(**config),
        task_queue=deliveries_queue(settings.task_queue),
        activities=deliveries.activities,
        interceptors=[Faults()],
        max_concurrent_activities=SUBSCRIBERS,
        graceful_shutdown_timeout=GRACE,
    )
