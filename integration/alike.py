"""The verb `probity duplicates`, and how a case shows which others may be the same matter."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from domain.duplicates import Likeness
from integration.console import Json, answer, in_capitals, with_engine

__all__ = ["beside", "duplicates"]

NONE = "No two cases look like the same matter that nobody compared yet."
HOW = "A person decides: compare_case says whether it is the same matter, link_case that the two belong together."


def duplicates(
    reference: Annotated[str | None, typer.Argument(help="Only those of this case.", callback=in_capitals)] = None,
    as_json: Json = False,
) -> None:
    """List cases that may be the same matter told twice, until a person has compared or linked them.

    Ends with 1, and names it, where a case cannot be read: it is compared with no other.
    """
    found, unread = with_engine(lambda probity: probity.every_duplicate(reference))
    data = [{"of": of, **like.model_dump(mode="json")} for of, like in found]
    lines = [f"{of} may be the same matter as {like.tell()}." for of, like in found]
    blind = [Text(f"\nunreadable: {sentence}", "bold") for sentence in unread]
    told = Text("\n".join([*lines, "", HOW] if lines else [NONE]))
    answer(as_json, {"duplicates": data, "unread": unread}, Group(told, *blind))
    raise typer.Exit(1 if unread else 0)


def beside(shown: RenderableType, found: Sequence[Likeness]) -> RenderableType:
    """A case as it is shown, and below it which others it looks like, if any."""
    if not found:
        return shown
    lines = [f"  {like.tell()}" for like in found]
    return Group(shown, Text("\nMay be the same matter as", "bold"), Text("\n".join([*lines, f"  {HOW}"])))
