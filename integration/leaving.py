"""End a process that calls Temporal and is done at once, past the interpreter's own end."""

import atexit
import logging
import os
import sys
from contextlib import suppress
from typing import NoReturn

__all__ = ["leave"]


def leave(code: int) -> NoReturn:
    """End with this code, after what the end of an interpreter does: its handlers, and what was printed.

    A thread of the Temporal SDK may still hand over the last answer when the interpreter takes itself apart; the
    process then aborts (`PyGILState_Release ... must be current when releasing`), though all it had to do is done.
    """
    atexit._run_exitfuncs()  # the traces that are still to be sent, the log
    logging.shutdown()
    for each in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more
            each.flush()
    os._exit(code)
