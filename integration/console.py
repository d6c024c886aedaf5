"""What every command of the command line does: reach the engine, and answer with words or with data."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console, RenderableType

from integration.client import Probity
from integration.settings import Settings

__all__ = ["Json", "Reference", "answer", "with_engine"]

T = TypeVar("T")
Reference = Annotated[str, typer.Argument(help="The case's reference.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with data for programs.")]


def with_engine(work: Callable[[Probity], Awaitable[T]]) -> T:
    """Do this with a connection to the engine that the environment names."""

    async def connected() -> T:
        async with Probity.connect(Settings.from_environment()) as probity:
            return await work(probity)

    return asyncio.run(connected())


def answer(as_json: bool, data: Any, shown: RenderableType) -> None:
    """Print the one or the other."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False, default=_as_json))
    else:
        Console(soft_wrap=False, highlight=False).print(shown)


def _as_json(value: object) -> str:
    """A date or a moment as every reader of JSON knows it, in ISO 8601."""
    return value.isoformat() if isinstance(value, date) else str(value)
