"""The typed client: start a case, give a command, read the record and the register.

Commands go through Temporal; reading goes to Postgres, which is the record and answers when Temporal is away.
Everything raises `domain.errors`: `Refused` when the case says no, `Unavailable` when a part cannot be reached.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar
from uuid import uuid4

import asyncpg
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities import reading, store
from domain.case import Possible, lawful_next, open_case
from domain.errors import REFUSALS, DuplicateReference, Refused, Unavailable, UnknownCase
from domain.messages import Answer, Model, Recorded, Refusal, command_from, read
from domain.referral import Referral
from domain.state import Case
from domain.vocabulary import Clock
from domain.working_days import england_and_wales
from integration.plugin import probity_plugin
from integration.rehearsal import rehearsing, skip_to, virtual_now
from integration.settings import Settings
from workflows.case import WORKFLOW_TYPE, workflow_id
from workflows.visibility import static_summary

__all__ = ["Probity", "Receipt", "connect_temporal"]

PATIENCE = timedelta(seconds=30)
T = TypeVar("T")


class Receipt(Model):
    """What a referral or command came to: the case's version after it, and the events that are new to the caller."""

    reference: str
    version: int
    events: tuple[Recorded, ...] = ()


async def connect_temporal(settings: Settings) -> Client:
    """A Temporal client with the engine's plugin. Raises `Unavailable` when the server cannot be reached."""
    try:
        return await asyncio.wait_for(
            Client.connect(**settings.temporal, plugins=[probity_plugin()]), PATIENCE.total_seconds()
        )
    except (RuntimeError, TimeoutError, RPCError):
        raise Unavailable(f"Temporal cannot be reached at {settings.temporal_address}.") from None


