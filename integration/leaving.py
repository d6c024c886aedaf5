"""End a process that calls Temporal and is done at once, past the interpreter's own end."""

import asyncio
import atexit
import logging
import os
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, NoReturn

from domain.errors import Unavailable

__all__ = ["leave", "run"]


def run(work: Coroutine[Any, Any, None]) -> NoReturn:
    """Run to the end, and leave; what is `Unavailable` is told in one sentence, with code 1."""
    try:
        asyncio.run(work)
    except Unavailable as away:
        sys.exit(f"{away.code}: {away}")
    leave(0)


def leave(code: int) -> NoReturn:
    """End with this code, after what the end of an interpreter does: its handlers, and what was printed.

    A thread of the Temporal SDK may still hand over the last answer when the interpreter takes itself apart; the
    process then aborts (`PyGILState_Release ... must be current when releasing`), though all it had to do is done.
    """
    atexit._run_exitfuncs()  # the traces that are still to be sent, the log
    logging.shutdown()
    for each in filter(None, (sys.stdout, sys.stderr)):  # none where it was closed
        with suppress(OSError, ValueError):  # nobody reads it any more
            each.flush()
    os._exit(code)
