"""Nexus: cases for workflows of other namespaces, behind an endpoint whose target is the workers' task queue.

    refer   start a case: the referral; sent again, it is answered as the first time
    give    give a command to a case, once under its id
    read    how a case stands, and what may be done next

A refusal fails the operation, and is not retried: its cause names the code. So does a case that cannot be read. What
cannot be reached just now is retried by Temporal until the caller's timeout. Every operation answers at once, also
`refer`: an operation that lasted as long as its case would pass a caller's cancellation on to the case, and a case ends
by `close_case` alone.
"""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import nexusrpc
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation
from temporalio.client import Client

from activities.store import open_pool
from domain.case import Possible
from domain.errors import Malformed, Refused, Unavailable, Unreadable
from domain.messages import Model, Reference, Refusal
from domain.messages import read as read_as
from domain.summary import CaseSummary, summary
from integration.client import Probity, Receipt
from integration.settings import Settings
from workflows.commands import refusal_error

__all__ = ["CaseRead", "Cases", "Give", "Read", "served"]

CONNECTIONS = 4  # its own: a caller who asks much does not keep an activity from the store
T = TypeVar("T")


class Give(Model):
    """A command to a case. Without a `command_id` the request's own id names the act, once for all its attempts."""

    reference: Reference
    command: str
    body: dict[str, Any]
    command_id: str | None = None
    expected: int | None = None


class Read(Model):
    """Which case to read."""

    reference: Reference


class CaseRead(Model):
    """How a case stands, and what may be done next."""

    case: CaseSummary
    next: tuple[Possible, ...]


@nexusrpc.service(name="probity")
class Cases:
    """The service as callers see it. Inputs are read by us, like every body: what does not fit is `malformed`."""

    refer: nexusrpc.Operation[Any, Receipt]
    give: nexusrpc.Operation[Any, Receipt]
    read: nexusrpc.Operation[Any, CaseRead]


@service_handler(service=Cases)
class CasesHandler:
    """The service, over a connection to the engine."""

    def __init__(self, probity: Probity) -> None:
        self._probity = probity

    @sync_operation
    async def refer(self, context: StartOperationContext, told: Any) -> Receipt:
        """Start a case."""

        async def referred() -> Receipt:
            if not isinstance(told, dict):
                raise Malformed("refer: a referral is an object.")
            return await self._probity.refer_once(told)

        return await _answered(referred())

    @sync_operation
    async def give(self, context: StartOperationContext, told: Any) -> Receipt:
        """Give a command."""

        async def given() -> Receipt:
            act = read_as(Give, told, "give")
            own_id = context.request_id if act.command_id is None else act.command_id
            return await self._probity.do(
                act.reference, act.command, act.body, command_id=own_id, expected=act.expected
            )

        return await _answered(given())

    @sync_operation
    async def read(self, context: StartOperationContext, told: Any) -> CaseRead:
        """Read a case."""

        async def found() -> CaseRead:
            reference = read_as(Read, told, "read").reference
            case = await self._probity.case(reference)
            return CaseRead(case=summary(case), next=tuple(await self._probity.lawful_next(reference)))

        return await _answered(found())


async def _answered(work: Awaitable[T]) -> T:
    try:
        return await work
    except Refused as refused:
        raise _failed(Refusal.of(refused)) from refusal_error(refused)
    except Unreadable as why:  # asked again it says the same, until an operator has mended it
        refusal = Refusal(code=why.code, sentence=why.sentence)
        raise _failed(refusal) from refusal_error(refusal)
    except Unavailable as away:
        raise nexusrpc.HandlerError(str(away), type=nexusrpc.HandlerErrorType.UNAVAILABLE) from away


def _failed(refusal: Refusal) -> nexusrpc.OperationError:
    told = f"{refusal.code}: {refusal.sentence}"
    return nexusrpc.OperationError(told, state=nexusrpc.OperationErrorState.FAILED)


@asynccontextmanager
async def served(settings: Settings, client: Client) -> AsyncIterator[list[Any]]:
    """What a worker serves besides its workflows: the service while the context lasts, or nothing, by the settings."""
    if not settings.nexus:
        yield []
        return
    pool = await open_pool(settings.database_url, size=CONNECTIONS)
    try:
        yield [CasesHandler(Probity(client, pool, settings))]
    finally:
        await pool.close()
