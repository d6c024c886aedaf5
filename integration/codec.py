"""The payload codec: what Temporal stores of a case is sealed, and only whoever holds the keys can read it.

The form is the one of Temporal's published samples in Go, Java, TypeScript and Python, so that a client in another
language can speak it: `encoding` is `binary/encrypted`, `encryption-key-id` names the key, the data are a nonce of 12
bytes and the AES-256-GCM ciphertext of the whole payload. Inside, `workflow-id` names the case that it was sealed for:
whoever opens it on behalf of another, like the codec server, can say of which case. Ids, search attributes and the
names of workflows, activities and updates are never sealed: they hold no personal data (docs/adr/0014).
"""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from os import urandom
from pathlib import Path
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from domain.errors import Unavailable

__all__ = ["KeyRing", "Opened", "SealedPayloads", "data_converter"]

ENCODING = b"binary/encrypted"
KEY_ID = "encryption-key-id"
WORKFLOW_ID = "workflow-id"
SIZE, NONCE = 32, 12  # bytes


class KeyRing:
    """The keys of the codec: the first seals, all of them open. Each is known by a digest of its own.

    To rotate, put a new key before the others everywhere, in two steps: last everywhere, then first everywhere. A key
    may go once nothing that it sealed is retained any longer. One key is good for 2^32 payloads (NIST SP 800-38D 8.3).
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != SIZE for key in keys):
            raise Unavailable("The keys for payloads cannot be used: each is 32 bytes in base64, on a line.")
        self._keys = {sha256(b"probity payload key" + key).hexdigest()[:16]: AESGCM(key) for key in keys}
        self._first = next(iter(self._keys))

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """The keys in a file: in base64, one a line, the one that seals first. Raises `Unavailable`."""
        try:
            return cls([b64decode(line, validate=True) for line in path.read_text("ascii").split()])
        except (OSError, ValueError) as why:
            raise Unavailable(f"The keys for payloads in {path} cannot be read ({type(why).__name__}).") from None

    def seal(self, payload: Payload) -> Payload:
        """A payload as Temporal stores it."""
        nonce = urandom(NONCE)
        data = nonce + self._keys[self._first].encrypt(nonce, payload.SerializeToString(), None)
        return Payload(metadata={"encoding": ENCODING, KEY_ID: self._first.encode()}, data=data)

    def open(self, payload: Payload) -> Payload:
        """The payload as it was sealed. Raises `Unavailable` when its key is not here or it was tampered with."""
        name = payload.metadata[KEY_ID].decode(errors="replace")
        if name not in self._keys:
            raise Unavailable("A payload is sealed under a key that is not among PROBITY_PAYLOAD_KEYS.")
        try:
            return Payload.FromString(self._keys[name].decrypt(payload.data[:NONCE], payload.data[NONCE:], None))
        except (InvalidTag, DecodeError, ValueError):
            raise Unavailable("A payload cannot be opened: it is not what was sealed.") from None


class Opened(NamedTuple):
    """A payload in the clear, and the workflow that it was sealed for; none when it was not sealed, or not by us."""

    payload: Payload
    workflow: str | None


class SealedPayloads(PayloadCodec, WithSerializationContext):
    """Seals every payload, and opens what is sealed; what was stored in the clear before there were keys stays so."""

    def __init__(self, keys: KeyRing, workflow: str | None = None) -> None:
        self._keys = keys
        self._workflow = workflow

    def with_context(self, context: SerializationContext) -> Self:
        """The same for one workflow, whose id is sealed with its payloads."""
        told = isinstance(context, WorkflowSerializationContext | ActivitySerializationContext)
        return type(self)(self._keys, context.workflow_id if told else None)  # type: ignore[attr-defined]

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal."""
        return [self._sealed(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open what is sealed. Raises `Unavailable`."""
        return [self.opened(payload).payload for payload in payloads]

    def _sealed(self, payload: Payload) -> Payload:
        told = Payload()
        told.CopyFrom(payload)
        if self._workflow:
            told.metadata[WORKFLOW_ID] = self._workflow.encode()
        return self._keys.seal(told)

    def opened(self, payload: Payload) -> Opened:
        """Open one payload and tell whose it is. Raises `Unavailable`."""
        if payload.metadata.get("encoding") != ENCODING:
            return Opened(payload, None)
        told = self._keys.open(payload)
        workflow = told.metadata.pop(WORKFLOW_ID, None)
        return Opened(told, workflow.decode() if workflow else None)


def data_converter(keys: KeyRing | None) -> DataConverter:
    """How values go to Temporal: as JSON by their models, sealed where there are keys, texts of failures too."""
    if keys is None:
        return pydantic_data_converter
    return replace(
        pydantic_data_converter,
        payload_codec=SealedPayloads(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
