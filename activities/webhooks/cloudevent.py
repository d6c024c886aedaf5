"""What a webhook says: an event of the record as a CloudEvent, and the signatures by which a receiver knows us.

https://github.com/cloudevents/spec (1.0.2, structured mode) and https://www.standardwebhooks.com (1.0.0).
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from standardwebhooks import Webhook

from activities.text.opening import Readable

__all__ = ["CONTENT_TYPE", "PREFIX", "SOURCE", "TEST", "body", "headers", "test_body"]

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
SOURCE = "urn:probity"
PREFIX = "probity."
TEST = f"{PREFIX}test"


def body(event: Readable, force: str) -> bytes:
    """An event as it is sent. Its `data` is the event as the feed tells it, to this reader."""
    told: dict[str, Any] = {
        "id": str(event.event_id),
        "type": f"{PREFIX}{event.type}",
        "subject": event.stream,
        "time": event.occurred_at.isoformat(),
        "dataschema": f"urn:probity:event:{event.type}:{event.schema_version}",
        "sequence": f"{event.version:010}",  # of the case; as text it sorts, as the extension asks
        "recordedat": event.recorded_at.isoformat(),
        "force": force,
        "data": event.model_dump(mode="json"),
    }
    return _structured(told)


def test_body(id: UUID, subscription: str, at: datetime) -> bytes:
    """What is sent to try a subscriber."""
    return _structured({"id": str(id), "type": TEST, "time": at.isoformat(), "data": {"subscription": subscription}})


def _structured(told: dict[str, Any]) -> bytes:
    head = {"specversion": "1.0", "source": SOURCE, "datacontenttype": "application/json"}
    return json.dumps(head | told, ensure_ascii=False, separators=(",", ":")).encode()


def headers(id: UUID, at: datetime, content: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The headers of one attempt, at this moment; a signature by each secret, the newest first.

    The library takes the clock of a moment for that of UTC, whatever its zone is: it is given UTC.
    """
    moment = at.astimezone(UTC)
    signatures = [Webhook(secret).sign(str(id), moment, content.decode()) for secret in secrets]
    return {
        "content-type": CONTENT_TYPE,
        "user-agent": "probity-webhooks/1",
        "webhook-id": str(id),
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
