"""The bell: it tells the workflow of a subscriber of webhooks that there is something to do, and starts a lost one.

Every worker has one. It looks when a hint of an append is heard, and every second in any case, at what the database
says: which subscribers' cursors are behind the feed. It keeps nothing that matters: whoever is rung for in vain finds
nothing to do, and whoever was missed is seen with the next look. So all that Temporal may lose is started again by it.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.connection import Pool
from activities.hint import heard
from activities.webhooks import subscribers
from domain.errors import Unavailable
from integration.versions import Fleet, Run, fleet, move, run_of
from workflows.subscription import SUBSCRIPTION, SubscriptionWorkflow, subscription_id

__all__ = ["Bell"]

LOOK = 1.0  # seconds
AGAIN = 30.0  # seconds after which it rings again for one whose cursor has not moved
PATIENCE = timedelta(seconds=10)
AWAY = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED)
RING = SubscriptionWorkflow.ring.__name__
log = logging.getLogger(__name__)


class Bell:
    """Rings, over a pool of connections and a client of Temporal."""

    def __init__(self, pool: Pool, temporal: Client, task_queue: str) -> None:
        self._pool, self._temporal, self._task_queue = pool, temporal, task_queue
        self._rung: dict[str, tuple[str, float]] = {}

    async def ring(self, subscription: str) -> None:
        """Ring for this subscriber; its workflow is started if nothing runs it. Raises RPCError, RuntimeError."""
        await self._start(subscription, start_signal=RING)

    async def ring_again(self, subscription: str) -> None:
        """The same for who has not moved. One pinned to a version that no worker runs begins anew, under the current
        one: all it knows stands in Postgres.
        """
        polled, run = await fleet(self._temporal, self._task_queue), await self._run_of(subscription)
        if polled.run and run is not None and run.version not in polled.run:
            await self._start_anew(subscription)
        else:
            await self.ring(subscription)

    async def upgrade(self, fleet: Fleet, *, anew: bool) -> list[str]:
        """Bring each under the current version; with `anew` also who does not go. Gives the workflows that are left."""
        left = []
        for name in [each.subscription for each in await subscribers.subscribers(self._pool)]:
            run = await self._run_of(name)  # where none goes on, the next ring starts one under the current version
            if run is None or not run.is_elsewhere(self._task_queue, fleet.current):
                continue
            if await move(self._temporal, subscription_id(name), RING, fleet):
                continue
            if anew:
                await self._start_anew(name)
            else:
                left.append(subscription_id(name))
        return left

    async def _start_anew(self, subscription: str) -> None:
        await self._start(subscription, id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING)

    async def _start(self, subscription: str, **how: Any) -> None:
        await self._temporal.start_workflow(
            SUBSCRIPTION,
            id=subscription_id(subscription),
            task_queue=self._task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=f"Webhooks to the subscriber {subscription}",
            rpc_timeout=PATIENCE,
            **how,
        )

    async def watch(self) -> None:
        """Ring for whoever is behind, until cancelled."""
        while True:
            with suppress(Unavailable):
                async with heard(self._pool) as hint:
                    while not hint.lost:
                        hint.clear()
                        await self._look()
                        await hint.within(LOOK)
            await asyncio.sleep(LOOK)

    async def _look(self) -> None:
        behind = dict(await subscribers.behind(self._pool))
        self._rung = {name: rung for name, rung in self._rung.items() if name in behind}
        for name, cursor in behind.items():
            where, when = self._rung.get(name, ("", 0.0))
            if where == cursor and monotonic() - when < AGAIN:
                continue  # a ring is kept by Temporal until it is heard
            try:
                await (self.ring_again(name) if where == cursor else self.ring(name))
            except (RPCError, RuntimeError) as failed:
                log.warning("bell: Temporal did not take a ring (%s)", type(failed).__name__)
                if not isinstance(failed, RPCError) or failed.status in AWAY:
                    return  # nor would it take another; one that it refuses holds up nobody else
                continue
            self._rung[name] = (cursor, monotonic())

    async def unserved(self) -> list[str]:
        """The subscribers whose workflow does not run."""
        known = await subscribers.subscribers(self._pool)
        return [each.subscription for each in known if not await self._runs(each.subscription)]

    async def _runs(self, subscription: str) -> bool:
        run = await self._run_of(subscription)
        return run is not None and run.goes_on

    async def _run_of(self, subscription: str) -> Run | None:
        return await run_of(self._temporal, subscription_id(subscription))
