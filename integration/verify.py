"""Check an exported case: `python verify.py CASE.zip`. Needs no Probity, no database and no network.

This file stands by itself: Python 3.11, its standard library, and `cryptography` for the signatures (`pip install
cryptography`). It is in every export, but take it from the published release: whoever forges an export can forge the
verifier in it. docs/verify.md says how everything here is computed, so that it can be written anew in another language.

    hash(n) = SHA-256(hash(n - 1) || canonical(event n without its hash)),   hash(0) = 32 zero bytes
    canonical = JSON in UTF-8, keys sorted, no white space

A checkpoint is a signed statement with the root of a Merkle tree (RFC 6962) whose leaves are the heads of all cases.
"""

import argparse
import base64
import hmac
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

__all__ = [
    "MANIFEST",
    "PARTS",
    "Report",
    "check",
    "fingerprint",
    "main",
    "statements",
    "tell",
    "texts",
    "trusted",
    "visible",
]

RECORD, CHRONOLOGY, MANIFEST = "record.json", "chronology.txt", "manifest.json"
PARTS = (RECORD, CHRONOLOGY, "schemas.json", "verify.py", MANIFEST)
FORMATS = {"probity record 1": {"format", "reference", "version", "head", "events", "checkpoints"}}
FORMATS["probity record 2"] = FORMATS["probity record 1"] | {"texts"}
TOLD = ("today", "before", "at first")  # how chronologies were told: whatever was exported once is checked for ever
SEALED = "sealed:1:"  # free text about people begins so where it was recorded sealed
LARGEST = 512 * 1024 * 1024  # bytes of all parts: a file that claims more is no case
ANOTHER_WAY = "something stands beside what is packed in a part, or it is packed in another way"
REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,40}")
EVENT = "actor command command_id data event_id hash occurred_at recorded_at schema_version stream type version"
NAME, ID = re.compile("[a-z][a-z0-9_]*"), re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FINGERPRINT = re.compile("[0-9a-f]{64}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
# What moves a cursor, turns text round or is not seen: Cc, Cf, Cs, Co, Zl, Zp and what is ignorable in Unicode 16, but
# for the selectors of emoji. A list, since each Python has a Unicode of its own. `EARLY`: what early releases showed.
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufeff\uffa0\ufff0-\ufffb\U000110bd"
    r"\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
EARLY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass
class Report:
    """What was found: faults, what is proved, and what no check of this file can prove. A sentence each."""

    faults: list[str] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)


def check(path: Path, keys: Sequence[str] = (), witnessed: Sequence[Mapping[str, Any]] = ()) -> Report:
    """Check an export. `keys`: fingerprints that are trusted; `witnessed`: checkpoint statements kept elsewhere."""
    report = Report()
    try:
        parts = _parts(path)
        record, manifest = _read(parts[RECORD]), _read(parts[MANIFEST])
        report.faults += _chain(record)
        report.faults += _forms(record)
        report.faults += texts(record)
        report.faults += _beside(record, manifest)
        report.faults += _parts_are_whole(parts, record)
        report.faults += _manifest(parts, record, manifest, keys)
        kept = {each["number"]: each for each in witnessed}
        report.faults += _contradicted(witnessed, kept)
        report.faults += _checkpoints(record, keys, kept)
        if not report.faults:
            if parts[CHRONOLOGY] != tell(record).encode("utf-8"):
                early = "it is of an early release, which did not"
                report.unproved.append(
                    f"That {CHRONOLOGY} tells every no, every 0 and every hidden character: {early}."
                )
            _say_what_is_proved(report, record, manifest, keys)
            report.unproved += _newer(record, kept)
    except Exception as why:  # whatever a forger makes a reader of zip or JSON raise
        report.faults.append(f"The file is not a whole export of a case ({type(why).__name__}: {why}).")
    return report


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        if sum(each.file_size for each in archive.infolist()) > LARGEST:
            raise ValueError("it is too large")
        if any(each.external_attr >> 28 not in (0, 8) for each in archive.infolist()):
            raise ValueError("one of its parts is no ordinary file")
        if sorted(archive.namelist()) != sorted(PARTS):
            raise ValueError(f"it holds {', '.join(archive.namelist())[:200] or 'nothing'}, not {', '.join(PARTS)}")
        if _size(archive) != path.stat().st_size:
            raise ValueError("something stands beside its parts, which another program may show in their place")
        parts = {name: _unpacked(path, archive.getinfo(name)) for name in PARTS}
        if any(archive.read(name) != part for name, part in parts.items()):  # last: it unpacks whatever is packed
            raise ValueError(ANOTHER_WAY)
        return parts


