"""Whether the record of a case is whole: its chain, its end, what stands beside its events and is not hashed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from uuid import UUID

import asyncpg

from activities import chain, store
from activities.connection import Pool, unhurried
from activities.sql import sql
from activities.text import sealing
from domain import case as rules
from domain.correction import RecordCorrected
from domain.errors import UnknownCase, Unreadable
from domain.messages import EVENTS, Event, Recorded
from domain.schemas import schema
from domain.state import Case

__all__ = ["unknown_fields", "verify"]


async def verify(pool: Pool, stream: str) -> list[str]:
    """What is wrong with a case's record, one sentence a fault; empty when its chain is whole up to its head.

    It also finds a snapshot that is not what the events give. Raises `UnknownCase` where nothing of a case is left.
    """
    async with unhurried(pool) as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = await connection.fetchrow(sql("read_stream"), stream)
        if row is None and not await connection.fetchval(sql("rest_of_case"), stream):
            raise UnknownCase(f"There is no case {stream}.")
        if row is None:
            return ["The case is gone: there is no row of it, and events or checkpoints are."]
        try:
            recorded = await store.read_events(connection, stream, 0)
        except Unreadable as row_changed:
            return [row_changed.sentence]
        astray = await connection.fetch(sql("astray"), stream)
        whose = {key["key"]: key["subject"] for key in await connection.fetch(sql("whose_keys"), stream)}
    faults = [*chain.verify(recorded), *_end(recorded, row["version"], row["head"])]
    return faults or [*_astray(astray), *_folded_faults(stream, recorded, row, whose)]


def _astray(rows: Iterable[asyncpg.Record]) -> Iterator[str]:
    """What the chain does not cover, and is not as it was written."""
    for row in rows:
        if row["moved"]:
            yield f"Event {row['version']} was moved in the feed: who follows it may have missed it."
        if row["untold"]:
            yield f"Event {row['version']} and the command that told it do not fit: one of the two was changed."
        if row["misdated"]:
            yield f"Event {row['version']} is dated before the one before it, as of when it was recorded."


def _folded_faults(
    stream: str, recorded: Sequence[Recorded], row: asyncpg.Record, whose: Mapping[UUID, str]
) -> Iterator[str]:
    """What stands in the case's row, and of the keys of its text, and is not what its events give."""
    if not recorded:
        yield "No event opens the case."
        return
    yield from unknown_fields(recorded)
    try:
        facts = [event.event() for event in recorded]
        with store.following(stream):
            case = rules.fold(facts)
            strangers = [*_strangers(recorded, facts, whose)]
    except Unreadable as later:
        yield f"{later.sentence} The chain is whole."
        return
    snapshot = store.snapshot_of(row)
    if snapshot is not None and snapshot != rules.fold(facts[: snapshot.version]):
        yield "The snapshot is not what the events give: drop it, and look at what was decided on it since."
    if (row["opened_at"], row["closed_at"]) != (case.opened_at, case.closed_at):
        yield "When the case was opened or closed is not what the events give: its row was changed."
    yield from strangers


def _strangers(recorded: Sequence[Recorded], facts: Sequence[Event], whose: Mapping[UUID, str]) -> Iterator[str]:
    """Text under a key that is kept as somebody else's: who is forgotten would keep theirs, and another lose it."""
    case: Case | None = None
    for _, act in groupby(zip(recorded, facts, strict=True), key=lambda each: each[0].command_id):
        told = [*act]
        happened = [fact for _, fact in told]
        people = rules.people(case, happened)
        for event, fact in told:
            for name, subjects in sealing.subjects(fact, people).items():
                with suppress(sealing.Unopenable):  # of what names no key, or one that is lost, `erasure.verify` tells
                    keys = sealing.named(getattr(fact, name))
                    if any(whose.get(key, who) != who for key, who in zip(keys, subjects, strict=False)):
                        yield f"The key of {name} in event {event.version} is kept as somebody else's: it was changed."
        corrected = any(isinstance(fact, RecordCorrected) for fact in happened)
        case = rules.fold(facts[: told[-1][0].version]) if corrected else rules.fold(happened, case)


def unknown_fields(recorded: Sequence[Recorded]) -> Iterator[str]:
    """One sentence for each event that holds a field which its type has not, in the version that the event is of.

    Who may append can put one in. Every version that was released keeps its schema; what a later release has written
    is not judged. The name is not repeated: it may be anything.
    """
    for event in recorded:
        shape = schema(event.type, event.schema_version) if event.type in EVENTS else None
        if shape is not None and not event.data.keys() <= shape["properties"].keys():
            yield f"Event {event.version} holds a field that no event {event.type} has: it was put in or changed."


def _end(recorded: Sequence[Recorded], version: int, head: bytes) -> Iterator[str]:
    last = recorded[-1].version if recorded else 0
    if last < version:
        yield f"{chain.missing('Event', range(last + 1, version + 1))} from the end."
    yield from (f"Event {each.version} was put in after the end." for each in recorded if each.version > version)
    if last == version and recorded and recorded[-1].hash != head.hex():
        yield f"Event {last} is not the one that the head of the case was computed from."
