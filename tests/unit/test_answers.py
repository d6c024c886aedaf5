"""What Temporal fails with, in our words: an outage is called so, and nothing else is."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Malformed, ProbityError, Unavailable
from integration.answers import NotRunning, reached


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (
            RPCStatusCode.UNAVAILABLE,
            Unavailable,
            r"^Temporal cannot be reached \(unavailable\); does it .*TEMPORAL_ADDRESS says\? Send",
        ),
        (RPCStatusCode.INVALID_ARGUMENT, Malformed, r"^Temporal does not take this"),
        (RPCStatusCode.PERMISSION_DENIED, Unavailable, r"^Temporal does not let this login do it"),
        (RPCStatusCode.UNAUTHENTICATED, Unavailable, r"^Temporal does not let this login do it"),
        (RPCStatusCode.RESOURCE_EXHAUSTED, Unavailable, r"^Temporal takes no more for the case just now"),
    ],
)
async def test_what_a_server_refuses_is_not_called_an_outage(
    status: RPCStatusCode, kind: type[ProbityError], told: str
) -> None:
    async def asked() -> None:
        raise RPCError("its own words", status, b"")

    with pytest.raises(kind, match=told) as failed:
        await reached(asked(), "Send it again.")
    assert "its own words" not in str(failed.value)


async def test_who_did_not_answer_is_told_with_how_long_was_waited() -> None:
    with pytest.raises(Unavailable, match=r"^The watch has not answered within 1 seconds and may yet do it"):
        await reached(asyncio.Event().wait(), patience=timedelta(seconds=1), asked="watch")


async def test_who_was_cut_off_is_told_how_long_was_waited_and_not_how_long_it_might_have_been() -> None:
    """A gateway that stops cuts off what is under way, and the SDK makes an error of its own of that."""
    waits = asyncio.Event()

    async def asked() -> None:
        try:
            waits.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise WorkflowUpdateRPCTimeoutOrCancelledError from None

    asking = asyncio.create_task(reached(asked(), "Send it again."))
    await waits.wait()
    asking.cancel()
    with pytest.raises(Unavailable, match=r"^The case has not answered within 1 seconds .*\? Send it again\.$"):
        await asking


async def test_an_update_whose_workflow_ended_before_it_is_not_called_its_answer() -> None:
    """Whoever refers a case that is not opened is told then why it was not, by the end of its workflow."""

    async def asked() -> None:
        raise WorkflowUpdateFailedError(ApplicationError("ended", type="AcceptedUpdateCompletedWorkflow"))

    with pytest.raises(NotRunning):
        await reached(asked())
