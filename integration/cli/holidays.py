"""A new table of holidays over every open case: what it would move, and moving it, case by case.

The table comes with a release. Deadlines that were set before keep the day they were given until their case adopts the
table; one case that refuses, or cannot be reached, does not keep the others from it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

import typer

from domain.deadlines import AdoptHolidays, moves
from domain.errors import ProbityError
from domain.messages import Model
from domain.vocabulary import Clock
from domain.working_days import Calendar, england_and_wales
from integration.cli import tables
from integration.cli.console import Json, answer, with_engine
from integration.cli.sentences import EXIT_REFUSED, Spoken, complain
from integration.cli.told import actor_of
from integration.client import Probity

__all__ = ["holidays"]

MOVING = {
    "reference": "case",
    "deadline": "deadline",
    "was_due": "due",
    "due": "would be due",
    "because": "why",
    "result": "",
}


class Moving(Model):
    """A deadline that the table in use moves, and what came of it: nothing yet, or why it could not be moved."""

    reference: str
    deadline: str
    title: str
    was_due: date | None
    due: date
    because: str
    clock: Clock
    moved: bool = False
    refused: str | None = None

    @property
    def waits(self) -> bool:
        """An imported case is counted anew when it goes live, not before."""
        return self.clock is Clock.RECORDED


async def would_move(probity: Probity) -> list[Moving]:
    """Every deadline of every open case that the table in use moves, by case; nothing is changed."""
    calendar, found = england_and_wales(), list[Moving]()
    for row in await probity.register():
        if row["closed_at"] is None:
            found += await _of_case(probity, row["reference"], calendar)
    return found


async def _of_case(probity: Probity, reference: str, calendar: Calendar) -> list[Moving]:
    case = await probity.case(reference)
    return [
        Moving(
            reference=reference,
            deadline=deadline.id,
            title=deadline.title,
            was_due=deadline.due,
            due=due,
            because=because,
            clock=case.clock,
        )
        for deadline, due, _, because in moves(case, calendar)
    ]


async def apply_table(probity: Probity, actor: Any, reasons: str) -> list[Moving]:
    """Have each case adopt the table in use; what it moved, or why it did not."""
    found = await would_move(probity)
    told = {ref: await _adopted(probity, ref, actor, reasons) for ref in _live(found)}
    return [each if each.waits else each.model_copy(update=told[each.reference]) for each in found]


def _live(found: Iterable[Moving]) -> list[str]:
    return list(dict.fromkeys(each.reference for each in found if not each.waits))


async def _adopted(probity: Probity, reference: str, actor: Any, reasons: str) -> dict[str, Any]:
    try:
        moment = (await probity.now(reference)).isoformat()
        body = {"actor": actor, "occurred_at": moment, "table": england_and_wales().version, "reasons": reasons}
        await probity.do(reference, AdoptHolidays.name, body)
    except ProbityError as no:
        return {"refused": no.sentence}
    return {"moved": True}


def holidays(
    apply: Annotated[
        bool, typer.Option("--apply/--dry-run", help="Move them; without it, list what would move.")
    ] = False,
    by: Annotated[str, typer.Option(help="Who moves them, as role:id.")] = "clerk:probity",
    reasons: Annotated[str, typer.Option(help="Why, as each case records it.")] = "The table of holidays has changed.",
    as_json: Json = False,
) -> None:
    """List the deadlines of all open cases that the newest table of holidays moves, or move them."""
    actor = actor_of(by)
    found = with_engine(lambda probity: apply_table(probity, actor, reasons) if apply else would_move(probity))
    told = {"table": england_and_wales().version, "deadlines": [each.model_dump(mode="json") for each in found]}
    answer(as_json, told, tables.listing(map(_moving, found), MOVING) if found else "No deadline moves.")
    if refused := {each.reference for each in found if each.refused}:
        complain("not_moved", f"{len(refused)} of the cases did not move; give it again, it moves what is left.")
        raise Spoken(EXIT_REFUSED)


def _moving(each: Moving) -> dict[str, Any]:
    waits = "waits until it goes live" if each.waits else ""
    return {**dict(each), "result": "moved" if each.moved else each.refused or waits}
