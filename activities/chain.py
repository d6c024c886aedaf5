"""The hash chain of a case: each event is bound to the one before, so that no change to the record goes unseen.

    hash(n) = SHA-256(hash(n - 1) || canonical(event n)),   hash(0) = 32 zero bytes

`canonical` is JSON in UTF-8 with sorted keys and no white space; moments are UTC with microseconds. It can be written
anew in any language within an hour, which is the point: a panel need not trust this program. What the chain cannot
show is an end that was cut off or a whole that was computed anew: the head is kept elsewhere too (docs/adr/0004).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import chain, islice, pairwise
from typing import Any
from uuid import UUID

from domain.messages import Recorded

__all__ = ["GENESIS", "canonical", "digest", "envelope", "link", "linked", "missing", "verify"]

GENESIS = bytes(32)  # the hash before the first event
UNTANGLE = 24  # beyond so many broken links the places they came from are no longer searched for: it takes n³ hashes


def canonical(value: Any) -> bytes:
    """The bytes that a value is hashed as: the same for equal values on every machine.

    Raises TypeError for what is neither JSON, a moment with a time zone, a date nor a UUID; ValueError for NaN.
    """
    text = json.dumps(value, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def _plain(value: object) -> str:
    match value:
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case UUID():
            return str(value)
    raise TypeError(f"a {type(value).__name__} has no canonical form")


def digest(value: Any) -> bytes:
    """SHA-256 of a value's canonical bytes."""
    return sha256(canonical(value)).digest()


def envelope(event: Recorded) -> dict[str, Any]:
    """What of an event is hashed: everything but the hash."""
    return event.model_dump(exclude={"hash"})


def link(previous: bytes, envelope: Mapping[str, Any]) -> bytes:
    """The hash of an event, given the hash of the one before it (`GENESIS` for the first)."""
    return sha256(previous + canonical(envelope)).digest()


def linked(head: bytes, events: Iterable[Recorded]) -> Iterator[tuple[Recorded, bytes]]:
    """Events with their hashes, going on from a head; and the canonical bytes of each, that others link the same."""
    for event in events:
        plain = canonical(envelope(event))
        head = sha256(head + plain).digest()
        yield event.model_copy(update={"hash": head.hex()}), plain


def verify(events: Sequence[Recorded]) -> list[str]:
    """What is wrong with a case's events, one sentence a fault, naming events by version; empty when nothing is.

    The events are those of one case from its first on. An event and its hash vouch for each other: where the two
    disagree the sentence names both, since no one can tell from inside which of them was touched.
    """
    by_version = {event.version: event for event in events}
    gone = [missing("Event", gap) for gap in _gaps(by_version)]
    faults = [*_disorder(events), *(f"{each}." for each in gone)]
    broken = [event for event in by_version.values() if not _follows(event, by_version)]
    return faults + [fault for event in broken if (fault := _fault(event, broken, by_version))]


def missing(what: str, gap: range) -> str:
    """A gap told in one go, however wide: whoever may add a row may number it as far away as they like."""
    return f"{what} {gap[0]} is missing" if gap[0] == gap[-1] else f"{what}s {gap[0]} to {gap[-1]} are missing"


def _gaps(by_version: Iterable[int]) -> list[range]:
    there = sorted({0, *(version for version in by_version if version > 0)})
    return [range(before + 1, after) for before, after in pairwise(there) if after > before + 1]


def _disorder(events: Sequence[Recorded]) -> Iterator[str]:
    seen: set[int] = set()
    for before, event in zip((None, *events), events, strict=False):
        if event.version < 1:
            yield f"Event {event.version} has no place in a case: the first is 1."
        elif event.version in seen:
            yield f"Event {event.version} stands here more than once."
        elif before is not None and event.version < before.version:
            yield f"Event {event.version} stands after event {before.version}."
        seen.add(event.version)


def _follows(event: Recorded, by_version: Mapping[int, Recorded]) -> bool:
    previous = _hash_before(event.version, by_version)
    return previous is None or link(previous, envelope(event)).hex() == event.hash


def _hash_before(version: int, by_version: Mapping[int, Recorded]) -> bytes | None:
    """The hash that an event at `version` continues; None when the event before it is missing."""
    if version == 1:
        return GENESIS
    before = by_version.get(version - 1)
    return _bytes(before.hash) if before else None


def _bytes(hexadecimal: str) -> bytes:
    """A hash as bytes; what is no hash becomes one that nothing continues."""
    try:
        return bytes.fromhex(hexadecimal)
    except ValueError:
        return b""


def _fault(event: Recorded, broken: Sequence[Recorded], by_version: Mapping[int, Recorded]) -> str | None:
    came_from = _came_from(event, broken, by_version) if len(broken) <= UNTANGLE else None
    if came_from == event.version:
        return None  # untouched: what stood before it was moved, and is named by itself
    if came_from is not None:
        return f"Event {event.version} was recorded as event {came_from}."
    if event.version == 1:
        return "Event 1 does not begin the chain: it was changed or put in, or one before it was taken out."
    pair = f"Event {event.version} does not continue event {event.version - 1}"
    return f"{pair}: one of the two was changed or put in, or one between them was taken out."


def _came_from(event: Recorded, broken: Sequence[Recorded], by_version: Mapping[int, Recorded]) -> int | None:
    """The version at which an event's hash is right: then it is genuine, but stood elsewhere."""
    moved = [_bytes(each.hash) for each in broken]
    gone = islice(chain.from_iterable(_gaps(by_version)), UNTANGLE)
    for version in [*gone, *(each.version for each in broken), max(by_version) + 1]:
        before = _hash_before(version, by_version)
        for previous in [*([before] if before else []), *moved]:
            if link(previous, envelope(event) | {"version": version}).hex() == event.hash:
                return version
    return None
