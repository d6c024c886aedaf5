"""The programs that come with Postgres, on a database."""

import subprocess
from pathlib import Path

from deploy.embedded import postgres_folder

__all__ = ["program"]


def program(name: str, url: str, *options: str | Path, stdin: str = "") -> str:
    """What a program of Postgres wrote, as `pg_dump`. Raises `CalledProcessError` where it failed."""
    command = [postgres_folder() / "bin" / name, "--dbname", url, *options]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout
