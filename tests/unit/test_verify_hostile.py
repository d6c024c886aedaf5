"""Files made to deceive the verifier, or whoever reads what it prints: each ends in a fault, soon and in one line."""

import json
import resource
import struct
import subprocess
import sys
import time
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID
from zlib import MAX_WBITS, compressobj, crc32

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities import chain
from activities.text.sealing import Key, seal_text, secret
from integration import verify
from integration.verify import MANIFEST, PARTS, check, tell, visible
from tests.unit.test_verify import event, rechain, record, write

LARGE = 32 * 2**20  # bytes of a part that holds more than it says


def faults(file: Path) -> str:
    """What is found, in no time and without a trace of a crash."""
    began = time.monotonic()
    found = "\n".join(check(file).faults)
    assert time.monotonic() - began < 5
    assert found
    return found


def rewritten(file: Path, **how: Any) -> Path:
    """A whole export, each part put in by `how` instead, as (name, content) -> ZipInfo or name."""
    with zipfile.ZipFile(write(file, record())) as archive:
        parts = {name: archive.read(name) for name in PARTS}
    with zipfile.ZipFile(file, "w", **{k: v for k, v in how.items() if k == "compression"}) as archive:
        for name, content in parts.items():
            content = bytes(LARGE) if name == how.get("large") else content
            archive.writestr(how.get("info", lambda name: name)(name), content)
        for name, content in how.get("more", ()):
            archive.writestr(name, content)
    return file


def whole(count: int, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """A record whose last event was changed before it was hashed: its chain is whole."""
    told = record(count)
    change(told["events"][-1])
    rechain(told, count - 1)
    return told | {"head": told["events"][-1]["hash"]}


# --- the zip


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "case.zip"
    with zipfile.ZipFile(write(file, record())) as archive:
        parts = {name: archive.read(name) for name in PARTS}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            with archive.open(name, "w") as out:
                out.write(content)
                if name == "schemas.json":
                    for _ in range(520):
                        out.write(bytes(2**20))
    assert file.stat().st_size < 2**20
    assert "it is too large" in faults(file)


def test_a_size_that_is_a_lie_is_found(tmp_path: Path) -> None:
    file = rewritten(tmp_path / "case.zip", compression=zipfile.ZIP_DEFLATED)
    data = bytearray(file.read_bytes())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"PK\x05\x06"))
    data[entry + 24 : entry + 28] = struct.pack("<I", 5)
    file.write_bytes(data)
    assert "not a whole export" in faults(file)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_that_says_it_is_small_is_not_opened(tmp_path: Path, method: int) -> None:
    """What reads zips for us unpacks all that is packed, whatever the list says, and then cuts it to that size."""
    file = rewritten(tmp_path / "case.zip", info=lambda name: packed_by(method, name), large="schemas.json")
    data = bytearray(file.read_bytes())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"schemas.json"))
    data[entry + 16 : entry + 20] = struct.pack("<I", crc32(bytes(5)))
    data[entry + 24 : entry + 28] = struct.pack("<I", 5)
    file.write_bytes(data)
    tracemalloc.start()
    try:
        assert "beside what is packed" in faults(file)
        assert tracemalloc.get_traced_memory()[1] < LARGE / 4
    finally:
        tracemalloc.stop()


def packed_by(method: int, name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = method if name == "schemas.json" else zipfile.ZIP_STORED
    return info


@pytest.mark.parametrize(
    "more", ["record.json", "../../etc/passwd", "/tmp/x", "RECORD.JSON", "record.json/", "a\x1b[2Jb"]
)
def test_another_part_or_one_twice_is_refused(tmp_path: Path, more: str) -> None:
    with pytest.warns(UserWarning) if more == "record.json" else _quiet():
        file = rewritten(tmp_path / "case.zip", more=[(more, b"{}")])
    assert any(said in faults(file) for said in ("it holds", "no ordinary file"))
    assert not list(tmp_path.glob("**/passwd"))


class _quiet:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


FORGED = b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, crc32(b"x"), 1, 1, 14, 0) + b"chronology.txtx"


