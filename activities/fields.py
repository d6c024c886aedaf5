"""Fields of recorded events that no release has written: who may append can put in a name beside those of the type."""

from collections.abc import Iterator, Sequence

from domain.messages import EVENTS, Recorded
from domain.schemas import schema

__all__ = ["unknown"]


def unknown(recorded: Sequence[Recorded]) -> Iterator[str]:
    """One sentence for each event that holds a field which its type has not, in the version that the event is of.

    Every version that was released keeps its schema. What a later release has written is not judged. The name is not
    repeated: it may be anything.
    """
    for event in recorded:
        shape = schema(event.type, event.schema_version) if event.type in EVENTS else None
        if shape is not None and not event.data.keys() <= shape["properties"].keys():
            yield f"Event {event.version} holds a field that no event {event.type} has: it was put in or changed."
