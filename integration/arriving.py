"""The body of a request as it arrives: how large it may be, and how long that may take."""

import asyncio

from fastapi import Request

from integration.problems import Stopped

__all__ = ["body_of"]

CLOSE = {"Connection": "close"}  # what is left of the body is not read


async def body_of(request: Request, largest: int, slowest: float) -> bytes:
    """The whole body, of so many bytes at most and within so many seconds."""
    body = bytearray()
    try:
        async with asyncio.timeout(slowest):
            async for chunk in request.stream():
                body += chunk
                if len(body) > largest:
                    raise Stopped("too_large", f"The body is larger than {largest // 1024} KiB.", CLOSE)
    except TimeoutError:
        raise Stopped("too_slow", f"The body took longer than {slowest:g} seconds.", CLOSE) from None
    return bytes(body)
