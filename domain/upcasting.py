"""Old events in today's shape. What is stored never changes, so it is brought up on every read, version by version.

A step is a pure function from the `data` of one version to that of the next, under the version that it starts from. A
version without a step is read as it stands: its successor only added fields that have a default.
"""

from collections.abc import Callable, Mapping
from typing import Any

from domain.errors import Unreadable

__all__ = ["UPCASTERS", "upcast"]

Data = Mapping[str, Any]

UPCASTERS: dict[tuple[str, int], Callable[[Data], Data]] = {}


def upcast(name: str, version: int, to: int, data: Data) -> Data:
    """`data` of an event of this `version` as version `to` has it. Raises `Unreadable` for a later version."""
    if version > to:
        raise Unreadable(
            f"An event {name} has version {version}, which is later than this release: it knows versions up to {to}."
        )
    for step in range(version, to):
        data = UPCASTERS.get((name, step), _as_it_stands)(data)
    return data


def _as_it_stands(data: Data) -> Data:
    return data
