"""The AsyncAPI 3 document: what is sent to others as it happens."""

from collections.abc import Mapping
from typing import Any

__all__ = ["asyncapi", "broken_messages"]

ABOUT = (
    "Every event of every case, once under its `event_id`, in an order to go on from, and in order for each case. "
    "A reader passes over types, versions, fields and words that it does not know."
)
FEED = (
    "The feed: `probity feed --follow` prints one event a line. Keep the `cursor` of the last event that was dealt "
    "with, and go on after it."
)
_HEX = {"type": "string", "pattern": "^([0-9a-f]{2})+$"}
CHECKPOINT = {
    "name": "checkpoint",
    "summary": "The heads of all cases, signed; with `--checkpoints` alone. docs/verify.md says how it is computed.",
    "payload": {
        "schemaFormat": "application/schema+json;version=draft-2020-12",
        "schema": {
            "type": "object",
            "properties": {
                "cursor": {"type": "string"},
                "checkpoint": {
                    "type": "object",
                    "properties": {"statement": {"type": "object"}, "public_key": _HEX, "signature": _HEX},
                    "required": ["statement", "public_key", "signature"],
                },
            },
            "required": ["cursor", "checkpoint"],
        },
    },
}


def asyncapi(events: Mapping[str, Any], version: int) -> dict[str, Any]:
    """The document over the events of `events.json`, to which it refers."""
    keys = [each["$ref"].rpartition("/")[2] for each in events["oneOf"]]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Probity: events", "version": str(version), "description": ABOUT},
        "defaultContentType": "application/json",
        "channels": {
            "feed": {
                "description": FEED,
                "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in (*keys, "checkpoint")},
            }
        },
        "operations": {"tellFeed": {"action": "send", "channel": {"$ref": "#/channels/feed"}}},
        "components": {
            "messages": {**{key: _message(key, events["$defs"][key]) for key in keys}, "checkpoint": CHECKPOINT}
        },
    }


def _message(key: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": key.rpartition(".")[0],
        "summary": shape["description"],
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./events.json#/$defs/{key}"},
        },
    }


def broken_messages(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Channels and messages that are gone; the shapes of the messages are those of `events.json`."""
    gone = [name for name in before["channels"] if name not in after["channels"]]
    lost = [
        f"{name}.{message}"
        for name, channel in before["channels"].items()
        if name in after["channels"]
        for message in channel["messages"]
        if message not in after["channels"][name]["messages"]
    ]
    return [f"{each}: is gone" for each in gone + lost]
