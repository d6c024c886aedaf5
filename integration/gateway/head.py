"""HEAD as HTTP has it: every address that answers GET answers it too, with the same headers and no body.

FastAPI serves a GET for GET alone. The server that we run on leaves the body out of whatever is answered to HEAD.
"""

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Head", "bare"]

PURPOSE = b"probity-purpose"


class Head:
    """Asks the routes for GET, and lets them know that nothing of what they answer is shown."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["head"] = True
        asked, unopened = {**scope, "method": "GET"}, any(name == PURPOSE for name, _ in scope["headers"])
        if unopened:
            asked["headers"] = [each for each in scope["headers"] if each[0] != b"if-none-match"]
        try:
            await self._app(asked, receive, _untold(send) if unopened else send)
        finally:
            scope["route"] = asked.get("route")  # for the log and the trace, which hold the scope as it came


def _untold(send: Send) -> Send:
    """Of an answer whose text would have been opened nothing was made that its length and its ETag could be told of."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            del headers["etag"], headers["content-length"]
        await send(message)

    return sending


def bare(request: Request) -> bool:
    """Whether only the headers of the answer are asked for: then no text is opened, and nothing is followed."""
    return bool(getattr(request.state, "head", False))
