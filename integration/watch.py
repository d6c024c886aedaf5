"""Compare the record with the process and mend the process: the work behind `probity watch` and `probity resume`.

The record says which cases are open; Temporal is asked which of them it runs. What it has lost starts again from its
stream. Everything here may be done twice, by two at once, and beside cases that run: a case has one workflow id, so of
two starts the server refuses one, and a case that is told to look again finds what it knew.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from temporalio import activity
from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest
from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import SearchAttributeKey, TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.converter import decode_typed_search_attributes
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from activities import feed, metrics, store
from activities.connection import unhurried
from activities.sql import sql
from activities.store import Pool
from activities.webhooks import subscribers
from domain.errors import Unavailable, Unreadable
from domain.summary import LAST_SECOND
from domain.vocabulary import Clock
from domain.working_days import end_of_day, london_date
from integration import versions
from integration.rehearsal import rehearsing, skip_to
from integration.views import OPEN
from integration.webhooks.bell import Bell
from workflows import visibility
from workflows.case import UPGRADE, WORKFLOW_TYPE, workflow_id
from workflows.watch import LOOK_OVER, Look, Tally, WatchReport

__all__ = ["Watch"]

T = TypeVar("T")
log = logging.getLogger(__name__)
TAKE_OVER = WorkflowIDConflictPolicy.TERMINATE_EXISTING
AT_ONCE = 16
NAMED = 20  # references and failures in a report; its counts are of all
RECENT = timedelta(days=1)  # a case whose record moved within it is asked what it knows
GRACE = timedelta(minutes=10)  # so long after midnight, a case that is not enforced yet may only be waiting its turn
PATIENCE = timedelta(seconds=20)
LONG_WAIT = timedelta(hours=1)  # of a delivery: a receiver that was restarted has taken it long since
PINNED_TO = SearchAttributeKey.for_keyword("TemporalWorkerDeploymentVersion")
FAILURES = (
    RPCError,
    RuntimeError,
    TimeoutError,
    Unavailable,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)


class _Open(NamedTuple):
    """An open case as its process should know it. `moved`: of late. `late`: how many limits ended unenforced."""

    reference: str
    version: int
    stage: str | None
    overdue: int | None
    next_due: date | None
    moved: bool
    late: int


class _Process(NamedTuple):
    """What Temporal lists of a workflow."""

    paused: bool
    shown: TypedSearchAttributes

    @property
    def version(self) -> str:
        """The version of the worker that it is pinned to, as deployment:build."""
        return self.shown.get(PINNED_TO) or ""


class Watch:
    """What compares and mends, over a pool of connections and a client of Temporal."""

    def __init__(self, pool: Pool, temporal: Client, task_queue: str) -> None:
        self._pool = pool
        self._temporal = temporal
        self._task_queue = task_queue

    @activity.defn(name=LOOK_OVER)
    async def look_over(self, look: Look) -> WatchReport:
        """`look` as the schedule asks for it, and settle the pages of the feed, which takes the engine's login."""
        report = await self.look(look)
        await feed.settle(self._pool)
        return report

    async def look(self, look: Look) -> WatchReport:
        """Look over all cases and subscribers once. Raises `Unavailable` or RPCError when a side cannot be reached."""
        report = await self._subscribers(await self._cases(look), look)
        metrics.looked(report.numbers(), report.at)
        return report

    async def _cases(self, look: Look) -> WatchReport:
        now, cases = await self._open()
        fleet = await versions.fleet(self._temporal, self._task_queue)
        processes = await self._processes()
        unlisted = [case for case in cases if case.reference not in processes]
        stranded, unknown = await self._each(unlisted, self._is_stranded)
        running = [case for case in cases if case.reference in processes]
        late = [case for case in running if case.late]
        paused = [case for case in running if processes[case.reference].paused]
        going = [case for case in running if not processes[case.reference].paused]
        unserved = [case for case in going if processes[case.reference].version not in ("", *fleet.run)]
        abandoned, lost = await self._each(unserved, lambda case: self._is_abandoned(case, fleet))
        left = set(abandoned)
        answering = [case for case in going if case not in left]
        doubted = [case for case in answering if fleet.run and _doubted(case, processes, look)]
        behind, silent = await self._each(doubted, self._is_behind)
        asleep = {*behind, *late}
        found = WatchReport(
            at=now,
            open=len(cases),
            worked=bool(fleet.run),
            running=len(cases) - len(stranded) - len(unknown),
            stranded=_found(stranded),
            behind=_found(behind),
            late=_found(late),
            abandoned=_found(abandoned),
            abandoned_by=tuple(sorted({processes[case.reference].version for case in abandoned})),
            silent=_found([*unknown, *lost, *silent]),
            paused=_found(paused),
        )
        if not look.repair:
            return found
        again = abandoned if fleet.current in fleet.run else []  # else nothing would run them afterwards either
        return await self._repair(found, stranded, again, [case for case in answering if case in asleep])

    async def _subscribers(self, report: WatchReport, look: Look) -> WatchReport:
        """The report with those who are told by webhook. To ring for one starts it where nothing runs it."""
        bell = Bell(self._pool, self._temporal, self._task_queue)
        known, unserved = await subscribers.subscribers(self._pool), await bell.unserved()
        old = report.at - LONG_WAIT
        found = {
            "unserved": _named(unserved),
            "dead_letters": _named([each.subscription for each in known if each.dead]),
            "waiting": _named([each.subscription for each in known if each.waiting_since and each.waiting_since < old]),
        }
        failed = list(report.failed)
        for name in unserved if look.repair else []:
            try:
                await bell.ring(name)
            except FAILURES:
                failed.append(f"The webhooks of {name} could not be started.")
        return report.model_copy(update={**found, "failed": tuple(failed[:NAMED])})

    async def _repair(
        self, found: WatchReport, stranded: Sequence[_Open], abandoned: Sequence[_Open], asleep: Sequence[_Open]
    ) -> WatchReport:
        started, unstarted = await self._each(stranded, lambda case: self.start(case.reference))
        anew, not_anew = await self._each(abandoned, lambda case: self.start(case.reference, anew=True))
        woken, unwoken = await self._each(asleep, lambda case: self._wake(case.reference))
        started += anew
        failed = [f"Case {case.reference} could not be started." for case in (*unstarted, *not_anew)]
        failed += [f"Case {case.reference} could not be woken." for case in unwoken]
        done = {"started": len(started), "woken": len(woken), "failed": tuple(failed[:NAMED])}
        return found.model_copy(update=done)

    async def resume(self, references: Sequence[str] = ()) -> tuple[list[str], list[str]]:
        """Start every open case, or these, unless it runs: those that were started, and those that could not be.

        Raises `UnknownCase` for a reference that the record does not know, and RPCError where Temporal is away: of the
        cases, named one by one, each would seem to be at fault.
        """
        await versions.fleet(self._temporal, self._task_queue)
        for reference in references:
            with suppress(Unreadable):  # it is told with those that could not be started, and the others are
                await store.load(self._pool, reference)
        return await self._each(references or await self._references(), self.start)

    async def wake(self, references: Sequence[str]) -> None:
        """Have these cases read what came past their workflows. One that does not now is woken by the next look."""
        await self._each(references, self._wake)

    async def upgrade(self, *, anew: bool = False) -> versions.Moved:
        """Bring every case under the current version; with `anew` also those that do not go, from their stream.

        And every subscriber of webhooks: one that has nothing to do would keep its version from being drained.
        """
        fleet = await versions.fleet(self._temporal, self._task_queue)
        if fleet.current not in fleet.run:
            raise Unavailable(f"No worker runs {fleet.current or 'cases without a version'}: start one, then upgrade.")
        cases = await self._references()
        elsewhere, silent = await self._each(cases, lambda ref: self._is_elsewhere(ref, fleet.current))
        moved, _ = await self._each(
            elsewhere, lambda ref: versions.move(self._temporal, workflow_id(ref), UPGRADE, fleet)
        )
        left = [ref for ref in (*elsewhere, *silent) if ref not in set(moved)]
        started, left = await self._each(left, lambda ref: self.start(ref, anew=True)) if anew else ([], left)
        subscribed = await Bell(self._pool, self._temporal, self._task_queue).upgrade(fleet, anew=anew)
        return versions.Moved(fleet.current, len(moved), len(started), (*left, *subscribed))

    async def _is_elsewhere(self, reference: str, current: str) -> bool:
        """Ask this one: Temporal's list lacks for some seconds a case that has just begun, on whichever version."""
        run = await versions.run_of(self._temporal, workflow_id(reference))
        if run is None:
            raise Unavailable(f"Case {reference} is open but no workflow runs it.")
        return run.is_elsewhere(self._task_queue, current)

    async def pinned(self) -> dict[str, str]:
        """The version of the worker that each case which runs is pinned to."""
        ours = await self._processes(f'{OPEN} AND TaskQueue = "{self._task_queue}"')
        return {reference: found.version for reference, found in ours.items()}

    async def start(self, reference: str, *, anew: bool = False) -> bool:
        """Start a case again from its stream; False if it is closed, or runs: with `anew` in place of what runs it.

        A rehearsed case gets a new clock, which is carried to where its record ends: nothing is then dated before it.
        So is that of one which runs, whose start may have been cut off before.
        """
        case = await store.load(self._pool, reference)
        if case.closed_at is not None:
            return False
        rehearsed, started = case.clock is Clock.REHEARSED, True
        try:
            await (rehearsing(self._temporal) if rehearsed else self._temporal).start_workflow(
                WORKFLOW_TYPE,
                id=workflow_id(reference),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=TAKE_OVER if anew else WorkflowIDConflictPolicy.FAIL,
                **visibility.introduction(case),
                rpc_timeout=PATIENCE,
            )
        except WorkflowAlreadyStartedError:
            started = False
            await self._runs(reference)
        if rehearsed:
            last = await store.events(self._pool, reference, case.version - 1)
            handle = self._temporal.get_workflow_handle(workflow_id(reference))
            await skip_to(self._temporal, handle, last[-1].recorded_at)
        return started

    async def _open(self) -> tuple[datetime, list[_Open]]:
        """Now, by the clock that dates the record, and every open case."""
        async with unhurried(self._pool) as connection:
            now: datetime = await connection.fetchval("SELECT now()")
            rows = await connection.fetch(sql("open_cases"), london_date(now - GRACE), now - RECENT)
        return now, [_Open(**dict(row)) for row in rows]

    async def _references(self) -> list[str]:
        async with unhurried(self._pool) as connection:
            return [row["stream"] for row in await connection.fetch(sql("open_references"))]

    async def _processes(self, query: str = OPEN) -> dict[str, _Process]:
        """What runs, by the reference of its case."""
        found: dict[str, _Process] = {}
        ask = ListWorkflowExecutionsRequest(namespace=self._temporal.namespace, query=query, page_size=1000)
        while True:
            page = await self._temporal.workflow_service.list_workflow_executions(ask, timeout=PATIENCE)
            for each in page.executions:
                shown = decode_typed_search_attributes(each.search_attributes)
                reference = each.execution.workflow_id.removeprefix(workflow_id(""))
                found[reference] = _Process(each.status == versions.PAUSED, shown)
            if not page.next_page_token:
                return found
            ask.next_page_token = page.next_page_token

    async def _is_stranded(self, case: _Open) -> bool:
        """The list of workflows lags behind by seconds: ask for this one. And a case may have been closed meanwhile."""
        return not await self._runs(case.reference) and (await store.load(self._pool, case.reference)).closed_at is None

    async def _runs(self, reference: str) -> bool:
        """Whether its workflow has not ended. Raises `Unavailable` where it is not ours: nothing runs the case then."""
        run = await versions.run_of(self._temporal, workflow_id(reference))
        if run is None or not run.goes_on:
            return False
        if (run.type, run.task_queue) != (WORKFLOW_TYPE, self._task_queue):
            raise Unavailable(f"Another workflow runs under the id of case {reference}.")
        return True

    async def _is_abandoned(self, case: _Open, fleet: versions.Fleet) -> bool:
        """The list of workflows lags behind: ask this one. Its version may have moved to one that is run."""
        run = await versions.run_of(self._temporal, workflow_id(case.reference))
        return run is not None and bool(run.version) and run.version not in fleet.run

    async def _is_behind(self, case: _Open) -> bool:
        """Whether its process knows less than the record, which has to be readable, or the process could not go on."""
        await store.load(self._pool, case.reference)
        handle = self._temporal.get_workflow_handle(workflow_id(case.reference))
        known: dict[str, Any] = await handle.query("state", rpc_timeout=PATIENCE)
        return int(known["version"]) < case.version

    async def _wake(self, reference: str) -> bool:
        handle = self._temporal.get_workflow_handle(workflow_id(reference))
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await handle.execute_update("look_again", rpc_timeout=PATIENCE)
        return True

    async def _each(self, all_of_them: Iterable[T], ask: Callable[[T], Awaitable[bool]]) -> tuple[list[T], list[T]]:
        """Those for whom the answer is yes, and those who gave none; some at once."""
        places, asked = asyncio.Semaphore(AT_ONCE), list(all_of_them)

        async def answer(one: T) -> bool | None:
            async with places:
                if activity.in_activity():
                    activity.heartbeat()
                try:
                    return await ask(one)
                except FAILURES:
                    return None
                except Exception as fault:  # of ours: it does not keep the other cases from being looked at
                    log.warning("A case could not be looked at: %s", type(fault).__name__)
                    return None

        answers = list(zip(asked, await asyncio.gather(*map(answer, asked)), strict=True))
        return [one for one, said in answers if said], [one for one, said in answers if said is None]


def _doubted(case: _Open, processes: Mapping[str, _Process], look: Look) -> bool:
    """Whether to ask it what it knows. Where no worker polls nobody is asked: that is said once, and not of each."""
    return look.every or case.moved or _differs(case, processes)


def _differs(case: _Open, processes: Mapping[str, _Process]) -> bool:
    """Whether what the workflow publishes is not what the record says; it may only be on its way."""
    shown = processes[case.reference].shown
    due = end_of_day(case.next_due) - LAST_SECOND if case.next_due else None
    published = (shown.get(visibility.STAGE), shown.get(visibility.OVERDUE), shown.get(visibility.NEXT_DEADLINE_AT))
    return published != (case.stage, case.overdue, due)


def _found(cases: Sequence[_Open]) -> Tally:
    return _named([case.reference for case in cases])


def _named(names: Sequence[str]) -> Tally:
    return Tally(count=len(names), first=tuple(names[:NAMED]))
