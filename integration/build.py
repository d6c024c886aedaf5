"""Which build of Probity this is: the name under which its cases are pinned to it (docs/upgrade.md)."""

import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

__all__ = ["build_id"]

ROOT = Path(__file__).parents[1]
LENGTH = 12


def build_id(env: Mapping[str, str], root: Path = ROOT) -> str:
    """`PROBITY_BUILD_ID`, else the commit of this checkout, else the version of the installed package.

    A checkout with changes says so: the same commit with other code is another build, and needs a name of its own.
    """
    return env.get("PROBITY_BUILD_ID") or _commit(root) or metadata.version("probity")


def _commit(root: Path) -> str | None:
    if not (root / ".git").exists():  # an installed package may lie inside somebody else's checkout
        return None
    command = ("git", "-C", str(root), "describe", "--always", "--exclude=*", f"--abbrev={LENGTH}", "--dirty=-changed")
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.strip() or None
