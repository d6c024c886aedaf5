"""Cases that may be one matter told twice: found by who is concerned in them, compared by domain/duplicates.py.

Read from the record, so that it holds of every case from the day it is opened, and of what was corrected since.
"""

import logging
from collections.abc import Iterable
from typing import NamedTuple

from activities import store
from activities.connection import unhurried
from activities.sql import sql
from activities.store import Pool, transaction
from domain.duplicates import NEAR_IN_KIND, Concerned, Likeness, Matter, alike
from domain.errors import Unreadable
from domain.state import Case, Officer
from domain.vocabulary import Clock

__all__ = ["MOST", "Compared", "every", "matter_of", "of_case"]

log = logging.getLogger(__name__)

MOST = 200  # cases that are compared with one, or pairs over all: whoever has more needs another question


class Compared(NamedTuple):
    """Two cases that look alike, each time; and of each that cannot be read, so is like no other, a sentence."""

    alike: list[tuple[str, Likeness]]
    unread: list[str]


async def of_case(pool: Pool, case: Case, *, earlier: bool = False) -> Compared:
    """The cases that look like this one and that nobody compared with it.

    `earlier`: as a receipt names them to whoever referred this one: only those recorded before, and none that are
    restricted.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(sql("like"), case.reference, NEAR_IN_KIND, MOST, earlier)
    others, unread = await _matters(pool, (row["reference"] for row in rows))
    found = (alike(matter_of(case), other) for other in others.values())
    return Compared([(case.reference, likeness) for likeness in found if likeness], unread)


async def every(pool: Pool) -> Compared:
    """Every two cases that look alike and that nobody compared, those that were known last first."""
    async with unhurried(pool) as connection:
        rows = await connection.fetch(sql("like_each_other"), NEAR_IN_KIND, MOST)
    references = sorted({row[name] for row in rows for name in ("one", "other")})
    cases, unread = await _matters(pool, references)
    pairs = ((row["one"], row["other"]) for row in rows if row["one"] in cases and row["other"] in cases)
    found = ((one, alike(cases[one], cases[other])) for one, other in pairs)
    return Compared([(reference, likeness) for reference, likeness in found if likeness], unread)


async def _matters(pool: Pool, references: Iterable[str]) -> tuple[dict[str, Matter], list[str]]:
    """They by reference, and of each that cannot be read a sentence: others are referred and shown all the same."""
    matters, unread = dict[str, Matter](), list[str]()
    for reference in references:
        try:
            matters[reference] = matter_of(await store.load(pool, reference))
        except Unreadable as why:
            log.warning("Case %s is compared with no other. %s", reference, why.sentence)
            unread.append(why.sentence)
    return matters, unread


def matter_of(case: Case) -> Matter:
    """A case as it is compared. Whoever was handed over is not: the same matter goes on in another case."""
    return Matter(
        reference=case.reference,
        force=case.force,
        first_known=case.first_known,
        rehearsed=case.clock is Clock.REHEARSED,
        officers=tuple(_concerned(case, each) for each in case.officers.values() if each.handed_to is None),
        compared=frozenset((*case.linked_cases, *case.compared)),
    )


def _concerned(case: Case, officer: Officer) -> Concerned:
    faced = [each for each in case.allegations.values() if officer.ref in each.officers and not each.withdrawn]
    standards = frozenset(standard for each in faced for standard in each.standards)
    return Concerned(officer=officer.ref, person=officer.person, standards=standards)
