"""What a command line says of an act: its command, its fields, and who gives it."""

import sys
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, get_origin

from domain.errors import AlreadyDone, Malformed
from domain.messages import COMMANDS, Command, command_from
from integration.casefile import mapping_from, read_text, text_from
from integration.record import Record
from integration.suggest import known, nearest, no_field, who

__all__ = ["actor_of", "body_of", "command_of", "given", "text_of"]

T = TypeVar("T")


def text_of(source: str) -> str:
    """The text of a file, or of the input for `-`. Raises `Malformed` when it cannot be read."""
    return text_from(sys.stdin.buffer.read(), "the input") if source == "-" else read_text(Path(source))


def command_of(name: str) -> type[Command]:
    """The command of this name. Raises `Malformed`, and says which it may have been."""
    if name not in COMMANDS:
        listed = "" if nearest(name, COMMANDS) else "; `probity commands` lists them"
        raise Malformed(f"{known(name, COMMANDS, 'command')}{listed}.")
    return COMMANDS[name]


def body_of(kind: type[Command], body: str | None, pairs: list[str], by: str | None, at: str | None) -> dict[str, Any]:
    """The command's body, checked before anything is sent."""
    told = _given(body) | _pairs(kind, pairs)
    for name in told:
        if wrong := no_field(kind, name):
            raise Malformed(f"{kind.name}: {wrong}.")
    if by is not None:
        told["actor"] = actor_of(by)
    if "actor" not in told:
        raise Malformed(f"{kind.name}: say who acts, with --by role:id.")
    if at is not None:
        told["occurred_at"] = at
    command_from(kind.name, {"occurred_at": datetime.now(UTC), **told})
    return told


def _given(body: str | None) -> dict[str, Any]:
    if body is None:
        return {}
    return mapping_from(body if body.lstrip().startswith("{") else text_of(body), "--body")


def _pairs(kind: type[Command], pairs: list[str]) -> dict[str, Any]:
    """`name=value` as fields; the field's type says whether a value is a list or a mapping; else it is its text."""
    told: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise Malformed("--with: is given as name=value.")
        field = kind.model_fields.get(name)
        origin = get_origin(field.annotation) if field is not None else None
        parts = [part.strip() for part in value.strip("[]").split(",") if part.strip()]
        if origin is tuple:
            told[name] = [*told.get(name, []), *parts]
        elif origin is dict:
            told[name] = {**told.get(name, {}), **_mapping(name, parts)}
        elif name in told:
            raise Malformed(f"--with: {name} is given twice.")
        else:
            told[name] = value
    return told


def _mapping(name: str, parts: list[str]) -> dict[str, str]:
    """A mapping as it is written on a line, `ch-1:chief_officer,m-1:independent_member`."""
    told: dict[str, str] = {}
    for part in parts:
        key, colon, value = part.partition(":")
        if not colon:
            raise Malformed(f"--with: {name} is given as {name}=id:value, several with commas between.")
        if key.strip() in told:
            raise Malformed(f"--with: {name} gives an id twice.")
        told[key.strip()] = value.strip()
    return told


async def given(giving: Awaitable[T], record: Record, reference: str, command_id: str | None) -> T:
    """What an act came to; of an id that the record has for another act, also where it is seen for what."""
    try:
        return await giving
    except AlreadyDone as done:
        if command_id not in {each.command_id for each in await record.read_by(None).events(reference)}:
            raise
        shown = f"`probity events {reference} --json` shows it; the same act has the same --at."
        raise AlreadyDone(f"{done.sentence} {shown}") from None


def actor_of(by: str) -> Any:
    """Who acts, given as role:id. Raises `Malformed`."""
    try:
        return who(by)
    except ValueError as wrong:
        raise Malformed(f"--by: {wrong}.") from None
