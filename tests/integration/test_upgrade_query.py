"""The query of docs/upgrade.md that finds what an earlier release left without a clock."""

from pathlib import Path
from textwrap import dedent

import asyncpg

from activities.record import Records
from tests.store import opening, reference

PAGE = Path(__file__).parents[2] / "docs" / "upgrade.md"


def query() -> str:
    (found,) = (part for part in PAGE.read_text("utf-8").split("\n\n") if part.startswith("    SELECT reference"))
    return dedent(found)


async def test_it_finds_a_death_or_serious_injury_without_a_clock_and_nothing_else(
    records: Records, owner_url: str
) -> None:
    with_clock, without, complaint = reference(), reference(), reference()
    for name, origin in ((with_clock, "dsi"), (without, "dsi"), (complaint, "complaint")):
        assert (await records.open_case(opening(name, origin=origin))).refusal is None
    owner = await asyncpg.connect(owner_url)
    await owner.execute(
        "DELETE FROM reporting.deadlines WHERE reference = $1 AND rule = 'refer_mandatory_dsi'", without
    )
    found = [row["reference"] for row in await owner.fetch(query())]
    await owner.close()
    assert found == [without]
