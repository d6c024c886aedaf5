"""Makes the documents of the contract from the domain's models, and keeps a released one from being broken."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

import domain.case  # noqa: F401  every part registers its messages
from activities.reporting.reported import REPORTED
from activities.text.opening import Readable
from domain.lawful import Possible
from domain.messages import COMMANDS, EVENTS, Refusal
from domain.referral import Referral
from domain.summary import CaseSummary, DeadlineSummary
from integration.client import Receipt
from integration.contract import VERSION
from integration.contract.asyncapi import asyncapi, broken_messages
from integration.contract.changes import Side, broken_calls, broken_shapes
from integration.gateway import openapi
from integration.nexus import CaseRead, Give, Read

__all__ = ["FOLDER", "broken_since", "documents", "keep", "kept", "write"]

FOLDER = Path(__file__).parent
RELEASED = "released"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
SIDES = {
    "referral": Side.ACCEPTED,
    "commands": Side.ACCEPTED,
    "events": Side.KEPT,
    "read_models": Side.GIVEN,
    "answers": Side.GIVEN,
    "nexus": Side.KEPT,  # some are accepted, some given
}
ANSWERS: dict[str, type[BaseModel]] = {
    "case_summary": CaseSummary,
    "deadline_summary": DeadlineSummary,
    "possible_act": Possible,
    "refusal": Refusal,
}
NEXUS: dict[str, type[BaseModel]] = {"nexus_give": Give, "nexus_read": Read, "receipt": Receipt, "case_read": CaseRead}
Document = dict[str, Any]


def documents(events: Mapping[str, Mapping[str, Any]]) -> dict[str, Document]:
    """Every document by its name. `events`: the schema of the data of each event, as `name.version`."""
    told = {
        "referral": _headed("referral", "What starts a case.", _untitled(Referral.model_json_schema())),
        "commands": _headed("commands", "The body of every command, by its name.", _commands()),
        "events": _headed("events", "Every event in every version, as the feed gives it.", _events(events)),
        "read_models": _headed(
            "read_models", "The rows of each table in `reporting`.", _opened(_shapes(REPORTED, "validation"))
        ),
        "answers": _headed(
            "answers", "What queries answer with, and what a refusal says.", _opened(_shapes(ANSWERS, "serialization"))
        ),
    }
    told["nexus"] = _headed("nexus", "What Nexus operations take and answer.", _shapes(NEXUS, "serialization"))
    return {**told, "asyncapi": asyncapi(told["events"], VERSION), "openapi": openapi()}


def _headed(name: str, about: str, told: Document) -> Document:
    return {"$schema": DIALECT, "$id": f"urn:probity:contract:{VERSION}:{name}", "description": about, **told}


def _commands() -> Document:
    told = _shapes(COMMANDS, "validation")
    for name, kind in COMMANDS.items():
        told["$defs"][name]["x-given-by"] = sorted(kind.given_by)
    return told


def _shapes(kinds: Mapping[str, type[BaseModel]], mode: JsonSchemaMode) -> Document:
    """Each model under the name that it has here, and what these are made of under the names of their classes."""
    _, made = models_json_schema([(kind, mode) for kind in kinds.values()])
    shapes = {name: _untitled(shape) for name, shape in made["$defs"].items()}
    own = {name: shapes.pop(kind.__name__) for name, kind in kinds.items()}
    told: Document = _renamed({"$defs": {**own, **shapes}}, {kind.__name__: name for name, kind in kinds.items()})
    return told


def _opened(told: Document) -> Document:
    """The same where fields may come that it does not name: whoever reads passes over those (docs/contract.md)."""
    for shape in told["$defs"].values():
        shape.pop("additionalProperties", None)
    return told


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    """The same with references to these shapes under their new names."""
    if isinstance(node, list):
        return [_renamed(each, names) for each in node]
    if not isinstance(node, dict):
        return node
    told = {key: _renamed(each, names) for key, each in node.items()}
    if isinstance(told.get("$ref"), str):
        before, _, name = told["$ref"].rpartition("/")
        told["$ref"] = f"{before}/{names.get(name, name)}"
    return told


def _untitled(node: Any, *, named: bool = False) -> Any:
    """A schema without the titles that are only its fields' names once more. `named`: the keys are names of fields."""
    if isinstance(node, list):
        return [_untitled(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _untitled(each, named=not named and key in ("properties", "$defs"))
        for key, each in node.items()
        if named or key != "title"
    }


def _events(events: Mapping[str, Mapping[str, Any]]) -> Document:
    envelope = _untitled(Readable.model_json_schema(mode="serialization"))
    envelope["required"] = [name for name in envelope["required"] if name != "withheld"]
    parts: Document = {**envelope.pop("$defs"), "Recorded": envelope}
    told = {key: _event(key, dict(schema), parts) for key, schema in sorted(events.items())}
    return {"oneOf": [{"$ref": f"#/$defs/{key}"} for key in told], "$defs": {**told, **dict(sorted(parts.items()))}}


def _event(key: str, data: Document, parts: Document) -> Document:
    """One event whole. What its data are made of goes to `parts`, under another name where that one is taken."""
    name, version = key.rsplit(".", 1)
    names = {}
    for part, shape in data.pop("$defs", {}).items():
        names[part] = part if parts.get(part, shape) == shape else f"{part}.{key}"
        parts[names[part]] = shape
    told = {word: each for word, each in data.items() if word not in ("$schema", "$id")}
    fixed = {"type": {"const": name}, "schema_version": {"const": int(version)}, "data": _renamed(told, names)}
    return {"description": EVENTS[name].__doc__, "allOf": [{"$ref": "#/$defs/Recorded"}], "properties": fixed}


def kept(folder: Path = FOLDER) -> dict[str, Document]:
    """The documents that went out last; none before the first release."""
    files = sorted((folder / RELEASED).glob("*.json"))
    return {file.stem: json.loads(file.read_text("utf-8")) for file in files}


def broken_since(before: Mapping[str, Document], after: Mapping[str, Document]) -> list[str]:
    """What the documents would break for whoever relies on those of before under the same version."""
    return list(_broken(before, after)) if _version(before) == _version(after) else []


def _version(told: Mapping[str, Document]) -> str:
    return str(told["commands"]["$id"].split(":")[3]) if "commands" in told else ""


def _broken(before: Mapping[str, Document], after: Mapping[str, Document]) -> Iterator[str]:
    for name, was in before.items():
        if name not in after:
            yield f"{name}: is gone"
        elif name in SIDES:
            yield from (f"{name}: {each}" for each in broken_shapes(was, after[name], SIDES[name]))
        else:
            broken = broken_calls if name == "openapi" else broken_messages
            yield from (f"{name}: {each}" for each in broken(was, after[name]))


def write(folder: Path, told: Mapping[str, Document], *, release: bool = False) -> list[str]:
    """Write the documents, unless they would break what was released: then the sentences that say what."""
    if wrong := broken_since(kept(folder), told):
        return wrong
    keep(folder, told)
    if release:
        keep(folder / RELEASED, told)
    return []


def keep(folder: Path, told: Mapping[str, Document]) -> None:
    """Write each as a file of its own, as it is compared."""
    folder.mkdir(exist_ok=True)
    for name, document in told.items():
        (folder / f"{name}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
