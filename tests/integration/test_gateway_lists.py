"""Lists over all cases as the gateway serves them: what is overdue in a rehearsal is told to who asks for it alone."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from httpx2 import AsyncClient

from activities.record import Records
from tests.gateway import authority, bearing, problem
from tests.store import opening, reference


@pytest.fixture(scope="module")
async def owner(owner_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Whoever may do everything."""
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


@pytest.fixture
def force() -> str:
    """A force that no other test uses."""
    return f"force-{uuid4().hex[:8]}"


async def asked(http: AsyncClient, path: str, headers: dict[str, str] | None = None, /, **query: Any) -> dict[str, Any]:
    answer = await http.get(path, params=query, headers=headers or authority())
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_rehearsed_case_is_not_overdue_unless_it_is_asked_for(
    http: AsyncClient, records: Records, owner: "asyncpg.Connection[asyncpg.Record]", force: str
) -> None:
    """As `probity cases --overdue` has it."""
    live, rehearsed = sorted([reference(), reference()])
    for ref, clock in ((live, "live"), (rehearsed, "rehearsed")):
        assert (await records.open_case(opening(ref, force=force, clock=clock))).refusal is None
    await owner.execute("UPDATE reporting.register SET overdue = 2 WHERE force = $1", force)

    async def found(**query: Any) -> list[str]:
        told = await asked(http, "/cases", force=force, **query)
        assert told["total"] == len(told["cases"])
        return [each["reference"] for each in told["cases"]]

    assert await found() == [live, rehearsed]
    assert await found(overdue=True) == [live]
    assert await found(overdue=False) == [rehearsed]
    assert await found(overdue=True, rehearsed=True) == [live, rehearsed]
    assert await found(overdue=False, rehearsed=True) == []


DUTY = """
    INSERT INTO reporting.deadlines (reference, deadline, force, state, overdue, due, rule, subject, title, kind, duty,
                                     trigger, regime, citation, unverified, illustrative)
    VALUES ($1, $2, $3, $4, $5, $6, 'suspension_review_reps', split_part($2, '/', 2), 'Review', 'duty',
            'appropriate_authority', '2020-08-01', 'pcr_2020', 'reg 11', false, false)
"""
RESTRICTED = """
    INSERT INTO reporting.restrictions (reference, officer, force, next_review, review_overdue, person, measure,
                                        imposed_at, oral, confirmed)
    VALUES ($1, $2, $3, $4, $5, 'p-1', 'suspension', '2020-08-01T10:00Z', false, true)
"""
SEEING = "cases:read cases:restricted"


async def paged(http: AsyncClient, path: str, force: str, limit: int) -> list[dict[str, Any]]:
    """Every row of a list, page after page."""
    told: list[dict[str, Any]] = []
    page = await asked(http, path, force=force, limit=limit)
    while True:
        rows = page[path[1:]]
        assert 0 < len(rows) <= limit
        told += rows
        if page["next"] is None:
            assert len(told) == page["total"]
            return told
        page = await asked(http, path, force=force, limit=limit, after=page["next"])


async def cases(records: Records, owner: Any, force: str) -> dict[str, str]:
    """A live case, a rehearsed one and a restricted one, with nothing owed in any of them yet."""
    found = dict(zip(("live", "rehearsed", "restricted"), sorted(reference() for _ in range(3)), strict=True))
    for kind, ref in found.items():
        clock = "rehearsed" if kind == "rehearsed" else "live"
        matter = opening(ref, force=force, clock=clock, restricted=kind == "restricted")
        assert (await records.open_case(matter)).refusal is None
    await owner.execute("DELETE FROM reporting.deadlines WHERE force = $1", force)
    return found


