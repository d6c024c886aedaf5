"""Cases that may be one matter told twice: found by who is concerned in them, compared by domain/duplicates.py.

Read from the record, so that it holds of every case from the day it is opened, and of what was corrected since.
"""

import logging

from activities import store
from activities.sql import sql
from activities.store import Pool, transaction
from domain.duplicates import NEAR_IN_KIND, Concerned, Likeness, Matter, alike
from domain.errors import Unreadable
from domain.state import Case, Officer
from domain.vocabulary import Clock

__all__ = ["MOST", "every", "matter_of", "of_case"]

log = logging.getLogger(__name__)

MOST = 200  # cases that are compared with one, or pairs over all: whoever has more needs another question


async def of_case(pool: Pool, case: Case, *, earlier: bool = False) -> list[Likeness]:
    """The cases that look like this one and that nobody compared with it.

    `earlier`: as a receipt names them to whoever referred this one: only those recorded before, and none that are
    restricted.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(sql("like"), case.reference, NEAR_IN_KIND, MOST, earlier)
    others = [await _matter(pool, row["reference"]) for row in rows]
    found = (alike(matter_of(case), other) for other in others if other)
    return [likeness for likeness in found if likeness]


async def every(pool: Pool) -> list[tuple[str, Likeness]]:
    """Every two cases that look alike and that nobody compared, those that were known last first."""
    async with transaction(pool) as connection:
        rows = await connection.fetch(sql("like_each_other"), NEAR_IN_KIND, MOST)
    references = sorted({row[name] for row in rows for name in ("one", "other")})
    cases = {each: matter for each in references if (matter := await _matter(pool, each))}
    pairs = ((row["one"], row["other"]) for row in rows if row["one"] in cases and row["other"] in cases)
    found = ((one, alike(cases[one], cases[other])) for one, other in pairs)
    return [(reference, likeness) for reference, likeness in found if likeness]


async def _matter(pool: Pool, reference: str) -> Matter | None:
    """None for a case that cannot be read, which the log tells: others are referred and shown all the same."""
    try:
        return matter_of(await store.load(pool, reference))
    except Unreadable as why:
        log.warning("Case %s is compared with no other. %s", reference, why.sentence)
        return None


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
