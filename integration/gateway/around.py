"""Around every request: its id, its line in the log, what every answer says, and an answer where the gateway fails.

The line names the route, the case, the command and how it ended: nothing of what was asked or answered.
"""

import logging
import re
import time
from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

from fastapi import Request
from opentelemetry.trace import Span
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import Malformed, Unavailable
from integration.gateway.traced import answered, spanned
from integration.problems import Stopped, answer

__all__ = ["DEVELOPMENT", "LOOPBACK", "Around"]

DEVELOPMENT = "development: no token is asked for, anyone who reaches this may do everything"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OWN = re.compile(rb"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
ONCE = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "Last-Event-ID",
    "Probity-Purpose",
    "Probity-Role",
)
EVERY = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

log = logging.getLogger("probity.gateway")


class Around:
    """The outermost middleware. `development`: every answer says so, and only this machine's own names are served.

    `at_once`: how many requests may wait for their answer to begin. Those who follow the feed do not count.
    """

    def __init__(self, app: ASGIApp, *, development: bool, at_once: int) -> None:
        self._app, self._development, self._at_once, self._waiting = app, development, at_once, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with spanned(scope) as span:
            await self._traced(scope, receive, send, span)

    async def _traced(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["id"], began, status = str(uuid4()), time.monotonic(), 0
        self._waiting += 1

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status, self._waiting = message["status"], self._waiting - 1
                self._say(MutableHeaders(scope=message), state["id"])
            await send(message)

        request = Request(scope, receive)
        try:
            await self._served(request, sending)
        except Exception as fault:
            log.exception("failed", extra=_of(state))
            if status:
                raise
            await (await answer(request, fault))(scope, receive, sending)
        finally:
            self._waiting -= not status
            _tell(scope, state, status, time.monotonic() - began)
            answered(span, scope, status)

    async def _served(self, request: Request, send: Send) -> None:
        if why := self._not_served(request.scope):
            await (await answer(request, why))(request.scope, request.receive, send)
            return
        await self._app(request.scope, request.receive, send)

    def _not_served(self, scope: Scope) -> Exception | None:
        if self._waiting > self._at_once and scope["path"] != "/health":
            return Unavailable(f"More than {self._at_once} requests at once are not served; nothing of this was done.")
        # A page whose host name was made to point here would otherwise read cases through its visitor's browser.
        if self._development and not _by_own_name(scope):
            return Stopped("misdirected", "In development mode this machine is served by its own names only.")
        if _hides_a_slash(scope):
            return HTTPException(404)
        if twice := _told_twice(scope):
            return Malformed(f"{twice}: stands there twice.")
        return None

    def _say(self, headers: MutableHeaders, id: str) -> None:
        headers.update({**EVERY, "X-Request-Id": id})
        if self._development:
            headers["Probity-Mode"] = DEVELOPMENT


def _by_own_name(scope: Scope) -> bool:
    """By the header as it was sent: of one that it cannot read, `Request.url` makes the address that we listen on."""
    match [value for name, value in scope["headers"] if name == b"host"]:
        case [host]:
            return OWN.fullmatch(host) is not None
    return False


def _hides_a_slash(scope: Scope) -> bool:
    """A slash written as %2F: a proxy sees another path by it, and its rules pass over ours. A deadline's id may so."""
    path: bytes = scope.get("raw_path") or b""
    return b"%2f" in path.partition(b"/deadlines/")[0].lower()


def _told_twice(scope: Scope) -> str | None:
    """A header that says one thing and is there twice: which of the two holds, another may read otherwise."""
    names = [name.lower() for name, _ in scope["headers"]]
    return next((name for name in ONCE if names.count(name.lower().encode()) > 1), None)


def _of(state: MutableMapping[str, Any]) -> dict[str, Any]:
    return {name: state[name] for name in ("case", "command", "code") if name in state}


def _tell(scope: Scope, state: MutableMapping[str, Any], status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "no route")
    who = state.get("subject", "nobody known")
    line = "%s %s for %s: %s in %.0f ms, request %s"
    log.info(line, scope["method"], route, who, status or "left", 1000 * seconds, state["id"], extra=_of(state))
