"""The typed client: start a case, give a command, read the record and the register.

Commands go through Temporal; reading goes to Postgres, which is the record and answers when Temporal is away.
Everything raises `domain.errors`: `Refused` when the case says no, `Unavailable` when a part cannot be reached.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Self
from uuid import uuid4

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from activities import claims, reading, store
from activities.bodies import another_act
from activities.record import asking, body_hash, check_expected, check_message
from activities.store import Pool
from activities.text.opening import Readable
from domain.case import open_case
from domain.errors import DuplicateReference, Unavailable, WrongStage
from domain.messages import Command, Model, Recorded, command_from, read
from domain.outcome import ReopenCase
from domain.referral import Referral
from domain.state import Case
from domain.vocabulary import Clock
from domain.working_days import england_and_wales
from integration import versions
from integration.answers import DOES_IT_RUN, PATIENCE, NotRunning, may_be_old, reached
from integration.keeper import Keeper
from integration.observability import tracing
from integration.plugin import probity_plugin
from integration.record import Record
from integration.rehearsal import rehearsing, skip_to, virtual_now
from integration.settings import Settings
from integration.versions import Moved, Version
from integration.watch import Watch
from integration.webhooks.subscribers import Subscribers
from workflows.case import WORKFLOW_TYPE, workflow_id
from workflows.visibility import introduction
from workflows.watch import Look, WatchReport

__all__ = ["Probity", "Receipt", "connect_temporal"]

SKIPPING = timedelta(minutes=10)  # a second for every timer on the way


class Receipt(Model):
    """What a referral or command came to: the case's version after it, and the events that are new to the caller."""

    reference: str
    version: int
    events: tuple[Readable, ...] = ()


async def connect_temporal(settings: Settings, *, lazy: bool = False, runtime: Runtime | None = None) -> Client:
    """A Temporal client with the engine's plugin; a lazy one connects with its first call and serves no worker.

    `runtime`: the SDK's, if its metrics are to be told, or its log is not. Raises `Unavailable`.
    """
    try:
        plugins = [probity_plugin(settings.payload_keys), *tracing.plugins()]
        connecting = Client.connect(**settings.temporal, plugins=plugins, lazy=lazy, runtime=runtime)
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await connecting
    except (RuntimeError, TimeoutError, RPCError):
        raise Unavailable(f"Temporal cannot be reached at {settings.temporal_address}{DOES_IT_RUN}") from None