def _unpacked(path: Path, part: zipfile.ZipInfo) -> bytes:
    """A part, read from where `_size` has it, and no more of it than it says. Raises `ValueError` where it holds more,
    or its packed bytes go on behind the end of what they hold.
    """
    with path.open("rb") as file:
        file.seek(part.header_offset + 30 + len(part.filename))
        held = file.read(part.compress_size)
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(ANOTHER_WAY)
    if part.compress_type == zipfile.ZIP_DEFLATED:
        inflating = zlib.decompressobj(-zlib.MAX_WBITS)
        held = inflating.decompress(held, part.file_size + 1)
        if not inflating.eof or inflating.unused_data:
            raise ValueError(ANOTHER_WAY)
    if len(held) != part.file_size:
        raise ValueError(ANOTHER_WAY)
    return held


def _size(archive: zipfile.ZipFile) -> int | None:
    """How long the file is if the parts follow each other in it and nothing else does, not even a comment."""
    end, headers = 0, 22
    for each in sorted(archive.infolist(), key=lambda part: part.header_offset):
        if each.header_offset != end:
            return None
        end += 30 + len(each.filename) + each.compress_size
        headers += 46 + len(each.filename)
    return end + headers


def _read(text: bytes) -> Any:
    """JSON that says each thing once: of two values for one name each reader would believe another."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name stands twice")
        return dict(pairs)

    def no_number(name: str) -> float:
        raise ValueError(f"{name} is no number")

    return json.loads(text.decode("utf-8"), object_pairs_hook=once, parse_constant=no_number)


def canonical(value: Any) -> bytes:
    """The bytes that a value is hashed and signed as."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


# --- the chain of the case


def _chain(record: Mapping[str, Any]) -> Iterator[str]:
    if not (REFERENCE.fullmatch(record["reference"]) and all(type(n) is int for n in _versions(record))):
        raise ValueError("its reference, or a version, is none")
    if not record["events"]:
        yield "No event opens the case."
    if others := [event["version"] for event in record["events"] if event["stream"] != record["reference"]]:
        yield _of_another_case(others)
    before, last = bytes(32).hex(), 0
    for event in record["events"]:
        version = event["version"]
        if version != last + 1:
            yield _out_of_place(version, last)
        bare = {name: value for name, value in event.items() if name != "hash"}
        if sha256(bytes.fromhex(before) + canonical(bare)).hexdigest() != event["hash"]:
            yield _broken(version, last)
        before, last = event["hash"], version
    if last < record["version"]:
        first, end = last + 1, record["version"]
        yield f"{f'Event {end} is' if first == end else f'Events {first} to {end} are'} missing from the end."
    if last > record["version"]:
        yield f"Events were put in after event {record['version']}, the last of the case."
    elif last == record["version"] and before != record["head"]:
        yield f"Event {last} is not the one that the head of the case was computed from."


def _forms(record: Mapping[str, Any]) -> Iterator[str]:
    """What is told without a bar has the form of a name, an id or a moment: it cannot look like anything else."""
    for event in record["events"]:
        actor = event["actor"]
        for what, form, values in (
            ("a name", NAME, [event["type"], event["command"], actor["role"], *event["data"]]),
            ("an id", ID, [actor["id"]]),
            ("a time", MOMENT, [event["occurred_at"], event["recorded_at"]]),
        ):
            if not all(map(form.fullmatch, values)):
                yield f"Event {event['version']} has {what} that no event has: it was put in or changed."


