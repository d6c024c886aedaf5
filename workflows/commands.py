"""The Updates of a case: one for every command model, named and described by it, so that the Temporal UI lists them.

After the body may stand the version that the act is meant for; the case refuses it as `stale` once it has moved on.
A body arrives as plain JSON and is read by us, not by the converter: what does not fit is then refused as `malformed`
in one sentence, where the converter would echo the values it was given (docs/adr/0007).
"""

import inspect
from datetime import datetime
from typing import Any, Protocol, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.errors import Refused, Unavailable
from domain.messages import COMMANDS, Command, Recorded, Refusal

__all__ = ["NotRead", "refusal_error", "with_updates"]


class TakesCommands(Protocol):
    """A workflow that takes commands."""

    def check(self, name: str, body: Any, expected: Any) -> None:
        """Refuse the command, or return; reads only."""

    async def give(self, name: str, body: Any, expected: int | None) -> tuple[Recorded, ...]:
        """Have the command recorded."""


W = TypeVar("W", bound=type)


def with_updates(kind: W) -> W:
    """Give a workflow class one named Update per command model."""
    for name, model in COMMANDS.items():
        setattr(kind, name, _update(kind, name, model))
    return kind


def _update(kind: type, name: str, model: type[Command]) -> Any:
    async def handler(self: TakesCommands, body: Any = None, expected: Any = None) -> tuple[Recorded, ...]:
        return await self.give(name, body, expected)

    def validator(self: TakesCommands, body: Any = None, expected: Any = None) -> None:
        self.check(name, body, expected)

    for function in (handler, validator):
        function.__name__, function.__qualname__ = name, f"{kind.__name__}.{name}"
    update = workflow.update(name=name, description=inspect.getdoc(model))(handler)
    update.validator(validator)
    return update


def refusal_error(refused: Refused | Refusal, at: datetime | None = None) -> ApplicationError:
    """A refusal as Temporal carries it: its code is the error's type. Benign: it is an answer, not a fault.

    `at`: when a handler gave it. Temporal keeps it under the Update's id then, and answers with it for the whole run.
    """
    refusal = Refusal.of(refused) if isinstance(refused, Refused) else refused
    told = f"{refusal.sentence} ({refusal.citation})" if refusal.citation else refusal.sentence
    return ApplicationError(
        told,
        refusal.model_dump(),
        *([] if at is None else [at.isoformat()]),
        type=refusal.code,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


class NotRead(ApplicationError):
    """Why a query has no answer. A fixed sentence: it is left in the clear, for nobody opens a query that failed."""

    def __init__(self) -> None:
        told = Unavailable(
            "This run has not read its case from the record yet: ask again in a moment; if it has ended, its result "
            "says why."
        )
        super().__init__(f"{told.code}: {told}", type=told.code)
