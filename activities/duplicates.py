"""Cases that may be one matter told twice: found by who is concerned in them, compared by domain/duplicates.py.

Read from the record, so that it holds of every case from the day it is opened, and of what was corrected since.
"""

from activities import store
from activities.sql import sql
from activities.store import Pool, transaction
from domain.duplicates import NEAR_IN_KIND, Concerned, Likeness, Matter, alike
from domain.state import Case, Officer
from domain.vocabulary import Clock

__all__ = ["MOST", "every", "matter_of", "of_case"]

MOST = 200  # cases that are compared with one, or pairs over all: whoever has more needs another question


async def of_case(pool: Pool, case: Case, *, earlier: bool = False) -> list[Likeness]:
    """The cases that look like this one and that nobody compared with it.

    `earlier`: as a receipt names them to whoever referred this one: only those recorded before, and none that are
    restricted.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(sql("like"), case.reference, NEAR_IN_KIND, MOST, earlier)
    others = [await store.load(pool, row["reference"]) for row in rows]
    found = (alike(matter_of(case), matter_of(other)) for other in others)
    return [likeness for likeness in found if likeness]


async def every(pool: Pool) -> list[tuple[str, Likeness]]:
    """Every two cases that look alike and that nobody compared, those that were known last first."""
    async with transaction(pool) as connection:
        rows = await connection.fetch(sql("like_each_other"), NEAR_IN_KIND, MOST)
    cases: dict[str, Matter] = {}
    for reference in {row[name] for row in rows for name in ("one", "other")}:
        cases[reference] = matter_of(await store.load(pool, reference))
    found = ((row["one"], alike(cases[row["one"]], cases[row["other"]])) for row in rows)
    return [(reference, likeness) for reference, likeness in found if likeness]


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
