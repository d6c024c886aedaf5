"""What a change to the contract breaks, kind by kind: for whoever sends, for whoever reads, and for what is kept."""

from typing import Any

import pytest

from integration.contract.asyncapi import broken_messages
from integration.contract.changes import Side, broken, broken_calls, broken_shapes

ACCEPTED, GIVEN, KEPT = Side.ACCEPTED, Side.GIVEN, Side.KEPT
WORDS: dict[str, Any] = {"type": "string", "enum": ["red", "blue"]}
MAYBE: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}


def shape(required: tuple[str, ...] = ("a",), **fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


@pytest.mark.parametrize(
    ("change", "before", "after", "accepted", "given"),
    [
        ("none", shape(a=TEXT), shape(a=TEXT), None, None),
        ("other words about it", shape(a=TEXT), {**shape(a={**TEXT, "description": "x"}), "title": "y"}, None, None),
        ("a field more", shape(a=TEXT), shape(a=TEXT, b=TEXT), None, None),
        ("a required field more", shape(a=TEXT), shape(("a", "b"), a=TEXT, b=TEXT), "b: is required now", None),
        ("a field less", shape(a=TEXT, b=TEXT), shape(a=TEXT), "b: is gone", "b: is gone"),
        ("a required field less", shape(a=TEXT), shape(()), "a: is gone", "a: is gone"),
        ("a field renamed", shape((), a=TEXT), shape((), b=TEXT), "a: is gone", "a: is gone"),
        ("a field made required", shape((), a=TEXT), shape(a=TEXT), "a: is required now", None),
        ("a field made optional", shape(a=TEXT), shape((), a=TEXT), None, "a: is no longer always there"),
        ("another type", shape(a=TEXT), shape(a=NUMBER), "a: takes no longer", "a: gives what it did not"),
        ("a type more", shape(a=TEXT), shape(a=MAYBE), None, "a: gives what it did not"),
        ("a type less", shape(a=MAYBE), shape(a=TEXT), "a: takes no longer", None),
        ("types in a list", shape(a=MAYBE), shape(a={"type": ["string", "null"]}), None, None),
        ("a wider number", shape(a=NUMBER), shape(a={"type": "number"}), None, "a: gives what it did not"),
        ("a narrower number", shape(a={"type": "number"}), shape(a=NUMBER), "a: takes no longer", None),
        ("no type any more", shape(a=TEXT), shape(a={}), None, "a: gives what it did not"),
        ("a word more", shape(a=WORDS), shape(a={**WORDS, "enum": ["red", "blue", "green"]}), None, None),
        ("a word less", shape(a=WORDS), shape(a={**WORDS, "enum": ["red"]}), "a: does not take", "a: does not give"),
        ("any word", shape(a=WORDS), shape(a=TEXT), None, "a: does not give"),
        ("a closed list", shape(a=TEXT), shape(a=WORDS), "a: does not take", None),
        ("another constant", shape(a={"const": 1}), shape(a={"const": 2}), "a: does not take", "a: does not give"),
        ("a pattern", shape(a=TEXT), shape(a={**TEXT, "pattern": "^x"}), "a: has another pattern", None),
        ("no pattern", shape(a={**TEXT, "pattern": "^x"}), shape(a=TEXT), None, "a: has another pattern"),
        ("a pattern as its words", shape(a={**TEXT, "pattern": "^(red|blue)$"}), shape(a=WORDS), None, None),
        (
            "a pattern of fewer words",
            shape(a=WORDS),
            shape(a={**TEXT, "pattern": "^(red)$"}),
            "a: does not",
            "a: does not",
        ),
        ("a format", shape(a=TEXT), shape(a={**TEXT, "format": "date"}), "a: has another pattern", None),
        ("shorter", shape(a={**TEXT, "maxLength": 9}), shape(a={**TEXT, "maxLength": 8}), "a: has a narrower", None),
        ("longer", shape(a={**TEXT, "maxLength": 8}), shape(a={**TEXT, "maxLength": 9}), None, "a: has a wider"),
        ("a least", shape(a=NUMBER), shape(a={**NUMBER, "minimum": 0}), "a: has a narrower", None),
        ("no least", shape(a={**NUMBER, "minimum": 0}), shape(a=NUMBER), None, "a: has a wider"),
        ("in a list", shape(a={"items": TEXT}), shape(a={"items": NUMBER}), "a[]: takes", "a[]: gives"),
        ("a place more", shape(a={"prefixItems": [TEXT]}), shape(a={"prefixItems": [TEXT, TEXT]}), "a: t", "a: g"),
        ("in a place", shape(a={"prefixItems": [TEXT]}), shape(a={"prefixItems": [NUMBER]}), "a[0]: t", "a[0]: g"),
        ("inside", shape(a=shape((), b=TEXT)), shape(a=shape((), b=NUMBER)), "a.b: takes", "a.b: gives"),
        (
            "under any name",
            {"type": "object", "additionalProperties": TEXT},
            {"type": "object", "additionalProperties": NUMBER},
            "*: takes",
            "*: gives",
        ),
        (
            "under names of a pattern",
            {"type": "object", "patternProperties": {"^a": TEXT}},
            {"type": "object", "patternProperties": {"^a": NUMBER}},
            "*: takes",
            "*: gives",
        ),
        (
            "under names of another pattern",
            {"type": "object", "patternProperties": {"^a": TEXT}},
            {"type": "object", "patternProperties": {"^b": TEXT}},
            "*: has another pattern",
            "*: has another pattern",
        ),
        ("no other field", {"type": "object"}, {"type": "object", "additionalProperties": False}, "takes", None),
        (
            "one of several",
            shape(a={"oneOf": [shape(("x",), x=TEXT), NUMBER]}),
            shape(a={"oneOf": [shape(("x", "y"), x=TEXT, y=TEXT), NUMBER]}),
            "a.y: is required now",
            None,
        ),
    ],
)
def test_a_change_breaks_what_it_breaks(
    change: str, before: Any, after: Any, accepted: str | None, given: str | None
) -> None:
    told = {side: broken(before, after, side) for side in Side}
    for side, sentence in ((ACCEPTED, accepted), (GIVEN, given)):
        assert [each[: len(sentence or "")] for each in told[side]] == ([sentence] if sentence else []), change
    assert told[KEPT] == list(dict.fromkeys(told[ACCEPTED] + told[GIVEN]))


class TestAReference:
    """Shapes are compared by what they are, whatever their parts are called."""

    BEFORE: dict[str, Any] = {"$defs": {"paint": shape(a={"$ref": "#/$defs/Hue"}), "Hue": WORDS}}  # noqa: RUF012

    def test_is_followed(self) -> None:
        narrow = {"$defs": {**self.BEFORE["$defs"], "Hue": {"type": "string", "enum": ["red"]}}}
        assert broken_shapes(self.BEFORE, narrow, ACCEPTED) == ["paint: a: does not take every word that it took"]

    def test_may_have_another_name(self) -> None:
        same = {"$defs": {"paint": shape(a={"$ref": "#/$defs/Colour"}), "Colour": WORDS}}
        assert broken_shapes(self.BEFORE, same, KEPT) == []

    def test_may_lead_back(self) -> None:
        tree = {"$defs": {"Tree": shape(("a",), a=TEXT, more={"items": {"$ref": "#/$defs/Tree"}})}}
        other = {"$defs": {"Tree": shape(("a",), a=NUMBER, more={"items": {"$ref": "#/$defs/Tree"}})}}
        roots = ({**tree, "$ref": "#/$defs/Tree"}, {**other, "$ref": "#/$defs/Tree"})
        assert broken(roots[0], roots[0], KEPT) == []
        assert broken(*roots, ACCEPTED) == ["a: takes no longer all that it took"]

    def test_and_what_is_said_beside_it_are_one_shape(self) -> None:
        whole = {"allOf": [{"$ref": "#/$defs/Base"}], "properties": {"b": {"const": 1}}}
        before = {"$defs": {"thing": whole, "Base": shape(a=TEXT, b=NUMBER)}}
        after = {"$defs": {"thing": whole, "Base": shape(a=NUMBER, b=NUMBER)}}
        assert broken_shapes(before, before, KEPT) == []
        assert broken_shapes(before, after, ACCEPTED) == ["thing: a: takes no longer all that it took"]

    def test_a_shape_that_is_gone_is_named(self) -> None:
        assert broken_shapes(self.BEFORE, {"$defs": {}}, GIVEN) == ["paint: is gone"]


def call(parameters: Any = (), body: Any = None, answer: Any = None, **more: Any) -> dict[str, Any]:
    media = {"application/json": {"schema": answer or shape(a=TEXT)}}
    told: dict[str, Any] = {"parameters": list(parameters), "responses": {"200": {"content": media}}, **more}
    if body:
        told["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return {"paths": {"/cases": {"post": told}}}


def parameter(*, required: bool = False, schema: Any = TEXT) -> dict[str, Any]:
    return {"in": "query", "name": "after", "required": required, "schema": schema}


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        (call(), call(), []),
        (call(), {"paths": {}}, ["is gone"]),
        (call(), {"paths": {"/cases": {"get": {}}}}, ["is gone"]),
        (call(), {"paths": {**call()["paths"], "/more": {"get": {}}}}, []),
        (call([parameter()]), call(), ["query after: is gone"]),
        (call(), call([parameter()]), []),
        (call(), call([parameter(required=True)]), ["query after: is required now"]),
        (call([parameter()]), call([parameter(required=True)]), ["query after: is required now"]),
        (call([parameter()]), call([parameter(schema=NUMBER)]), ["query after: takes no longer all that it took"]),
        (call(body=shape(a=TEXT)), call(body=shape(a=TEXT, b=TEXT)), []),
        (call(body=shape(a=TEXT)), call(body=shape(("a", "b"), a=TEXT, b=TEXT)), ["the body: b: is required now"]),
        (call(body=shape(a=TEXT)), call(), ["the body: is no longer application/json"]),
        (call(), call(requestBody={"required": True, "content": {}}), ["the body: is required now"]),
        (call(answer=shape(a=TEXT)), call(answer=shape(("a", "b"), a=TEXT, b=TEXT)), []),
        (call(answer=shape(a=TEXT)), call(answer=shape((), b=TEXT)), ["200: a: is gone"]),
        (call(), call(responses={"201": {}}), ["200: is gone"]),
        (call(), call(responses={"200": {"content": {}}}), ["200: is no longer application/json"]),
    ],
)
def test_a_change_of_a_call_breaks_what_it_breaks(before: Any, after: Any, sentences: list[str]) -> None:
    assert broken_calls(before, after) == [f"POST /cases: {each}" for each in sentences]


def test_what_calls_share_is_followed() -> None:
    shared = {"components": {"parameters": {"After": parameter()}, "schemas": {"Thing": shape(a=TEXT)}}}
    before = {**call([{"$ref": "#/components/parameters/After"}], {"$ref": "#/components/schemas/Thing"}), **shared}
    shared = {"components": {"parameters": {}, "schemas": {"Thing": shape(a=NUMBER)}}}
    after = {**call(body={"$ref": "#/components/schemas/Thing"}), **shared}
    assert broken_calls(before, after) == [
        "POST /cases: query after: is gone",
        "POST /cases: the body: a: takes no longer all that it took",
    ]


def test_a_channel_or_message_that_is_gone_is_named() -> None:
    before = {"channels": {"feed": {"messages": {"a": {}, "b": {}}}, "webhooks": {"messages": {}}}}
    after: dict[str, Any] = {"channels": {"feed": {"messages": {"b": {}, "c": {}}}}}
    assert broken_messages(before, after) == ["webhooks: is gone", "feed.a: is gone"]
    assert broken_messages(after, {"channels": {**after["channels"], "more": {"messages": {}}}}) == []
