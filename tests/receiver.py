"""A receiver of webhooks, as another team might write it: in this process, on loopback, and as unreliable as asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import uvicorn

__all__ = ["Got", "Receiver", "Says", "receiver"]


class Says(NamedTuple):
    """How it answers."""

    status: int = 204
    headers: Mapping[str, str] = {}
    after: float = 0.0
    body: bytes = b""


@dataclass(frozen=True)
class Got:
    """One request: its headers and its body to the byte."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Receiver:
    """What it got, in order; `taken` are those that it answered with success, each once by id, as a consumer keeps."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.taken: dict[str, Got] = {}
        self.behave: Callable[[Got], Says] = lambda _: Says()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def of(self, case: str) -> list[int]:
        """The versions of a case that it has taken, in the order in which they first came."""
        return [got.told["data"]["version"] for got in self.taken.values() if got.told.get("subject") == case]

    async def until(self, seen: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until that is so."""
        async with asyncio.timeout(seconds):
            while not seen():
                await asyncio.sleep(0.02)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return  # whoever sent it was killed before it had come whole
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        got = Got(scope["path"], headers, body)
        self.got.append(got)
        says = self.behave(got)
        if says.after:
            await asyncio.sleep(says.after)
        told = [(name.encode(), value.encode()) for name, value in says.headers.items()]
        if 200 <= says.status < 300:
            self.taken.setdefault(got.id, got)
        await send({"type": "http.response.start", "status": says.status, "headers": told})
        await send({"type": "http.response.body", "body": says.body})


@asynccontextmanager
async def receiver(app: Receiver | None = None, **tls: Any) -> AsyncIterator[Receiver]:
    """It, listening; on the port that it had, if it had one."""
    app = app or Receiver()
    quiet: Any = {"lifespan": "off", "ws": "none", "log_config": None, "access_log": False, "date_header": False}
    config = uvicorn.Config(app, port=app.port, **quiet, **tls)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    app.port = server.servers[0].sockets[0].getsockname()[1]
    ticking = asyncio.create_task(server.main_loop())
    try:
        yield app
    finally:
        server.should_exit = True
        await ticking
        for each in server.servers[0].sockets:
            asyncio.get_running_loop().remove_reader(each)
        for _ in range(3):  # turns of the loop: whoever came in the last one is left open by Python 3.11 otherwise
            await asyncio.sleep(0)
        server.force_exit = True
        await server.shutdown()
        for late in list(server.server_state.connections):  # that came while it shut down
            late.transport.abort()
        await asyncio.sleep(0)
