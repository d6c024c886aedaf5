"""The register of restrictions: who is restricted, by the next review; whose review was missed, or is called for."""

from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from domain.messages import plain
from domain.working_days import london_date
from integration.console import Json, answer, with_engine
from integration.tables import day, listing

__all__ = ["restrictions"]

COLUMNS = {
    "reference": "case",
    "officer": "who",
    "measure": "restriction",
    "since": "since",
    "reviewed": "last review",
    "late": "",
    "next_review": "next review",
}


def restrictions(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose review was missed and is owed.")] = False,
    called_for: Annotated[
        bool, typer.Option("--called-for", help="Only those whose review is owed with no day set, the oldest first.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List everyone who is restricted, over all cases, by the day of the next review."""
    found = with_engine(lambda probity: probity.restrictions())
    waiting = sorted((row for row in found if row["review_called_for"]), key=lambda row: row["called_for_since"])
    found = waiting if called_for else found
    found = [row for row in found if row["review_overdue"]] if overdue else found
    review = "called for" if called_for and not overdue else "overdue"
    nobody = f"No review of a restriction is {review}." if overdue or called_for else "Nobody is restricted."
    parts = [listing(map(_restricted, found), COLUMNS, nobody)]
    if overdue and waiting:
        said = f"Reviews called for, with no day set and so never overdue: {len(waiting)}."
        parts.append(Text(f"{said} List them with probity restrictions --called-for", "bold"))
    answer(as_json, {"restrictions": found, "called_for": len(waiting)}, Group(*parts))


def _restricted(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the register as it is shown: days instead of moments, and whether a review is late or called for."""
    late = ["overdue"] if row["review_overdue"] else []
    late += [f"called for since {day(row['called_for_since'])}"] if row["review_called_for"] else []
    days = {"since": london_date(row["imposed_at"]), "reviewed": row["last_review"] and london_date(row["last_review"])}
    return {**row, **days, "measure": plain(row["measure"]), "overdue": row["review_overdue"], "late": late or None}
