"""Sealing: free text about people is recorded encrypted, under keys that can be destroyed (docs/adr/0017).

    secret(text) = HMAC(key n, ... HMAC(key 1, place)),   place = canonical([case, event id, field])
    sealed(text) = nonce || HMAC(secret, "commit") || AES-256-GCM(HMAC(secret, "seal"), nonce, text)

A key belongs to one person in one case; text about several needs the key of each. The middle part binds the sealed text
to one secret, so that whoever is shown a text can check that it is the one that was recorded. Keys are stored wrapped
by a master key, which the database does not hold.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from os import urandom
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from activities.chain import canonical
from activities.sql import sql
from activities.text.keyring import NONCE, SIZE, Damaged, KeyRing, UnknownKey
from domain.erasure import EVERYONE
from domain.errors import Unavailable, Unopened
from domain.messages import Event, Recorded

if TYPE_CHECKING:
    import asyncpg

    from activities.store import Connection

__all__ = [
    "COMMANDS",
    "OWED",
    "SEALED",
    "Asked",
    "AskedBefore",
    "Key",
    "Ring",
    "Sealed",
    "Secret",
    "Unopenable",
    "body_hash",
    "named",
    "open_sealed",
    "place",
    "same_body",
    "seal",
    "seal_text",
    "secret",
    "subjects",
]

SEALED = "sealed:1:"
OWED = (
    "The record was restored, and what had been erased since may be readable in it: "
    "run `probity reforget` first, with the erasures that were kept elsewhere (docs/run.md)."
)
COMMANDS = "#"  # whose key keeps the digests of what was asked: it is destroyed with any other of the case

Secret = bytes


class Unopenable(Exception):
    """A sealed text or key that cannot be opened. `code`: why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Key(NamedTuple):
    """A key as it is used: its name in the store, and the secret itself."""

    id: UUID
    secret: bytes


class Ring(KeyRing):
    """The master keys: they wrap the keys of free text."""

    KIND = "master key"

    def wrap(self, key: Key, about: bytes = b"") -> bytes:
        """A key as it is stored, under the first master key, and bound to what it is about."""
        return self._seal(key.secret, key.id.bytes + about)

    def unwrap(self, id: UUID, wrapped: bytes, master: str, about: bytes = b"") -> Key:
        """A stored key. Raises `Unopenable`: `wrong_master_key`, `damaged_key`."""
        try:
            return Key(id, self._open(wrapped, master, id.bytes + about))
        except UnknownKey:
            raise Unopenable("wrong_master_key") from None
        except Damaged:
            raise Unopenable("damaged_key") from None

    def own(self, id: UUID, wrapped: bytes, master: str) -> Key:
        """The same for the engine's own use. Raises `Unopened`."""
        try:
            return self.unwrap(id, wrapped, master)
        except Unopenable as why:
            raise Unopened(f"A key of free text cannot be opened ({why.code}): see docs/run.md.") from None


async def _keys(
    connection: "Connection", ring: Ring, stream: str, subjects: set[str]
) -> tuple[dict[str, Key], list[dict[str, Any]]]:
    """The living keys of a case, with a new one for each of these subjects who has none; the new ones as rows.

    Raises `Unavailable` where a restore may have brought back keys that were destroyed: they will be again.
    """
    rows = await connection.fetch(sql("sealing_keys"), stream)
    if rows[0]["owed"]:
        raise Unavailable(OWED)
    living = {row["subject"]: ring.own(row["key"], row["wrapped"], row["master"]) for row in rows if row["key"]}
    made = {each: Key(UUID(bytes=urandom(16), version=4), urandom(SIZE)) for each in sorted(subjects - living.keys())}
    rest = {"stream": stream, "master": ring.ids[0]}
    new = [{"key": k.id, "subject": who, "wrapped": f"\\x{ring.wrap(k).hex()}"} | rest for who, k in made.items()]
    return living | made, new


class Asked(NamedTuple):
    """What is asked, as two digests: of all of it, and, where free text is told, of what is left without that."""

    name: str
    body_hash: bytes
    clear_hash: bytes | None


class AskedBefore(NamedTuple):
    """What a recorded command asked: two digests, the first with the key that it was made with, as far as it is left.

    `clear_hash`: none where no free text was told, nor for a command that was recorded before migration 0024.
    """

    name: str
    body_hash: bytes
    clear_hash: bytes | None
    body_key: UUID | None
    wrapped: bytes | None
    master: str | None

    @classmethod
    def of(cls, row: "asyncpg.Record") -> Self:
        """As a row has it."""
        return cls(*(row[name] for name in cls._fields))


