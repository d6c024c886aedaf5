"""The typed client: start a case, give a command, read the record and the register.

Commands go through Temporal; reading goes to Postgres, which is the record and answers when Temporal is away.
Everything raises `domain.errors`: `Refused` when the case says no, `Unavailable` when a part cannot be reached.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import uuid4

import asyncpg
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

from activities import checkpoints, feed, reading, reads, store
from activities.bodies import another_act
from activities.opening import Readable
from activities.record import body_hash, check_expected, check_message
from activities.store import Pool
from domain.case import Possible, lawful_next, open_case
from domain.errors import REFUSALS, DuplicateReference, Refused, Unavailable, WrongStage
from domain.messages import Command, Model, Recorded, Refusal, command_from, read
from domain.outcome import ReopenCase
from domain.referral import Referral
from domain.state import Case
from domain.vocabulary import Clock
from domain.working_days import england_and_wales
from integration.export import export
from integration.keeper import Keeper
from integration.plugin import probity_plugin
from integration.rehearsal import rehearsing, skip_to, virtual_now
from integration.settings import Settings
from integration.watch import Watch
from workflows.case import WORKFLOW_TYPE, workflow_id
from workflows.visibility import introduction
from workflows.watch import Look, Report

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["Probity", "Receipt", "connect_temporal"]

PATIENCE = timedelta(seconds=30)
SKIPPING = timedelta(minutes=10)  # a second for every timer on the way
T = TypeVar("T")


class Receipt(Model):
    """What a referral or command came to: the case's version after it, and the events that are new to the caller."""

    reference: str
    version: int
    events: tuple[Readable, ...] = ()


async def connect_temporal(settings: Settings, *, lazy: bool = False, runtime: Runtime | None = None) -> Client:
    """A Temporal client with the engine's plugin; a lazy one connects with its first call and serves no worker.

    `runtime`: the SDK's, if its metrics are to be told.

    Raises `Unavailable` when the server cannot be reached.
    """
    try:
        plugins = [probity_plugin(settings.payload_keys)]
        connecting = Client.connect(**settings.temporal, plugins=plugins, lazy=lazy, runtime=runtime)
        return await asyncio.wait_for(connecting, PATIENCE.total_seconds())
    except (RuntimeError, TimeoutError, RPCError):
        raise Unavailable(f"Temporal cannot be reached at {settings.temporal_address}.") from None


