"""What an act of one case asks of another about a part that is handed over; each writes in its own record alone."""

from typing import Any

from activities import store
from activities.store import Seen
from domain.handover import HandOverOfficer, TakeOverOfficer, check_receives
from domain.messages import REFERENCE
from domain.state import Case

__all__ = ["check_receiving", "read_besides"]


def read_besides(command: str, body: dict[str, Any]) -> list[str]:
    """The case whose record a taking over reads: it is held meanwhile, so that nothing is corrected in it.

    Who is told that a correction was recorded before the part was taken over can rely on its having come corrected.
    Two cases cannot take over the same part, held or not: it was handed over to one of them, for good, and an append
    to that one says which version it has read.
    """
    other = body.get("from_case") if command == TakeOverOfficer.name else None
    return [other] if isinstance(other, str) and REFERENCE.fullmatch(other) else []


async def check_receiving(seen: Seen, giving: Case, command: HandOverOfficer) -> None:
    """Refuse to hand over to a case that could not take the part over; see `check_receives`.

    The other case is not held. If it is closed meanwhile that is as if it had been closed afterwards, which it may be:
    the part waits for it, `probity handed-over` says so, and it is reopened. What it took over it has for good.
    """
    check_receives(giving, (await store.see(seen.connection, command.to)).case, command)