def _versions(record: Mapping[str, Any]) -> list[Any]:
    return [record["version"], *(event["version"] for event in record["events"])]


def _of_another_case(versions: Sequence[int]) -> str:
    if len(versions) == 1:
        return f"Event {versions[0]} is of another case."
    return f"{len(versions)} events are of another case, the first is event {versions[0]}, the last {versions[-1]}."


def _out_of_place(version: int, last: int) -> str:
    if version > last + 1:
        missing = f"Event {last + 1} is" if version == last + 2 else f"Events {last + 1} to {version - 1} are"
        return f"{missing} missing, or moved: after event {last} stands event {version}."
    return f"Event {version} stands after event {last}: it was moved, or put in a second time."


def _broken(version: int, last: int) -> str:
    if not last:
        return f"Event {version} does not begin the chain: it was changed or put in, or one before it was taken out."
    pair = f"Event {version} does not continue event {last}"
    return f"{pair}: one of the two was changed, moved or put in, or one between them was taken out."


# --- the parts of the file


def _beside(record: Mapping[str, Any], manifest: Mapping[str, Any]) -> Iterator[str]:
    """Nothing stands in the file that is not checked: whoever reads it would believe it as they do the rest."""
    held, events, export = record["checkpoints"], record["events"], manifest["statement"]
    for what, every, names in (
        ("An event", events, EVENT),
        ("Who told an event", [event["actor"] for event in events], "id role"),
        ("A text", record.get("texts", []), "field secret text version"),
        ("A checkpoint", held, "head proof public_key signature statement version"),
        ("What a checkpoint states", [each["statement"] for each in held], "cases kind made_at number previous root"),
        ("The manifest", [manifest], "public_key signature statement"),
        ("What the manifest states", [export], "exported_at files head kind reference version"),
        ("The list of parts", [export["files"]], " ".join(name for name in PARTS if name != MANIFEST)),
    ):
        if any(each.keys() != set(names.split()) for each in every):
            yield f"{what} holds something else than it has to."


def _parts_are_whole(parts: Mapping[str, bytes], record: Mapping[str, Any]) -> Iterator[str]:
    if set(record) != FORMATS.get(record["format"]):
        yield f"{RECORD} is not of the format that this verifier knows."
    if parts[CHRONOLOGY] not in (tell(record, told).encode("utf-8") for told in TOLD):
        yield f"{CHRONOLOGY} does not tell what the events say."


def tell(record: Mapping[str, Any], told: str = TOLD[0]) -> str:
    """The events as text to read, made from them alone, so that no word of it can be other than they are.

    `told`: as today, or as early releases did: without what is false, at first also without each 0 and with some of
    what is unseen as it is.
    """
    unseen = EARLY if told == "at first" else UNSEEN
    lines = [f"The record of case {record['reference']}: {record['version']} events. All times are UTC.", ""]
    texts, erased = _opened(record), _erased(record)
    for event in record["events"]:
        lines.append(f"{event['version']}. {_line(event['type'].replace('_', ' '))}")
        who = f"{event['actor']['role'].replace('_', ' ')} {event['actor']['id']}"
        when = f"happened {_moment(event['occurred_at'])}, recorded {_moment(event['recorded_at'])}"
        lines.append(f"   {_line(f'{when}, told by {who}')}")
        says = {name: value for name, value in event["data"].items() if _is_told(value, told)}
        says |= {name: texts.get((event["version"], name), _shut(says[name], erased)) for name in _sealed(event)}
        lines += [f"   {_line(name.replace('_', ' '))}: {_plain(says[name], unseen)}" for name in sorted(says)]
        lines += [f"   hash {event['hash']}", ""]
    return "\n".join(lines)


def _is_told(value: Any, told: str) -> bool:
    left_out = {"today": False, "before": value is False, "at first": value == 0}  # False is 0 too
    return value not in (None, "", [], {}) and not left_out[told]


