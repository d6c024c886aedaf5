"""What Temporal answers, in our words: a call to it, whose every failure becomes `Refused` or `Unavailable`."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

from temporalio.client import (
    WorkflowFailureError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.faults import FAULT
from domain.errors import REFUSALS, Refused, Unavailable, Unreadable
from domain.messages import Refusal

__all__ = ["PATIENCE", "NotRunning", "reached"]

PATIENCE = timedelta(seconds=30)
T = TypeVar("T")


class NotRunning(Unavailable):
    """No workflow runs the case, or whoever was asked: there is none, or it has ended."""


async def reached(call: Awaitable[T], then: str = "", patience: timedelta | None = None, asked: str = "case") -> T:
    """Await a call to Temporal and give its errors our names. `then`: what to do if `asked` did not answer in time."""
    try:
        async with asyncio.timeout((patience or PATIENCE).total_seconds()):
            return await call
    except TimeoutError:
        raise _silent(None, then, asked) from None
    except (WorkflowUpdateFailedError, WorkflowFailureError) as failed:
        if isinstance(failed.cause, ApplicationError):
            raise _refused(failed.cause, asked) from None
        raise NotRunning(f"No workflow runs the {asked}.") from None
    except RPCError as wrong:
        if "amespace" in wrong.message and wrong.status is RPCStatusCode.NOT_FOUND:
            raise Unavailable("Temporal has no such namespace: see TEMPORAL_NAMESPACE.") from None
        if wrong.status is RPCStatusCode.NOT_FOUND:
            raise NotRunning(f"No workflow runs the {asked}.") from None
        raise _silent(wrong, then, asked) from None
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        raise _silent(None, then, asked) from None
    except RuntimeError as wrong:  # how a lazy client says that it could not connect
        raise Unavailable(f"Temporal cannot be reached. {then}".strip()) from wrong


def _silent(wrong: RPCError | None, then: str, asked: str) -> Unavailable:
    if wrong is None or wrong.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        told = f"The {asked} has not answered within {PATIENCE.total_seconds():.0f} seconds and may yet do it"
        return Unavailable(f"{told}; is a worker running? {then}".strip())
    if wrong.status is RPCStatusCode.FAILED_PRECONDITION:
        return Unavailable(f"The {asked} cannot answer: its workflow tasks fail; see its workflow in Temporal.")
    return Unavailable(f"Temporal cannot be reached ({wrong.status.name.lower()}). {then}".strip())


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
