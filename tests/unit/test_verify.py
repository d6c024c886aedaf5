"""The verifier stands by itself, computes what the engine computes, and finds what was done to an unsigned export."""

import ast
import io
import json
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from activities import chain
from integration import verify
from integration.cli.main import app
from integration.verify import MANIFEST, PARTS, check, tell

Change = Callable[[dict[str, Any]], object]


def test_it_needs_nothing_of_ours() -> None:
    tree = ast.parse(Path(verify.__file__).read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    others = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names
    assert others == {"cryptography"}


def event(version: int, **data: Any) -> dict[str, Any]:
    return {
        "stream": "X-1",
        "version": version,
        "event_id": f"00000000-0000-0000-0000-{version:012}",
        "type": "note_taken",
        "schema_version": 1,
        "occurred_at": "2020-06-22T09:00:00.000000Z",
        "recorded_at": "2020-06-22T09:00:01.000000Z",
        "actor": {"role": "clerk", "id": "c-1"},
        "command": "take_note",
        "command_id": f"c-{version}",
        "data": {"text": "Grüße \u2028 \U0001f600", "count": 3, "nothing": None, **data},
    }


def record(count: int = 5) -> dict[str, Any]:
    head, events = chain.GENESIS, []
    for version in range(1, count + 1):
        bare = event(version)
        head = chain.link(head, bare)
        events.append({**bare, "hash": head.hex()})
    facts = {"format": "probity record 1", "reference": "X-1", "version": count, "head": head.hex()}
    return {**facts, "events": events, "checkpoints": []}


def write(file: Path, told: dict[str, Any], **instead: bytes) -> Path:
    parts = {"record.json": json.dumps(told).encode(), "schemas.json": b"{}", "verify.py": b""}
    parts["chronology.txt"] = tell(told).encode()
    statement = {name: told[name] for name in ("reference", "version", "head")}
    files = {name: sha256(content).hexdigest() for name, content in parts.items()}
    statement |= {"kind": "probity export 1", "exported_at": "2020-06-23T09:00:00+00:00", "files": files}
    parts[MANIFEST] = json.dumps({"statement": statement, "public_key": None, "signature": None}).encode()
    parts |= {name.replace("__", "."): content for name, content in instead.items()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


def test_a_whole_export_is_whole_and_what_is_not_proved_is_said(tmp_path: Path) -> None:
    report = check(write(tmp_path / "case.zip", record()))
    assert report.faults == []
    assert report.proved[0].startswith("Events 1 to 5 of case X-1 follow from each other")
    assert report.unproved[0].startswith("Nothing is signed")
    assert "Events 1 to 5 came after the last checkpoint" in report.unproved[1]
    assert report.unproved[-1].startswith("That schemas.json and verify.py are as they were exported")


def test_one_event_is_told_as_one(tmp_path: Path) -> None:
    assert check(write(tmp_path / "case.zip", record(1))).unproved[1].startswith("Event 1 came after the last")


def test_a_signature_that_is_asked_for_has_to_be_there(tmp_path: Path) -> None:
    assert check(write(tmp_path / "case.zip", record()), ["ab" * 32]).faults == ["The export is not signed."]


def at(place: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda told: told["events"][place]


def swap(told: dict[str, Any]) -> None:
    told["events"][1], told["events"][2] = told["events"][2], told["events"][1]


def rechain(told: dict[str, Any], first: int) -> None:
    """Compute the chain anew from a place on, as a forger does who leaves the head alone."""
    before = bytes.fromhex(told["events"][first - 1]["hash"]) if first else chain.GENESIS
    for each in told["events"][first:]:
        bare = {name: value for name, value in each.items() if name != "hash"}
        before = chain.link(before, bare)
        each["hash"] = before.hex()


def anew(told: dict[str, Any]) -> None:
    told["events"][2]["data"]["text"] = "x"
    rechain(told, 2)


CHANGES: list[tuple[Change, str]] = [
    (lambda told: at(2)(told)["data"].update(text="Nothing."), "Event 3 does not continue event 2"),
    (lambda told: at(2)(told)["data"].update(count=3.0), "Event 3 does not continue event 2"),
    (lambda told: at(2)(told)["data"].pop("nothing"), "Event 3 does not continue event 2"),
    (lambda told: at(2)(told).update(more=1), "Event 3 does not continue event 2"),
    (lambda told: at(0)(told)["actor"].update(id="c-2"), "Event 1 does not begin the chain"),
    (lambda told: at(4)(told).update(hash="00" * 32), "Event 5 does not continue event 4"),
    (lambda told: told["events"].pop(1), "Event 2 is missing, or moved: after event 1 stands event 3"),
    (lambda told: told["events"].pop(0), "Event 1 is missing"),
    (lambda told: told["events"].pop(), "Event 5 is missing from the end"),
    (lambda told: told["events"].clear(), "Events 1 to 5 are missing from the end"),
    (swap, "Event 2 stands after event 3: it was moved"),
    (lambda told: told["events"].insert(2, at(1)(told)), "Event 2 stands after event 2"),
    (lambda told: told["events"].append({**at(4)(told), "version": 6}), "Events were put in after event 5"),
    (anew, "Event 5 is not the one that the head"),
    (lambda told: told.update(reference="X-2"), "5 events are of another case, the first is event 1, the last 5."),
    (lambda told: at(2)(told).update(stream="X-2"), "Event 3 is of another case."),
    (lambda told: told.update(format="probity record 2"), "not of the format"),
    (lambda told: told.update(more=1), "not of the format"),
    (lambda told: told.pop("events"), "not a whole export"),
    (lambda told: told.update(events=[1]), "not a whole export"),
    (lambda told: at(2)(told).update(version="3"), "not a whole export"),
    (lambda told: at(2)(told).update(hash="xyz"), "not a whole export"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_what_was_done_to_the_events_is_found_and_named(tmp_path: Path, change: Change, said: str) -> None:
    told = record()
    change(told)
    try:
        file = write(tmp_path / "case.zip", told)
    except (KeyError, TypeError, AttributeError):  # what is no record cannot be told: keep the text of a whole one
        file = write(tmp_path / "case.zip", record(), record__json=json.dumps(told).encode())
    faults = check(file).faults
    assert any(said in fault for fault in faults), faults


@pytest.mark.parametrize("part", [name for name in PARTS if name not in (MANIFEST, "record.json")])
def test_what_was_done_to_another_part_is_found(tmp_path: Path, part: str) -> None:
    file = write(tmp_path / "case.zip", record(), **{part.replace(".", "__"): b"other"})
    assert f"{part} was changed after the export." in check(file).faults


def test_a_name_that_stands_twice_is_not_believed(tmp_path: Path) -> None:
    text = json.dumps(record()).replace('"version": 5', '"version": 9, "version": 5', 1)
    assert "a name stands twice" in check(write(tmp_path / "case.zip", record(), record__json=text.encode())).faults[0]


def test_every_truncation_and_every_flipped_byte_is_found(tmp_path: Path) -> None:
    whole = write(tmp_path / "case.zip", record(2)).read_bytes()
    file = tmp_path / "other.zip"
    for length in range(0, len(whole), 97):
        file.write_bytes(whole[:length])
        assert check(file).faults, length
    names = {name.encode() for name in PARTS}
    for place in range(0, len(whole), 13):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        if check(file).faults:
            continue
        # no byte of any part is another: it was one of the wrapping that no reader looks at
        with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as read, zipfile.ZipFile(io.BytesIO(whole)) as kept:
            assert {name.encode() for name in read.namelist()} == names
            assert all(read.read(name) == kept.read(name) for name in PARTS)


def test_what_is_no_export_is_said_to_be_none(tmp_path: Path) -> None:
    for content in (b"", b"PK", b"nonsense" * 100):
        (tmp_path / "case.zip").write_bytes(content)
        assert "not a whole export" in check(tmp_path / "case.zip").faults[0]


def test_the_command_says_it_and_ends_with_its_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "case.zip", record())
    assert verify.main([str(file)]) == 0
    assert capsys.readouterr().out.startswith("proved: Events 1 to 5")
    assert verify.main([str(file), "--key", "ab" * 32]) == 1
    assert capsys.readouterr().out == "FAULT: The export is not signed.\n"


@pytest.mark.parametrize("key", ["FINGERPRINT", "ab", "", "g" * 64, "ab" * 33, "ab" * 32 + "\n"])
def test_what_is_no_fingerprint_is_wrong_usage_and_no_fault_of_the_file(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "case.zip", record())
    with pytest.raises(SystemExit, match="2"):
        verify.main([str(file), "--key", "ab" * 32, "--key", key])
    told = capsys.readouterr()
    assert told.err.endswith("error: --key: is no fingerprint, which is 64 hexadecimal digits\n") and told.out == ""
    ended = CliRunner().invoke(app, ["verify", str(file), "--key", key])
    said = f"malformed: --key: is {'no fingerprint, which is 64 hexadecimal digits' if key else 'empty'}.\n"
    assert (ended.exit_code, ended.stderr, ended.stdout) == (2, said, "")


def test_a_fingerprint_may_be_typed_in_capitals() -> None:
    assert verify.trusted(["AB" * 32]) == ["ab" * 32]
