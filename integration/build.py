"""Which build of Probity this is: the name under which its cases are pinned to it (docs/upgrade.md)."""

import subprocess
from collections.abc import Mapping
from hashlib import sha256
from importlib import metadata
from pathlib import Path

__all__ = ["build_id"]

ROOT = Path(__file__).parents[1]
LENGTH = 12


def build_id(env: Mapping[str, str], root: Path = ROOT) -> str:
    """`PROBITY_BUILD_ID`, else the commit of this checkout, else the version of the installed package.

    A checkout with changes has a digest of them in it: the same commit with other code is another build.
    """
    return env.get("PROBITY_BUILD_ID") or _commit(root) or metadata.version("probity")


def _commit(root: Path) -> str | None:
    if not (root / ".git").exists():  # an installed package may lie inside somebody else's checkout
        return None
    try:
        commit = _git(root, "rev-parse", f"--short={LENGTH}", "HEAD").decode().strip()
        changed = _git(root, "diff", "--no-ext-diff", "HEAD")
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{commit}-changed-{sha256(changed).hexdigest()[:8]}" if changed else commit


def _git(root: Path, *command: str) -> bytes:
    return subprocess.run(["git", "-C", str(root), *command], capture_output=True, timeout=10, check=True).stdout
