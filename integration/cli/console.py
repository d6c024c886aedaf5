"""What every command of the command line does: reach the engine, and answer with words or with data."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

import typer
from pydantic import TypeAdapter
from rich.console import ConsoleDimensions, Group, RenderableType
from rich.text import Text

from activities.text.opening import Readable
from activities.text.reads import LONGEST_PURPOSE
from domain.errors import Malformed
from domain.faults import A_REFERENCE, DAY, MOMENT
from domain.hindsight import View, last_moment_of
from domain.messages import REFERENCE, Moment
from integration.cli.tables import Terminal
from integration.client import Probity
from integration.observability.runtime import silent
from integration.settings import Settings, ui_url

__all__ = [
    "AsAt",
    "AsKnown",
    "Json",
    "Namespace",
    "Purpose",
    "Reference",
    "Ui",
    "answer",
    "in_capitals",
    "view_of",
    "view_told",
    "with_engine",
    "withheld",
]

T = TypeVar("T")


def in_capitals(reference: str | None) -> str | None:
    """The reference that was typed. Raises `Malformed` for what is none, as one in small letters: it is not asked for,
    since Postgres may not even take it."""
    if reference is None or REFERENCE.fullmatch(reference):
        return reference
    if REFERENCE.fullmatch(reference.upper()):
        raise Malformed(f"There is no case {reference}: a reference is in capitals, as {reference.upper()}.")
    raise Malformed(f"There is no case {reference[:60]!r}: a reference {A_REFERENCE}.")


def _storable(purpose: str | None) -> str | None:
    """The purpose that was typed, which has to fit the log of readers; where it says nothing, text stays sealed.

    Raises `Malformed`.
    """
    purpose = purpose and purpose.strip()
    if purpose and any("\ud800" <= letter <= "\udfff" for letter in purpose):
        raise Malformed("--purpose: is not UTF-8 text.")
    if purpose and len(purpose) > LONGEST_PURPOSE:
        raise Malformed(f"--purpose: is longer than {LONGEST_PURPOSE} characters.")
    return purpose


Reference = Annotated[str, typer.Argument(help="The case's reference.", callback=in_capitals)]
Json = Annotated[bool, typer.Option("--json", help="Answer with data for programs.")]
Purpose = Annotated[
    str | None,
    typer.Option(
        help="Why free text about people is read: without it, it stays sealed. "
        "It is recorded for good, and cannot be erased: name no person.",
        callback=_storable,
    ),
]

AsAt = Annotated[
    str | None,
    typer.Option(
        "--as-at",
        help="What had happened by the end of this day, as 2026-03-31, or by this moment, as 2026-03-31T09:30Z; "
        "told late or corrected since included.",
    ),
]
AsKnown = Annotated[
    str | None,
    typer.Option("--as-known", help="What the record held by the end of this day, or by this moment, and no more."),
]

Ui = Annotated[str, typer.Option(envvar="PROBITY_UI_URL", help="The address of the Temporal UI.", callback=ui_url)]
Namespace = Annotated[str, typer.Option(envvar="TEMPORAL_NAMESPACE", help="Its namespace.")]

MOMENTS: TypeAdapter[datetime] = TypeAdapter(Moment)
UNBROKEN = 1_000_000  # columns, more than any row takes

SEALED = (
    "Free text about people is sealed. To read it, name yourself in PROBITY_READER and say why with --purpose: "
    "that you read it is recorded."
)


def with_engine(work: Callable[[Probity], Awaitable[T]], purpose: str | None = None) -> T:
    """Do this with a connection to the engine that the environment names. `purpose`: why free text is read."""

    async def connected() -> T:
        async with Probity.connect(_settings(purpose), silent()) as probity:
            return await work(probity)

    return asyncio.run(connected())


def _settings(purpose: str | None) -> Settings:
    settings = Settings.from_environment()
    if purpose is None:
        return settings
    if settings.who is None:
        raise Malformed("PROBITY_READER is not set; it says who reads, as role:id.")
    if settings.ring is None:
        raise Malformed("PROBITY_MASTER_KEYS is not set; it names the file of the master keys, which reading takes.")
    return replace(settings, purpose=purpose)


def view_of(as_at: str | None, as_known: str | None) -> View:
    """The view that was asked for. A day is meant to its end in London. Raises `Malformed`."""
    return View(as_at=_moment("--as-at", as_at), as_known=_moment("--as-known", as_known))


def _moment(option: str, told: str | None) -> datetime | None:
    """The end of a day; what is no day is read as a moment."""
    if told is None:
        return None
    try:
        with suppress(ValueError):
            return MOMENTS.validate_python(last_moment_of(date.fromisoformat(told)))
        return MOMENTS.validate_python(told)
    except (ValueError, OverflowError):  # the end of the last day that there is lies beyond it
        raise Malformed(f"{option}: {DAY}, or {MOMENT.removeprefix('has to be ')}; from 1900 to 2100.") from None


def view_told(view: View) -> dict[str, Any]:
    """The view as data, with the sentence that says which it is."""
    return {**view.model_dump(mode="json"), "says": view.tell()}


def withheld(shown: RenderableType, events: Iterable[Readable]) -> RenderableType:
    """What is shown, and below it how to read what stayed sealed, if something did."""
    sealed = any(why == "sealed" for each in events for why in each.withheld.values())
    return Group(shown, Text(f"\n{SEALED}", "dim")) if sealed else shown


def answer(as_json: bool, data: Any, shown: RenderableType) -> None:
    """Print the one or the other. Where no terminal shows it, no line is wrapped: references are searched for there."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False, default=_as_json))
        return
    terminal = Terminal(soft_wrap=False, highlight=False)
    if sys.stdout.isatty():  # rich also takes it for a terminal where FORCE_COLOR asks for colours in a pipe
        terminal.print(shown)
        return
    terminal.size = ConsoleDimensions(UNBROKEN, 1)  # both: or a terminal that is dumb has 80 columns
    with terminal.capture() as told:
        terminal.print(shown)
    # A table fills each line to the length of its longest. Flushed here, where a reader who has enough is no error.
    print("\n".join(line.rstrip() for line in told.get().splitlines()), flush=True)


def _as_json(value: object) -> str:
    """A date or a moment as every reader of JSON knows it, in ISO 8601."""
    return value.isoformat() if isinstance(value, date) else str(value)
