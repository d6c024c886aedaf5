"""Erasure: destroy the keys of free text, and tell the case that it was done, in one transaction a case.

The record is not touched and grows by one event, under the chain and in the feed, so that whoever has a copy learns of
it. Text that is told later is sealed under a new key: what is erased is what there was (docs/adr/0017).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Annotated, NamedTuple
from uuid import UUID

import asyncpg
from pydantic import Field, StringConstraints, ValidationError

from activities import store
from activities.bodies import ERASURES
from activities.chain import digest
from activities.connection import unhurried
from activities.sql import sql
from activities.store import Pool, Provenance, Seen, transaction
from activities.text.sealing import COMMANDS
from domain.erasure import MAY_FORGET, TextErased
from domain.errors import NotFound, Stale, Unavailable
from domain.messages import Actor, Model, OpaqueId, Recorded, Reference
from domain.permission import check_role

__all__ = [
    "Erasure",
    "Forgotten",
    "Spared",
    "erasures",
    "forget",
    "forget_again",
    "settled",
    "verify",
]

UNDER = "A key that event {} or its command was recorded under"
FAULTS = {
    "lost": f"{UNDER} is not in this store.",
    "untold": f"{UNDER} was destroyed, and no event of the case tells of it.",
    "other": "The key of what the command of event {} asked is kept as somebody's: it was changed.",
    "there": "Event {} says that keys were destroyed, and one of them is there: it was put back, or never destroyed.",
}


class Spared(NamedTuple):
    """A case in which text could not be erased; `code` and `because`: why."""

    case: str
    code: str
    because: str


class Forgotten(NamedTuple):
    """What an erasure came to: cases in which keys were destroyed, those where they had been before, those left."""

    cases: tuple[str, ...]
    before: tuple[str, ...]
    about_the_case: tuple[str, ...]  # cases that still hold text about no one in particular, which may name the person
    left: tuple[Spared, ...] = ()


class Erasure(Model):
    """An erasure as the record has it, to be done again on an older copy."""

    case: Reference
    person: OpaqueId | None
    keys: tuple[UUID, ...] = Field(min_length=1)
    reasons: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
    by: Actor


async def forget(
    pool: Pool,
    person: str | None,
    case: str | None,
    by: Actor,
    reasons: str,
    looked_at: Mapping[str, int] | None = None,
) -> Forgotten:
    """Destroy the keys of a person's text, in one case or in all; without a person of everyone's in the case.

    `looked_at`: at which version each case was asked what holds its text back. A case that has moved since, or cannot
    be written, is `left`, and the others are done. Raises `NotPermitted`, `NotFound` when there never was such text,
    and what kept the first from being done where none was. To do it again changes nothing.
    """
    check_role(by, MAY_FORGET, "erase text")
    async with transaction(pool) as connection:
        found = await connection.fetch(sql("text_about"), person, case)
    if not found:
        raise NotFound("No free text about that person, or in that case, was ever sealed here.")
    before = [row["stream"] for row in found if not row["living"]]
    done, failed = list[asyncpg.Record](), dict[str, Stale | Unavailable]()
    for row in filter(itemgetter("living"), found):
        version = None if looked_at is None else looked_at.get(row["stream"], 0)
        try:
            if await _forget_in(pool, row["stream"], person, None, by, reasons, version):
                done.append(row)
            else:
                before.append(row["stream"])  # by someone else, a moment ago
        except (Stale, Unavailable) as why:  # what was erased stays so, and whoever asked has to know of it
            failed[row["stream"]] = why
    if failed and not done:
        raise next(iter(failed.values()))
    whole = [row["stream"] for row in done if person and row["whole"]]
    left = tuple(Spared(stream, why.code, why.sentence) for stream, why in failed.items())
    return Forgotten(tuple(row["stream"] for row in done), tuple(before), tuple(whole), left)


async def forget_again(pool: Pool, erasure: Erasure) -> bool:
    """Destroy what an erasure destroyed, where an older copy of the store has it still; whether it had."""
    check_role(erasure.by, MAY_FORGET, "erase text")
    return await _forget_in(pool, erasure.case, erasure.person, erasure.keys, erasure.by, erasure.reasons)


async def settled(pool: Pool, erasures: int) -> None:
    """After a restore: what had been erased is erased again, so that text may be opened."""
    async with transaction(pool) as connection:
        await connection.execute(sql("reforgotten"), erasures)


async def _forget_in(
    pool: Pool,
    stream: str,
    person: str | None,
    keys: Sequence[UUID] | None,
    by: Actor,
    reasons: str,
    version: int | None = None,
) -> bool:
    """In one case, which is held: an act on it comes before, and is erased too, or after, under a new key."""

    async def destroy(seen: Seen) -> bool:
        if version not in (None, seen.version):
            raise Stale(f"Case {stream} has moved since it was asked what holds its text back: it was left. Ask again.")
        living = await seen.connection.fetch(sql("living_keys"), stream)
        if keys is None:
            meant = {row["key"] for row in living if person in (None, row["subject"])}
        else:
            meant = {row["key"] for row in living if row["key"] in keys}
        of_commands = {row["key"] for row in living if row["subject"] == COMMANDS}
        if seen.case is None or not meant or (keys is None and meant <= of_commands):
            return False
        gone = [*(meant | of_commands)]
        told = await _tell(seen, person, gone, by, reasons)
        await seen.connection.execute(sql("destroy_keys"), gone, told.event_id)
        return True

    return await store.write(pool, stream, "", destroy, holding=[stream])


async def _tell(seen: Seen, person: str | None, keys: Sequence[UUID], by: Actor, reasons: str) -> Recorded:
    names = tuple(sorted(key.hex for key in keys))
    event = TextErased(occurred_at=seen.now, person=person, keys=names, reasons=reasons)
    told = Provenance(by, "forget", f"{ERASURES}{seen.version}", digest(event.model_dump()), seen.now)
    (recorded,) = (await store.append(seen, told, [event], None)).added
    return recorded


async def erasures(pool: Pool) -> list[Erasure]:
    """Every erasure in the record, to be kept where a restore does not reach.

    What does not have its form destroyed nothing: who may append can put that in, and it is to end no list.
    """
    async with unhurried(pool) as connection:
        rows = await connection.fetch(sql("every_erasure"))
    found = list[Erasure]()
    for row in rows:
        with suppress(ValidationError):
            found.append(Erasure.model_validate(dict(row)))
    return found


async def verify(pool: Pool, stream: str) -> list[str]:
    """What is wrong with the keys of a case, one sentence a fault: each is there, or went with an event."""
    async with unhurried(pool) as connection:
        rows = await connection.fetch(sql("keys_astray"), stream)
    return [FAULTS[row["fault"]].format(row["version"]) for row in rows]
