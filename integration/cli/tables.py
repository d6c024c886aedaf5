"""What is shown on a terminal in words and tables: days, moments, text that steers nothing, lists of rows.

Days and times are London's. Every label is a word, so that nothing is lost without colour.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from inspect import getdoc
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from domain.messages import Command, OfficerCommand
from domain.working_days import LONDON

__all__ = ["Terminal", "catalogue", "clean", "day", "does", "listing", "marked", "moment", "say", "table"]

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"

NONE = "There is nothing to list."


def moment(at: datetime) -> str:
    """A moment in London: `5 Feb 2018 10:00`."""
    local = at.astimezone(LONDON)
    return f"{day(local.date())} {local:%H:%M}"


def day(when: date | None) -> str:
    """A day: `5 Feb 2018`; what has none is owed as soon as practicable."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}" if when else "as soon as practicable"


def clean(text: str) -> str:
    """Text without what could steer a terminal or turn its reading direction."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else UNPRINTABLE for letter in text)


class Terminal(Console):
    """A console that shows what was told and does not obey it: text of the record may hold what steers a terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """The segments of it, each `clean`; what rich itself says to the terminal is left."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else "\n".join(map(clean, text.split("\n"))), style, control)


def say(line: str, style: str = "", *, hanging: int = 0, error: bool = False) -> None:
    """Print a line: folded at words where a terminal shows it, and whole elsewhere, where lines are searched.

    `hanging`: how far in its further lines begin.
    """
    terminal = Terminal(stderr=error, highlight=False)
    if terminal.file.isatty():
        folded = Text(line[hanging:]).wrap(terminal, max(1, terminal.width - hanging))
        line = line[:hanging] + f"\n{'':{hanging}}".join(each.plain.rstrip() for each in folded)
    terminal.print(Text(line, style), soft_wrap=True)


def marked(text: Text, *, illustrative: bool, unverified: bool) -> Text:
    marks = (("[UNVERIFIED]", "bold magenta", unverified), ("[illustrative]", "italic dim", illustrative))
    for mark, style, meant in marks:
        if meant:
            text.append(f" {mark}" if text else mark, style)
    return text


def table(*columns: str) -> Table:
    shown = Table(box=None, padding=(0, 1, 0, 0), header_style="bold underline", pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    return shown


def listing(found: Iterable[Mapping[str, Any]], columns: Mapping[str, str], none: str = NONE) -> RenderableType:
    """Rows of a read model: `columns` maps a field to its heading; `none` says in a sentence that there are none.

    Marks are told with the last column.
    """
    if not (found := [*found]):
        return Text(none)
    shown = table(*columns.values())
    for column, name in zip(shown.columns, columns, strict=True):
        column.no_wrap = name == "reference"  # it is copied from here into the next command
    for each in found:
        cells = [Text(clean(_cell(each.get(name)))) for name in columns]
        marked(cells[-1], illustrative=bool(each.get("illustrative")), unverified=bool(each.get("unverified")))
        shown.add_row(*cells, style="bold red" if each.get("overdue") is True else None)
    return shown


def _cell(value: object) -> str:
    if isinstance(value, date):
        return moment(value) if isinstance(value, datetime) else day(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def catalogue(commands: Mapping[str, type[Command]]) -> RenderableType:
    """Every command: what it does, who may give it, its fields, those that must be there first, and what they say."""
    return Group(*(line for name, kind in sorted(commands.items()) for line in _command(name, kind)))


def _command(name: str, kind: type[Command]) -> Iterator[RenderableType]:
    own = {field: info for field, info in kind.model_fields.items() if field not in Command.model_fields}
    forms = {
        field: f"{field}=id:value" if get_origin(info.annotation) is dict else field for field, info in own.items()
    }
    told = [forms[field] if info.is_required() else f"[{forms[field]}]" for field, info in own.items()]
    yield Text(name, "bold")
    for paragraph in does(kind).split("\n\n"):
        yield _indented(2, " ".join(paragraph.split()))
    yield _indented(2, f"by: {', '.join(sorted(kind.given_by))}", "dim")
    if told:
        yield _indented(2, f"with: {' '.join(sorted(told, key=lambda each: each.startswith('[')))}", "cyan")
    for field, info in own.items():
        if said := _said(field, info):
            yield _indented(4, f"{field}: {said}", "dim")


def does(kind: type[Command]) -> str:
    """What a command does."""
    return getdoc(kind) or ""


def _indented(by: int, text: str, style: str = "") -> RenderableType:
    return Padding(Text(text, style), (0, 0, 0, by), expand=False)


def _said(field: str, info: FieldInfo) -> str:
    """What a field is, and the words that it may hold where these are a closed list."""
    told = "" if field in OfficerCommand.model_fields else info.description  # the same for every act of an officer
    return " ".join(filter(None, [told, ", ".join(_words(info.annotation))]))


def _words(kind: Any) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        yield from (str(word.value) for word in kind)
    for part in get_args(kind):
        yield from _words(part)
