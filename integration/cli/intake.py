"""The verbs `probity intake …`: print a template, take a file once, watch a folder."""

import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.text import Text

from domain.errors import Malformed
from domain.messages import Actor, read
from integration.cli import tables
from integration.cli.console import Json, answer, with_engine
from integration.cli.sentences import EXIT_REFUSED, EXIT_UNAVAILABLE, Sentences, Spoken, complain
from integration.cli.told import actor_of
from integration.client import Probity
from integration.intake.files import MAX_FILE, template
from integration.intake.folder import Folder, FolderNews, watch
from integration.intake.matters import FileReceipt, Intake
from integration.settings import Settings

__all__ = ["intake"]

T = TypeVar("T")

intake = typer.Typer(cls=Sentences, help="Take referrals from files.", no_args_is_help=True, rich_markup_mode=None)
By = Annotated[str, typer.Option(help="Who refers the matters that do not say it themselves, as role:id.")]
NOBODY_SAID = "intake:file"  # of every verb: a matter that comes again is the same only if the same refers it


@intake.command(name="template")
def print_template() -> None:
    """Print a CSV file to begin with; its two matters are made up, and marked illustrative."""
    print(template(), end="")


@intake.command()
def take(
    file: Annotated[Path, typer.Argument(help="A file of referrals, .json or .csv.")],
    by: By = NOBODY_SAID,
    as_json: Json = False,
) -> None:
    """Take a file of referrals once. Given again, it is answered as before."""
    kind, data = _read(file)
    receipt = _with_intake(by, lambda taking: taking.take_file(kind, data))
    answer(as_json, receipt.model_dump(mode="json", exclude_none=True), Text("\n".join(_lines(receipt))))
    if receipt.outcome != "taken":
        raise Spoken(EXIT_REFUSED)


@intake.command(name="watch")
def watch_folder(
    folder: Annotated[Path, typer.Argument(help="The folder that files are dropped into.")],
    by: By = NOBODY_SAID,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.05)] = 2.0,
    settle: Annotated[float, typer.Option(help="Seconds for which a file is left alone before it is taken.")] = 5.0,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is left that can be taken.")] = False,
) -> None:
    """Take every file of referrals that is dropped into a folder, and answer it in its folder answers."""
    if not os.path.isdir(folder):
        raise Malformed(f"{folder}: no such directory.")
    outcomes: list[FolderNews] = []

    def tell(told: FolderNews) -> None:
        if once:
            outcomes.append(told)
        if told.waiting:
            complain("unavailable", told.waiting)
        elif told.receipt and told.answer:
            tables.say(_headline(told.receipt))

    place = Folder(folder, settle)
    place.prepare()
    _with_intake(by, lambda taking: watch(place, taking.take_file, tell, every, once=once))
    if any(told.waiting for told in outcomes):
        raise Spoken(EXIT_UNAVAILABLE)
    if any(told.receipt and told.receipt.outcome != "taken" for told in outcomes):
        raise Spoken(EXIT_REFUSED)


def _with_intake(by: str, work: Callable[[Intake], Awaitable[T]]) -> T:
    actor = read(Actor, actor_of(by), "--by").model_dump(mode="json")
    if Settings.from_environment().ring is None:
        # Without them nobody can tell whether a matter that is there already is the one that comes again.
        raise Malformed("PROBITY_MASTER_KEYS is not set; it names the file of the master keys, which intake takes.")

    async def connected(probity: Probity) -> T:
        return await work(Intake(probity, actor))

    return with_engine(connected)


def _read(file: Path) -> tuple[str, bytes]:
    kind = file.suffix.lower().removeprefix(".")
    if kind not in ("json", "csv"):
        raise Malformed(f"{file}: the name has to end in .json or .csv.")
    try:
        with file.open("rb") as reading:
            return kind, reading.read(MAX_FILE + 1)
    except OSError as error:
        raise Malformed(f"{file}: {(error.strerror or 'cannot be read').lower()}.") from None


def _headline(receipt: FileReceipt) -> str:
    name = receipt.sha256[:12] if receipt.sha256 else "not read"
    if receipt.sentence:
        return f"{name}: refused: {receipt.code}: {receipt.sentence}"
    return f"{name}: {receipt.taken} taken, {receipt.refused} refused"


def _lines(receipt: FileReceipt) -> Iterator[str]:
    yield _headline(receipt)
    for each in receipt.answers:
        rows = f"row{'s' if len(each.rows) > 1 else ''} {', '.join(map(str, each.rows))}"
        if each.taken:
            when = f", recorded {tables.moment(each.recorded_at)}" if each.recorded_at else ""
            yield f"  {rows}: {each.reference}: taken, at version {each.version}{when}"
            yield from (f"    may be the same matter as {like.tell()}" for like in each.possible_duplicates)
        else:
            cited = f" ({each.citation})" if each.citation else ""
            yield f"  {rows}: {each.reference or '(no reference)'}: {each.code}: {each.sentence}{cited}"
