"""What each version of each event looked like: JSON Schema 2020-12 of its stored `data`, with a sample (`examples`).

One file an event and version, `NAME.VERSION.json`, written by `python -m integration.schemas`. What is named in
`released.sha256` is in somebody's record and never changes again: another shape is a new `schema_version`.
"""

import json
import re
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["schema"]

NAME = re.compile("[a-z][a-z_]{0,63}")


@cache
def schema(name: str, version: int) -> dict[str, Any] | None:
    """The schema of this version of this event; None for one that this release does not know.

    A name may come from a record that was tampered with: what is no event's name names no file.
    """
    if not NAME.fullmatch(name):
        return None
    file = resources.files("domain").joinpath("schemas", f"{name}.{version}.json")
    found: dict[str, Any] | None = json.loads(file.read_text("utf-8")) if file.is_file() else None
    return found
