"""The OpenAPI document: the domain's own models named field by field, and every problem that may come back."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from domain.messages import COMMANDS, Command, Model
from domain.referral import Referral
from integration.problems import MEDIA_TYPE, STATUS, TITLES, Problem
from integration.samples import sample

__all__ = ["answers", "body_of", "describe", "problems", "read_headers", "receipt_headers"]

ASKED: tuple[type[Model], ...] = (Referral, *(COMMANDS[name] for name in sorted(COMMANDS)))
COMPONENT = "#/components/schemas/{model}"
ANYWHERE = ("malformed", "not_authentic", "not_permitted", "too_many", "fault", "unavailable")
OF_A_CASE = ("unknown_case", "unreadable")
GIVEN = ("too_slow", "too_large", "unsupported_media_type", "already_done", "unlawful")
CODES = {
    "search": (),
    "feed": ("unreadable",),
    "case": OF_A_CASE,
    "explain": (*OF_A_CASE, "not_found"),
    "refer": (*GIVEN, "duplicate_reference", "out_of_order", "conflict_of_interest"),
    "command": (*GIVEN, *OF_A_CASE, "not_found", "conflict_of_interest", "wrong_stage", "out_of_order", "stale"),
}
REFERRAL = {
    "reference": "NEW-2026-0001",
    "force": "force-01",
    "origin": "conduct_matter",
    "first_known": "2025-06-02",
    "actor": {"role": "intake", "id": "intake-1"},
    "occurred_at": "2025-06-02T09:00:00Z",
    "illustrative": True,
    "officers": [{"officer": "A", "person": "p-1401", "rank": "constable"}],
    "allegations": [
        {"allegation": "access", "summary": "Looked up a record without a policing purpose.", "officers": ["A"]}
    ],
}
NO_SCHEMA = {"type": "string"}


def body_of(kind: type[Model]) -> dict[str, Any]:
    """What a route says of its body: this model, which it reads itself."""
    schema, example = {"$ref": COMPONENT.format(model=kind.__name__)}, {"value": _example(kind)}
    told = {"schema": schema, "examples": {"made up": example}}
    return {"requestBody": {"required": True, "content": {"application/json": told}}}


def _example(kind: type[Model]) -> dict[str, Any]:
    """What a body looks like: every field that has to be there, with a value of its schema."""
    if kind is Referral:
        return REFERRAL
    schema, given_by = kind.model_json_schema(), kind.given_by if issubclass(kind, Command) else ()
    fields = {name: sample(schema["properties"][name], schema.get("$defs", {})) for name in schema["required"]}
    return {**fields, "actor": {"role": min(given_by, default=None), "id": "someone-1"}}


def problems(what: str) -> dict[int | str, dict[str, Any]]:
    """The problems of a route, by status; each names the codes that it may have."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in (*ANYWHERE, *CODES[what]):
        said = found.setdefault(STATUS[code], {"description": "", "content": _problem(), "headers": {}})
        said["description"] = "; ".join(filter(None, (said["description"], f"`{code}`: {TITLES[code]}")))
        if code in ("too_many", "unavailable"):
            said["headers"]["Retry-After"] = {
                "schema": {"type": "string"},
                "description": "In how many seconds to ask again.",
            }
    return dict(sorted(found.items(), key=lambda each: int(each[0])))


def answers(model: type[Any], what: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that is read from: this model, nothing new, and its problems."""
    found: dict[int | str, dict[str, Any]] = {200: {"model": model, "headers": read_headers()}}
    found[304] = {"description": "What the caller has still holds.", "headers": read_headers()}
    return found | problems(what)


def _problem() -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": COMPONENT.format(model=Problem.__name__)}}}


def read_headers() -> dict[str, Any]:
    """The headers of an answer that can be asked for again."""
    return {"ETag": {"schema": NO_SCHEMA, "description": "Give it as `If-None-Match` to be told only of a change."}}


def receipt_headers(*, location: bool = False) -> dict[str, Any]:
    """The headers of a receipt."""
    tag = {"ETag": {"schema": NO_SCHEMA, "description": "The version of the case after it: give it as `If-Match`."}}
    return tag | ({"Location": {"schema": NO_SCHEMA, "description": "The case."}} if location else {})


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of an app, with the models of what is asked put in beside those of its answers."""
    found = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=app.description,
        tags=app.openapi_tags,
        routes=app.routes,
    )
    _, asked = models_json_schema(
        [*((kind, "validation") for kind in ASKED), (Problem, "serialization")], ref_template=COMPONENT
    )
    schemas = found["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, schema in asked["$defs"].items():
        schemas.setdefault(name, schema)
    for name in schemas.keys() - (asked["$defs"].keys() - {Problem.__name__}):
        schemas[name].pop("additionalProperties", None)  # fields may come that whoever reads passes over
    for kind in ASKED:
        _loosen(schemas[kind.__name__])
    for path in found["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None) if _is_fastapi_s(operation) else None
    found["components"]["schemas"] = dict(sorted(schemas.items()))
    found["components"]["responses"] = dict(sorted(_shared(found["paths"])))
    return found


def _shared(paths: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The problems of all routes, each said once under the codes that it may have; the routes refer to them."""
    for operation in (each for path in paths.values() for each in path.values()):
        for status, told in operation["responses"].items():
            if MEDIA_TYPE in told.get("content", {}):
                name = ".".join([status, *re.findall("`([a-z_]+)`: ", told["description"])])
                yield name, told
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def _is_fastapi_s(operation: dict[str, Any]) -> bool:
    """Whether a 422 is what FastAPI says of every route: here parameters that do not fit are `malformed`."""
    return MEDIA_TYPE not in operation["responses"].get("422", {}).get("content", {})


def _loosen(schema: dict[str, Any]) -> None:
    """Who acts may be left to the token."""
    schema["required"] = [name for name in schema.get("required", ()) if name != "actor"]
    described = schema["properties"]["actor"]
    schema["properties"]["actor"] = {
        "anyOf": [described, {"type": "null"}],
        "description": "Without it: the subject of the token, in the one role that its scopes leave for this.",
    }
