"""The contract: everything that passes between Probity and others, as documents that no other language needs us for.

    referral.json      what starts a case                         JSON Schema 2020-12
    commands.json      the body of every command
    events.json        every event in every version, as the feed gives it
    read_models.json   the rows of the tables in `reporting`
    answers.json       what Updates and queries answer with, refusals too
    nexus.json         what Nexus operations take and answer
    asyncapi.json      the feed and webhooks                      AsyncAPI 3
    openapi.json       the gateway                                OpenAPI 3.1

`python -m integration.schemas` writes them from the domain's models; nobody edits them. `released/` holds what went out
last: a change that breaks it needs the next `VERSION` (docs/adr/0018).
"""

import json
import re
from functools import cache
from importlib import resources
from typing import Any

from integration.contract.changes import is_part

__all__ = ["NAMES", "VERSION", "document", "find", "names", "shape"]

VERSION = 1
NAMES = ("referral", "commands", "events", "read_models", "answers", "nexus", "asyncapi", "openapi")


@cache
def document(name: str) -> dict[str, Any]:
    """One of the documents, by its name without `.json`."""
    told: dict[str, Any] = json.loads(resources.files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
    return told


@cache
def names() -> dict[str, str]:
    """Every shape that can be asked for by itself, and the document that it stands in."""
    told = {name: within for within in NAMES for name in document(within).get("$defs", {})}
    return {name: within for name, within in told.items() if not is_part(name)}


def find(name: str) -> dict[str, Any] | None:
    """A document, or one shape by itself; of an event the newest version, unless it is asked for as `name.version`."""
    if name in NAMES:
        return document(name)
    versions = [
        int(each.removeprefix(f"{name}.")) for each in names() if re.fullmatch(rf"{re.escape(name)}\.\d+", each)
    ]
    whole = f"{name}.{max(versions)}" if versions else name
    return shape(whole) if whole in names() else None


def shape(name: str) -> dict[str, Any]:
    """One shape by itself, with what it is made of. Raises KeyError."""
    within = document(names()[name])
    shapes = within["$defs"]
    used, waiting = {name}, [shapes[name]]
    while waiting:
        found = set(_references(waiting.pop())) - used
        used |= found
        waiting += [shapes[each] for each in found]
    told = {"$schema": within["$schema"], "$id": f"{within['$id']}:{name}", **shapes[name]}
    inside = {each: shapes[each] for each in sorted(used - {name})}
    return {**told, "$defs": inside} if inside else told


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [found for each in node for found in _references(each)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"].rpartition("/")[2]] if isinstance(node.get("$ref"), str) else []
    return own + [found for each in node.values() for found in _references(each)]
