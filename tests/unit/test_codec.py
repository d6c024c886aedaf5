"""The codec: what is sealed is opened by whoever has the key, and by nobody else."""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from domain.errors import Unavailable
from integration.codec import PayloadKeys, Payloads, SealedPayloads

OLD, NEW = b"o" * 32, b"n" * 32
TOLD = Payload(metadata={"encoding": b"json/plain"}, data=b'{"summary":"Looked up a record."}')


def codec(*keys: bytes) -> SealedPayloads:
    return SealedPayloads(PayloadKeys(keys)).with_context(WorkflowSerializationContext("default", "case/X-1"))


@given(data=st.binary(max_size=2000), metadata=st.dictionaries(st.text(max_size=9), st.binary(max_size=9), max_size=3))
async def test_what_is_sealed_is_opened_as_it_was(data: bytes, metadata: dict[str, bytes]) -> None:
    told = Payload(metadata={**metadata, "encoding": b"binary/plain"}, data=data)
    sealed = await codec(NEW).encode([told])
    assert await codec(NEW).decode(sealed) == [told]


async def test_nothing_of_it_can_be_read_as_it_is_stored() -> None:
    (sealed,) = await codec(NEW).encode([TOLD])
    assert b"record" not in sealed.SerializeToString()
    assert b"case/X-1" not in sealed.SerializeToString()
    (again,) = await codec(NEW).encode([TOLD])
    assert again.data != sealed.data


async def test_it_is_in_the_form_of_the_published_samples() -> None:
    (sealed,) = await SealedPayloads(PayloadKeys([NEW])).encode([TOLD])
    assert sealed.metadata["encoding"] == b"binary/encrypted"
    assert sealed.metadata.keys() == {"encoding", "encryption-key-id"}
    opened = AESGCM(NEW).decrypt(sealed.data[:12], sealed.data[12:], None)
    assert Payload.FromString(opened) == TOLD


async def test_whose_it_is_can_be_told_and_not_altered() -> None:
    (sealed,) = await codec(NEW).encode([TOLD])
    assert codec(NEW).opened(sealed).workflow == "case/X-1"
    assert SealedPayloads(PayloadKeys([NEW])).opened(sealed).workflow == "case/X-1"


async def test_what_was_sealed_for_one_case_opens_in_no_other() -> None:
    """Whoever may send an Update could have the worker open what one case was told, and record it in another."""
    ours, theirs = codec(NEW), codec(NEW).with_context(WorkflowSerializationContext("default", "case/X-2"))
    elsewhere = codec(NEW).with_context(WorkflowSerializationContext("default", "watch-2026-11-27"))
    (sealed,) = await ours.encode([TOLD])
    assert await ours.decode([sealed]) == await SealedPayloads(PayloadKeys([NEW])).decode([sealed]) == [TOLD]
    assert await theirs.decode(await elsewhere.encode([TOLD])) == [TOLD]
    for other in (theirs, elsewhere):
        with pytest.raises(Unavailable, match="sealed for another case"):
            Payloads().from_payloads(await other.decode([sealed]))


async def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before = await codec(OLD).encode([TOLD])
    after = await codec(NEW, OLD).encode([TOLD])
    assert await codec(NEW, OLD).decode([*before, *after]) == [TOLD, TOLD]
    assert await codec(NEW).decode(after) == [TOLD]
    with pytest.raises(Unavailable, match=rf"not among PROBITY_PAYLOAD_KEYS: {PayloadKeys([OLD]).ids[0]}\.$"):
        Payloads().from_payloads(await codec(NEW).decode(before))
    before[0].metadata["encryption-key-id"] = b"Jane Roe"  # of a sender's own making
    with pytest.raises(Unavailable, match=r"not among PROBITY_PAYLOAD_KEYS\.$"):
        Payloads().from_payloads(await codec(NEW).decode(before))
    with pytest.raises(Unavailable, match="not among PROBITY_PAYLOAD_KEYS"):
        Payloads().from_payloads(before)


async def test_what_was_tampered_with_is_not_opened() -> None:
    (sealed,) = await codec(NEW).encode([TOLD])
    for place in (0, 20, len(sealed.data) - 1):
        changed = Payload(metadata=sealed.metadata)
        changed.data = sealed.data[:place] + bytes([sealed.data[place] ^ 1]) + sealed.data[place + 1 :]
        with pytest.raises(Unavailable, match="not what was sealed"):
            Payloads().from_payloads(await codec(NEW).decode([changed]))


async def test_what_was_stored_before_there_were_keys_is_read() -> None:
    assert await codec(NEW).decode([TOLD]) == [TOLD]


@dataclass(frozen=True)
class Unfit:
    why: str
    text: bytes


@pytest.mark.parametrize(
    "unfit",
    [
        Unfit("nothing in it", b""),
        Unfit("too short", b64encode(b"short")),
        Unfit("not base64", b"*" * 44),
        Unfit("not text", b"\xff" * 44),
    ],
    ids=lambda unfit: unfit.why,
)
def test_a_file_of_keys_that_cannot_be_used_is_told_in_a_sentence(unfit: Unfit, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_bytes(unfit.text)
    with pytest.raises(Unavailable, match="payload key"):
        PayloadKeys.of_file(file)


def test_a_file_of_keys_is_read(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_bytes(b"\n".join(map(b64encode, (NEW, OLD))))
    sealed = PayloadKeys([OLD]).seal(TOLD)
    assert PayloadKeys.of_file(file).open(sealed) == TOLD


def test_models_are_learnt_once_though_every_task_has_a_converter_of_its_own() -> None:
    assert Payloads().converters is Payloads().converters
