"""Rehearsed cases: the Temporal server skips their time forward. The SDK's part is experimental and stays here."""

from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig

__all__ = ["rehearsing", "skip_to", "virtual_now"]


def rehearsing(client: Client) -> Client:
    """A client whose workflows have a clock of their own, which stands at real time until it is carried forward.

    The server has to run with `frontend.WorkflowTimeSkippingEnabled=true`, which is not for production.
    """
    return TimeSkipper(client, config=TimeSkippingConfig(enabled=False)).client


async def virtual_now(client: Client, workflow_id: str) -> datetime:
    """The time by a rehearsed case's own clock, in UTC."""
    handle = client.get_workflow_handle(workflow_id)
    return (await TimeSkipper(client).get_current_time(handle)).astimezone(UTC)


async def skip_to(client: Client, handle: WorkflowHandle[Any, Any], until: datetime) -> None:
    """Carry a rehearsed case's clock forward to `until`, every timer on the way fired in order."""
    left = until - await virtual_now(client, handle.id)
    if left.total_seconds() > 0:
        await TimeSkipper(client).fast_forward(handle, left)