def _moment(text: str) -> str:
    return text[:16].replace("T", " ")


def _plain(value: Any, unseen: re.Pattern[str]) -> str:
    """Told so that no text of one event can pass for another: its further lines stand behind a bar."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return visible(text.replace("\r\n", "\n"), unseen).replace("\n", "\n      | ")


def _line(text: str) -> str:
    return visible(text).replace("\n", "\\n")


def visible(text: str, unseen: re.Pattern[str] = UNSEEN) -> str:
    """What would move a cursor, turn the text around or not be seen, shown as what it is."""
    return unseen.sub(
        lambda found: f"\\u{ord(found[0]):04x}" if found[0] <= "\uffff" else f"\\U{ord(found[0]):08x}", text
    )


# --- free text, which is recorded sealed


def _sealed(event: Mapping[str, Any]) -> list[str]:
    return [name for name, value in event["data"].items() if isinstance(value, str) and value.startswith(SEALED)]


def _opened(record: Mapping[str, Any]) -> dict[tuple[int, str], str]:
    return {(each["version"], each["field"]): each["text"] for each in record.get("texts", [])}


def _erased(record: Mapping[str, Any]) -> dict[str, str]:
    """The keys that were destroyed, and what the record says of it; one that was put in may have another form."""
    found = dict[str, str]()
    for event in record["events"]:
        data = event["data"]
        if event["type"] == "text_erased" and isinstance(data.get("keys"), list):
            why = f"erased {_moment(event['occurred_at'])}: {data.get('reasons')}"
            found |= {key: why for key in data["keys"] if isinstance(key, str)}
    return found


def _shut(text: str, erased: Mapping[str, str]) -> str:
    keys = text.removeprefix(SEALED).partition(":")[0].split("+")
    return f"«{next((erased[key] for key in keys if key in erased), 'sealed')}»"


def texts(record: Mapping[str, Any]) -> Iterator[str]:
    """A text that is shown is the one that was sealed if its secret opens it: no other is bound to the sealed text."""
    if len(_opened(record)) != len(record.get("texts", [])):
        yield "A text is in the file twice."
    events = {event["version"]: event for event in record["events"]}
    for each in record.get("texts", []):
        name, event = f"{each['field']} of event {each['version']}", events.get(each["version"])
        if event is None or each["field"] not in _sealed(event):
            yield f"The text {name} was not recorded sealed."
            continue
        try:
            if _unsealed(event["data"][each["field"]], bytes.fromhex(each["secret"])) != each["text"]:
                yield f"The text {name} is not the one that was recorded."
        except ImportError:
            yield f"The text {name} was not checked, since `cryptography` is not installed: pip install cryptography."


def _unsealed(sealed: str, secret: bytes) -> str | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    content = base64.urlsafe_b64decode(sealed.rpartition(":")[2])
    nonce, commitment, content = content[:12], content[12:44], content[44:]
    if hmac.digest(secret, b"commit", "sha256") != commitment:
        return None
    try:
        return AESGCM(hmac.digest(secret, b"seal", "sha256")).decrypt(nonce, content, None).decode()
    except InvalidTag:
        return None


# --- signatures


def _manifest(
    parts: Mapping[str, bytes], record: Mapping[str, Any], signed: Mapping[str, Any], keys: Sequence[str]
) -> Iterator[str]:
    statement = signed["statement"]
    files = {name: sha256(parts[name]).hexdigest() for name in PARTS if name != MANIFEST}
    yield from (
        f"{name} was changed after the export." for name in files if statement["files"].get(name) != files[name]
    )
    said = {name: statement[name] for name in ("reference", "version", "head")}
    if said != {name: record[name] for name in said}:
        yield f"The export was made of {said['reference']} at version {said['version']}, not of what is in the file."
    if signed["signature"] is not None:
        yield from _signed(signed, "probity export 1", "The export", keys)
    elif keys:
        yield "The export is not signed."


def _checkpoints(
    record: Mapping[str, Any], keys: Sequence[str], witnessed: Mapping[int, Mapping[str, Any]]
) -> Iterator[str]:
    hashes, seen = {event["version"]: event["hash"] for event in record["events"]}, dict[Any, Any]()
    for held in record["checkpoints"]:
        if type(held["statement"]["number"]) is not int or type(held["version"]) is not int:
            raise ValueError("a checkpoint has no number")
        if seen.setdefault(held["statement"]["number"], held["statement"]) != held["statement"]:
            yield f"There are two checkpoints {held['statement']['number']}: one is forged, or the store was restored."
        statement, name = held["statement"], f"Checkpoint {held['statement']['number']}"
        yield from _signed(held, "probity checkpoint 1", name, keys)
        if held["version"] not in hashes:
            yield f"{name} holds event {held['version']}, which is not in the file: the end was cut off."
        elif hashes[held["version"]] != held["head"]:
            yield f"Event {held['version']} is not the one that {name.lower()} holds: the chain was computed anew."
        if _root(record["reference"], held) != statement["root"]:
            yield f"{name} does not hold this case: its proof leads to another root."
        if witnessed.get(statement["number"], statement) != statement:
            yield f"{name} is not the one that was kept elsewhere: one of the two is forged."


def _contradicted(witnessed: Iterable[Mapping[str, Any]], kept: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    for number in sorted({each["number"] for each in witnessed if each != kept[each["number"]]}):
        yield f"Of checkpoint {number} two statements were kept elsewhere: one is forged, or the record was put back."


def _newer(record: Mapping[str, Any], witnessed: Iterable[int]) -> Iterator[str]:
    last = max((held["statement"]["number"] for held in record["checkpoints"]), default=0)
    if max(witnessed, default=0) > last:
        since = f"between checkpoint {last} and" if last else "any more before checkpoint"
        yield (
            f"That the case did not move {since} {max(witnessed)}, which was kept elsewhere: if it did, and before the "
            "export, its end was cut off."
        )


def _root(reference: str, held: Mapping[str, Any]) -> str:
    leaf = canonical({"stream": reference, "version": held["version"], "head": held["head"]})
    node = sha256(b"\x00" + leaf).digest()
    for side, other in held["proof"]:
        pair = (bytes.fromhex(other), node) if side == "left" else (node, bytes.fromhex(other))
        node = sha256(b"\x01" + b"".join(pair)).digest()
    return node.hex()


def fingerprint(public_key: str) -> str:
    """What a key is known by: SHA-256 of its 32 bytes."""
    return sha256(bytes.fromhex(public_key)).hexdigest()


def _signed(signed: Mapping[str, Any], kind: str, name: str, keys: Sequence[str]) -> Iterator[str]:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        yield f"{name}: the signature was not checked, since `cryptography` is not installed: pip install cryptography."
        return
    if signed["statement"]["kind"] != kind:
        yield f"{name} carries a signature over something else."
    if keys and fingerprint(signed["public_key"]) not in keys:
        yield f"{name} is signed by a key that you do not trust: {fingerprint(signed['public_key'])}."
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed["public_key"]))
        public.verify(bytes.fromhex(signed["signature"]), canonical(signed["statement"]))
    except InvalidSignature:
        yield f"{name}: the signature is not that of the key it names, or what was signed was changed."


# --- what it comes to


def _say_what_is_proved(
    report: Report, record: Mapping[str, Any], manifest: Mapping[str, Any], keys: Sequence[str]
) -> None:
    last, made = record["version"], manifest["statement"]["exported_at"]
    report.proved.append(
        f"Events 1 to {last} of case {record['reference']} follow from each other: "
        "since this chain was computed none was changed, removed, moved or put in."
    )
    if not report.unproved:
        report.proved.append(f"{CHRONOLOGY} tells what these events say, and nothing else.")
    if record.get("texts"):
        report.proved.append("Every text that is shown is the one that was recorded sealed.")
    signers = {each["public_key"] for each in record["checkpoints"]}
    if manifest["signature"] is not None:
        signers.add(manifest["public_key"])
        report.proved.append(f"The export was signed as it is, at version {last}, dated {_moment(made)} UTC.")
    elif signers:
        report.unproved.append("That the file is all of the case: the export is not signed, and any end can be cut.")
    for each in record["checkpoints"][-1:]:
        of, at = each["version"], _moment(each["statement"]["made_at"])
        report.proved.append(
            f"Events 1 to {of} are those that stood at checkpoint {each['statement']['number']}, {at} UTC."
        )
    _say_what_is_not(report, record, sorted(map(fingerprint, signers)), keys)
    if manifest["signature"] is None:
        report.unproved.append("That schemas.json and verify.py are as they were exported: the export is not signed.")


def _say_what_is_not(report: Report, record: Mapping[str, Any], signers: Sequence[str], keys: Sequence[str]) -> None:
    if not signers:
        report.unproved.append("Nothing is signed: that the whole chain was not computed anew cannot be shown.")
    elif not keys:
        told = ", ".join(signers)
        report.unproved.append(f"Whose key signed it. Compare with what the force publishes, or give --key: {told}.")
    covered = max((each["version"] for each in record["checkpoints"]), default=0)
    if covered < record["version"]:
        first, last = covered + 1, record["version"]
        after = f"Event {last}" if first == last else f"Events {first} to {last}"
        told = f"{after} came after the last checkpoint in the file"
        report.unproved.append(f"{told}: who owns the database could still compute them anew.")
    shut = sum(len(_sealed(event)) for event in record["events"]) - len(_opened(record))
    if shut:
        report.unproved.append(f"What the text says that is sealed or erased, {shut} in all: {CHRONOLOGY} says which.")
    report.unproved += [
        "That what was told is true, and by whom: the engine's login to the database may add events in any name.",
        "That nothing was recorded after the export, and that nothing was replaced before it was first signed.",
    ]


def trusted(keys: Iterable[str]) -> list[str]:
    """Fingerprints as they were typed. Raises ValueError: with what is none, each key would be one not to trust."""
    found = [key.lower() for key in keys]
    if not all(map(FINGERPRINT.fullmatch, found)):
        raise ValueError("--key: is no fingerprint, which is 64 hexadecimal digits")
    return found


def statements(text: str) -> list[dict[str, Any]]:
    """Checkpoint statements that were kept elsewhere, a line each. Raises ValueError."""
    try:
        found = [_read(line.encode("utf-8")) for line in text.splitlines() if line.strip()]
    except RecursionError:
        raise ValueError("no checkpoint statement") from None
    if not all(isinstance(each, dict) and type(each.get("number")) is int and "made_at" in each for each in found):
        raise ValueError("no checkpoint statement")
    return found


def main(args: Sequence[str] | None = None) -> int:
    """0: no fault; 1: faults; 2: wrong usage."""
    parser = argparse.ArgumentParser(description="Check an exported case, without Probity.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", default=[], help="fingerprint of a key that you trust")
    parser.add_argument("--witness", type=Path, help="checkpoint statements that were kept elsewhere, a line each")
    told = parser.parse_args(args)
    try:
        told.file.open("rb").close()
        witnessed = statements(told.witness.read_text("utf-8")) if told.witness else []
    except FileNotFoundError as none:
        parser.error(f"there is no file {visible(str(none.filename))}")
    except OSError as why:
        parser.error(visible(f"{why.filename}: {why.strerror}"))
    except ValueError:
        parser.error("--witness: cannot be read as checkpoint statements, a line each")
    try:
        keys = trusted(told.key)
    except ValueError as why:
        parser.error(str(why))
    report, encoding = check(told.file, keys, witnessed), sys.stdout.encoding or "utf-8"
    for heading, sentences in (("FAULT", report.faults), ("proved", report.proved), ("not proved", report.unproved)):
        for sentence in sentences:
            print(_line(f"{heading}: {sentence}").encode(encoding, "backslashreplace").decode(encoding))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
