"""Webhooks for those who keep them: the client's part, `Probity.subscribers`.

Who is told of what stands in Postgres and is written there, by a login in the role probity_keeper: a secret never goes
through Temporal. What is done with deliveries is an Update of the subscriber's workflow, so that it shows there.
"""

from datetime import timedelta
from typing import Any, TypeVar

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateStage
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities import feed
from activities.connection import Pool
from activities.feed import Cursor
from activities.text.sealing import Ring
from activities.webhooks import subscribers
from activities.webhooks.subscribers import Delivery, Subscriber, Wanted
from activities.webhooks.turns import SubscriberStanding, Tried
from domain.errors import NotFound, Unavailable
from integration.answers import PATIENCE, reached
from integration.webhooks.bell import Bell
from workflows.subscription import SUBSCRIPTION, subscription_id

__all__ = ["KEEP", "Subscribers"]

KEEP = timedelta(hours=24)  # that a secret signs beside the one that takes its place
T = TypeVar("T")


class Subscribers:
    """Who is told by webhook, and how that goes."""

    def __init__(self, pool: Pool, ring: Ring | None, temporal: Client, queue: str, *, development: bool) -> None:
        self._pool, self._ring, self._temporal, self._queue = pool, ring, temporal, queue
        self.development = development

    async def all(self) -> list[Subscriber]:
        """Every subscriber as it stands."""
        return await subscribers.subscribers(self._pool)

    async def get(self, name: str) -> Subscriber:
        """This one. Raises `NotFound`."""
        return await subscribers.get(self._pool, name)

    async def add(self, wanted: Wanted, after: Cursor | None = None) -> str:
        """Add one, told of what comes after a cursor or from now on; its secret, which is not shown again.

        Raises `Malformed`, `AlreadyDone`, and `Unavailable` for a cursor that this store cannot have given out.
        """
        wanted.check(development=self.development)
        if after:
            await feed.page(self._pool, after, 1)
        secret = await subscribers.add(self._pool, self._keys(), wanted, after)
        await self._ring_for(wanted.subscription)
        return secret

    async def rotate(self, name: str, keep: timedelta = KEEP) -> str:
        """Its new secret; what it had before signs too for as long as `keep`. Raises `NotFound`."""
        return await subscribers.rotate(self._pool, self._keys(), name, keep)

    async def remove(self, name: str) -> None:
        """Remove it, with what waits for it and its log. Raises `NotFound`."""
        await subscribers.remove(self._pool, name)
        await self._ring_for(name)  # so that its workflow ends

    async def log(self, name: str, state: str | None = None, limit: int = 100) -> list[Delivery]:
        """What became of its deliveries, the latest first. Raises `NotFound`."""
        return await subscribers.deliveries(self._pool, name, state=state, limit=limit)

    async def pause(self, name: str, because: str | None = None) -> SubscriberStanding:
        """Deliver nothing to it until it is resumed. Raises `NotFound`, `Malformed`."""
        return await self._update(name, "pause", SubscriberStanding, because)

    async def resume(self, name: str) -> SubscriberStanding:
        """Deliver to it again, also after it was disabled. Raises `NotFound`."""
        return await self._update(name, "resume", SubscriberStanding)

    async def test(self, name: str) -> Tried:
        """Send it a test now. Raises `NotFound`."""
        return await self._update(name, "test", Tried)

    async def replay(self, name: str, event: str | None = None) -> int:
        """Deliver dead letters after all: the one of this event, or all; how many. Raises `NotFound`, `Malformed`."""
        count = await self._update(name, "replay", int, event)
        if event and not count:
            raise NotFound(
                f"{name} has no dead letter of the event {event}: `probity webhooks dead {name}` lists them."
            )
        return count

    async def restart(self) -> tuple[list[str], list[str]]:
        """Start the workflow of every subscriber whose does not run: those started, those that could not be."""
        started: list[str] = []
        failed: list[str] = []
        bell = Bell(self._pool, self._temporal, self._queue)
        for name in await reached(bell.unserved(), asked="subscriber"):
            try:
                await bell.ring(name)
                started.append(name)
            except (RPCError, RuntimeError):
                failed.append(name)
        return started, failed

    def _keys(self) -> Ring:
        if self._ring is None:
            raise Unavailable("PROBITY_MASTER_KEYS is not set; it names the file of the master keys (docs/run.md).")
        return self._ring

    async def _ring_for(self, name: str) -> None:
        """It is as good without: the bell of a worker rings when there is something to deliver."""
        try:
            await reached(Bell(self._pool, self._temporal, self._queue).ring(name), asked="subscriber")
        except Unavailable:
            return

    async def _update(self, name: str, what: str, kind: type[T], *told: Any) -> T:
        await self.get(name)
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            SUBSCRIPTION,
            id=subscription_id(name),
            task_queue=self._queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=f"Webhooks to the subscriber {name}",
        )
        update = await reached(
            self._temporal.start_update_with_start_workflow(
                what,
                args=told,
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                start_workflow_operation=start,
                result_type=kind,
                rpc_timeout=PATIENCE,
            ),
            asked="subscriber",
        )
        return await reached(update.result(rpc_timeout=PATIENCE), asked="subscriber")
