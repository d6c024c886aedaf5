"""The gateway when too many ask at once: who is turned away, how they are told, and who is served all the same."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from integration.client import Probity
from integration.gateway import gateway as serving
from integration.gateway.around import Around
from tests.engine import held_fast

AT_ONCE = 2


class Held:
    """An app behind the gateway's outermost part, which keeps every answer, or its end, until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.around = Around(self.answered, development=False, at_once=AT_ONCE)

    async def answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/health":
            await PlainTextResponse("alive")(scope, receive, send)
            return
        begin = {"type": "http.response.start", "status": 200, "headers": []}
        if scope["path"] == "/followed":
            await send(begin)
        await self.go.wait()
        if scope["path"] == "/broken":
            raise ValueError
        if scope["path"] != "/followed":
            await send(begin)
        await send({"type": "http.response.body", "body": b""})

    async def ask(self, path: str) -> list[Message]:
        """Everything that is sent to who asks."""
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "scheme": "http"}
        await self.around({**scope, "server": ("gateway.example", 80)}, receive, send)
        return sent

    async def hold(self, path: str) -> "asyncio.Task[list[Message]]":
        """Ask, and wait until nothing more happens."""
        asked = asyncio.create_task(self.ask(path))
        await asyncio.sleep(0)
        return asked


@pytest.fixture
def gateway() -> Held:
    return Held()


def status(sent: list[Message]) -> int:
    return int(sent[0]["status"])


async def test_one_too_many_is_told_when_to_ask_again(gateway: Held) -> None:
    held = [await gateway.hold("/case") for _ in range(AT_ONCE)]
    begin, body = await gateway.ask("/case")
    told: dict[str, Any] = json.loads(body["body"])
    headers = dict(begin["headers"])
    assert (begin["status"], told["code"], told["status"]) == (503, "unavailable", 503)
    assert headers[b"content-type"] == b"application/problem+json" and int(headers[b"retry-after"])
    gateway.go.set()
    assert [status(await each) for each in held] == [200] * AT_ONCE


async def test_that_it_lives_is_told_however_busy_it_is(gateway: Held) -> None:
    held = [await gateway.hold("/case") for _ in range(AT_ONCE)]
    assert status(await gateway.ask("/health")) == 200
    gateway.go.set()
    await asyncio.gather(*held)


async def test_who_follows_the_feed_keeps_nobody_waiting(gateway: Held) -> None:
    following = [await gateway.hold("/followed") for _ in range(2 * AT_ONCE)]
    held = await gateway.hold("/case")
    assert not held.done()
    gateway.go.set()
    assert {status(await each) for each in (held, *following)} == {200}


@pytest.mark.parametrize("path", ["/case", "/broken", "/followed", "/health"])
async def test_whoever_was_answered_or_left_makes_room(gateway: Held, path: str) -> None:
    for _ in range(3):
        held = [await gateway.hold(path) for _ in range(AT_ONCE)]
        gateway.go.set()
        assert 503 not in {status(await each) for each in held}
        gateway.go.clear()
        left = [await gateway.hold(path) for _ in range(AT_ONCE)]
        for each in left:
            each.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def test_a_part_that_stands_still_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a Postgres whose disk hangs: the driver waits for it to take back the query, and so did who asked."""
    let_go = asyncio.Event()

    async def stands_still() -> bool:
        return await held_fast(let_go)

    async def answers() -> bool:
        return True

    monkeypatch.setattr("integration.observability.health.PATIENCE", 0.2)
    probity = SimpleNamespace(postgres_answers=stands_still, temporal_answers=answers)
    transport = ASGITransport(app=serving(cast("Probity", probity), None))
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        async with asyncio.timeout(10):
            told = await http.get("/ready")
        let_go.set()
    assert (told.status_code, told.json()) == (503, {"postgres": False, "temporal": True})
