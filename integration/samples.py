"""Samples: a value that fits a JSON Schema of ours, made from the schema."""

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["sample"]

STRINGS = {"date": "2025-06-02", "date-time": "2025-06-02T09:00:00Z", "uuid": "6f1c1f0e-3f7b-5a52-9d0b-70726f626974"}
NAMES = ("A", "PSD-2025-0001", "id-1")


def sample(schema: Mapping[str, Any], shapes: Mapping[str, Any]) -> Any:
    """A value of this schema, with every field filled."""
    if "$ref" in schema:
        return sample(shapes[schema["$ref"].rpartition("/")[2]], shapes)
    if choices := schema.get("anyOf", schema.get("oneOf")):
        return sample(choices[0], shapes)
    if "const" in schema or "enum" in schema:
        return schema.get("const", *schema.get("enum", ())[:1])
    match schema.get("type"):
        case "object":
            fields = {name: sample(each, shapes) for name, each in schema.get("properties", {}).items()}
            more = schema.get("additionalProperties")
            return {**fields, **({"A": sample(more, shapes)} if isinstance(more, dict) else {})}
        case "array":
            return [sample(each, shapes) for each in schema.get("prefixItems", [schema.get("items", {})])]
        case "string":
            return STRINGS.get(schema.get("format", "")) or _text(schema)
        case "boolean":
            return True
        case "integer" | "number":
            return schema.get("minimum", 1)
    return {}


def _text(schema: Mapping[str, Any]) -> str:
    return next((each for each in NAMES if re.search(schema["pattern"], each)), "") if "pattern" in schema else "words"
