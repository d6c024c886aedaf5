"""Whether the worker of this host is at work, for a health check: `python -m deploy.ready`; with `signer`, the signer.

Asks Temporal, not the process: a worker that lives but cannot poll serves nobody. Ends with code 0, or with a sentence
and code 1.
"""

import asyncio
import socket
import sys
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from deploy.signer import queue_of
from domain.errors import Unavailable
from integration.answers import reached
from integration.client import connect_temporal
from integration.leaving import leave
from integration.settings import Settings

__all__ = ["ready"]

# A poll lasts up to 60 s before it is made again; the rest is for the way, and for clocks that differ. A worker that is
# stopped in the middle of one is seen once more when Temporal gives that up, so this tells of it within 135 s.
_HEARD_WITHIN = timedelta(seconds=75)


async def ready(client: Client, task_queue: str, host: str) -> bool:
    """Whether a worker on `host`, named in its identity, has lately asked for workflow tasks."""
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    since = datetime.now(UTC) - _HEARD_WITHIN
    return any(
        each.identity.endswith(f"@{host}") and each.last_access_time.ToDatetime(UTC) > since for each in answer.pollers
    )


async def _main(arguments: list[str]) -> str | None:
    try:
        settings = Settings.from_environment()
        client = await connect_temporal(settings)
        queue = queue_of(settings) if arguments == ["signer"] else settings.task_queue
        host = socket.gethostname()
        polls = await reached(ready(client, queue, host))
    except Unavailable as away:
        return f"{away.code}: {away}"
    lately = f"in the last {_HEARD_WITHIN.seconds} seconds"
    return None if polls else f"No worker of {host} has asked for work on {queue} {lately}."


if __name__ == "__main__":
    if lacking := asyncio.run(_main(sys.argv[1:])):
        print(lacking, file=sys.stderr)
    leave(1 if lacking else 0)
