"""Sealing without a store: what opens a text, what does not, and what is said when it cannot be opened."""

from base64 import b64encode
from pathlib import Path
from uuid import UUID

import pytest

from activities.text.sealing import (
    SEALED,
    Key,
    Ring,
    Unopenable,
    body_hash,
    named,
    open_sealed,
    seal_text,
    secret,
)
from domain.errors import Unavailable
from integration.settings import Settings

PLACE = b'["X-1","id","reasons"]'
ONE, TWO = Key(UUID(int=1), bytes([1]) * 32), Key(UUID(int=2), bytes([2]) * 32)
TEXT = "Sgt Müller \U0001f600 said so."


def opening(*keys: Key, place: bytes = PLACE) -> bytes:
    return secret((key.secret for key in keys), place)


def test_a_text_is_opened_by_every_key_it_was_sealed_under_and_by_no_less() -> None:
    sealed = seal_text([ONE, TWO], PLACE, TEXT)
    assert sealed.startswith(SEALED) and "ller" not in sealed and named(sealed) == [ONE.id, TWO.id]
    assert open_sealed(sealed, opening(ONE, TWO)) == TEXT
    for keys in ([ONE], [TWO], [TWO, ONE], []):
        with pytest.raises(Unopenable, match="damaged"):
            open_sealed(sealed, opening(*keys))


def test_the_secret_of_one_text_opens_no_other() -> None:
    sealed = seal_text([ONE], PLACE, TEXT)
    with pytest.raises(Unopenable):
        open_sealed(sealed, opening(ONE, place=b'["X-1","id","statement"]'))


def test_no_text_is_sealed_twice_alike() -> None:
    assert seal_text([ONE], PLACE, TEXT) != seal_text([ONE], PLACE, TEXT)


@pytest.mark.parametrize("at", [30, 60, 100, -8])
def test_a_text_that_was_touched_is_not_opened(at: int) -> None:
    sealed = seal_text([ONE], PLACE, TEXT * 3)
    touched = sealed[:at] + ("0" if sealed[at] != "0" else "1") + sealed[at + 1 :]
    with pytest.raises(Unopenable, match="damaged"):
        found = named(touched)
        assert found == [ONE.id] or open_sealed(touched, secret([found[0].bytes * 2], PLACE))
        open_sealed(touched, opening(ONE))


@pytest.mark.parametrize("text", ["", "x", "sealed:1:", "sealed:1:no:AA", f"{SEALED}{ONE.id.hex}:", "sealed:1:+:é"])
def test_what_is_no_sealed_text_is_damaged(text: str) -> None:
    with pytest.raises(Unopenable, match="damaged"):
        named(text)
        open_sealed(text, opening(ONE))


def test_a_key_is_wrapped_by_the_first_master_key_and_unwrapped_by_any() -> None:
    old, new = bytes([7]) * 32, bytes([8]) * 32
    was, both = Ring([old]), Ring([new, old])
    wrapped = was.wrap(ONE)
    assert ONE.secret not in wrapped
    assert both.unwrap(ONE.id, wrapped, was.ids[0]) == ONE
    assert Ring([new]).unwrap(ONE.id, both.wrap(ONE), both.ids[0]) == ONE
    with pytest.raises(Unopenable, match="wrong_master_key"):
        Ring([new]).unwrap(ONE.id, wrapped, was.ids[0])
    for id, content in ((TWO.id, wrapped), (ONE.id, wrapped[:-1] + b"\x00"), (ONE.id, b"")):
        with pytest.raises(Unopenable, match="damaged_key"):
            was.unwrap(id, content, was.ids[0])
    with pytest.raises(Unavailable, match=r"wrong_master_key"):
        Ring([new]).own(ONE.id, wrapped, was.ids[0])


def test_a_digest_is_another_under_another_key() -> None:
    asked = bytes(32)
    assert body_hash(asked, None) == asked
    assert len({asked, body_hash(asked, ONE), body_hash(asked, TWO)}) == 3
    assert body_hash(asked, ONE) == body_hash(asked, Key(UUID(int=0), ONE.secret))


@pytest.mark.parametrize("text", ["", "abc", b64encode(bytes(31)).decode(), "é", "-" * 44])
def test_what_is_no_master_key_is_refused_in_a_sentence_that_does_not_repeat_it(text: str, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(text)
    for told in (text, file):
        with pytest.raises(Unavailable) as refused:
            Ring.of_file(told) if isinstance(told, Path) else Ring.read(told)
        assert not text or text not in refused.value.sentence.replace(str(file), "")


@pytest.mark.parametrize("text", ["", "abc"])
def test_who_has_a_file_of_keys_that_was_cut_off_is_not_told_to_make_another(text: str, tmp_path: Path) -> None:
    """Over the old file it would be the end of all free text."""
    (tmp_path / "keys").write_text(text)
    with pytest.raises(Unavailable, match=r"put it back as it was") as refused:
        Ring.of_file(tmp_path / "keys")
    assert str(tmp_path / "keys") in refused.value.sentence and "openssl" not in refused.value.sentence


def test_a_setting_names_the_file_of_the_master_keys(tmp_path: Path) -> None:
    keys = "\n".join(b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    (tmp_path / "keys").write_text(keys + "\n")
    told = {"DATABASE_URL": "postgresql://x/x"}
    settings = Settings.from_environment({**told, "PROBITY_MASTER_KEYS": str(tmp_path / "keys")})
    assert settings.ring and settings.ring.ids == Ring.read(keys).ids
    assert keys[:20] not in repr(settings)
    assert Settings.from_environment(told).ring is None
    with pytest.raises(Unavailable, match="cannot be read"):
        Settings.from_environment({**told, "PROBITY_MASTER_KEYS": str(tmp_path / "none")})
