"""A ring of keys in a file: the first seals, all of them open, so that a key can be changed for another."""

from base64 import b64decode
from collections.abc import Sequence
from hashlib import sha256
from os import urandom
from pathlib import Path
from typing import ClassVar, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Unavailable

__all__ = ["NONCE", "SIZE", "Damaged", "KeyRing", "UnknownKey"]

NONCE, SIZE = 12, 32  # bytes: of AES-256-GCM (NIST SP 800-38D)


class UnknownKey(Exception):
    """What it was sealed under is not on the ring."""


class Damaged(Exception):
    """It is not what was sealed, or not about what it is said to be about."""


class KeyRing:
    """Keys of one kind, each known by a digest of its own. A key is good for 2^32 sealings (NIST SP 800-38D, 8.3)."""

    KIND: ClassVar[str] = "key"

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != SIZE for key in keys):
            raise Unavailable(f"A {self.KIND} is {SIZE} bytes.")
        self._keys = {sha256(f"probity {self.KIND}".encode() + key).hexdigest()[:16]: AESGCM(key) for key in keys}

    @classmethod
    def read(cls, text: str) -> Self:
        """Keys as they are kept: in base64, one a line, the one that seals first. Raises `Unavailable`."""
        try:
            return cls([b64decode(line, validate=True) for line in text.split()])
        except ValueError:
            raise Unavailable(f"The {cls.KIND}s cannot be read: each is {SIZE} bytes in base64, on a line.") from None

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """The keys in a file. Raises `Unavailable`, which names the file."""
        try:
            return cls.read(path.read_text("ascii"))
        except (OSError, UnicodeDecodeError) as why:
            raise Unavailable(f"The {cls.KIND}s in {path} cannot be read ({type(why).__name__}).") from None
        except Unavailable:  # without the advice to make a key, which over a file that was cut off ends the old ones
            raise Unavailable(
                f"The {cls.KIND}s in {path} cannot be read: each is {SIZE} bytes in base64, on a line. "
                "If it held keys, put it back as it was: what is sealed under them opens under no others."
            ) from None

    @property
    def ids(self) -> tuple[str, ...]:
        """By what the keys are known, the one that seals first."""
        return tuple(self._keys)

    def _seal(self, told: bytes, about: bytes | None = None) -> bytes:
        """Sealed under the first key, and bound to what it is about: the nonce, then the ciphertext."""
        nonce = urandom(NONCE)
        return nonce + self._keys[self.ids[0]].encrypt(nonce, told, about)

    def _open(self, sealed: bytes, id: str, about: bytes | None = None) -> bytes:
        """What was sealed under this key. Raises `UnknownKey`, `Damaged`."""
        if id not in self._keys:
            raise UnknownKey
        try:
            return self._keys[id].decrypt(sealed[:NONCE], sealed[NONCE:], about)
        except (InvalidTag, ValueError):
            raise Damaged from None
