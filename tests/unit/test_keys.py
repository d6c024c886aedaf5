"""The files of keys of `make up`: made before the first start, and never in the place of one that data need."""

from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload

from activities.proof.checkpoints import signing_key
from activities.text.sealing import Ring
from deploy.engine import engine
from deploy.keys import Keys, kept_keys
from domain.errors import Unavailable
from integration.codec import PayloadKeys

NAMES = ("master-keys", "signing-key.pem", "payload-keys")
SEALED = b"..." + PayloadKeys([bytes(32)]).seal(Payload(data=b"told")).SerializeToString() + b"..."


@pytest.fixture(autouse=True)
def named_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that the environment names is not looked for in the folder."""
    for name in ("PROBITY_PAYLOAD_KEYS", "PROBITY_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def used(tmp_path: Path) -> Keys:
    """Those of a folder in which an engine was at work, with something sealed."""
    (keys := Keys(tmp_path)).make(sealed=True)
    (tmp_path / "postgres").mkdir()
    (tmp_path / "temporal.db").write_bytes(b"")
    (tmp_path / "temporal.db-wal").write_bytes(SEALED)
    return keys


def held(keys: Keys) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in keys.folder.iterdir() if file.name in NAMES}


async def test_they_are_made_once_and_for_their_owner(tmp_path: Path) -> None:
    async with kept_keys(tmp_path / "data", sealed=True) as keys:
        assert Ring.of_file(keys.master).ids and PayloadKeys.of_file(keys.payload).ids
        signing_key(keys.signing)
        assert {keys.beside(name).stat().st_mode & 0o777 for name in NAMES} == {0o600}
    made = held(keys)
    (keys.folder / "worker.log").touch()
    async with kept_keys(tmp_path / "data", sealed=True) as again:
        assert again == keys and held(again) == made


@pytest.mark.parametrize("lost", NAMES)
async def test_none_takes_the_place_of_one_that_the_data_need(used: Keys, lost: str) -> None:
    """A new one was made, and `make up` said that it was up while no case answered."""
    used.beside(lost).unlink()
    left = held(used)
    with pytest.raises(Unavailable, match=rf"^The data in {used.folder} lack {lost}: put back what is missing"):
        async with engine(used.folder):
            raise AssertionError("it started")
    assert held(used) == left and not (used.folder / "postgres.log").exists()


@pytest.mark.parametrize("data", ["postgres", "temporal.db", "worker.log"])
def test_any_trace_of_an_earlier_run_will_do(tmp_path: Path, data: str) -> None:
    (tmp_path / data).touch()
    with pytest.raises(Unavailable, match=r"master-keys and signing-key\.pem: put back"):
        Keys(tmp_path).make(sealed=True)
    assert not held(Keys(tmp_path))


def test_a_first_start_that_was_cut_short_is_gone_on_with(tmp_path: Path) -> None:
    (keys := Keys(tmp_path)).make(sealed=True)
    keys.signing.unlink()
    keys.make(sealed=True)
    assert set(held(keys)) == set(NAMES)


def test_what_was_in_the_clear_so_far_goes_on_sealed_and_never_back(used: Keys) -> None:
    used.payload.unlink()
    used.beside("temporal.db-wal").write_bytes(b"told in the clear: binary/encrypted")
    used.make(sealed=False)
    assert used.of_payloads(sealed=False) == {"PROBITY_PAYLOAD_KEYS": ""} and not used.payload.exists()
    used.make(sealed=True)
    assert used.of_payloads(sealed=True) == {"PROBITY_PAYLOAD_KEYS": str(used.payload)} and used.payload.exists()
    with pytest.raises(Unavailable, match="--clear"):
        used.make(sealed=False)
    used.payload.unlink()
    used.beside("temporal.db-wal").write_bytes(SEALED)
    with pytest.raises(Unavailable, match="--clear"):
        used.make(sealed=False)


def test_a_file_that_the_environment_names_is_not_asked_of_the_folder(
    used: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    used.payload.unlink()
    used.signing.unlink()
    monkeypatch.setenv("PROBITY_PAYLOAD_KEYS", "/elsewhere/payload-keys")
    monkeypatch.setenv("PROBITY_SIGNING_KEY", "/elsewhere/signing-key.pem")
    used.make(sealed=True)
    assert used.of_payloads(sealed=True) == {"PROBITY_PAYLOAD_KEYS": "/elsewhere/payload-keys"}
    assert set(held(used)) == {"master-keys"}
    monkeypatch.setenv("PROBITY_PAYLOAD_KEYS", str(used.payload))  # as `. .probity/env` does
    with pytest.raises(Unavailable, match=r"lack payload-keys: put back"):
        used.make(sealed=True)
