"""The command line: `python -m integration.cli` is `probity`."""

import gc

__all__ = ["script"]


def script() -> None:
    """The console script."""
    gc.disable()  # what is imported stays: to look through it for garbage took a sixth of the start
    from integration.cli import main

    gc.freeze()
    gc.enable()
    main.script()


if __name__ == "__main__":
    script()
