"""The AsyncAPI 3 document: what is told to others as it happens, by the feed and by webhooks."""

from collections.abc import Mapping
from typing import Any

from activities.webhooks.cloudevent import CONTENT_TYPE, PREFIX, SOURCE, TEST
from integration.contract.changes import Side, broken_shapes

__all__ = ["asyncapi", "broken_messages"]

ABOUT = (
    "Every event of every case, once under its `event_id`, in an order to go on from, and in order for each case. "
    "A reader passes over types, versions, fields and words that it does not know."
)
FEED = (
    "The feed: over HTTP `GET /events` and, to follow it, `GET /events/stream` of the gateway (openapi.json); on the "
    "command line `probity feed --follow`. Keep the cursor of the last event that was dealt with, and go on after it."
)
WEBHOOKS = (
    "A `POST` for each event to the address of a subscriber: a CloudEvent 1.0 in JSON, signed as Standard Webhooks "
    "say. Answer with 2xx; the same `id` may come twice."
)
TEXT = {"type": "string"}
MOMENT = {"type": "string", "format": "date-time"}
ENVELOPE = {
    "type": "object",
    "description": "A CloudEvent 1.0 in structured mode.",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid", "description": "The same however often it is sent."},
        "source": {"const": SOURCE},
        "type": TEXT,
        "time": {**MOMENT, "description": "When it happened."},
        "datacontenttype": {"const": "application/json"},
        "data": {"type": "object"},
    },
    "required": ["specversion", "id", "source", "type", "time", "datacontenttype", "data"],
}
OF_A_CASE = {
    "type": "object",
    "description": "What every CloudEvent about a case has besides.",
    "allOf": [{"$ref": "#/components/schemas/cloud_event"}],
    "properties": {
        "subject": {**TEXT, "description": "The reference of the case."},
        "dataschema": TEXT,
        "sequence": {**TEXT, "pattern": "^[0-9]{10,}$", "description": "Its place in its case; as text it sorts."},
        "recordedat": {**MOMENT, "description": "When it was recorded."},
        "force": {**TEXT, "description": "The force whose case it is."},
    },
    "required": ["subject", "dataschema", "sequence", "recordedat", "force"],
}
SIGNED = {
    "type": "object",
    "properties": {
        "webhook-id": {**TEXT, "description": "The `id` of the event."},
        "webhook-timestamp": {**TEXT, "description": "When this attempt was made, in seconds since 1970."},
        "webhook-signature": {**TEXT, "description": "One signature, or two while a secret is being changed."},
    },
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
}
FORMAT = "application/schema+json;version=draft-2020-12"
_HEX = {"type": "string", "pattern": "^([0-9a-f]{2})+$"}
CHECKPOINT = {
    "name": "checkpoint",
    "summary": "The heads of all cases, signed; with `--checkpoints` alone. docs/verify.md says how it is computed.",
    "payload": {
        "schemaFormat": FORMAT,
        "schema": {
            "type": "object",
            "properties": {
                "cursor": TEXT,
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
    told = {**{key: _message(key, events["$defs"][key]) for key in keys}, "checkpoint": CHECKPOINT}
    sent = {f"{PREFIX}{key}": _sent(key, events["$defs"][key]) for key in keys}
    sent[TEST] = _signed(TEST, "A test, about no case.", {"$ref": "#/components/schemas/cloud_event"})
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Probity: events", "version": str(version), "description": ABOUT},
        "defaultContentType": "application/json",
        "channels": {"feed": _channel(FEED, told), "webhooks": _channel(WEBHOOKS, sent)},
        "operations": {
            "tellFeed": {"action": "send", "channel": {"$ref": "#/channels/feed"}},
            "tellSubscriber": {"action": "send", "channel": {"$ref": "#/channels/webhooks"}},
        },
        "components": {
            "messages": {**told, **sent},
            "schemas": {"cloud_event": ENVELOPE, "cloud_event_of_a_case": OF_A_CASE, "signed": SIGNED},
        },
    }


def _channel(about: str, messages: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": about, "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in messages}}


def _message(key: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    told = {"$ref": f"./events.json#/$defs/{key}"}
    name = key.rpartition(".")[0]
    return {"name": name, "summary": shape["description"], "payload": {"schemaFormat": FORMAT, "schema": told}}


def _sent(key: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    name = f"{PREFIX}{key.rpartition('.')[0]}"
    told = {
        "allOf": [{"$ref": "#/components/schemas/cloud_event_of_a_case"}],
        "properties": {"type": {"const": name}, "data": {"$ref": f"./events.json#/$defs/{key}"}},
    }
    return _signed(name, shape["description"], told)


def _signed(name: str, about: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "summary": about,
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/signed"},
        "payload": {"schemaFormat": FORMAT, "schema": told},
    }


def broken_messages(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Channels and messages that are gone, and what would break of envelopes; the events are those of `events.json`."""
    gone = [name for name in before["channels"] if name not in after["channels"]]
    lost = [
        f"{name}.{message}"
        for name, channel in before["channels"].items()
        if name in after["channels"]
        for message in channel["messages"]
        if message not in after["channels"][name]["messages"]
    ]
    return [f"{each}: is gone" for each in gone + lost] + broken_shapes(_shapes(before), _shapes(after), Side.GIVEN)


def _shapes(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "$defs": document.get("components", {}).get("schemas", {})}
