"""One lifecycle, which the engine as it ships and the same engine on `dbos` live in turns.

The acts are those of the rehearsed example, from referral to the publication of the outcome, made live: all that
precedes the hearing is dated yesterday, the hearing today, so that a timer is set for a deadline days ahead and moves
as the case does, and no act waits for a day to pass.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol
from uuid import uuid4

import domain.case  # noqa: F401 # with it every command is known
from domain.working_days import england_and_wales, london_date
from integration.casefile import CaseFile, load, matter_from

__all__ = ["COMMANDS", "Contender", "lifecycle", "referral_of", "steps"]

CALENDAR = england_and_wales()
FILE: CaseFile = load(
    Path(__file__).parents[1] / "examples" / "04-rehearsed-suspension.yaml", CALENDAR, datetime.now(UTC)
)
ACTS = [step for step in FILE.steps if step.do and not step.refused]
COMMANDS = len(ACTS) + 1  # with the referral
HEARING = next(number for number, step in enumerate(ACTS) if step.do == "open_hearing")


class Contender(Protocol):
    """Takes a case, and commands to it; each is answered once its events are durable."""

    async def refer(self, referral: Mapping[str, Any]) -> object:
        """Open a case."""

    async def do(self, reference: str, command: str, body: Mapping[str, Any]) -> object:
        """Give a command."""


def _moment(number: int) -> datetime:
    now = datetime.now(UTC)
    return now if number >= HEARING else now - timedelta(days=1)


def referral_of(reference: str) -> dict[str, Any]:
    """The referral of yesterday."""
    at = _moment(0)
    told = {**FILE.referral, "clock": "live", "at": at.isoformat(), "reference": reference}
    return matter_from(told, at, CALENDAR)


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """The commands after it, each dated as it is taken."""
    for number, step in enumerate(ACTS):
        body = step.body(_moment(number), CALENDAR)
        if "begins_on" in body:
            body["begins_on"] = london_date(datetime.now(UTC)).isoformat()
        yield str(step.do), body


async def lifecycle(contender: Contender, waits: list[float], until: int = COMMANDS) -> str:
    """From referral to outcome, or the first so many commands; adds how long each was waited for."""
    reference = f"L-{uuid4().hex[:12].upper()}"
    began = perf_counter()
    await contender.refer(referral_of(reference))
    waits.append(perf_counter() - began)
    for command, body in list(steps())[: until - 1]:
        began = perf_counter()
        await contender.do(reference, command, body)
        waits.append(perf_counter() - began)
    return reference
