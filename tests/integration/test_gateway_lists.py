"""Lists over all cases as the gateway serves them: what is overdue in a rehearsal is told to who asks for it alone."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from httpx2 import AsyncClient

from activities.record import Records
from tests.gateway import authority
from tests.integration.test_store import opening, reference


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


async def asked(http: AsyncClient, path: str, headers: dict[str, str] | None = None, **query: Any) -> dict[str, Any]:
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