class Probity:
    """A connection to a running engine. Make one with `Probity.connect`."""

    def __init__(self, temporal: Client, pool: "asyncpg.Pool[asyncpg.Record]", task_queue: str) -> None:
        self._temporal = temporal
        self._pool = pool
        self._task_queue = task_queue

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: Settings) -> AsyncIterator[Self]:
        """Connect to Temporal and Postgres. Raises `Unavailable` in one sentence when either is away."""
        pool = await store.open_pool(settings.database_url)
        try:
            yield cls(await connect_temporal(settings), pool, settings.task_queue)
        finally:
            await pool.close()

    async def refer(self, referral: Mapping[str, Any]) -> Receipt:
        """Start a case. A reference that is taken is refused, also by the same referral: look it up instead."""
        matter = read(Referral, dict(referral), "referral")
        open_case(matter, england_and_wales(), datetime.now(UTC))
        if await self._knows(matter.reference):
            raise DuplicateReference(f"There is a case {matter.reference} already.")
        handle = await self._start(matter)
        return await self._opened(handle, matter.reference)

    async def _knows(self, reference: str) -> bool:
        return bool(await self._read(lambda: store.events(self._pool, reference)))

    async def _start(self, matter: Referral) -> WorkflowHandle[Any, Any]:
        client = rehearsing(self._temporal) if matter.clock is Clock.REHEARSED else self._temporal
        try:
            return await _reached(
                client.start_workflow(
                    WORKFLOW_TYPE,
                    matter.model_dump(mode="json"),
                    id=workflow_id(matter.reference),
                    task_queue=self._task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    static_summary=static_summary(matter.reference, matter.force),
                    rpc_timeout=PATIENCE,
                )
            )
        except WorkflowAlreadyStartedError:
            raise DuplicateReference(f"There is a case {matter.reference} already.") from None

    async def _opened(self, handle: WorkflowHandle[Any, Any], reference: str) -> Receipt:
        await _reached(handle.execute_update("catch_up", rpc_timeout=PATIENCE), _why_failed(handle))
        events = await self.events(reference)
        return Receipt(reference=reference, version=len(events), events=tuple(events))

    async def do(
        self, reference: str, command: str, body: Mapping[str, Any], *, command_id: str | None = None
    ) -> Receipt:
        """Give a command. The same `command_id` again gives the same answer and records nothing twice."""
        given = command_from(command, dict(body))
        handle = self._temporal.get_workflow_handle(workflow_id(reference))
        update = handle.execute_update(
            command,
            given.model_dump(mode="json"),
            id=command_id or str(uuid4()),
            result_type=Answer,
            rpc_timeout=PATIENCE,
        )
        answer = await _reached(update, self._why_not(reference))
        return Receipt(reference=reference, version=answer.version, events=answer.events)

    def _why_not(self, reference: str) -> Callable[[], Awaitable[Refused]]:
        async def why() -> Refused:
            if not await self._knows(reference):
                return UnknownCase(f"There is no case {reference}.")
            return REFUSALS["wrong_stage"](f"Case {reference} is closed.")

        return why

    async def case(self, reference: str) -> Case:
        """The state of a case, from the record. Raises `UnknownCase`."""
        return await self._read(lambda: store.load(self._pool, reference))

    async def lawful_next(self, reference: str) -> list[Possible]:
        """What may be done next. Raises `UnknownCase`."""
        return lawful_next(await self.case(reference))

    async def events(self, reference: str, after: int = 0) -> list[Recorded]:
        """The record of a case, or what followed version `after`; empty when there is no such case."""
        return await self._read(lambda: store.events(self._pool, reference, after))

    async def register(self, stage: str | None = None) -> list[dict[str, Any]]:
        """Every case, one row each, open ones first."""
        return await self._read(lambda: reading.register(self._pool, stage))

    async def deadlines(self, *, overdue: bool = False, reference: str | None = None) -> list[dict[str, Any]]:
        """Deadlines still owed over all cases, nearest first; or only those that are overdue."""
        return await self._read(lambda: reading.deadlines(self._pool, overdue=overdue, reference=reference))

    async def now(self, reference: str) -> datetime:
        """The time by the case's own clock: skipped for a rehearsed case, else the real one. UTC."""
        if (await self.case(reference)).clock is not Clock.REHEARSED:
            return datetime.now(UTC)
        return await _reached(virtual_now(self._temporal, workflow_id(reference)))

    async def skip(self, reference: str, until: datetime) -> None:
        """Carry a rehearsed case forward to `until`; returns when the deadlines on the way have been enforced."""
        handle = self._temporal.get_workflow_handle(workflow_id(reference))
        await _reached(skip_to(self._temporal, handle, until))
        await _reached(handle.execute_update("catch_up", rpc_timeout=PATIENCE))

    async def _read(self, query: Callable[[], Awaitable[T]]) -> T:
        try:
            return await query()
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
            raise Unavailable("The database cannot be reached.") from None


def _why_failed(handle: WorkflowHandle[Any, Any]) -> Callable[[], Awaitable[Refused]]:
    async def why() -> Refused:
        try:
            await handle.result()
        except WorkflowFailureError as failed:
            if isinstance(failed.cause, ApplicationError):
                return _refused(failed.cause)
        raise Unavailable("The case did not open; see its workflow in Temporal.")

    return why


async def _reached(call: Awaitable[T], otherwise: Callable[[], Awaitable[Refused]] | None = None) -> T:
    """Await a call to Temporal and give its errors our names."""
    try:
        return await call
    except (WorkflowUpdateFailedError, WorkflowFailureError) as failed:
        if isinstance(failed.cause, ApplicationError):
            raise _refused(failed.cause) from None
        raise Unavailable("The case did not answer; see its workflow in Temporal.") from None
    except RPCError as wrong:
        if wrong.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION) and otherwise:
            raise await otherwise() from None
        raise Unavailable(f"Temporal did not answer ({wrong.status.name.lower()}).") from None


def _refused(error: ApplicationError) -> Refused:
    refusal = Refusal.model_validate(error.details[0]) if error.details else None
    kind = REFUSALS.get(error.type or "")
    if kind is None:
        raise Unavailable(f"The case failed ({error.type}); see its workflow in Temporal.")
    return kind(refusal.sentence, refusal.citation) if refusal else kind(error.message)
