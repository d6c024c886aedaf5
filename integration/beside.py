"""Work that goes on beside what a process does. That it ended is seen: the process ends too, and is started again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from domain.errors import Unavailable

__all__ = ["beside"]

log = logging.getLogger(__name__)


@asynccontextmanager
async def beside(name: str, work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do work that has no end while the context lasts. Should it fail, the context is cancelled and raises
    `Unavailable`, as that of a Temporal worker does.
    """
    around, failed = asyncio.current_task(), list[Exception]()

    async def done() -> None:
        try:
            await work
        except Exception as wrong:
            log.error("%s ended", name, exc_info=wrong)
            failed.append(wrong)
            if around is not None:
                around.cancel()

    task = asyncio.create_task(done())
    try:
        yield
    except asyncio.CancelledError:
        if not failed or around is None or around.uncancel():
            raise
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        work.close()  # had it not begun yet
    if failed:
        raise Unavailable(f"{name} ended ({type(failed[0]).__name__}).") from None