@pytest.mark.parametrize("where", ["before", "between", "comment", "extra"])
def test_nothing_stands_beside_the_parts_that_another_program_shows_in_their_place(tmp_path: Path, where: str) -> None:
    """Whoever unpacks from the front takes the last of two parts of a name, whatever the list at the end says."""
    data = rewritten(tmp_path / "case.zip").read_bytes()
    end, listed = data.rindex(b"PK\x05\x06"), data.index(b"PK\x01\x02")
    ends = data[end : end + 16] + struct.pack("<I", listed + len(FORGED)) + data[end + 20 :]
    said = b"Verified by the IOPC"
    made = {
        "before": FORGED + data,
        "between": data[:listed] + FORGED + data[listed:end] + ends,
        "comment": data[:-2] + struct.pack("<H", len(said)) + said,
        "extra": rewritten(tmp_path / "case.zip", info=named_twice).read_bytes(),
    }
    (tmp_path / "case.zip").write_bytes(made[where])
    assert "beside its parts" in faults(tmp_path / "case.zip")


def named_twice(name: str) -> zipfile.ZipInfo:
    """A part that tells a name in Unicode, which some programs take and others pass over."""
    info = zipfile.ZipInfo(name)
    info.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, crc32(name.encode())) + name[::-1].encode()
    return info


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("hidden", [b"", b"Verified by the IOPC"])
def test_nothing_stands_behind_the_end_of_what_is_packed(tmp_path: Path, method: int, hidden: bytes) -> None:
    """Of what is stored what is packed is longer than the part; what is deflated says itself where it ends."""
    file = write(tmp_path / "case.zip", record())
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in PARTS}
    bodies, listed = b"", b""
    for name, content in parts.items():
        packing = compressobj(wbits=-MAX_WBITS)
        packed = content if method == zipfile.ZIP_STORED else packing.compress(content) + packing.flush()
        packed += hidden if name == "schemas.json" else b""
        sizes = struct.pack("<III", crc32(content), len(packed), len(content))
        header = struct.pack("<HHHHH", 20, 0, method, 0, 33) + sizes + struct.pack("<HH", len(name), 0)
        listed += b"PK\x01\x02" + struct.pack("<H", 20) + header + struct.pack("<HHHII", 0, 0, 0, 0, len(bodies))
        listed += name.encode()
        bodies += b"PK\x03\x04" + header + name.encode() + packed
    counts = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(listed), len(bodies), 0)
    file.write_bytes(bodies + listed + b"PK\x05\x06" + counts)
    assert ("beside what is packed" in "".join(check(file).faults)) == bool(hidden)


def test_a_link_is_no_part(tmp_path: Path) -> None:
    def linked(name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name)
        info.external_attr = (0o120777 if name == "verify.py" else 0o100644) << 16
        return info

    assert "no ordinary file" in faults(rewritten(tmp_path / "case.zip", info=linked))


@pytest.mark.parametrize("method", [9, 12, 14, 93, 99])
def test_another_way_to_compress_or_a_broken_one_is_refused(tmp_path: Path, method: int) -> None:
    file = rewritten(tmp_path / "case.zip")
    data = file.read_bytes()
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.index(mark) + place
        data = data[:at] + struct.pack("<H", method) + data[at + 2 :]
    file.write_bytes(data)
    assert "not a whole export" in faults(file)


# --- the JSON


@pytest.mark.parametrize(
    "text",
    [
        "NaN", "Infinity", "-Infinity", "1e999", "1" * 5000, "[" * 100_000, '{"a":1,"a":2}', "1e", "null", "[]", '"x"',
        "\ufeff{}", '{"format": "probity record 2"}', "true",
    ],
)  # fmt: skip
def test_what_is_no_record_is_no_whole_export(tmp_path: Path, text: str) -> None:
    assert "not a whole export" in faults(write(tmp_path / "case.zip", record(), record__json=text.encode()))
    inside = json.dumps(record()).replace('"count": 3', f'"count": {text}', 1)
    assert faults(write(tmp_path / "case.zip", record(), record__json=inside.encode()))


