"""The feed over HTTP: every event of every case after a cursor, in pages, or followed as Server-Sent Events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from activities.feed import START, Cursor
from activities.text.opening import Readable
from domain.errors import Malformed, Unavailable
from domain.messages import Model
from integration.beside import beside
from integration.client import Probity
from integration.gateway.access import Asking, Reading
from integration.gateway.answers import told
from integration.gateway.head import bare
from integration.gateway.openapi import problems, read_headers

__all__ = ["Heard", "router"]

router = APIRouter()
MOST, LOOK, KEEP_ALIVE, LONGEST = 1000, 1.0, 15.0, 600.0  # events; seconds
LINES = {"text/event-stream": {"schema": {"type": "string"}}}
STREAM = {"description": "Events without end, each with its cursor as `id`.", "content": LINES}
UNKEPT = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
AFTER = "Only what came after this cursor; without it, from the beginning."


class Placed(Readable):
    """An event, with the cursor to go on from once it has been dealt with."""

    cursor: str


class FeedPage(Model):
    """Some events in the order of the feed, and the cursor to ask for the next page with."""

    events: tuple[Placed, ...]
    cursor: str


class Heard:
    """Wakes whoever follows when something was recorded: one connection listens for all of them.

    A hint may be lost, and so may that connection, for which another is taken: who follows looks every second
    regardless.
    """

    def __init__(self) -> None:
        self._woken, self.ended = asyncio.Event(), False

    def end(self) -> None:
        """Let everyone who follows go: the gateway stops, and they find another."""
        self.ended = True
        self._woken.set()

    @asynccontextmanager
    async def listening(self, probity: Probity) -> AsyncIterator[None]:
        """Listen while the context lasts."""
        async with beside("The gateway's ear", self._listen(probity)):
            yield

    async def _listen(self, probity: Probity) -> None:
        while True:
            with suppress(Unavailable):
                async with probity.heard() as hint:
                    while not hint.lost:
                        await hint.wait()
                        hint.clear()
                        woken, self._woken = self._woken, asyncio.Event()
                        woken.set()
            await asyncio.sleep(LOOK)

    @property
    def next(self) -> asyncio.Event:
        """Set by the next hint. Take it before you look, or what is recorded while you look is not hinted at."""
        return self._woken


def _cursor(text: str | None) -> Cursor:
    return Cursor.read(text) if text else START


@router.get(
    "/events",
    tags=["feed"],
    operation_id="feed",
    responses={200: {"model": FeedPage, "headers": read_headers()}, **problems("feed")},
)
async def page(
    request: Request,
    caller: Asking,
    reader: Reading,
    after: Annotated[str | None, Query(description=AFTER)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 500,
) -> Response:
    """A page of the feed. An event is there once, and never before a cursor that was given out."""
    probity: Probity = request.app.state.probity
    found = await probity.read_by(reader).feed_page(_cursor(after), limit, restricted=caller.sees_restricted)
    # As a `FeedPage` would be written, which costs twice as much: each event was validated when it was read.
    placed = [{**vars(event), "cursor": str(cursor)} for event, cursor in found.events]
    return told(request, {"events": placed, "cursor": str(found.cursor)})


@router.get(
    "/events/stream",
    tags=["feed"],
    operation_id="follow",
    response_class=Response,
    responses={200: STREAM, **problems("feed")},
)
async def follow(
    request: Request,
    caller: Asking,
    reader: Reading,
    after: Annotated[str | None, Query(description=AFTER)] = None,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", description="The same, as a browser sends it when it connects again.")
    ] = None,
) -> Response:
    """Follow the feed: Server-Sent Events, `event` the type, `id` the cursor, `data` the event as JSON.

    The stream ends by itself after ten minutes, so that a token that has ended does not read on; connect again with
    `Last-Event-ID`, as `EventSource` does.
    """
    probity, heard = request.app.state.probity.read_by(reader), request.app.state.heard
    cursor = _cursor(last_event_id or after)
    await probity.feed_page(cursor, 1, restricted=caller.sees_restricted)  # what is wrong is told before it begins
    longest = 0.0 if bare(request) else LONGEST
    stream = _stream(probity, heard, cursor, longest, restricted=caller.sees_restricted)
    return EventSourceResponse(stream, headers=UNKEPT)


async def _stream(
    probity: Probity, heard: Heard, after: Cursor, longest: float, *, restricted: bool
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    end, quiet_since = loop.time() + longest, loop.time()
    yield KEEPALIVE_COMMENT
    while loop.time() < end and not heard.ended:
        woken = heard.next
        try:
            found = await probity.feed_page(after, 500, restricted=restricted)
        except (Unavailable, Malformed):
            return  # whoever follows connects again, and is told why
        for event, cursor in found.events:
            yield format_sse_event(data_str=event.model_dump_json(), event=event.type, id=str(cursor))
        after = found.cursor
        if found.events:
            quiet_since = loop.time()
            continue
        if loop.time() - quiet_since > KEEP_ALIVE:
            quiet_since = loop.time()
            yield KEEPALIVE_COMMENT
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                await woken.wait()