class Sealed(NamedTuple):
    """Events as they are recorded, and the digest of what was asked with the key that it was made with, if any.

    `new`: the keys that were made for it, rows of probity.text_key. They are to be stored by what appends the events.
    """

    events: list[Recorded]
    body_hash: bytes
    body_key: UUID | None
    new: Sequence[dict[str, Any]] = ()


async def seal(
    connection: "Connection",
    ring: Ring | None,
    stream: str,
    events: Sequence[tuple[Recorded, Event]],
    people: Mapping[str, str],
    asked: bytes,
    *,
    in_words: bool,
) -> Sealed:
    """Seal the free text of events that are about to be recorded, and the digest of what was `asked` `in_words`.

    `people`: what whoever the case calls by a letter is known as elsewhere.
    """
    told = [(event, subjects(fact, people)) for event, fact in events]
    wanted = {subject for _, texts in told for about in texts.values() for subject in about}
    wanted |= {COMMANDS} if in_words else set()
    if not wanted:
        return Sealed([event for event, _ in told], asked, None)
    if ring is None:
        raise Unavailable("Free text about people is recorded sealed, and there is no master key: see docs/run.md.")
    keys, new = await _keys(connection, ring, stream, wanted)
    body = keys[COMMANDS] if in_words else None
    sealed = [_sealed(event, texts, keys) for event, texts in told]
    return Sealed(sealed, body_hash(asked, body), body.id if body else None, new)


def subjects(fact: Event, people: Mapping[str, str]) -> dict[str, list[str]]:
    """Each field of free text, and whose it is; what is about no one whom the case knows is the case's."""
    return {name: sorted({people[ref] for ref in about if ref in people}) or [EVERYONE] for name, about in fact.prose()}


def _sealed(event: Recorded, texts: Mapping[str, Sequence[str]], keys: Mapping[str, Key]) -> Recorded:
    sealed = {
        name: seal_text([keys[subject] for subject in about], place(event, name), event.data[name])
        for name, about in texts.items()
    }
    return event.model_copy(update={"data": event.data | sealed})


def place(event: Recorded, name: str) -> bytes:
    """Where a text stands: its secret is of no use anywhere else."""
    return canonical([event.stream, event.event_id, name])


def secret(keys: Iterable[bytes], place: bytes) -> Secret:
    """What opens one text and no other: it needs every key, and gives none of them away."""
    for key in keys:
        place = hmac.digest(key, place, "sha256")
    return place


def seal_text(keys: Sequence[Key], place: bytes, text: str) -> str:
    """A text as it is recorded at this place: it takes every one of the keys to open it."""
    made, nonce = secret((key.secret for key in keys), place), urandom(NONCE)
    commitment = hmac.digest(made, b"commit", "sha256")
    content = AESGCM(hmac.digest(made, b"seal", "sha256")).encrypt(nonce, text.encode(), None)
    names = "+".join(key.id.hex for key in keys)
    return f"{SEALED}{names}:{urlsafe_b64encode(nonce + commitment + content).decode()}"


def named(sealed: str) -> list[UUID]:
    """The keys that a sealed text needs. Raises `Unopenable`: `damaged`."""
    try:
        return [UUID(hex=name) for name in sealed.removeprefix(SEALED).partition(":")[0].split("+")]
    except ValueError:
        raise Unopenable("damaged") from None


def open_sealed(sealed: str, made: Secret) -> str:
    """The text, by its own secret. Raises `Unopenable`: `damaged`."""
    try:
        content = urlsafe_b64decode(sealed.rpartition(":")[2])
        nonce, commitment, content = content[:NONCE], content[NONCE : NONCE + SIZE], content[NONCE + SIZE :]
        if not hmac.compare_digest(commitment, hmac.digest(made, b"commit", "sha256")):
            raise Unopenable("damaged")
        return AESGCM(hmac.digest(made, b"seal", "sha256")).decrypt(nonce, content, None).decode()
    except (ValueError, InvalidTag):
        raise Unopenable("damaged") from None


def body_hash(asked: bytes, key: Key | None) -> bytes:
    """What is kept of what was asked: a digest that cannot be guessed at once the key is gone."""
    return hmac.digest(key.secret, asked, "sha256") if key else asked


def same_body(before: AskedBefore, asked: Asked, ring: Ring | None) -> bool:
    """Whether a recorded command asked the same. Without its key what it told in words is passed over."""
    if before.body_key is None:
        return before.body_hash == asked.body_hash
    if before.wrapped is None or before.master is None or ring is None:
        return before.name == asked.name and before.clear_hash in (None, asked.clear_hash)
    key = ring.own(before.body_key, before.wrapped, before.master)
    return hmac.compare_digest(body_hash(asked.body_hash, key), before.body_hash)