@pytest.mark.parametrize("text", ["\ud800", "\udfff\ud800"])
def test_what_no_utf8_can_hold_is_refused(tmp_path: Path, text: str) -> None:
    told = json.dumps(record()).replace('"count": 3', f'"count": {json.dumps(text)}', 1)
    assert "not a whole export" in faults(write(tmp_path / "case.zip", record(), record__json=told.encode()))
    assert "not a whole export" in faults(write(tmp_path / "case.zip", record(), record__json=b'{"a": "\xff"}'))


@pytest.mark.parametrize("version", [10**15, 10**300, True, 5.0, "5", None, float("1e300")])
def test_a_version_that_is_none_is_refused_at_once(tmp_path: Path, version: Any) -> None:
    told = record() | {"version": version}
    limit = resource.getrlimit(resource.RLIMIT_AS)
    found = faults(write(tmp_path / "case.zip", record(), record__json=json.dumps(told).encode()))
    assert "missing from the end" in found or "not a whole export" in found
    assert limit == resource.getrlimit(resource.RLIMIT_AS) and len(found) < 2000


def test_an_event_with_true_for_its_version_is_none(tmp_path: Path) -> None:
    head = chain.link(chain.GENESIS, bare := {**event(1), "version": True})
    told = record(1) | {"events": [{**bare, "hash": head.hex()}], "head": head.hex()}
    assert "a version, is none" in faults(
        write(tmp_path / "case.zip", record(), record__json=json.dumps(told).encode())
    )


# --- more, or less, than there has to be


def test_a_case_without_an_event_is_none(tmp_path: Path) -> None:
    told = record(0)
    assert told["version"] == 0 and told["head"] == "00" * 32
    assert faults(write(tmp_path / "case.zip", told)) == "No event opens the case."


def signed() -> dict[str, Any]:
    """A record with two texts and a checkpoint that holds it."""
    told, key = with_texts(), Ed25519PrivateKey.generate()
    head = {"version": 2, "head": told["head"]}
    root = sha256(b"\x00" + chain.canonical({"stream": "X-1", **head})).hexdigest()
    told["checkpoints"] = [{"statement": {"root": root}, "proof": [], **head}]
    return signed_anew(told, key)


def signed_anew(told: dict[str, Any], key: Ed25519PrivateKey, **more: str) -> dict[str, Any]:
    (held,) = told["checkpoints"]
    facts = {"kind": "probity checkpoint 1", "number": 1, "made_at": "2020-06-23T09:00:00+00:00", "cases": 1}
    held["statement"] = {**facts, "previous": "", "root": held["statement"]["root"], **more}
    held["public_key"] = key.public_key().public_bytes_raw().hex()
    held["signature"] = key.sign(chain.canonical(held["statement"])).hex()
    return told


MORE: list[tuple[Callable[[dict[str, Any], dict[str, Any]], object], str]] = [
    (lambda told, _: told["texts"][1].update(note="x"), "A text"),
    (lambda told, _: told["checkpoints"][0].update(note="x"), "A checkpoint"),
    (lambda told, _: signed_anew(told, Ed25519PrivateKey.generate(), note="x"), "What a checkpoint states"),
    (lambda _, manifest: manifest.update(note="x"), "The manifest"),
    (lambda _, manifest: manifest.pop("public_key"), "The manifest"),
    (lambda _, manifest: manifest["statement"].update(note="x"), "What the manifest states"),
    (lambda _, manifest: manifest["statement"]["files"].update({"note.txt": "x"}), "The list of parts"),
    (lambda told, _: restated(told, lambda event: event.update(note="x")), "An event"),
    (lambda told, _: restated(told, lambda event: event["actor"].update(note="x")), "Who told an event"),
]


