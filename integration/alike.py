"""The verb `probity duplicates`, and how a case shows which others may be the same matter."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from domain.duplicates import Likeness
from integration.client import Probity
from integration.console import Json, answer, with_engine

__all__ = ["beside", "duplicates"]

NONE = "No two cases look like the same matter that nobody compared yet."
HOW = "A person decides: compare_case says whether it is the same matter, link_case that the two belong together."


def duplicates(
    reference: Annotated[str | None, typer.Argument(help="Only those of this case.")] = None, as_json: Json = False
) -> None:
    """List cases that may be the same matter told twice, until a person has compared or linked them."""

    async def look(probity: Probity) -> list[tuple[str, Likeness]]:
        if reference is None:
            return await probity.every_duplicate()
        return [(reference, like) for like in await probity.duplicates(reference)]

    found = with_engine(look)
    data = [{"of": of, **like.model_dump(mode="json")} for of, like in found]
    lines = [f"{of} may be the same matter as {like.tell()}." for of, like in found]
    answer(as_json, {"duplicates": data}, Text("\n".join([*lines, "", HOW] if lines else [NONE])))


def beside(shown: RenderableType, found: Sequence[Likeness]) -> RenderableType:
    """A case as it is shown, and below it which others it looks like, if any."""
    if not found:
        return shown
    lines = [f"  {like.tell()}" for like in found]
    return Group(shown, Text("\nMay be the same matter as", "bold"), Text("\n".join([*lines, f"  {HOW}"])))
