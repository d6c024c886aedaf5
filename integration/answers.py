"""What Temporal answers, in our words: a call to it, whose every failure becomes `Refused` or `Unavailable`."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from temporalio.client import (
    WorkflowFailureError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.faults import FAULT
from domain.errors import REFUSALS, Malformed, ProbityError, Refused, Unavailable, Unreadable
from domain.messages import Refusal

__all__ = ["DOES_IT_RUN", "PATIENCE", "NotRunning", "may_be_old", "reached"]

PATIENCE = timedelta(seconds=30)
AGO = timedelta(seconds=5)  # whatever is older, or of a clock that is as far away, is asked again
ENDED = "AcceptedUpdateCompletedWorkflow"  # Temporal's own: the workflow ended before the Update did
DOES_IT_RUN = "; does it run where TEMPORAL_ADDRESS says?"
T = TypeVar("T")


def may_be_old(failed: WorkflowUpdateFailedError) -> bool:
    """Whether a handler answered so an earlier time: Temporal keeps that under the Update's id, whatever changed since.

    What a validator refuses leaves nothing, and its error tells no moment.
    """
    error = failed.cause
    if not isinstance(error, ApplicationError) or len(error.details) == 1:
        return False
    return not error.details or abs(datetime.now(UTC) - datetime.fromisoformat(error.details[1])) > AGO


class NotRunning(Unavailable):
    """No workflow runs the case, or whoever was asked: there is none, or it has ended."""


async def reached(call: Awaitable[T], then: str = "", patience: timedelta | None = None, asked: str = "case") -> T:
    """Await a call to Temporal and give its errors our names. `then`: what to do if `asked` did not answer in time."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout((patience or PATIENCE).total_seconds()):
            return await call
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
        raise _silent(None, then, asked, loop.time() - began) from None
    except (WorkflowUpdateFailedError, WorkflowFailureError) as failed:
        if isinstance(failed.cause, ApplicationError) and failed.cause.type != ENDED:
            raise _refused(failed.cause, asked) from None
        raise NotRunning(f"No workflow runs the {asked}.") from None
    except RPCError as wrong:
        if "amespace" in wrong.message and wrong.status is RPCStatusCode.NOT_FOUND:
            raise Unavailable("Temporal has no such namespace: see TEMPORAL_NAMESPACE.") from None
        if wrong.status is RPCStatusCode.NOT_FOUND:
            raise NotRunning(f"No workflow runs the {asked}.") from None
        raise _silent(wrong, then, asked, loop.time() - began) from None
    except RuntimeError as wrong:  # how a lazy client says that it could not connect
        raise Unavailable(f"Temporal cannot be reached{DOES_IT_RUN} {then}".strip()) from wrong


def _silent(wrong: RPCError | None, then: str, asked: str, waited: float) -> ProbityError:
    """`waited`: seconds, fewer than our patience where the call was cut off, as by a gateway that stops."""
    if wrong is None or wrong.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        told = f"The {asked} has not answered within {max(1, round(waited))} seconds and may yet do it"
        return Unavailable(f"{told}; is a worker running? {then}".strip())
    if wrong.status is RPCStatusCode.FAILED_PRECONDITION:
        return Unavailable(f"The {asked} cannot answer: its workflow tasks fail; see its workflow in Temporal.")
    if wrong.status is RPCStatusCode.INVALID_ARGUMENT:
        return Malformed("Temporal does not take this: an id in it may be longer than its limit.maxIDLength.")
    status = wrong.status.name.lower()
    if wrong.status in (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED):
        return Unavailable(f"Temporal does not let this login do it ({status}): see the settings TEMPORAL_*.")
    if wrong.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        return Unavailable(f"Temporal takes no more for the {asked} just now ({status}). {then}".strip())
    return Unavailable(f"Temporal cannot be reached ({status}){DOES_IT_RUN} {then}".strip())


def _refused(error: ApplicationError, asked: str) -> Refused:
    refusal = Refusal.model_validate(error.details[0]) if error.details else None
    kind = REFUSALS.get(error.type or "")
    if error.type in (Unavailable.code, FAULT):
        raise Unavailable(error.message)
    if error.type == Unreadable.code:
        raise Unreadable(error.message)
    if kind is None:
        raise Unavailable(f"The {asked} failed ({error.type}); see its workflow in Temporal.")
    return kind(refusal.sentence, refusal.citation, refusal.lawful) if refusal else kind(error.message)
