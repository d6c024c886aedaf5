"""An Update that does nothing, on a worker of its own: the yardstick of a command's round trip."""

import asyncio
import os
import signal

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

__all__ = ["QUEUE", "Idle"]

QUEUE = "idle"


@workflow.defn
class Idle:
    """Waits to be told to end."""

    @workflow.run
    async def run(self) -> None:
        """Wait, for ever."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def nothing(self) -> None:
        """Do nothing."""


async def main() -> None:
    """Its worker, until told to stop."""
    client, stop = await Client.connect(os.environ["TEMPORAL_ADDRESS"]), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Worker(client, task_queue=QUEUE, workflows=[Idle]):
        print("probity idle ready: ", flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