class TestDuties:
    """`GET /deadlines`."""

    @pytest.fixture
    async def refs(self, records: Records, owner: Any, force: str) -> dict[str, str]:
        refs = await cases(records, owner, force)
        late, soon, later = date(2020, 9, 1), date(2020, 9, 2), date(2020, 9, 9)
        for kind, deadline, state, overdue, due in (
            ("live", "late/A", "missed", True, late),
            ("live", "soon/A", "running", False, soon),
            ("live", "soon/B", "running", False, soon),
            ("live", "later/A", "extended", False, later),
            ("live", "at_once/A", "due", False, None),
            ("live", "at_once/A/2", "due", False, None),
            ("live", "done/A", "met", False, late),
            ("rehearsed", "late/A", "missed", True, late),
            ("restricted", "late/A", "missed", True, late),
        ):
            await owner.execute(DUTY, refs[kind], deadline, force, state, overdue, due)
        return refs

    async def test_every_page_is_told_once_nearest_first_and_what_has_no_day_last(
        self, http: AsyncClient, refs: dict[str, str], force: str
    ) -> None:
        live = ["late/A", "soon/A", "soon/B", "later/A", "at_once/A", "at_once/A/2"]
        every = [(refs["live"], "late/A"), (refs["rehearsed"], "late/A"), *((refs["live"], each) for each in live[1:])]
        for limit in (1, 2, 3, 7):
            told = await paged(http, "/deadlines", force, limit)
            assert [(each["reference"], each["deadline"]) for each in told] == every
        (*_, last) = (await asked(http, "/deadlines", force=force))["deadlines"]
        assert (last["due"], last["owed_since"], last["clock"], last["state"]) == (None, "2020-08-01", "live", "due")

    async def test_what_is_overdue_in_a_rehearsal_is_told_to_who_asks(
        self, http: AsyncClient, refs: dict[str, str], force: str
    ) -> None:
        for query, kinds in (
            ({"overdue": True}, ["live"]),
            ({"overdue": True, "rehearsed": True}, ["live", "rehearsed"]),
            ({"overdue": False}, ["rehearsed", *5 * ["live"]]),
        ):
            page = await asked(http, "/deadlines", force=force, **query)
            told = [each["reference"] for each in page["deadlines"]]
            assert (told, page["total"]) == ([refs[each] for each in kinds], len(kinds)), query

    async def test_those_of_a_restricted_case_are_told_and_counted_to_who_may_see_it(
        self, http: AsyncClient, refs: dict[str, str], force: str
    ) -> None:
        page = await asked(http, "/deadlines", bearing("x", SEEING), force=force, overdue=True)
        assert [each["reference"] for each in page["deadlines"]] == [refs["live"], refs["restricted"]]
        assert page["total"] == 2


class TestRestrictions:
    """`GET /restrictions`."""

    @pytest.fixture
    async def refs(self, records: Records, owner: Any, force: str) -> dict[str, str]:
        refs = await cases(records, owner, force)
        late, soon = date(2020, 9, 1), date(2020, 9, 2)
        for kind, officer, due, overdue in (
            ("live", "A", late, True),
            ("live", "B", soon, False),
            ("live", "C", None, False),
            ("rehearsed", "A", late, True),
            ("restricted", "A", late, True),
        ):
            await owner.execute(RESTRICTED, refs[kind], officer, force, due, overdue)
        await owner.execute(DUTY, refs["live"], "called/C", force, "due", False, None)
        return refs

    async def test_every_page_is_told_once_by_the_next_review(
        self, http: AsyncClient, refs: dict[str, str], force: str
    ) -> None:
        every = [
            (refs[kind], officer) for kind, officer in (("live", "A"), ("rehearsed", "A"), ("live", "B"), ("live", "C"))
        ]
        for limit in (1, 3, 4):
            told = await paged(http, "/restrictions", force, limit)
            assert [(each["reference"], each["officer"]) for each in told] == every

    async def test_they_are_sifted_as_people_work_through_them(
        self, http: AsyncClient, refs: dict[str, str], force: str
    ) -> None:
        for query, told in (
            ({"overdue": True}, [("live", "A")]),
            ({"overdue": True, "rehearsed": True}, [("live", "A"), ("rehearsed", "A")]),
            ({"called_for": True}, [("live", "C")]),
            ({"called_for": False, "overdue": False}, [("rehearsed", "A"), ("live", "B")]),
        ):
            page = await asked(http, "/restrictions", force=force, **query)
            found = [(each["reference"], each["officer"]) for each in page["restrictions"]]
            assert found == [(refs[kind], officer) for kind, officer in told], query

    async def test_those_of_a_restricted_case_are_told_and_counted_to_who_may_see_it(
        self, http: AsyncClient, refs: dict[str, str], force: str
    ) -> None:
        page = await asked(http, "/restrictions", bearing("x", SEEING), force=force, overdue=True)
        assert [each["reference"] for each in page["restrictions"]] == [refs["live"], refs["restricted"]]
        assert page["total"] == 2


@pytest.mark.parametrize("path", ["/deadlines", "/restrictions"])
async def test_a_list_that_the_caller_has_is_not_sent_again_and_takes_the_scope(
    http: AsyncClient, force: str, path: str
) -> None:
    first = await http.get(path, params={"force": force}, headers=authority())
    held = authority(**{"If-None-Match": first.headers["etag"]})
    assert first.json() == {path[1:]: [], "total": 0, "next": None}
    assert (await http.get(path, params={"force": force}, headers=held)).status_code == 304
    lacking = await http.get(path, headers=bearing("x", "act:intake"))
    assert problem(lacking) == (403, "not_permitted")
