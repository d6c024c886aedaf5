"""Retention: what is due to be looked at over all cases, and a decision to keep it, which the case records.

What is due the domain reckons from each closed case that still holds text (`domain/retention.py`); nothing here erases.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import date
from typing import NamedTuple

import asyncpg
from pydantic import ValidationError

from activities import store
from activities.bodies import KEEPINGS
from activities.chain import digest
from activities.connection import unhurried
from activities.sql import sql
from activities.store import Pool, Provenance, Seen, transaction
from domain import retention
from domain.erasure import EVERYONE, MAY_FORGET, TextKept
from domain.errors import Malformed, NotFound, Unreadable
from domain.messages import Actor, Recorded
from domain.permission import check_role
from domain.regimes.retention import Period
from domain.retention import OpenCases, Review
from domain.state import Case
from domain.working_days import london_date

__all__ = ["Against", "Due", "Proposal", "against", "keep", "proposals"]

STEP = 500
AT_ONCE = 100  # open cases: as many are held at a time, whole


class Proposal(NamedTuple):
    """A review, and what holds it back on the day that was asked for; nothing: a person may decide."""

    review: Review
    held: tuple[str, ...]


class Due(NamedTuple):
    """What is due, those to be decided first; and of each case that cannot be read, a sentence that says so."""

    proposals: list[Proposal]
    unread: list[str]


async def proposals(pool: Pool, periods: Sequence[Period], on: date) -> Due:
    """Every review whose period has ended by that day, of text that is not erased yet.

    Where everyone's text in a case may be decided on, each one's is not listed beside it. An open case that cannot be
    read holds everything back: whom it is about is not known.
    """
    if not periods:
        return Due([], [])
    around, blind = await _around(pool)
    found, unread = list[Proposal](), list(blind)
    async for stream, subjects in _closed(pool):
        try:
            found += await _of_case(pool, stream, subjects, periods, around, on)
        except Unreadable as why:
            unread.append(why.sentence)
    found = [each._replace(held=(*each.held, *blind)) for each in found]
    found.sort(key=lambda each: (bool(each.held), each.review.due, each.review.case, each.review.person))
    return Due(found, unread)


async def _of_case(
    pool: Pool, stream: str, subjects: frozenset[str], periods: Sequence[Period], around: OpenCases, on: date
) -> list[Proposal]:
    case = await store.load(pool, stream)
    every = [each for each in retention.reviews(case, periods) if each.person in {*subjects, EVERYONE}]
    if not any(each.due is not None and each.due <= on for each in every):
        return []
    return await _in_case(pool, case, every, around, on)


async def _in_case(pool: Pool, case: Case, every: Sequence[Review], around: OpenCases, on: date) -> list[Proposal]:
    events = await store.events(pool, case.reference)
    shared = retention.together(case, (each.event() for each in events))
    due = [each for each in every if each.due is not None and each.due <= on]
    told = [Proposal(each, tuple(retention.held(case, each.person, every, shared, around, on))) for each in due]
    return [each for each in told if each.review.person == EVERYONE and not each.held] or told


async def _closed(pool: Pool) -> AsyncIterator[tuple[str, frozenset[str]]]:
    after = ""
    while True:
        async with unhurried(pool) as connection:
            rows = await connection.fetch(sql("living_text"), after, STEP)
        for row in rows:
            after = row["stream"]
            yield after, frozenset(row["subjects"])
        if not rows:
            return


async def _around(pool: Pool) -> tuple[OpenCases, list[str]]:
    """What the open cases tell, some at a time; and of those that cannot be read, a sentence each."""
    async with unhurried(pool) as connection:
        references = [row["stream"] for row in await connection.fetch(sql("open_references"))]
    parts, blind = list[OpenCases](), list[str]()
    for first in range(0, len(references), AT_ONCE):
        async with transaction(pool) as connection:
            rows = await connection.fetch(sql("snapshots"), references[first : first + AT_ONCE], store.folded_by())
        cases = list[Case]()
        for row in rows:
            try:
                cases.append(await _case(pool, row))
            except Unreadable as why:
                blind.append(why.sentence)
        parts.append(OpenCases.of(cases))
    return OpenCases.joined(parts), blind


async def _case(pool: Pool, row: asyncpg.Record) -> Case:
    """The case of a snapshot that is whole; otherwise as the store reads it."""
    with suppress(ValidationError):
        if row["snapshot"] and (case := Case.model_validate(row["snapshot"])).version == row["version"]:
            return case
    return await store.load(pool, row["stream"])


class Against(NamedTuple):
    """What speaks against erasing text, a sentence each, and at which version each case was asked."""

    told: list[str]
    looked_at: dict[str, int]


async def against(pool: Pool, person: str | None, case: str | None, on: date) -> Against:
    """What speaks against erasing a person's text on a day, in one case or in all, or everyone's in a case.

    That it is sealed together with that of someone whose period has not ended is not looked for: no period is asked.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(sql("text_about"), person, case)
    living = [row["stream"] for row in rows if row["living"]]
    cases = [await store.load(pool, reference) for reference in living]
    around, found = await _around(pool) if living else (OpenCases(), [])
    for known in cases:
        reference = known.reference
        shared = retention.together(known, (each.event() for each in await store.events(pool, reference)))
        held = retention.held(known, person or EVERYONE, (), shared, around, on)
        found += [f"Case {reference}: {why}" for why in held]
    return Against(found, {known.reference: known.version for known in cases})


async def keep(pool: Pool, case: str, person: str | None, until: date, by: Actor, reasons: str) -> Recorded:
    """Record the decision to keep a person's text in a case, or everyone's, and when it is looked at again.

    Raises `NotPermitted`, `Malformed`, and `NotFound` where there is no such text that is not erased.
    """
    check_role(by, MAY_FORGET, "decide to keep text")

    async def record(seen: Seen) -> Recorded:
        living = {row["subject"] for row in await seen.connection.fetch(sql("living_keys"), case)}
        if seen.case is None or not (living if person is None else {person} & living):
            raise NotFound("No free text about that person, or in that case, is kept here.")
        if until <= london_date(seen.now):
            raise Malformed("until: it is looked at again on a day that is still to come.")
        event = TextKept(occurred_at=seen.now, person=person, until=until, reasons=reasons)
        told = Provenance(by, "keep", f"{KEEPINGS}{seen.version}", digest(event.model_dump()), seen.now)
        (recorded,) = (await store.append(seen, told, [event], None)).added
        return recorded

    return await store.write(pool, case, "", record, holding=[case])
