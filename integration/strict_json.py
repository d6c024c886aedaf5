"""JSON that every reader reads alike: each name once, numbers that are numbers, text that can be stored."""

import json
import math
from typing import Any

from pydantic_core import from_json

from domain.errors import Malformed

__all__ = ["json_from"]


def json_from(text: str | bytes, what: str) -> Any:
    """What a JSON text says. `what` it is, as "The body", begins the sentence of a refusal, which repeats none of it.

    Raises `Malformed`, also where a name stands twice in one mapping: of two values one reader would take the first,
    and another the last.
    """
    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
        once, constant = (lambda pairs: _once(pairs, what)), _none_of(what)
        told = json.loads(text, object_pairs_hook=once, parse_constant=constant, parse_float=_finite)
        from_json(text)  # refuses lone surrogates, which `json` lets through
    except json.JSONDecodeError as wrong:
        raise Malformed(f"{what} is not JSON: line {wrong.lineno}, column {wrong.colno}.") from None
    except (ValueError, RecursionError):
        raise Malformed(f"{what} is not JSON that every reader reads alike.") from None
    return told


def _once(pairs: list[tuple[str, Any]], what: str) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise Malformed(f"{what} names a field twice in one mapping.")
    return told


def _finite(text: str) -> float:
    if math.isinf(number := float(text)):
        raise ValueError
    return number


def _none_of(what: str) -> Any:
    def refuse(name: str) -> None:
        raise Malformed(f"{what} holds {name}, which is no number of JSON.")

    return refuse
