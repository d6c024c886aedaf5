"""Health and readiness of a worker, over HTTP: `/health` while the process answers, `/ready` while it can run cases."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

__all__ = ["health", "holds"]

Checks = Mapping[str, Callable[[], Awaitable[bool]]]
PATIENCE = 3.0  # seconds that one check may take
LONGEST_LINE = 2048


@asynccontextmanager
async def health(host: str, port: int, checks: Checks) -> AsyncIterator[int]:
    """Answer while the context lasts; gives the port, which the system chooses for 0."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                method, path, _ = (await reader.readline()).decode("ascii", "replace").split(" ", 2)
            status, body = await _answer(method, path, checks)
            writer.write(_response(status, body))
            await writer.drain()
        except (TimeoutError, ValueError, ConnectionError):
            pass  # whoever asked has gone, or asked for nothing
        finally:
            writer.close()

    server = await asyncio.start_server(answer, host, port, limit=LONGEST_LINE)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _answer(method: str, path: str, checks: Checks) -> tuple[str, Mapping[str, bool]]:
    if method != "GET" or path not in ("/health", "/ready"):
        return "404 Not Found", {}
    if path == "/health":
        return "200 OK", {"alive": True}
    found = {name: await holds(check) for name, check in checks.items()}
    return "200 OK" if all(found.values()) else "503 Service Unavailable", found


async def holds(check: Callable[[], Awaitable[bool]]) -> bool:
    """Whether it is so, as far as that is told in time; whatever keeps it from answering is a no."""
    asked = asyncio.ensure_future(check())
    await asyncio.wait({asked}, timeout=PATIENCE)
    if not asked.done():  # not waited for: a query to a Postgres that stands still does not end by being cancelled
        asked.add_done_callback(lambda late: late.cancelled() or late.exception())
        asked.cancel()
        return False
    return not asked.cancelled() and asked.exception() is None and asked.result()


def _response(status: str, body: Mapping[str, bool]) -> bytes:
    told = json.dumps(body).encode()
    head = (f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(told)}", "Connection: close")
    return "\r\n".join([*head, "", ""]).encode() + told