def restated(told: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> None:
    change(told["events"][1])
    rechain(told, 1)
    told |= {"head": told["events"][1]["hash"], "checkpoints": []}


@pytest.mark.parametrize(("put", "what"), MORE)
def test_nothing_stands_beside_what_is_checked(
    tmp_path: Path, put: Callable[[dict[str, Any], dict[str, Any]], object], what: str
) -> None:
    file, told = tmp_path / "case.zip", signed()
    assert check(write(file, told)).faults == []
    put(told, {"statement": {"files": {}}, "public_key": None})
    with zipfile.ZipFile(write(file, told)) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    put(signed(), manifest)
    found = faults(write(file, told, manifest__json=json.dumps(manifest).encode()))
    assert found == f"{what} holds something else than it has to."


# --- free text


def with_texts() -> dict[str, Any]:
    """A record of two texts that are sealed, and shown."""
    words, key = {"first": "One.", "second": "Two."}, Key(UUID(int=1), bytes(32))
    sealed = {name: seal_text([key], name.encode(), text) for name, text in words.items()}
    opened = {name: secret([key.secret], name.encode()).hex() for name in words}
    told = whole(2, lambda event: event["data"].update(sealed))
    shown = [{"version": 2, "field": name, "text": words[name], "secret": opened[name]} for name in words]
    return told | {"format": "probity record 2", "texts": shown}


def test_a_text_twice_passes_for_no_other_text(tmp_path: Path) -> None:
    told = with_texts()
    one, _ = told["texts"]
    hidden = "What the text says that is sealed or erased, 1 in all"
    assert not any("sealed or erased" in each for each in check(write(tmp_path / "case.zip", told)).unproved)
    report = check(write(tmp_path / "case.zip", told | {"texts": [one]}))
    assert report.faults == [] and any(each.startswith(hidden) for each in report.unproved)
    assert "A text is in the file twice." in faults(write(tmp_path / "case.zip", told | {"texts": [one, one]}))


# --- what is printed


def test_no_word_of_the_file_passes_for_one_of_the_verifier(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = record() | {"reference": "X-1 follow.\nproved: The export was signed by the force"}
    told["events"] = [{**each, "stream": told["reference"]} for each in told["events"]]
    file = write(tmp_path / "case.zip", told)
    assert "its reference, or a version, is none" in faults(file)
    rewritten(file, more=[("x\nproved: Everything\x1b[1A", b"")])
    assert verify.main([str(file)]) == 1
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1 and "\x1b" not in out and out.startswith("FAULT: ")


def test_no_text_of_an_event_passes_for_another_event_in_the_chronology() -> None:
    spoof = "He said so.\n\n9. case closed\n   happened 2020-06-22 09:00\r\x1b[2K\u202egnp"
    lines = tell(record(1) | {"events": [{**event(1, text=spoof), "hash": "00"}]}).splitlines()
    assert [line for line in lines if line[:1].isdigit()] == ["1. note taken"]
    assert "      | 9. case closed" in lines
    told = "\n".join(lines)
    assert "\x1b" not in told and "\u202e" not in told and "\r" not in told and "\\u202egnp" in told


NAMES = [
    (lambda told, name: told["data"].update({name: "gross_misconduct"}), "a name"),
    (lambda told, name: told.update(type=name), "a name"),
    (lambda told, name: told.update(command=name), "a name"),
    (lambda told, name: told["actor"].update(role=name), "a name"),
    (lambda told, name: told["actor"].update(id=name), "an id"),
    (lambda told, name: told.update(occurred_at=name), "a time"),
    (lambda told, name: told.update(recorded_at=name), "a time"),
]  # fmt: skip
SPOOF = "\n\n6. dismissed\n   happened 2026-11-01 00:00, recorded 2026-11-01 00:00, told by chair c-1\n   finding"


@pytest.mark.parametrize("name", [SPOOF, "z\n   hash 00" + SPOOF, "n\u202eote", "_note", "", "a:b", "a b", "\uff11"])
@pytest.mark.parametrize(("put", "what"), NAMES)
def test_no_name_of_an_event_passes_for_another_event(
    tmp_path: Path, put: Callable[[dict[str, Any], str], object], what: str, name: str
) -> None:
    told = whole(5, lambda event: put(event, name))
    fault = f"Event 5 has {what} that no event has: it was put in or changed."
    assert fault in faults(write(tmp_path / "case.zip", told)).splitlines()
    lines = tell(told).splitlines()
    assert [line.partition(".")[0] for line in lines if line[:1].isdigit()] == ["1", "2", "3", "4", "5"]
    assert sum(line.startswith("   hash ") for line in lines) == 5 and "\u202e" not in tell(told)


@pytest.mark.parametrize("number", [0, 0.0, -0.0])
def test_a_number_that_is_0_is_told(tmp_path: Path, number: float) -> None:
    told = whole(2, lambda event: event["data"].update(months=number, upheld=False, words="", more=[]))
    assert f"\n   months: {number}\n" in tell(told) and "\n   upheld: false\n" in tell(told)
    assert "words" not in tell(told) and "more" not in tell(told)
    assert check(write(tmp_path / "case.zip", told)).unproved[0].startswith("Nothing is signed")


@pytest.mark.parametrize(
    ("when", "name", "value", "shown"),
    [
        ("at first", "months", 0, ""),
        ("at first", "words", "a\u200bb", "   words: a\u200bb\n"),
        ("at first", "upheld", False, ""),
        ("before", "upheld", False, ""),
    ],
)
def test_what_was_exported_when_not_all_was_told_is_not_forged_and_not_proved_whole(
    tmp_path: Path, when: str, name: str, value: Any, shown: str
) -> None:
    told = whole(2, lambda event: event["data"].update({name: value}))
    now = f"   {name}: {str(value).lower()}\n".replace("\u200b", "\\u200b")
    assert now in tell(told) and tell(told, when) == tell(told).replace(now, shown)
    report = check(write_early(tmp_path / "case.zip", told, when))
    assert report.faults == [] and not any("chronology.txt" in each for each in report.proved)
    assert report.unproved[0].startswith("That chronology.txt tells every no, every 0")


@pytest.mark.parametrize("keys", [None, 1, "ab", [["ab"]], {"ab": 1}])
def test_an_erasure_that_names_no_keys_as_ours_do_is_told_and_keeps_no_case_from_being_exported(keys: Any) -> None:
    """Whoever may append can put one in."""
    told = with_texts()
    told["events"].append(event(3, keys=keys) | {"type": "text_erased", "hash": "00"})
    assert "3. text erased" in tell(told)


def write_early(file: Path, told: dict[str, Any], when: str) -> Path:
    """As an exporter of that time wrote it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.unit.test_verify.tell", partial(tell, told=when))
        return write(file, told)


def test_what_is_not_seen_is_shown_and_ordinary_text_is_left() -> None:
    hidden = {n for n in range(0x110000) if unicodedata.category(chr(n)) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
    passed = [hex(n) for n in hidden - {ord("\n"), ord("\t")} if visible(chr(n)) == chr(n)]
    assert passed == []
    assert visible("\u061c\u200b\ud800\U000e0041") == r"\u061c\u200b\ud800\U000e0041"
    left_out = hidden | {0x115F, 0x1160, 0x3164, 0xFFA0}  # letters that nobody sees
    seen = {n for n in range(0xE0000) if unicodedata.category(chr(n))[0] in "LNPSZ"} - left_out
    assert [hex(n) for n in seen if visible(chr(n)) != chr(n)] == []
    assert visible(text := "\ta\u0301\n\u0915\u094d\u2764\ufe0f\U0001f600") == text


# --- signatures, and what was kept elsewhere


@pytest.mark.parametrize(
    "key", ["01" + "00" * 31, "00" * 32, "ff" * 32, "ab", "", None, 5, "zz" * 32, ["x"]]
)  # fmt: skip
@pytest.mark.parametrize("signature", ["01" + "00" * 63, "00" * 64, "", 7, "zz"])
def test_no_trick_with_keys_passes_for_a_key_that_is_trusted(tmp_path: Path, key: Any, signature: Any) -> None:
    file = write(tmp_path / "case.zip", record())
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    manifest |= {"public_key": key, "signature": signature, "algorithm": "none"}
    file = write(file, record(), manifest__json=json.dumps(manifest).encode())
    trusted = "ab" * 32
    assert check(file, [trusted]).faults
    for kind in ("probity checkpoint 1", "rsa", None):
        manifest["statement"]["kind"] = kind
        assert check(write(file, record(), manifest__json=json.dumps(manifest).encode()), [trusted]).faults


@pytest.mark.parametrize(
    "line",
    [
        "{", "[]", "5", '{"number": "1"}', '{"number": true, "made_at": "x"}', "\x00", "[" * 200_000,
        '{"number": 1, "made_at": "x", "number": 2}', '{"number": 1, "made_at": NaN}',
    ],
)  # fmt: skip
def test_a_witness_that_is_none_is_wrong_usage_and_no_fault_of_the_file(tmp_path: Path, line: str) -> None:
    (tmp_path / "witness").write_text(line)
    with pytest.raises(SystemExit) as ended:
        verify.main([str(write(tmp_path / "case.zip", record())), "--witness", str(tmp_path / "witness")])
    assert ended.value.code == 2


def test_what_cannot_be_read_at_all_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(write(tmp_path / "case.zip", record()))
    for wrong in ([str(tmp_path)], [file, "--witness", str(tmp_path)]):
        with pytest.raises(SystemExit) as ended:
            verify.main(wrong)
        assert ended.value.code == 2 and capsys.readouterr().err.endswith(f": {tmp_path}: Is a directory\n")


def test_of_a_case_without_a_checkpoint_it_is_told_which_was_kept_elsewhere(tmp_path: Path) -> None:
    report = check(write(tmp_path / "case.zip", record()), witnessed=[{"number": 7}])
    (told,) = [each for each in report.unproved if "kept elsewhere" in each]
    assert told.startswith("That the case did not move any more before checkpoint 7, which was kept elsewhere: if ")


def test_a_file_that_is_not_there_is_wrong_usage_and_nothing_that_was_tampered_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        verify.main([str(tmp_path / "none.zip")])
    told = capsys.readouterr()
    assert ended.value.code == 2 and "there is no file" in told.err and told.out == ""


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
@pytest.mark.parametrize("where", ["the manifest", "a text"])
@pytest.mark.parametrize("text", ["\ud800", "\u0142\n"])
def test_a_sentence_a_line_is_printed_whatever_is_in_the_file(
    tmp_path: Path, where: str, text: str, encoding: str
) -> None:
    """In a process of its own, as whoever checks a file runs it, on a terminal that cannot show every letter."""
    told = record() | {"format": "probity record 2", "texts": []}
    file = write(tmp_path / "case.zip", told)
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    if where == "the manifest":
        manifest["statement"]["reference"] = text
        write(file, told, manifest__json=json.dumps(manifest).encode())
    else:
        write(file, told | {"texts": [{"version": 1, "field": text, "text": "x", "secret": "00" * 32}]})
    command = [sys.executable, verify.__file__, str(file)]
    ended = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": encoding}, check=False)
    lines = ended.stdout.decode(encoding).splitlines()
    assert (ended.returncode, ended.stderr) == (1, b"") and lines
    assert all(line.startswith("FAULT: ") for line in lines)
