"""The payload codec: what Temporal stores of a case is sealed, and only whoever holds the keys can read it.

The form is the one of Temporal's published samples in Go, Java, TypeScript and Python, so that a client in another
language can speak it: `encoding` is `binary/encrypted`, `encryption-key-id` names the key, the data are a nonce of 12
bytes and the AES-256-GCM ciphertext of the whole payload. Inside, `workflow-id` names the case that it was sealed for:
whoever opens it on behalf of another, like the codec server, can say of which case. Ids, search attributes and the
names of workflows, activities and updates are never sealed: they hold no personal data (docs/adr/0014).
"""

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple, Self

from google.protobuf.message import DecodeError
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    PayloadConverter,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from activities.text.keyring import Damaged, KeyRing, UnknownKey
from domain.errors import Malformed, Unavailable
from domain.messages import Refusal
from workflows.case import workflow_id
from workflows.commands import NotRead, refusal_error

__all__ = ["PayloadKeys", "Payloads", "SealedPayloads", "Unsealed", "data_converter"]

ENCODING = b"binary/encrypted"
UNOPENED = b"binary/unopened"  # in memory alone: what could not be opened, its data the sentence that says why
KEY_ID = "encryption-key-id"
UNKNOWN_KEY = "A payload is sealed under a key that is not among PROBITY_PAYLOAD_KEYS"
OWN_ID = re.compile("[0-9a-f]{16}")
WORKFLOW_ID = "workflow-id"
CASE = workflow_id("")
CONVERTERS = PydanticPayloadConverter().converters


class PayloadKeys(KeyRing):
    """The keys of the codec.

    To rotate, put a new key before the others everywhere, in two steps: last everywhere, then first everywhere. A key
    may go once nothing that it sealed is retained any longer.
    """

    KIND = "payload key"

    def __init__(self, keys: Sequence[bytes]) -> None:
        super().__init__(keys)
        self._marking = sha256(b"probity update id" + keys[0]).digest()

    def mark(self, told: bytes) -> bytes:
        """A digest that nobody can make, and so try a guess with, who has not the key that seals."""
        return hmac.digest(self._marking, told, "sha256")

    def seal(self, payload: Payload) -> Payload:
        """A payload as Temporal stores it."""
        metadata = {"encoding": ENCODING, KEY_ID: self.ids[0].encode()}
        return Payload(metadata=metadata, data=self._seal(payload.SerializeToString()))

    def open(self, payload: Payload) -> Payload:
        """The payload as it was sealed. Raises `Unavailable` when its key is not here or it was tampered with."""
        key = payload.metadata[KEY_ID].decode(errors="replace")
        try:
            return Payload.FromString(self._open(payload.data, key))
        except UnknownKey:  # told in logs, and whoever sends it may have put any text there
            named = f": {key}" if OWN_ID.fullmatch(key) else ""
            raise Unavailable(f"{UNKNOWN_KEY}{named}.") from None
        except (Damaged, DecodeError):
            raise Unavailable("A payload cannot be opened: it is not what was sealed.") from None


class Unsealed(NamedTuple):
    """A payload in the clear, and the workflow that it was sealed for; none when it was not sealed, or not by us."""

    payload: Payload
    workflow: str | None


class SealedPayloads(PayloadCodec, WithSerializationContext):
    """Seals every payload, and opens what is sealed; what was stored in the clear before there were keys stays so."""

    def __init__(self, keys: PayloadKeys, workflow: str | None = None) -> None:
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
        """Open what is sealed, if not for another case. What is not opened fails who reads it, and nothing beside."""
        return [self._opened(payload) for payload in payloads]

    def _opened(self, payload: Payload) -> Payload:
        try:
            told, sealed_for = self.opened(payload)
            if self._workflow and sealed_for not in (None, self._workflow) and str(sealed_for).startswith(CASE):
                raise Unavailable("A payload was sealed for another case.")
            return told
        except Unavailable as why:
            return Payload(metadata={"encoding": UNOPENED}, data=why.sentence.encode())

    def _sealed(self, payload: Payload) -> Payload:
        told = Payload()
        told.CopyFrom(payload)
        told.metadata.pop(WORKFLOW_ID, None)  # it is ours to say
        if self._workflow:
            told.metadata[WORKFLOW_ID] = self._workflow.encode()
        return self._keys.seal(told)

    def opened(self, payload: Payload) -> Unsealed:
        """Open one payload and tell whose it is. Raises `Unavailable`."""
        if payload.metadata.get("encoding") != ENCODING:
            return Unsealed(payload, None)
        told = self._keys.open(payload)
        workflow = told.metadata.pop(WORKFLOW_ID, None)
        return Unsealed(told, workflow.decode() if workflow else None)


class Payloads(PydanticPayloadConverter):
    """Values as JSON by their models.

    An Update is refused when it cannot be read: failing the task, it would keep the case from its work for as long as
    Temporal has it. So is the referral that a workflow is started with, unless it is sealed: it waits for its key, as
    does whatever else cannot be read, by failing the task.
    """

    def __init__(self) -> None:
        """With what all share: the SDK makes one for every task and every run, with our models to learn anew."""
        self.converters = CONVERTERS

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """Read them. Raises `Unavailable` for what is still sealed; a refusal in an Update, and for what is no JSON."""
        updating = workflow.current_update_info() is not None
        try:
            for payload in payloads:
                _check_opened(payload)
            return super().from_payloads(payloads, type_hints)
        except Unavailable as away:
            if updating:
                raise refusal_error(Refusal(code=away.code, sentence=away.sentence)) from None
            raise
        except Exception:
            untyped = all(hint in (None, Any) for hint in type_hints or [])  # our activities answer by models
            if updating or untyped:
                raise refusal_error(Malformed("The body cannot be read: it has to be JSON in UTF-8.")) from None
            raise


def _check_opened(payload: Payload) -> None:
    encoding = payload.metadata.get("encoding")
    if encoding == UNOPENED:
        raise Unavailable(payload.data.decode())
    if encoding == ENCODING:
        raise Unavailable(f"{UNKNOWN_KEY}.")  # here are no keys, or it was sealed twice


class _Failures(DefaultFailureConverterWithEncodedAttributes):
    """Texts of failures go to the codec, but for the sentence that a query may fail with: nothing opens that again."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        super().to_failure(exception, payload_converter, failure)
        if isinstance(exception, NotRead):
            failure.ClearField("encoded_attributes")
            failure.message = exception.message


def data_converter(keys: PayloadKeys | None) -> DataConverter:
    """How values go to Temporal: as JSON by their models, sealed where there are keys, texts of failures too."""
    if keys is None:
        return DataConverter(payload_converter_class=Payloads)
    return DataConverter(Payloads, failure_converter_class=_Failures, payload_codec=SealedPayloads(keys))
