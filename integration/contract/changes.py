"""What of a change to the contract would break whoever relies on it: pure, on JSON Schema and OpenAPI documents.

    ACCEPTED   what others send us: whatever fitted before has to fit now
    GIVEN      what we send: what a reader found before it still finds; fields and words that it does not know may come
    KEPT       both: events are read for years, so what was recorded has to fit as well as what will be

A pattern is compared as text: a wider one is taken for another; one that lists words is the closed list of them. It
knows the keywords that our models come to, and a test holds that no others occur.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

__all__ = ["KEYWORDS", "Side", "broken", "broken_calls", "broken_shapes", "is_part"]

Node = Mapping[str, Any]

LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
SAME = ("pattern", "format", "uniqueItems", "propertyNames")
SHAPE = ("type", "enum", "const", "properties", "required", "additionalProperties", "patternProperties")
LISTED = ("items", "prefixItems")
SAID = ("description", "title", "default", "examples", "$schema", "$id", "$defs", "x-given-by", "discriminator")
KEYWORDS = frozenset({*LEAST, *MOST, *SAME, *SHAPE, *LISTED, *SAID, "anyOf", "oneOf", "allOf", "$ref"})


class Side(StrEnum):
    """Who would be broken."""

    ACCEPTED = "accepted"
    GIVEN = "given"
    KEPT = "kept"


class Within(NamedTuple):
    """A schema, and the document in which its references point."""

    node: Node
    root: Node

    def to(self, node: Any) -> "Within":
        """Another schema of the same document."""
        return Within(node if isinstance(node, Mapping) else {}, self.root)


def is_part(name: str) -> bool:
    """Whether a shape is only what others are made of, as `Actor` is; its name is no promise."""
    return name[:1].isupper()


def broken_shapes(before: Node, after: Node, side: Side) -> list[str]:
    """What would break of a document with its shapes under `$defs`, one sentence each."""
    found = [] if "properties" not in before else broken(before, after, side)
    for name, was in before.get("$defs", {}).items():
        if is_part(name):
            continue
        if name not in after.get("$defs", {}):
            found.append(f"{name}: is gone")
        else:
            found += [f"{name}: {each}" for each in broken(was, after["$defs"][name], side, (before, after))]
    return sorted(set(found))


def broken(before: Node, after: Node, side: Side, roots: tuple[Node, Node] | None = None) -> list[str]:
    """What would break of one schema. `roots`: the documents in which the references of each point."""
    roots = roots or (before, after)
    old, new = Within(before, roots[0]), Within(after, roots[1])
    found = []
    if side is not Side.GIVEN:
        found += [f"{where}{WHAT[what][0]}" for where, what in _gaps(old, new, given=False)]
    if side is not Side.ACCEPTED:
        found += [f"{where}{WHAT[what][1]}" for where, what in _gaps(new, old, given=True)]
    return list(dict.fromkeys(found))


# What is wrong, as whoever sends is told of it, and as whoever reads is.
WHAT = {
    "type": ("takes no longer all that it took", "gives what it did not give"),
    "words": ("does not take every word that it took", "does not give every word that it gave"),
    "text": ("has another pattern or format", "has another pattern or format"),
    "bound": ("has a narrower bound", "has a wider bound"),
    "field": ("is gone", "is gone"),
    "required": ("is required now", "is no longer always there"),
}
WORDS_ALONE = re.compile(r"\^\((\w+(?:\|\w+)*)\)\$")
Gaps = Iterator[tuple[str, str]]


def _gaps(these: Within, those: Within, *, given: bool, where: str = "", seen: frozenset[Any] = frozenset()) -> Gaps:
    """What of `these` does not fit `those`. `given`: `those` are the old, whose reader passes over what is new."""
    targets = _alternatives(those)
    for each in _alternatives(these):
        tried = [list(_leaf(each, target, given, where, seen)) for target in targets]
        yield from min(tried, key=len)


def _alternatives(schema: Within) -> list[Within]:
    node = schema.node
    if "$ref" in node:
        return _alternatives(schema.to(_at(schema.root, node["$ref"])))
    if "allOf" in node:
        return _alternatives(schema.to(_merged(schema)))
    for choice in ("anyOf", "oneOf"):
        if choice in node:
            return [found for each in node[choice] for found in _alternatives(schema.to(each))]
    if isinstance(node.get("type"), list):
        return [schema.to({**node, "type": each}) for each in node["type"]]
    listed = WORDS_ALONE.fullmatch(node.get("pattern", ""))
    if listed:  # such a pattern is a closed list by another name
        plain = {key: each for key, each in node.items() if key != "pattern"}
        return [schema.to({**plain, "enum": listed[1].split("|")})]
    return [schema]


def _merged(schema: Within) -> Node:
    """The fields of all parts as one: later parts say more of a field than earlier ones."""
    whole: dict[str, Any] = {key: each for key, each in schema.node.items() if key != "allOf"}
    for part in schema.node["allOf"]:
        (told, *_) = _alternatives(schema.to(part))
        whole = {
            **whole,
            **told.node,
            "properties": {**whole.get("properties", {}), **told.node.get("properties", {})},
            "required": [*whole.get("required", ()), *told.node.get("required", ())],
        }
    return whole


def _at(root: Node, ref: str) -> Any:
    found: Any = root
    for step in ref.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def _leaf(these: Within, those: Within, given: bool, where: str, seen: frozenset[Any]) -> Gaps:
    a, b = these.node, those.node
    at = f"{where}: " if where else ""
    if (id(a), id(b)) in seen:
        return  # a shape that holds itself
    seen |= {(id(a), id(b))}
    if not _same_type(a, b):
        yield at, "type"
        return
    if not _fitting_words(a, b, given):
        yield at, "words"
    if any(key in b and a.get(key) != b[key] for key in SAME):
        yield at, "text"
    if any(key in b and a.get(key, b[key] - 1) < b[key] for key in LEAST):
        yield at, "bound"
    if any(key in b and a.get(key, b[key] + 1) > b[key] for key in MOST):
        yield at, "bound"
    yield from _fields(these, those, given, where, seen)
    yield from _items(these, those, given, where, seen)


def _same_type(a: Node, b: Node) -> bool:
    kinds = (_type(a), _type(b))
    return kinds[1] is None or kinds[0] == kinds[1] or kinds == ("integer", "number")


def _type(node: Node) -> Any:
    return node.get("type") or ("string" if isinstance(node.get("const"), str) else None)


def _words(node: Node) -> set[str] | None:
    told = node.get("enum", [node["const"]] if "const" in node else None)
    return None if told is None else {repr(each) for each in told}


def _fitting_words(a: Node, b: Node, given: bool) -> bool:
    """A closed list stays one. Whoever sends may send every old word; whoever reads may wait for every old one."""
    these, those = _words(a), _words(b)
    if those is None:
        return True
    return these is not None and (those <= these if given else these <= those)


def _fields(these: Within, those: Within, given: bool, where: str, seen: frozenset[Any]) -> Gaps:
    a, b = these.node.get("properties", {}), those.node.get("properties", {})
    old, new = (b, a) if given else (a, b)
    for name in old.keys() - new.keys():
        yield f"{_inside(where, name)}: ", "field"
    for name in set(those.node.get("required", ())) - set(these.node.get("required", ())) - (old.keys() - new.keys()):
        yield f"{_inside(where, name)}: ", "required"
    for name in a.keys() & b.keys():
        yield from _gaps(these.to(a[name]), those.to(b[name]), given=given, where=_inside(where, name), seen=seen)
    yield from _others(these, those, given, where, seen)


def _others(these: Within, those: Within, given: bool, where: str, seen: frozenset[Any]) -> Gaps:
    """Fields that are not named one by one."""
    inside = _inside(where, "*")
    named = these.node.get("patternProperties", {})
    for pattern, each in those.node.get("patternProperties", {}).items():
        if pattern not in named:
            yield f"{inside}: ", "text"
        else:
            yield from _gaps(these.to(named[pattern]), those.to(each), given=given, where=inside, seen=seen)
    more, expected = these.node.get("additionalProperties"), those.node.get("additionalProperties")
    if isinstance(expected, Mapping) and isinstance(more, Mapping):
        yield from _gaps(these.to(more), those.to(expected), given=given, where=inside, seen=seen)
    elif expected is False and more is not False and not given:
        yield f"{where}: " if where else "", "type"


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _items(these: Within, those: Within, given: bool, where: str, seen: frozenset[Any]) -> Gaps:
    a, b = these.node, those.node
    if "items" in b:
        yield from _gaps(these.to(a.get("items")), those.to(b["items"]), given=given, where=f"{where}[]", seen=seen)
    fixed, expected = a.get("prefixItems", ()), b.get("prefixItems", ())
    if len(fixed) != len(expected):
        yield f"{where}: " if where else "", "type"
        return
    for place, (this, that) in enumerate(zip(fixed, expected, strict=True)):
        yield from _gaps(these.to(this), those.to(that), given=given, where=f"{where}[{place}]", seen=seen)


# --- OpenAPI


METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def broken_calls(before: Node, after: Node) -> list[str]:
    """What would break of an OpenAPI document for whoever calls us, one sentence each."""
    return sorted(set(_broken_calls(before, after)))


def _broken_calls(before: Node, after: Node) -> Iterator[str]:
    for path, item in before.get("paths", {}).items():
        for method in item.keys() & set(METHODS):
            now = after.get("paths", {}).get(path, {}).get(method)
            call = f"{method.upper()} {path}"
            if now is None:
                yield f"{call}: is gone"
                continue
            old, new = Within(item[method], before), Within(now, after)
            for part in (_parameters, _body, _responses):
                yield from (f"{call}: {each}" for each in part(old, new))


def _parameters(old: Within, new: Within) -> Iterator[str]:
    before, after = _named(old), _named(new)
    for key, was in before.items():
        if key not in after:
            yield f"{key}: is gone"
            continue
        if after[key].get("required") and not was.get("required"):
            yield f"{key}: is required now"
        yield from _told(old.to(was.get("schema")), new.to(after[key].get("schema")), Side.ACCEPTED, key)
    yield from (f"{key}: is required now" for key in after.keys() - before.keys() if after[key].get("required"))


def _named(call: Within) -> dict[str, Node]:
    told = (_whole(call, each) for each in call.node.get("parameters", ()))
    return {f"{each['in']} {each['name']}": each for each in told}


def _whole(within: Within, node: Node) -> Node:
    found: Node = _at(within.root, node["$ref"]) if "$ref" in node else node
    return found


def _body(old: Within, new: Within) -> Iterator[str]:
    was, now = (_whole(each, each.node.get("requestBody", {})) for each in (old, new))
    if now.get("required") and not was.get("required"):
        yield "the body: is required now"
    yield from _contents(old, new, was, now, Side.ACCEPTED, "the body")


def _responses(old: Within, new: Within) -> Iterator[str]:
    was, now = old.node.get("responses", {}), new.node.get("responses", {})
    for status, told in was.items():
        if status in now:
            yield from _contents(old, new, _whole(old, told), _whole(new, now[status]), Side.GIVEN, status)
        elif status.startswith("2"):
            yield f"{status}: is gone"


def _contents(old: Within, new: Within, was: Node, now: Node, side: Side, what: str) -> Iterator[str]:
    for media, told in was.get("content", {}).items():
        if media not in now.get("content", {}):
            yield f"{what}: is no longer {media}"
        else:
            yield from _told(old.to(told.get("schema")), new.to(now["content"][media].get("schema")), side, what)


def _told(old: Within, new: Within, side: Side, what: str) -> Iterator[str]:
    found = broken(old.node, new.node, side, (old.root, new.root))
    yield from (f"{what}: {each}" for each in found)
