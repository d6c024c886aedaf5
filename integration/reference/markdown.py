"""What the generated reference pages have in common."""

from collections.abc import Iterable

__all__ = ["MADE", "table"]

MADE = "*Generated from the code by `python -m integration.reference`: do not edit.*"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return "\n".join([*lines, *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)])
