"""The bell and what goes on beside a process: one that is refused holds up nobody, and an end is seen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from temporalio.service import RPCError, RPCStatusCode

from activities.hint import Hint
from activities.webhooks import subscribers
from domain.errors import Unavailable
from integration.beside import beside
from integration.webhooks import bell as bells
from integration.webhooks.bell import Bell


class Refusing(Bell):
    """A bell whose every ring is answered with this."""

    def __init__(self, answer: Exception) -> None:
        super().__init__(cast("Any", None), cast("Any", None), "queue")
        self.answer, self.rung = answer, list[str]()

    async def ring(self, subscription: str) -> None:
        self.rung.append(subscription)
        raise self.answer


def answered(status: RPCStatusCode) -> RPCError:
    return RPCError("", status, b"")


@pytest.mark.parametrize(
    ("answer", "rung"),
    [
        (answered(RPCStatusCode.FAILED_PRECONDITION), ["first", "second"]),
        (answered(RPCStatusCode.INVALID_ARGUMENT), ["first", "second"]),
        (answered(RPCStatusCode.UNAVAILABLE), ["first"]),
        (answered(RPCStatusCode.DEADLINE_EXCEEDED), ["first"]),
        (RuntimeError("not connected"), ["first"]),
    ],
)
async def test_a_ring_that_is_refused_holds_up_no_other_unless_temporal_is_away(
    answer: Exception, rung: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def behind(_: object) -> list[tuple[str, str]]:
        return [("first", "0-0-1"), ("second", "0-0-1")]

    monkeypatch.setattr(subscribers, "behind", behind)
    bell = Refusing(answer)
    await bell._look()
    assert bell.rung == rung


async def test_work_that_ends_takes_with_it_what_it_goes_on_beside() -> None:
    async def fail() -> None:
        raise ValueError("Ms Example said so")

    with pytest.raises(Unavailable) as ended:
        async with beside("The bell", fail()):
            await asyncio.sleep(60)
    assert ended.value.sentence == "The bell ended (ValueError)."
    await asyncio.sleep(0)  # and nothing of the cancellation is left


async def test_work_beside_ends_with_its_context_and_what_the_context_raises_comes_through() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    with pytest.raises(KeyError):
        async with beside("The bell", work()):
            await asyncio.sleep(0)
            raise KeyError
    assert ended.is_set()


async def test_who_is_cancelled_from_outside_stays_cancelled() -> None:
    async def both() -> None:
        async with beside("The bell", asyncio.sleep(60)):
            await asyncio.sleep(60)

    task = asyncio.create_task(both())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("steps", range(6))
async def test_a_bell_that_is_stopped_while_it_hears_a_hint_stops(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Python 3.11 `asyncio.wait_for` loses the cancellation, and whoever waits for the end of the bell hangs."""
    hint, looked = Hint(), asyncio.Event()

    @asynccontextmanager
    async def heard(_: object) -> AsyncIterator[Hint]:
        yield hint

    async def behind(_: object) -> list[tuple[str, str]]:
        looked.set()
        return []

    monkeypatch.setattr(bells, "heard", heard)
    monkeypatch.setattr(subscribers, "behind", behind)
    watching = asyncio.create_task(Refusing(RuntimeError()).watch())
    await looked.wait()
    await asyncio.sleep(0)  # now it waits for the hint
    hint.hear()
    for _ in range(steps):
        await asyncio.sleep(0)
    watching.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([watching])
    assert watching.cancelled()
