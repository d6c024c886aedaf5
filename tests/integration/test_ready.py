"""The health check of the worker: it asks Temporal who has polled."""

import asyncio
import socket
from uuid import uuid4

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from deploy.embedded import Stack
from deploy.ready import ready


@workflow.defn
class Nothing:
    """A workflow, since a worker needs one."""

    @workflow.run
    async def run(self) -> None:
        """Do nothing."""


async def test_a_worker_is_ready_once_it_polls(stack: Stack) -> None:
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    queue, host = f"ready-{uuid4()}", socket.gethostname()
    assert not await ready(client, queue, host)
    # The sandbox would import this module's imports once more, and asyncpg does not survive that: a crash later on.
    worker = Worker(client, task_queue=queue, workflows=[Nothing], workflow_runner=UnsandboxedWorkflowRunner())
    async with worker, asyncio.timeout(10):
        while not await ready(client, queue, host):
            await asyncio.sleep(0.05)
    assert not await ready(client, queue, "another-host")
