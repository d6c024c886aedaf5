"""What an activity tells Temporal of a fault of ours: type and place, and never its text, which may quote a case."""

import asyncio
from traceback import extract_tb
from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities import metrics
from domain.errors import ProbityError, Unopened

__all__ = ["FAULT", "Faults"]

FAULT = "fault"  # the type of the error
ASKED = {"open_case", "record"}  # whoever asked for these is told at once; what time brings is tried again


class Faults(Interceptor):
    """Has every activity of a worker tell its faults so, and counts them. An answer is none; a side away neither."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """What stands before the activities of a worker."""
        return _Telling(next)


class _Telling(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        asked = input.fn.__name__ in ASKED
        try:
            return await super().execute_activity(input)
        except Unopened as shut:  # whoever waited for it would keep the case from everyone else
            raise ApplicationError(shut.sentence, type=shut.code, non_retryable=asked) from None
        except (ProbityError, ApplicationError, RPCError, asyncio.CancelledError):
            raise
        except Exception as fault:
            metrics.failed()
            told = f"The engine failed ({type(fault).__name__}, {_place(fault)})"
            told += "; nothing was recorded." if asked else "."
            # Temporal keeps what an error is raised from, too.
            raise ApplicationError(told, type=FAULT, non_retryable=asked) from None


def _place(fault: Exception) -> str:
    """Where it was raised, and from which of our functions: names of the code only."""
    frames = [each for each in extract_tb(fault.__traceback__) if each.filename != __file__]
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(ours[-3:]))
