"""The part of a worker that delivers webhooks: beside the cases, so that a slow receiver holds up none of them."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
    pool = await open_pool(settings.database_url, size=CONNECTIONS)
    outbound = Outbound(development=settings.webhooks_development)
    config = client.config(active_config=True)
    config["plugins"] = []  # with ours it would poll for workflows too
    worker = Worker(
        Client(**config),
        task_queue=deliveries_queue(settings.task_queue),
        activities=Deliveries(pool, ring, outbound).activities,
        interceptors=[Faults()],
        max_concurrent_activities=SUBSCRIBERS,
        graceful_shutdown_timeout=GRACE,
    )
    try:
        async with beside("The bell", Bell(pool, client, settings.task_queue).watch()), worker:
            yield
    finally:
        await outbound.close()
        await pool.close()
