"""How a case asks the store: quickly, and while it does not answer patiently, in sight of the UI."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

from activities.faults import FAULT
from domain.errors import Unavailable, Unreadable
from domain.messages import Refusal

__all__ = ["Asking"]

QUICK_ATTEMPTS = RetryPolicy(maximum_attempts=3, initial_interval=timedelta(milliseconds=100))
QUICK_BUDGET = timedelta(seconds=4)  # below the 10 s of a workflow task, so that no other Update waits on a heartbeat
PATIENT_ATTEMPTS = RetryPolicy(maximum_interval=timedelta(seconds=30))
WHILE_AWAY = RetryPolicy(
    maximum_interval=PATIENT_ATTEMPTS.maximum_interval, non_retryable_error_types=[FAULT, Unreadable.__name__]
)
PATIENT_ATTEMPT = timedelta(seconds=20)
AWAY = "the store is away, retrying until it is back"
UNREAD = "the case cannot be read, retrying until it can"
FAILS = "the engine fails on this, retrying until a release is there that does not"
Q = TypeVar("Q")
A = TypeVar("A")


class Asking:
    """What a case asks of the store. `waits`: whether it has to; `stuck`: why it waits, unless the store is away.

    What is asked of a case while the store is away waits with it. Where it is stuck that may be for days.
    """

    def __init__(self) -> None:
        self.waits = False
        self.stuck: Refusal | None = None

    async def ask(self, activity: Callable[[Any, Q], Awaitable[A]], request: Q, what: str) -> A:
        """Ask, as a local activity and then as one that is retried until there is an answer.

        Both are safe to repeat: the store answers a command it knows with what it holds (docs/adr/0003). Raises
        ApplicationError for an answer that is final.
        """
        try:
            return await workflow.execute_local_activity_method(
                activity, request, schedule_to_close_timeout=QUICK_BUDGET, retry_policy=QUICK_ATTEMPTS, summary=what
            )
        except FailureError as failed:
            if is_cancelled_exception(failed):
                raise
            why, self.stuck = _why(failed)
            self.waits = True
        try:
            while True:
                try:
                    return await self._patiently(activity, request, f"{what}: {why}"[:200])
                except ActivityError as failed:
                    if is_cancelled_exception(failed):
                        raise
                    why, self.stuck = _why(failed)  # the store is back, and it is something else
        finally:
            self.waits, self.stuck = False, None

    async def _patiently(self, activity: Callable[[Any, Q], Awaitable[A]], request: Q, summary: str) -> A:
        return await workflow.execute_activity_method(
            activity,
            request,
            start_to_close_timeout=PATIENT_ATTEMPT,
            retry_policy=PATIENT_ATTEMPTS if self.stuck else WHILE_AWAY,
            summary=summary,
        )


def _why(failed: FailureError) -> tuple[str, Refusal | None]:
    """Why there is no answer. What failed for good (there is no such case) is one: raised."""
    error = failed.cause if isinstance(failed, ActivityError) else failed
    if not isinstance(error, ApplicationError):
        return AWAY, None
    if error.non_retryable:
        raise ApplicationError(error.message, type=error.type, non_retryable=True) from None
    if error.type == Unreadable.__name__:
        return UNREAD, Refusal(code=Unreadable.code, sentence=error.message)
    if error.type == FAULT:
        return FAILS, Refusal(code=Unavailable.code, sentence=error.message)
    return AWAY, None
