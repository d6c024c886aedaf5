"""What can be asked at all: ids and bodies that can be stored, and read back the same by anyone."""

import json
import re
from collections.abc import Iterator
from typing import Any

from domain.errors import AlreadyDone, Malformed

__all__ = ["COMMAND_ID", "ERASURES", "KEEPINGS", "MAX_BODY", "OWN_IDS", "another_act", "check_message"]

MAX_BODY = 256 * 1024  # bytes of JSON; every body is stored for years and travels through Temporal, which takes 2 MiB
SAFE = 2**53 - 1  # the whole numbers that every reader of JSON tells apart; NaN and the infinities are none of them
OWN_IDS = "deadlines@"  # the engine's own command ids begin so; nobody else's may
ERASURES, KEEPINGS = "forget@", "keep@"  # and those of erasures, and of decisions to keep, so
COMMAND_ID = re.compile(r"[ -\"$-~]{1,300}")  # printable ASCII but `#`, behind which an Update id may hold a digest
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it, and not a backslash that someone wrote


def check_message(command_id: str, body: Any) -> None:
    """Refuse what Postgres could not store: as an error of the database it would be tried again for ever."""
    if not COMMAND_ID.fullmatch(command_id):
        raise Malformed("The command id has to be 1 to 300 printable ASCII characters, without `#`.")
    if command_id.isspace():
        raise Malformed("The command id is blank: it names nothing.")
    for own in (OWN_IDS, ERASURES, KEEPINGS):
        if command_id.startswith(own):
            raise Malformed(f"Command ids that begin with {own!r} are the engine's own.")
    try:
        text = json.dumps(body, ensure_ascii=False, default=str)
        safe = all(-SAFE <= number <= SAFE for number in _numbers(body))
    except (RecursionError, ValueError):  # deeper than Python goes, or a number longer than it prints
        raise Malformed("The body cannot be written as JSON.") from None
    if len(text.encode("utf-8", "replace")) > MAX_BODY:
        raise Malformed(f"The body is larger than {MAX_BODY // 1024} KiB.")
    if NUL.search(text) or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Malformed("The body contains a character that cannot be stored.")
    if not safe:
        raise Malformed("The body contains a number that is not the same for every reader of JSON.")


def another_act() -> AlreadyDone:
    """What to say of a command id that comes again with something else. A caller of the gateway knows it as a key."""
    return AlreadyDone("This id or key was already used for another act, or with another date.")


def _numbers(body: Any) -> Iterator[int | float]:
    if isinstance(body, int | float):
        yield body
    elif isinstance(body, dict | list | tuple):
        for part in body.values() if isinstance(body, dict) else body:
            yield from _numbers(part)
