"""What an act of one case asks of another about a part that is handed over; each writes in its own record alone."""

from typing import Any

from activities import store
from activities.sql import sql
from activities.store import Seen
from domain.handover import HandOverOfficer, TakeOverOfficer, check_receives, check_taken_over
from domain.messages import REFERENCE, Command
from domain.outcome import CloseCase
from domain.state import Case

__all__ = ["check_other_case", "read_besides"]


def read_besides(command: str, body: dict[str, Any]) -> list[str]:
    """The case whose record a taking over reads: it is held meanwhile, so that nothing is corrected in it.

    Who is told that a correction was recorded before the part was taken over can rely on its having come corrected.
    Two cases cannot take over the same part, held or not: it was handed over to one of them, for good, and an append
    to that one says which version it has read.
    """
    other = body.get("from_case") if command == TakeOverOfficer.name else None
    return [other] if isinstance(other, str) and REFERENCE.fullmatch(other) else []


async def check_other_case(seen: Seen, case: Case, command: Command) -> None:
    """Refuse what another case rules out: to hand over to one that could not take the part over, or to close too early.

    The other case is not held. If it is closed meanwhile that is as if it had been closed afterwards, which it may be:
    the part waits for it, `probity handed-over` says so, and it is reopened. What it took over it has for good.
    """
    if isinstance(command, HandOverOfficer):
        check_receives(case, (await store.see(seen.connection, command.to)).case, command)
    if isinstance(command, CloseCase):
        check_taken_over(await _waiting(seen, case))


async def _waiting(seen: Seen, case: Case) -> dict[str, str]:
    """Whose part of this case was handed over and nobody has taken over yet, and to which case."""
    to = {officer.handed_to for officer in case.officers.values() if officer.handed_to}
    rows = [row for other in to for row in await seen.connection.fetch(sql("handed_over"), other)]
    return {row["officer"]: row["to_case"] for row in rows if row["reference"] == seen.stream}
