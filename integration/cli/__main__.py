"""The command line: `python -m integration.cli` is `probity`."""

import gc
import os

from integration.cli import INTERRUPTED, STOPPED

__all__ = ["script"]


def script() -> None:
    """The console script."""
    try:
        gc.disable()  # what is imported stays: to look through it for garbage took a sixth of the start
        from integration.cli import main

        gc.freeze()
        gc.enable()
        main.script()
    except KeyboardInterrupt:  # before there is what says it: `sentences` does so later
        os.write(2, f"interrupted: {STOPPED}\n".encode())
        os._exit(INTERRUPTED)  # an interpreter that was stopped in an `exec` may end by the signal all the same


if __name__ == "__main__":
    script()