class Probity(Record):
    """A connection to a running engine. Make one with `Probity.connect`."""

    def __init__(self, temporal: Client, pool: Pool, settings: Settings) -> None:
        super().__init__(pool, settings)
        self._temporal, self._task_queue, self._version = temporal, settings.task_queue, settings.version
        self._payload_keys = settings.payload_keys
        self.keeper = Keeper(pool, settings.ring, lambda cases: self._watch().wake(cases))
        self.subscribers = Subscribers(
            pool, settings.ring, temporal, settings.task_queue, development=settings.webhooks_development
        )

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: Settings, runtime: Runtime | None = None) -> AsyncIterator[Self]:
        """Connect to Postgres, and to Temporal once a command is given. Raises `Unavailable` in one sentence."""
        tracing.start()
        pool = await store.open_pool(settings.database_url)
        try:
            yield cls(await connect_temporal(settings, lazy=True, runtime=runtime), pool, settings)
        finally:
            await pool.close()

    async def refer(self, referral: Mapping[str, Any]) -> Receipt:
        """Start a case. Raises `DuplicateReference` also for the same referral again, and `Malformed`."""
        matter = read(Referral, dict(referral), "referral")
        open_case(matter, england_and_wales(), datetime.now(UTC))
        if await self._knows(matter.reference):
            raise DuplicateReference(f"There is a case {matter.reference} already.")
        return await self._opened(await self._start(matter), matter.reference)

    async def refer_once(self, referral: Mapping[str, Any]) -> Receipt:
        """Start a case, or find it started by the same referral, which is answered as it was the first time.

        For whoever cannot know whether an answer was lost. Raises `DuplicateReference` for another of that reference.
        """
        matter = read(Referral, dict(referral), "referral")
        # Asked first: what was referred once is answered also where a later release would not take it any more.
        if await self._knows(matter.reference) or not await self._starts(referral):
            await self._check_same(matter)
        opening = await self._recorded(matter.reference)
        first = [event for event in opening if event.command_id == opening[0].command_id]
        return await self._receipt(matter.reference, first)

    async def _starts(self, referral: Mapping[str, Any]) -> bool:
        """Whether this starts the case; False when it was started in the meantime."""
        try:
            await self.refer(referral)
        except DuplicateReference:
            return False
        return True

    async def _check_same(self, matter: Referral) -> None:
        """Refuse a referral whose reference was opened by another; of one that is on its way, wait for the record."""
        reference = matter.reference
        if not await self._knows(reference):
            await self._opened(self._temporal.get_workflow_handle(workflow_id(reference)), reference)
        if self._ring is None:
            raise DuplicateReference(f"There is a case {reference}; only the master keys can tell if it is this one.")
        asked, ring = asking("open_case", matter), self._ring
        if not await store.opened_by(self._pool, ring, reference, asked):
            raise DuplicateReference(f"The reference {reference} is taken by another matter.")

    async def refer_under(self, referral: Mapping[str, Any], caller: str, key: str) -> Receipt:
        """Start a case once under a key of this caller; sent again, it is answered as the first time, also years after.

        Raises `AlreadyDone` for a key that came with another matter, `DuplicateReference` for a reference that is taken
        otherwise. The database login has to have `probity.referral_key` and the keys of free text.
        """
        matter = read(Referral, dict(referral), "referral")
        check_message(key, referral)
        if not await claims.held(self._pool, caller, key, matter.reference):
            open_case(matter, england_and_wales(), datetime.now(UTC))
            await self._claim(caller, key, matter.reference)
        try:
            return await self.refer_once(referral)
        except DuplicateReference:
            raise another_act() from None

    async def _claim(self, caller: str, key: str, reference: str) -> None:
        if not await self._knows(reference):
            await claims.claim(self._pool, caller, key, reference)
        elif not await claims.held(self._pool, caller, key, reference):  # asked again: a twin may have opened it
            raise DuplicateReference(f"There is a case {reference} already.")

    async def _knows(self, reference: str) -> bool:
        return bool(await self._recorded(reference))

    async def _recorded(self, reference: str) -> list[Recorded]:
        return await store.events(self._pool, reference)

    async def _start(self, matter: Referral) -> WorkflowHandle[Any, Any]:
        client = rehearsing(self._temporal) if matter.clock is Clock.REHEARSED else self._temporal
        try:
            return await reached(
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
            await reached(
                handle.execute_update("catch_up", rpc_timeout=PATIENCE), "Look it up before you refer it again."
            )
        except NotRunning:
            await reached(handle.result())  # tells why it ended
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
        """Give a command, once under a `command_id`.

        Raises `Stale` where the case is not at the `expected` version, `AlreadyDone` for an id that came with another
        act, `UnknownCase`, `Malformed`, and another `Refused` for what law or state of the case does not allow.
        """
        given = command_from(command, dict(body))
        own_id = str(uuid4()) if command_id is None else command_id
        check_message(own_id, body)
        handle = self._temporal.get_workflow_handle(workflow_id(reference))
        named = "the same id" if command_id else f"the command id {own_id}"  # a caller of the gateway knows it as a key
        again = f"Send it again as it was, under {named} and dated {given.occurred_at.isoformat()}."
        try:
            told = await reached(self._give(handle, given, self._update_id(own_id, given, expected), expected), again)
        except NotRunning:
            return await self._after_the_end(reference, own_id, given, expected)
        return await self._receipt(reference, told)

    async def _give(
        self, handle: WorkflowHandle[Any, Any], given: Command, update_id: str, expected: int | None
    ) -> tuple[Recorded, ...]:
        """Give it, and once more where Temporal may have answered with what it kept of an earlier time.

        What was refused then may be lawful now, and a fault mended. The store takes it for the same act.
        """
        options: dict[str, Any] = {"result_type": tuple[Recorded, ...], "rpc_timeout": PATIENCE}
        body = [given.model_dump(mode="json"), *([] if expected is None else [expected])]
        ask: Callable[..., Awaitable[Any]] = partial(handle.execute_update, given.name, args=body)
        try:
            told: tuple[Recorded, ...] = await ask(id=update_id, **options)
        except WorkflowUpdateFailedError as failed:
            if not may_be_old(failed):
                raise
            told = await ask(id=f"{update_id}~{uuid4().hex[:8]}", **options)
        return told

    def _update_id(self, command_id: str, given: Command, expected: int | None = None) -> str:
        """The command id with a digest of what is asked, so that Temporal takes no other act for the same Update.

        An id stays in the clear: where payloads are sealed, so that a short text cannot be guessed by its digest, the
        digest is made under their key. Under another key the id is another, and the store answers what it recorded.
        """
        asked = body_hash(given.name, given)
        digest = self._payload_keys.mark(asked) if self._payload_keys else asked
        meant_for = "" if expected is None else f"@{expected}"
        return f"{command_id}#{digest.hex()[:16]}{meant_for}"

    async def _after_the_end(self, reference: str, command_id: str, given: Command, expected: int | None) -> Receipt:
        """Where no workflow runs the case: the answer to a command that was recorded, else why there is none."""
        case = await self.case(reference)
        told = [event for event in await self._recorded(reference) if event.command_id == command_id]
        if told:
            if not await store.asked_the_same(self._pool, self._ring, reference, command_id, asking(given.name, given)):
                raise another_act()
            return await self._receipt(reference, told)
        check_expected(reference, case.version, expected)
        if case.closed_at is None:
            raise Unavailable(f"Case {reference} is open but no workflow runs it: run `probity resume {reference}`.")
        if isinstance(given, ReopenCase):
            return await self._reopen(case, command_id, given)
        raise WrongStage(f"Case {reference} is closed.", lawful=(ReopenCase.name,))

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
        update = await reached(
            client.start_update_with_start_workflow(
                given.name,
                given.model_dump(mode="json"),
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                start_workflow_operation=start,
                id=self._update_id(command_id, given),
                result_type=tuple[Recorded, ...],
                rpc_timeout=PATIENCE,
            )
        )
        if rehearsed:  # a workflow that starts is at real time: its clock is carried to the act, which waits for it
            await reached(skip_to(client, await start.workflow_handle(), given.occurred_at))
        told = await reached(update.result(rpc_timeout=PATIENCE))
        return await self._receipt(case.reference, told)

    async def _receipt(self, reference: str, told: Sequence[Recorded]) -> Receipt:
        shown = await reading.shown(self._pool, told)
        return Receipt(reference=reference, version=told[-1].version if told else 0, events=tuple(shown))

    async def now(self, reference: str) -> datetime:
        """The time by the case's own clock, UTC: skipped for a rehearsed case, else the real. Raises `UnknownCase`."""
        if (await self.case(reference)).clock is not Clock.REHEARSED:
            return datetime.now(UTC)
        return await reached(virtual_now(self._temporal, workflow_id(reference)))

    async def skip(self, reference: str, until: datetime) -> None:
        """Carry a rehearsed case forward to `until`; returns when the deadlines on the way have been enforced."""
        handle = self._temporal.get_workflow_handle(workflow_id(reference))
        await reached(skip_to(self._temporal, handle, until), patience=SKIPPING)
        await reached(handle.execute_update("catch_up", rpc_timeout=PATIENCE))

    async def temporal_answers(self) -> bool:
        """True, as far as commands need Temporal; else `Unavailable` says why."""
        return await reached(self._temporal.service_client.check_health())

    async def watch(self, *, repair: bool = False) -> WatchReport:
        """Compare the record with the process; with `repair`, start and wake the cases that need it."""
        look = self._watch().look(Look(repair=repair, every=True))
        return await reached(look, patience=SKIPPING, asked="watch")

    async def resume(self, *references: str) -> tuple[list[str], list[str]]:
        """Start each open case, or these, unless it runs: those started, those that failed. Raises `UnknownCase`."""
        return await reached(self._watch().resume(references), patience=SKIPPING, asked="engine")

    async def versions(self) -> list[Version]:
        """The versions of the worker, and how many cases run under each."""
        return await reached(self._versions(), patience=PATIENCE)

    async def _versions(self) -> list[Version]:
        running = list((await self._watch().pinned()).values())
        return await versions.versions(self._temporal, self._task_queue, self._deployment(), running)

    async def upgrade(self, build: str | None = None, *, anew: bool = False) -> Moved:
        """Make `build` the current version, if one is named, and bring every case under the current one.

        With `anew` a case that does not go is started again from its record. Safe to repeat.
        """
        if build is not None:
            await reached(versions.make_current(self._temporal, self._task_queue, self._deployment(), build))
        return await reached(self._watch().upgrade(anew=anew), patience=SKIPPING, asked="engine")

    def _deployment(self) -> str:
        if self._version is None:
            raise Unavailable("PROBITY_DEPLOYMENT is not set; it names the deployment whose versions these are.")
        return self._version.deployment_name

    def _watch(self) -> Watch:
        return Watch(self._pool, self._temporal, self._task_queue)
