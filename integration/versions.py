"""The versions of the worker that cases are pinned to, and the way from one to the next (docs/upgrade.md).

A case stays with the version it began under, so that no release has to replay what another one did. Another version
becomes current; each case is woken, sees that, and goes on in a fresh history under the current version. A case that
cannot is started anew from the record, which holds all that a case is.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.deployment.v1 import WorkerDeploymentOptions, WorkerDeploymentVersion
from temporalio.api.enums.v1 import TaskQueueType, WorkerDeploymentVersionStatus, WorkerStatus, WorkflowExecutionStatus
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.worker.v1 import WorkerHeartbeat
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
    DescribeWorkflowExecutionRequest,
    ListWorkersRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Unavailable

__all__ = [
    "PAUSED",
    "Fleet",
    "Moved",
    "Run",
    "Version",
    "fleet",
    "make_current",
    "move",
    "name_of",
    "run_of",
    "running",
    "versions",
]

PATIENCE = timedelta(seconds=20)
HEARD_WITHIN = timedelta(minutes=2)  # a poll lasts up to a minute before it is made again
LAST_POLL = timedelta(seconds=1)  # by as much a worker's last poll may be dated after its farewell
ENDING = (WorkerStatus.WORKER_STATUS_SHUTTING_DOWN, WorkerStatus.WORKER_STATUS_SHUTDOWN)
PAGE = 100  # workers that are listed at once, of which those that have ended stay listed
AGAIN = timedelta(seconds=2)
KNOWN_WITHIN = POLLED_WITHIN = timedelta(seconds=5)
# A paused workflow goes on as well: somebody holds it. The SDK has no name for that, so the service is asked itself.
PAUSED = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_PAUSED
UNENDED = (WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING, PAUSED)
UNKNOWN = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)
NONE = ""  # the version of a worker that names none


class Fleet(NamedTuple):
    """Which version is current on a task queue, and which of them workers run; each as deployment:build."""

    current: str
    run: frozenset[str]


class Version(NamedTuple):
    """A version as an operator sees it; `run`: a worker has asked for its work lately."""

    build: str
    status: str
    run: bool
    cases: int


class Run(NamedTuple):
    """The newest run under an id: of which workflow, on which task queue, under which version, and if it goes on."""

    type: str
    task_queue: str
    version: str
    goes_on: bool

    def is_elsewhere(self, task_queue: str, current: str) -> bool:
        """Whether it goes on here under another version than the current one."""
        return self.goes_on and self.task_queue == task_queue and self.version != current


class Moved(NamedTuple):
    """What became of the cases that were not under the current version: how many went there, and which did not.

    Among the latter are subscribers of webhooks too, by the id of their workflow.
    """

    current: str
    moved: int
    anew: int
    left: tuple[str, ...]


async def fleet(client: Client, task_queue: str) -> Fleet:
    """Ask the task queue of the cases."""
    told = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        ),
        timeout=PATIENCE,
    )
    run = running(told.pollers, await _heartbeats(client, task_queue), datetime.now(UTC))
    return Fleet(name_of(told.versioning_info.current_deployment_version), run)


def running(pollers: Iterable[PollerInfo], beats: Iterable[WorkerHeartbeat], now: datetime) -> frozenset[str]:
    """The versions that workers run. Polls are listed for minutes yet after a worker has said that it ends."""
    said = sorted((beat.heartbeat_time.ToDatetime(UTC), _of_beat(beat), beat.status in ENDING) for beat in beats)
    alive = {worker for _, worker, ends in said if not ends}
    ended = {worker: at + LAST_POLL for at, worker, _ in said if worker not in alive}
    long_ago = now - HEARD_WITHIN
    polled = [(_of_poll(each), each.last_access_time.ToDatetime(UTC)) for each in pollers]
    return frozenset(worker[1] for worker, at in polled if at > max(long_ago, ended.get(worker, long_ago)))


def _of_beat(beat: WorkerHeartbeat) -> tuple[str, str]:
    """The process and the version that it runs."""
    return beat.worker_identity, name_of(beat.deployment_version)


def _of_poll(poll: PollerInfo) -> tuple[str, str]:
    return poll.identity, name_of(poll.deployment_options)


async def _heartbeats(client: Client, task_queue: str) -> list[WorkerHeartbeat]:
    """The last that each worker on this task queue has said of itself."""
    ask = ListWorkersRequest(namespace=client.namespace, query=f"TaskQueue = '{task_queue}'", page_size=PAGE)
    found: list[WorkerHeartbeat] = []
    while True:
        told = await client.workflow_service.list_workers(ask, timeout=PATIENCE)
        found += [each.worker_heartbeat for each in told.workers_info]
        if not told.next_page_token:
            return found
        ask.next_page_token = told.next_page_token


async def run_of(client: Client, workflow: str) -> Run | None:
    """What Temporal knows of the newest run under this id; None of an id that it does not know. Raises RPCError."""
    execution = WorkflowExecution(workflow_id=workflow)
    ask = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
    try:
        told = await client.workflow_service.describe_workflow_execution(ask, timeout=PATIENCE)
    except RPCError as none:
        if none.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    found = told.workflow_execution_info
    version = name_of(found.versioning_info.deployment_version)
    return Run(found.type.name, found.task_queue, version, found.status in UNENDED)


async def versions(client: Client, task_queue: str, deployment: str, running: Sequence[str]) -> list[Version]:
    """Every version that Temporal knows, the newest first; `running`: the version of each case that runs."""
    polled = await fleet(client, task_queue)
    ask = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
    try:
        told = await client.workflow_service.describe_worker_deployment(ask, timeout=PATIENCE)
    except RPCError as error:
        if error.status in UNKNOWN:
            raise Unavailable(f"No worker of the deployment {deployment} has asked for work yet.") from None
        raise
    found = [(each.deployment_version, each.status) for each in told.worker_deployment_info.version_summaries]
    shown = [
        Version(version.build_id, _word(status), name_of(version) in polled.run, running.count(name_of(version)))
        for version, status in found
    ]
    if unversioned := running.count(NONE):
        shown.append(Version(NONE, "without a version", NONE in polled.run, unversioned))
    return shown


async def make_current(client: Client, task_queue: str, deployment: str, build: str) -> None:
    """Let new cases, and those that are woken, run under this build; returns when the task queue knows it.

    Raises `Unavailable` when no worker runs it: after some seconds, in which a new one makes itself known.
    """
    ask = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=deployment, build_id=build, identity=client.identity
    )
    until = asyncio.get_running_loop().time() + KNOWN_WITHIN.total_seconds()
    while not await _made_current(client, ask):
        if asyncio.get_running_loop().time() > until:
            raise Unavailable(f"No worker of the deployment {deployment} runs the build {build}: start one first.")
        await asyncio.sleep(0.2)
    version = f"{deployment}:{build}"
    async with asyncio.timeout(PATIENCE.total_seconds()):
        while (await fleet(client, task_queue)).current != version:
            await asyncio.sleep(0.1)
    # A poll for activities makes a version known too, a moment before its first poll for cases: that is waited for.
    with suppress(TimeoutError):
        async with asyncio.timeout(POLLED_WITHIN.total_seconds()):
            while version not in (await fleet(client, task_queue)).run:
                await asyncio.sleep(0.1)


async def _made_current(client: Client, ask: SetWorkerDeploymentCurrentVersionRequest) -> bool:
    """False while no worker runs it, or not yet on every task queue that the version before was run on."""
    try:
        await client.workflow_service.set_worker_deployment_current_version(ask, timeout=PATIENCE)
    except RPCError as error:
        if error.status in UNKNOWN:
            return False
        raise
    return True


async def move(client: Client, workflow: str, signal: str, fleet: Fleet) -> bool:
    """Wake it until it is under the current version; False if no worker can wake it, or it does not go in time.

    More than once: the partitions of a task queue learn of a new current version one after another.
    """
    run = await run_of(client, workflow)
    if run is None or run.version not in fleet.run:
        return False
    with suppress(TimeoutError):
        await _nudge(client, workflow, signal, fleet.current)
        return True
    return False


async def _nudge(client: Client, workflow: str, signal: str, current: str) -> None:
    handle = client.get_workflow_handle(workflow)
    async with asyncio.timeout(PATIENCE.total_seconds()):
        while True:
            await handle.signal(signal, rpc_timeout=PATIENCE)
            until = asyncio.get_running_loop().time() + AGAIN.total_seconds()
            while asyncio.get_running_loop().time() < until:
                await asyncio.sleep(0.1)
                run = await run_of(client, workflow)
                if run and run.version == current:
                    return


def _word(status: WorkerDeploymentVersionStatus.ValueType) -> str:
    return WorkerDeploymentVersionStatus.Name(status).rpartition("_")[2].lower()


def name_of(version: WorkerDeploymentVersion | WorkerDeploymentOptions) -> str:
    """As deployment:build; a worker without versions has a build as well, but no deployment."""
    return f"{version.deployment_name}:{version.build_id}" if version.deployment_name else NONE
