"""Keeps what Temporal holds of a case in each of its turns, to be replayed by later releases.

`python -m tests.keep_histories` plays each story below on an embedded Temporal and Postgres and writes the history of
every run of its workflow to `tests/histories/<release>/<case>.<run>.json`. Run it once for each release, before it goes
out; what is kept stays.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHistory

from activities import store
from deploy import embedded, migrate, register
from deploy.roles import ENGINE, as_role
from integration.client import Probity, connect_temporal
from integration.settings import Settings
from tests.engine import act, referral, running, suspension
from worker import engine
from workflows.case import WORKFLOW_TYPE, workflow_id

__all__ = ["STORIES", "main"]

FOLDER = Path(__file__).parent / "histories" / version("probity")
SHORT = "limit.historyCount.suggestContinueAsNew=60"


class Teller:
    """Tells a story to a running engine and remembers the runs of its workflow."""

    def __init__(self, probity: Probity, temporal: Client, settings: Settings, reference: str) -> None:
        self.probity, self.temporal, self.settings, self.reference = probity, temporal, settings, reference
        self.handle = temporal.get_workflow_handle(workflow_id(reference))
        self.runs: list[str] = []

    async def refer(self, clock: str = "live") -> None:
        """Open the case."""
        await self.probity.refer(referral(self.reference, clock))
        await self.remember()

    async def remember(self) -> None:
        """Keep the run that is the newest now."""
        newest = (await self.handle.describe()).run_id
        if newest not in self.runs:
            self.runs.append(newest)

    async def do(self, command: str, role: str = "appropriate_authority", **facts: Any) -> None:
        """Do something now."""
        await self.probity.do(self.reference, command, act(role, await self.now(), **facts))
        await self.remember()

    async def suspend(self) -> None:
        """Suspend officer A."""
        await self.probity.do(self.reference, "impose_restriction", suspension(await self.now()))

    async def now(self) -> datetime:
        """The time of the case."""
        return await self.probity.now(self.reference)

    async def start(self, *start: Any) -> None:
        """Start the workflow with this input, or with none, as an operator does."""
        queue = self.settings.task_queue
        self.handle = self.temporal.get_workflow_handle(workflow_id(self.reference))
        await self.temporal.start_workflow(WORKFLOW_TYPE, *start, id=workflow_id(self.reference), task_queue=queue)
        await self.handle.execute_update("catch_up")
        await self.remember()

    async def cancel(self) -> None:
        """Cancel the workflow, and wait until it has ended."""
        await self.handle.cancel()
        try:
            await self.handle.result()
        except WorkflowFailureError:
            return
        raise AssertionError("a cancelled case went on")

    async def close(self) -> None:
        """Close the case, both officers being dead."""
        for officer in "AB":
            await self.do("record_departure", "clerk", officer=officer, departure="died")
        await self.do("close_case")
        await self.handle.result()


async def corrected(told: Teller) -> None:
    """A review told by mistake is taken back; the deadline that it had met is missed."""
    await told.refer("rehearsed")
    await told.suspend()
    await told.do("review_restriction", officer="A", reasons="Still grave.")
    events = await told.probity.events(told.reference)
    mistaken = next(event.version for event in events if event.type == "restriction_reviewed")
    await told.do("correct_record", "clerk", event=mistaken, reasons="The review of another officer.")
    await told.probity.skip(told.reference, await told.now() + timedelta(days=60))


async def continued(told: Teller) -> None:
    """A history has grown long and goes on in a fresh one."""
    await told.refer()
    await told.suspend()
    for n in range(15):
        await told.do("add_party", "clerk", party=f"P-{n}", kind="interested_person")
    assert len(told.runs) > 1


async def cancelled(told: Teller) -> None:
    """An operator cancels a case, starts it again without input, cancels it, and starts it by its own referral."""
    opening = referral(told.reference)
    await told.probity.refer(opening)
    await told.remember()
    await told.suspend()
    await told.cancel()
    await told.start()
    await told.do("review_restriction", officer="A", reasons="Still grave.")
    await told.cancel()
    await told.start(opening)
    await told.do("lift_restriction", officer="A", reasons="No longer needed.")


async def reopened(told: Teller) -> None:
    """A closed case is reopened and closed again."""
    await told.refer()
    await told.close()
    await told.do("reopen_case", reasons="A witness came forward.")
    await told.do("add_party", "clerk", party="P-9", kind="interested_person")
    await told.do("close_case")
    await told.handle.result()


async def handed_over(told: Teller) -> None:
    """Officer A's part goes on in another case."""
    await told.refer()
    await told.suspend()
    await told.do("hand_over_officer", officer="A", to="TAKEN-OVER-0001", reasons="The same night's work.")


async def taken_over(told: Teller) -> None:
    """Officer A's part of another case goes on here, as a third officer's."""
    opening = referral(told.reference)
    opening["officers"] = [{"officer": ref, "person": f"q-{ref.lower()}"} for ref in "AB"]
    await told.probity.refer(opening)
    await told.do("take_over_officer", from_case="HANDED-OVER-0001", was="A", reasons="The same night's work.")
    await told.do("review_restriction", officer="C", reasons="Still grave.")


STORIES: dict[str, Callable[[Teller], Awaitable[None]]] = {
    "CORRECTED-0001": corrected,
    "CONTINUED-0001": continued,
    "CANCELLED-0001": cancelled,
    "REOPENED-0001": reopened,
    "HANDED-OVER-0001": handed_over,
    "TAKEN-OVER-0001": taken_over,  # from the one above
}


async def main() -> None:
    """Play every story and write its histories."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with embedded.stack(None, dynamic_config=(embedded.TIME_SKIPPING, SHORT), ui=False) as stack:
        await migrate.migrate(stack.database_url)
        settings = running(stack, as_role(stack.database_url, ENGINE))
        temporal = await connect_temporal(settings)
        await register.register(temporal)
        pool = await store.open_pool(settings.database_url)
        async with engine(settings, temporal, pool), Probity.connect(settings) as probity:
            for reference, story in STORIES.items():
                told = Teller(probity, temporal, settings, reference)
                await story(told)
                for number, run in enumerate(told.runs, 1):
                    history = await temporal.get_workflow_handle(workflow_id(reference), run_id=run).fetch_history()
                    path = FOLDER / f"{reference}.{number}.json"
                    path.write_text(_lines(history), encoding="utf-8")
                    print(f"{path}: {len(history.events)} events")
        await pool.close()


def _lines(history: WorkflowHistory) -> str:
    """An event a line, without the name of the machine that ran it."""
    events = (json.dumps(event, separators=(",", ":")) for event in history.to_json_dict()["events"])
    events = (re.sub(r'"\d+@[^"-]+', '"worker', event) for event in events)
    return '{"events": [\n' + ",\n".join(events) + "\n]}\n"


if __name__ == "__main__":
    asyncio.run(main())
