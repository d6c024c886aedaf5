"""Fill a running engine with cases at every stage, to see it as an operator does: `python -m deploy.many [HOW_MANY]`.

Each is an example left in the middle, under a reference of its own, moved by whole weeks so that its last act was some
days ago, and gone live: what was missed by then is enforced at once, what is due later runs.
"""

import re
from argparse import ArgumentParser
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deploy.demo import examples
from domain.errors import Refused
from domain.vocabulary import Clock
from domain.working_days import england_and_wales
from integration.casefile import CaseFile, Step
from integration.client import Probity
from integration.leaving import run
from integration.settings import Settings

__all__ = ["fill"]

HOW_MANY = 48
FORCES = 7
SINCE = 23  # days: the last act of a case was some days ago, at most so many
EVERY_STAYED = 9
DATE = re.compile(r"\d{4}-\d\d-\d\d")


async def fill(probity: Probity, how_many: int = HOW_MANY, now: datetime | None = None) -> list[str]:
    """Bring as many cases in, and return their references."""
    now = now or datetime.now(UTC)
    files = [file for file in examples() if file.clock is Clock.RECORDED]
    return [await _brought_in(probity, files[n % len(files)], n, how_many, now) for n in range(how_many)]


async def _brought_in(probity: Probity, file: CaseFile, number: int, of: int, now: datetime) -> str:
    taken = [step for step in file.steps if step.do and not step.refused]
    taken = taken[: 2 + number * (len(taken) - 4) // of]  # never to the end
    last = taken[-1].at
    assert isinstance(last, datetime)
    weeks = timedelta(weeks=(now - timedelta(days=number * 5 % SINCE) - last) // timedelta(weeks=1))
    matter: dict[str, Any] = _moved(file.opening(now, england_and_wales()), weeks)
    reference = f"{file.reference.partition('-')[0]}-{now.year}-{number + 1001}"
    matter.update(reference=reference, force=f"force-{number % FORCES + 1:02}", illustrative=True)
    await probity.refer(matter)
    for step in taken:
        with suppress(Refused):  # the law of today refuses some of what that of then allowed
            await _act(probity, reference, step, weeks)
    await _go_live(probity, reference, now, stayed=number % EVERY_STAYED == EVERY_STAYED - 1)
    return reference


async def _act(probity: Probity, reference: str, step: Step, weeks: timedelta) -> None:
    assert step.do is not None and isinstance(step.at, datetime)
    moved = step.model_copy(update={"facts": _as_of_today(_moved(step.facts, weeks))})
    await probity.do(reference, step.do, moved.body(step.at + weeks, england_and_wales()))


def _as_of_today(facts: dict[str, Any]) -> dict[str, Any]:
    """A panel of three sits in the composition of 2024, whichever it was of."""
    if len(members := facts.get("members", [])) != 2:
        return facts
    sits_as = {facts["chair"]: "senior_officer", **dict.fromkeys(members, "independent_member")}
    return {**facts, "sits_as": sits_as, "adviser": facts.get("adviser", "lqa-1")}


async def _go_live(probity: Probity, reference: str, now: datetime, *, stayed: bool) -> None:
    told: dict[str, Any] = {"actor": {"role": "appropriate_authority", "id": "aa-1"}, "occurred_at": now.isoformat()}
    told |= {"illustrative": True}
    await probity.do(reference, "go_live", told)
    if stayed:
        with suppress(Refused):
            await probity.do(reference, "stay_proceedings", {**told, "reasons": "A criminal trial is listed."})


def _moved(value: Any, by: timedelta) -> Any:
    """`value` with every date in it moved; a moment keeps its time of day."""
    if isinstance(value, dict):
        return {name: _moved(each, by) for name, each in value.items()}
    if isinstance(value, list):
        return [_moved(each, by) for each in value]
    if isinstance(value, str) and DATE.match(value):
        return (date.fromisoformat(value[:10]) + by).isoformat() + value[10:]
    return value


async def _main(how_many: int) -> None:
    async with Probity.connect(Settings.from_environment()) as probity:
        print(f"Bringing in {how_many} cases, act by act; four dozen take a minute or two.", flush=True)
        print(f"{len(await fill(probity, how_many))} cases came in.")


if __name__ == "__main__":
    told = ArgumentParser(prog="python -m deploy.many", description="Fill a running engine with cases at every stage.")
    told.add_argument("how_many", nargs="?", type=int, default=HOW_MANY, help=f"how many cases; {HOW_MANY} if not said")
    run(_main(told.parse_args().how_many))
