"""The files of keys of an engine on this machine: made before its first start, kept with its data, never made again."""

import os
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

from temporalio.api.common.v1 import Payload

from deploy import embedded
from deploy.signer import new_key
from domain.errors import Unavailable

__all__ = ["CLEAR", "Keys", "kept_keys"]

CLEAR = "--clear"  # the argument that leaves payloads in the clear
# Any of them tells of an earlier run; the log, where the environment names the servers and their data are not here.
DATA = ("postgres", "temporal.db", "worker.log")
SEALED = Payload(metadata={"encoding": b"binary/encrypted"}).SerializeToString()  # in each payload that is sealed


@dataclass(frozen=True)
class Keys:
    """The files of keys, made once and kept with the data: for a first look."""

    folder: Path

    @property
    def master(self) -> Path:
        """The master keys of free text."""
        return self.beside("master-keys")

    @property
    def signing(self) -> Path:
        """The key that signs checkpoints and exports."""
        return self.beside("signing-key.pem")

    @property
    def payload(self) -> Path:
        """The keys that seal what Temporal stores."""
        return self.beside("payload-keys")

    def beside(self, name: str) -> Path:
        """A file in their folder, as of the log of a part."""
        return self.folder / name

    def of_payloads(self, *, sealed: bool) -> dict[str, str]:
        """The setting that seals payloads, or leaves them be."""
        return {"PROBITY_PAYLOAD_KEYS": (_named("PROBITY_PAYLOAD_KEYS") or str(self.payload)) if sealed else ""}

    def make(self, *, sealed: bool) -> None:
        """Make those that a new folder has none of yet.

        Raises `Unavailable`, and makes none, where data are there that need a key which is not, or are sealed already
        and are not to be.
        """
        seen, read = any(self.beside(name).exists() for name in DATA), self._holds_sealed()
        if not sealed and (read or self.payload.exists()):
            raise Unavailable(
                f"What Temporal holds here is sealed already, and {CLEAR} would not open it: leave it out."
            )
        wanted: list[tuple[Path, Callable[[], bytes], bool]] = [(self.master, _random, seen)]
        if not self._elsewhere("PROBITY_SIGNING_KEY", self.signing):
            wanted.append((self.signing, new_key, seen))
        if sealed and not self._elsewhere("PROBITY_PAYLOAD_KEYS", self.payload):
            wanted.append((self.payload, _random, read))  # data that were in the clear so far go on sealed
        missing = [each for each in wanted if not each[0].exists()]
        if lost := [file.name for file, _, needed in missing if needed]:
            raise Unavailable(
                f"The data in {self.folder} lack {' and '.join(lost)}: "
                "put back what is missing, for no new key opens or goes on with what the old one began."
            )
        for file, content, _ in missing:
            _make(file, content())

    def _elsewhere(self, variable: str, own: Path) -> bool:
        """Whether the environment names another file; after `. .probity/env` it names our own."""
        return (named := _named(variable)) is not None and Path(named) != own

    def _holds_sealed(self) -> bool:
        """Whether Temporal's own file has anything sealed in it: nothing else tells, once the keys are gone."""
        return any(_holds(file, SEALED) for file in self.folder.glob("temporal.db*"))


@asynccontextmanager
async def kept_keys(data: Path | None, *, sealed: bool) -> AsyncIterator[Keys]:
    """Those of this folder, or of this run alone. Raises `NotStarted`, and `Unavailable` as `Keys.make` does."""
    if data is not None:
        with embedded.held(data) as folder:  # or two first starts at once would each make their own
            (keys := Keys(folder)).make(sealed=sealed)
        yield keys
        return
    with tempfile.TemporaryDirectory(prefix="probity-") as temporary:
        (keys := Keys(Path(temporary).resolve())).make(sealed=sealed)
        yield keys


def _named(variable: str) -> str | None:
    return os.environ.get(variable) or None


def _random() -> bytes:
    return b64encode(os.urandom(32)) + b"\n"


def _holds(file: Path, words: bytes) -> bool:
    if not file.stat().st_size:
        return False
    with file.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as held:
        return held.find(words) >= 0


def _make(file: Path, content: bytes) -> None:
    """Whole or not at all, and for its owner's eyes from the first byte on."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.rename(file)