class Probity:
    """A connection to a running engine. Make one with `Probity.connect`."""

    def __init__(self, temporal: Client, pool: Pool, settings: Settings) -> None:
        self._temporal, self._pool, self._task_queue = temporal, pool, settings.task_queue
        self._reader, self._ring = settings.reader, settings.ring
        self.keeper = Keeper(pool, settings.ring)

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: Settings) -> AsyncIterator[Self]:
        """Connect to Postgres, and to Temporal once a command is given. Raises `Unavailable` in one sentence."""
        pool = await store.open_pool(settings.database_url)
        try:
            yield cls(await connect_temporal(settings, lazy=True), pool, settings)
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
        return bool(await self._recorded(reference))

    async def _recorded(self, reference: str) -> list[Recorded]:
        return await self._read(lambda: store.events(self._pool, reference))

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
                    **introduction(matter),
                    rpc_timeout=PATIENCE,
                )
            )
        except WorkflowAlreadyStartedError:
            raise DuplicateReference(f"There is a case {matter.reference} already.") from None

    async def _opened(self, handle: WorkflowHandle[Any, Any], reference: str) -> Receipt:
        try:
            await _reached(
                handle.execute_update("catch_up", rpc_timeout=PATIENCE), "Look it up before you refer it again."
            )
        except _NotRunning:
            await _reached(handle.result())  # tells why it ended
        return await self._receipt(reference, await self._recorded(reference))

    async def do(
        self,
        reference: str,
        command: str,
        body: Mapping[str, Any],
        *,
        command_id: str | None = None,
        expected: int | None = None,
    ) -> Receipt:
        """Give a command, once under a `command_id`; it is `stale` where the case is not at the `expected` version."""
        given = command_from(command, dict(body))
        own_id = command_id or str(uuid4())
        check_message(own_id, body)
        handle = self._temporal.get_workflow_handle(workflow_id(reference))
        update = handle.execute_update(
            command,
            args=[given.model_dump(mode="json"), *([] if expected is None else [expected])],
            id=_update_id(own_id, given, expected),
            result_type=tuple[Recorded, ...],
            rpc_timeout=PATIENCE,
        )
        again = f"Send it again as it was, under the command id {own_id} and dated {given.occurred_at.isoformat()}."
        try:
            told = await _reached(update, again)
        except _NotRunning:
            return await self._after_the_end(reference, own_id, given, expected)
        return await self._receipt(reference, told)

    async def _after_the_end(self, reference: str, command_id: str, given: Command, expected: int | None) -> Receipt:
        """What to say when no workflow runs the case: answer a command that was recorded, or tell why there is none."""
        case = await self.case(reference)
        told = [event for event in await self._recorded(reference) if event.command_id == command_id]
        if told:
            asked = body_hash(given.name, given)
            if not await store.asked_the_same(self._pool, self._ring, reference, command_id, asked):
                raise another_act(command_id)
            return await self._receipt(reference, told)
        check_expected(reference, case.version, expected)
        if case.closed_at is not None and isinstance(given, ReopenCase):
            return await self._reopen(case, command_id, given)
        if case.closed_at is not None:
            raise WrongStage(f"Case {reference} is closed.", lawful=(ReopenCase.name,))
        raise Unavailable(f"Case {reference} is open but no workflow runs it: run `probity resume {reference}`.")

    async def _reopen(self, case: Case, command_id: str, given: ReopenCase) -> Receipt:
        """Run a closed case again; the act that reopens it is the first that its workflow takes."""
        rehearsed = case.clock is Clock.REHEARSED
        client = rehearsing(self._temporal) if rehearsed else self._temporal
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            WORKFLOW_TYPE,
            id=workflow_id(case.reference),
            task_queue=self._task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            **introduction(case),
        )
        update = await _reached(
            client.start_update_with_start_workflow(
                given.name,
                given.model_dump(mode="json"),
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                start_workflow_operation=start,
                id=_update_id(command_id, given),
                result_type=tuple[Recorded, ...],
                rpc_timeout=PATIENCE,
            )
        )
        if rehearsed:  # a workflow that starts is at real time: its clock is carried to the act, which waits for it
            await _reached(skip_to(client, await start.workflow_handle(), given.occurred_at))
        told = await _reached(update.result(rpc_timeout=PATIENCE))
        return await self._receipt(case.reference, told)

    async def _receipt(self, reference: str, told: Sequence[Recorded]) -> Receipt:
        shown = await self._read(lambda: reading.shown(self._pool, told))
        return Receipt(reference=reference, version=told[-1].version if told else 0, events=tuple(shown))

    async def case(self, reference: str) -> Case:
        """The state of a case, from the record. Raises `UnknownCase`."""
        return await self._read(lambda: store.load(self._pool, reference))

    async def lawful_next(self, reference: str) -> list[Possible]:
        """What may be done next. Raises `UnknownCase`."""
        return lawful_next(await self.case(reference), england_and_wales())

    async def events(self, reference: str, after: int = 0) -> list[Readable]:
        """The record of a case after a version; free text is sealed unless it is said who reads and why: recorded."""
        return await self._read(lambda: reading.events(self._pool, self._reader, reference, after))

    async def verify(self, reference: str) -> list[str]:
        """What is wrong with the record of a case, one sentence a fault; empty when its chain is whole."""
        faults = await self._read(lambda: store.verify(self._pool, reference))
        faults += await self._read(lambda: checkpoints.contradictions(self._pool, reference))
        return faults + await self._read(lambda: reads.verify(self._pool, reference))

    async def checkpoint(self, key: "Ed25519PrivateKey") -> dict[str, Any]:
        """Sign the heads of all cases; the statement. Raises `Contradicted` when the record was changed."""
        return await self._read(lambda: checkpoints.make(self._pool, key))

    async def export(self, reference: str, key: "Ed25519PrivateKey | None" = None) -> bytes:
        """A case as a zip file that anyone can check, signed if there is a key. Raises `UnknownCase`."""
        return await self._read(lambda: export(self._pool, reference, key, self._reader))

    async def feed_lines(self, after: feed.Cursor = feed.START, limit: int = feed.PAGE) -> feed.Lines:
        """The same as `feed`, each event as one line of JSON, several times as fast. Raises `Unavailable`."""
        return await self._read(lambda: feed.lines(self._pool, after, limit))

    def follow(self, after: feed.Cursor = feed.START) -> AsyncIterator[tuple[Readable, feed.Cursor]]:
        """Every event of every case after a cursor, with the cursor to go on from, until it is stopped.

        Raises `Unavailable`; then go on from the last cursor.
        """
        return feed.follow(self._pool, after, reader=self._reader)

    async def feed(self, after: feed.Cursor = feed.START, limit: int = feed.PAGE) -> feed.Page:
        """Events of all cases after a cursor, in an order to go on from. Raises `Unavailable`."""
        return await self._read(lambda: feed.page(self._pool, after, limit, self._reader))

    async def register(self, stage: str | None = None) -> list[dict[str, Any]]:
        """Every case, one row each, open ones first."""
        return await self._read(lambda: reading.register(self._pool, stage))

    async def deadlines(self, *, overdue: bool = False, reference: str | None = None) -> list[dict[str, Any]]:
        """Deadlines still owed over all cases, nearest first; or only those that are overdue."""
        return await self._read(lambda: reading.deadlines(self._pool, overdue=overdue, reference=reference))

    async def restrictions(self, *, overdue: bool = False) -> list[dict[str, Any]]:
        """Everyone who is restricted, in any case, the nearest review first; or only those whose review is overdue."""
        return await self._read(lambda: reading.restrictions(self._pool, overdue=overdue))

    async def now(self, reference: str) -> datetime:
        """The time by the case's own clock: skipped for a rehearsed case, else the real one. UTC."""
        if (await self.case(reference)).clock is not Clock.REHEARSED:
            return datetime.now(UTC)
        return await _reached(virtual_now(self._temporal, workflow_id(reference)))

    async def skip(self, reference: str, until: datetime) -> None:
        """Carry a rehearsed case forward to `until`; returns when the deadlines on the way have been enforced."""
        handle = self._temporal.get_workflow_handle(workflow_id(reference))
        await _reached(skip_to(self._temporal, handle, until), patience=SKIPPING)
        await _reached(handle.execute_update("catch_up", rpc_timeout=PATIENCE))

    async def watch(self, *, repair: bool = False) -> Report:
        """Compare the record with the process; with `repair`, start and wake the cases that need it."""
        return await self._read(lambda: self._watch().look(Look(repair=repair)))

    async def resume(self, *references: str) -> tuple[list[str], list[str]]:
        """Start every open case, or these, from its stream unless it runs: those started, those that could not be."""
        return await self._read(lambda: self._watch().resume(references))

    def _watch(self) -> Watch:
        return Watch(self._pool, self._temporal, self._task_queue)

    async def _read(self, query: Callable[[], Awaitable[T]]) -> T:
        try:
            return await query()
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
            raise Unavailable("The database cannot be reached.") from None


