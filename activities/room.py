"""What has room on its way through Temporal: 2 MiB at once, and 4 MiB in one task of a workflow.

A case that gave more would be stuck with its workflow tasks, or Temporal would terminate it.
"""

from base64 import b64encode
from collections.abc import Sequence
from zlib import compress, crc32

from pydantic_core import to_json

from activities.store import Done
from domain.errors import Malformed
from domain.messages import Recorded
from domain.state import Case

__all__ = ["MAX_GIVEN", "check_room", "fitting", "mark", "packed", "weight"]

MAX_GIVEN = 768 * 1024  # bytes of events that one act may give: its answer holds them twice
MAX_MISSED = 256 * 1024  # bytes of events that are told beside them
MAX_CASE = 1024 * 1024  # bytes of a case's state


def packed(case: Case) -> str:
    """A case's state as it travels through Temporal: what is settled stays in it for years, and packs to a tenth."""
    return b64encode(compress(to_json(case))).decode()


def mark(command_id: str) -> int:
    """By what a case knows a command's id again, which may be 300 characters.

    It has 32 bits, so that two may have the same. That does no harm: what a case lets through as given before, the
    store decides.
    """
    return crc32(command_id.encode())


def weight(events: Sequence[Recorded]) -> int:
    """How many bytes they are."""
    return sum(len(to_json(each)) for each in events)


def fitting(missed: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """What is told of events that a case has not seen: all, or none, where it has to read itself anew."""
    return tuple(missed) if weight(missed) <= MAX_MISSED else ()


def check_room(done: Done, state: bytes) -> None:
    """Refuse what an act would give, as `Malformed`, when it could not travel back through Temporal.

    `state`: the case after it, as JSON. The passing of time is not asked: it cannot be refused, and what is left of the
    2 MiB is its room.
    """
    if weight(done.added) > MAX_GIVEN:
        raise Malformed(
            f"The act gives more than {MAX_GIVEN // 1024} KiB at once: give it for fewer officers, or shorter."
        )
    if len(state) > MAX_CASE and len(packed(done.case)) > MAX_CASE:
        raise Malformed(f"The case has grown beyond {MAX_CASE // 1024} KiB: hand officers over to another case.")
