"""The acceptance tests of an earlier release on today's schema: its code, over our migrations in place of its own.

They are what a worker of that release does while it still runs beside ours, or after a rollback (docs/upgrade.md).
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
MIGRATIONS = Path("deploy", "migrations")


def last_release() -> str | None:
    """The last tag before this commit."""
    told = subprocess.run(["git", "describe", "--tags", "--abbrev=0"], cwd=ROOT, capture_output=True, text=True)
    return told.stdout.strip() or None


def play(release: str, ask: list[str]) -> int:
    """Run them, `ask` being more for pytest; its exit code."""
    with tempfile.TemporaryDirectory(prefix="probity-") as name:
        there = Path(name, "checkout")
        subprocess.run(["git", "clone", "--quiet", "--no-checkout", ROOT, there], check=True)
        subprocess.run(["git", "checkout", "--quiet", release], cwd=there, check=True)
        if altered := [file.name for file in (there / MIGRATIONS).glob("*.sql") if not _is_ours(file)]:
            print(f"Not what {release} has: {', '.join(sorted(altered))}.", file=sys.stderr)
            return 1
        shutil.copytree(ROOT / MIGRATIONS, there / MIGRATIONS, dirs_exist_ok=True)
        pytest = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "tests/acceptance", *ask]
        return subprocess.run(pytest, cwd=there).returncode


def _is_ours(file: Path) -> bool:
    ours = ROOT / MIGRATIONS / file.name
    return ours.exists() and ours.read_bytes() == file.read_bytes()


def main() -> int:
    """0 when they pass on it."""
    asked = argparse.ArgumentParser(prog="python -m tests.previous", description=__doc__)
    asked.add_argument("release", nargs="?", default=last_release(), help="a tag or commit; else the last tag")
    told, ask = asked.parse_known_args()
    if told.release is None:
        print("There is no release yet: name a commit.", file=sys.stderr)
        return 2
    return play(told.release, ask)


if __name__ == "__main__":
    sys.exit(main())
