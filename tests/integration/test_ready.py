"""The health check of the worker: it asks Temporal who has polled."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast
from unittest.mock import AsyncMock
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueResponse
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


@pytest.mark.parametrize(("ago", "polls"), [(5, True), (62, True), (80, False), (200, False)])
async def test_a_worker_that_has_stood_still_for_longer_than_a_poll_is_not_ready(ago: float, polls: bool) -> None:
    """Stopped in the middle of a poll, it was called ready for three minutes."""
    answer = DescribeTaskQueueResponse(pollers=[PollerInfo(identity="1@here")])
    answer.pollers[0].last_access_time.FromDatetime(datetime.now(UTC) - timedelta(seconds=ago))
    service = SimpleNamespace(describe_task_queue=AsyncMock(return_value=answer))
    client = cast(Client, SimpleNamespace(namespace="default", workflow_service=service))
    assert await ready(client, "any", "here") is polls
