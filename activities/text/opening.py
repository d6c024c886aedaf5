"""Opening: what a reader is shown of sealed text. What cannot be shown says why, and the rest is read on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import Field

from activities.sql import sql
from activities.text.sealing import OWED, SEALED, Key, Ring, Secret, Unopenable, named, open_sealed, place, secret
from domain.errors import Unopened
from domain.messages import Recorded, plain
from domain.working_days import london_date

if TYPE_CHECKING:
    import asyncpg

    from activities.store import Connection

__all__ = ["Readable", "may_open", "opened", "sealed_texts", "secrets_of"]

WHY = {
    "sealed": "sealed",
    "wrong_master_key": "cannot be opened: its key is under a master key that is not given here (wrong_master_key)",
    "damaged_key": "cannot be opened: its key was changed since it was made (damaged_key)",
    "damaged": "cannot be opened: it is not what was sealed (damaged)",
    "unknown_key": "cannot be opened: its key is not in this store (unknown_key)",
}


async def may_open(connection: "Connection") -> bool:
    """Whether this login may open text. Raises `Unopened` where a restore may have brought back what was erased."""
    row = await connection.fetchrow(sql("may_open"))
    assert row is not None
    if row["may"] and row["owed"]:
        raise Unopened(OWED)
    return bool(row["may"])


class Readable(Recorded):
    """An event as it is shown. `withheld`: fields whose text is not there, with a stable code that says why.

    Its hash is of what was recorded: sealed text, not what is shown here.
    """

    withheld: dict[str, str] = Field(default_factory=dict)


Words = dict[UUID, str]  # of keys that were destroyed: when, and why


async def opened(connection: "Connection", events: Sequence[Recorded], ring: Ring | None) -> list[Readable]:
    """The events with their text open; without a ring sealed text stays sealed. What was erased says when and why."""
    ids = sorted({id for event in events for _, text in sealed_texts(event) for id in _named(text)})
    if not ids:
        return [Readable.model_validate(vars(event)) for event in events]
    ring = ring if ring and await may_open(connection) else None
    erased = {row["key"]: _erased(row) for row in await connection.fetch(sql("erasures"), ids)}
    keys = await _keys(connection, ids, ring) if ring else {}
    return [_readable(event, keys, erased, ring) for event in events]


async def secrets_of(
    connection: "Connection", events: Sequence[Recorded], ring: Ring
) -> list[tuple[Recorded, str, Secret]]:
    """Each text that can be opened, with the secret that opens it and nothing else. What is damaged is left out."""
    ids = sorted({id for event in events for _, text in sealed_texts(event) for id in _named(text)})
    keys, found = await _keys(connection, ids, ring) if await may_open(connection) else {}, []
    for event in events:
        for name, text in sealed_texts(event):
            with suppress(Unopenable):
                made = _secret(event, name, text, keys)
                open_sealed(text, made)
                found.append((event, name, made))
    return found


def sealed_texts(event: Recorded) -> Iterator[tuple[str, str]]:
    """The fields that hold sealed text."""
    for name, value in event.data.items():
        if isinstance(value, str) and value.startswith(SEALED):
            yield name, value


def _named(text: str) -> Iterable[UUID]:
    try:
        return named(text)
    except Unopenable:
        return ()


def _erased(row: "asyncpg.Record") -> str:
    return f"erased on {plain(london_date(row['erased_at']))}: {row['because']}"


async def _keys(connection: "Connection", ids: Sequence[UUID], ring: Ring) -> dict[UUID, Key | Unopenable]:
    found: dict[UUID, Key | Unopenable] = {}
    for row in await connection.fetch(sql("keys"), ids):
        try:
            found[row["key"]] = ring.unwrap(row["key"], row["wrapped"], row["master"])
        except Unopenable as why:
            found[row["key"]] = why
    return found


def _readable(event: Recorded, keys: Mapping[UUID, Key | Unopenable], erased: Words, ring: Ring | None) -> Readable:
    data, withheld = dict(event.data), {}
    for name, text in sealed_texts(event):
        gone = next((erased[id] for id in _named(text) if id in erased), None)
        if gone is not None:
            data[name], withheld[name] = f"«{gone}»", "erased"
            continue
        try:
            if ring is None:
                raise Unopenable("sealed")
            data[name] = open_sealed(text, _secret(event, name, text, keys))
        except Unopenable as why:
            data[name], withheld[name] = f"«{WHY[why.code]}»", why.code
    return Readable.model_validate(vars(event) | {"data": data, "withheld": withheld})


def _secret(event: Recorded, name: str, text: str, keys: Mapping[UUID, Key | Unopenable]) -> Secret:
    needed = []
    for id in named(text):
        key = keys.get(id, Unopenable("unknown_key"))
        if isinstance(key, Unopenable):
            raise key
        needed.append(key.secret)
    return secret(needed, place(event, name))
