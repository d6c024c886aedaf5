"""The command line `probity`: `main.py` is its entry, each other module some of its verbs or how they speak."""

__all__ = ["INTERRUPTED", "STOPPED"]

INTERRUPTED = 130  # the exit code after Ctrl-C
STOPPED = "Stopped before it was done; what was recorded stays recorded."