def _update_id(command_id: str, given: Command, expected: int | None = None) -> str:
    """The command id with a digest of what is asked, so that Temporal does not take another act for the same Update."""
    meant_for = "" if expected is None else f"@{expected}"
    return f"{command_id}#{body_hash(given.name, given).hex()[:16]}{meant_for}"


class _NotRunning(Unavailable):
    """No workflow runs the case: there is none, or it has ended."""


async def _reached(call: Awaitable[T], then: str = "", patience: timedelta | None = None) -> T:
    """Await a call to Temporal and give its errors our names. `then`: what to do if it did not answer in time."""
    try:
        return await asyncio.wait_for(call, (patience or PATIENCE).total_seconds())
    except TimeoutError:
        raise _silent(None, then) from None
    except (WorkflowUpdateFailedError, WorkflowFailureError) as failed:
        if isinstance(failed.cause, ApplicationError):
            raise _refused(failed.cause) from None
        raise _NotRunning("No workflow runs the case.") from None
    except RPCError as wrong:
        if "amespace" in wrong.message and wrong.status is RPCStatusCode.NOT_FOUND:
            raise Unavailable("Temporal has no such namespace: see TEMPORAL_NAMESPACE.") from None
        if wrong.status is RPCStatusCode.NOT_FOUND:
            raise _NotRunning("No workflow runs the case.") from None
        raise _silent(wrong, then) from None
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        raise _silent(None, then) from None
    except RuntimeError as wrong:  # how a lazy client says that it could not connect
        raise Unavailable(f"Temporal cannot be reached. {then}".strip()) from wrong


def _silent(wrong: RPCError | None, then: str) -> Unavailable:
    if wrong is None or wrong.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        told = f"The case has not answered within {PATIENCE.total_seconds():.0f} seconds and may yet record it"
        return Unavailable(f"{told}; is a worker running? {then}".strip())
    if wrong.status is RPCStatusCode.FAILED_PRECONDITION:
        return Unavailable("The case cannot answer: its workflow tasks fail; see its workflow in Temporal.")
    return Unavailable(f"Temporal cannot be reached ({wrong.status.name.lower()}). {then}".strip())


def _refused(error: ApplicationError) -> Refused:
    refusal = Refusal.model_validate(error.details[0]) if error.details else None
    kind = REFUSALS.get(error.type or "")
    if kind is None:
        raise Unavailable(f"The case failed ({error.type}); see its workflow in Temporal.")
    return kind(refusal.sentence, refusal.citation, refusal.lawful) if refusal else kind(error.message)
