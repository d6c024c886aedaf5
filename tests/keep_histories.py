"""Keeps what Temporal holds of a case in each of its turns, to be replayed by later releases.

`python -m tests.keep_histories` plays each story below on an embedded Temporal and Postgres and writes the history of
every run of its workflow to `tests/histories/<release>/<case>.<run>.json`, and those of a subscriber of webhooks to
`subscriptions/<name>.<run>.json` beside them. Run it once for each release, before it goes out; what is kept stays.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHistory

from activities import store
from activities.webhooks import backoff
from activities.webhooks.subscribers import Wanted
from deploy import embedded, migrate, register
from deploy.roles import ENGINE, KEEPER, as_role
from integration.client import Probity, connect_temporal
from integration.settings import Settings
from tests.engine import act, referral, running, suspension
from tests.receiver import Says, receiver
from worker import engine
from workflows.case import WORKFLOW_TYPE, workflow_id
from workflows.subscription import subscription_id

__all__ = ["STORIES", "SUBSCRIBER", "SUBSCRIPTIONS", "main"]

FOLDER = Path(__file__).parent / "histories" / version("probity")
SUBSCRIPTIONS, SUBSCRIBER = "subscriptions", "hr-system"
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
    opening = referral("TAKEN-OVER-0001")
    opening["officers"] = [{"officer": ref, "person": f"q-{ref.lower()}"} for ref in "AB"]
    await told.probity.refer(opening)
    await told.do("hand_over_officer", officer="A", to="TAKEN-OVER-0001", reasons="The same night's work.")


async def taken_over(told: Teller) -> None:
    """Officer A's part of another case goes on here, as a third officer's."""
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


async def subscribed(keeper: Probity, told: Teller) -> list[str]:
    """Deliveries that are taken, given up and replayed; a test, a pause; and the subscriber goes. Its runs."""
    runs: list[str] = []
    handle = told.temporal.get_workflow_handle(subscription_id(SUBSCRIBER))

    async def remember() -> None:
        if (newest := (await handle.describe()).run_id) not in runs:
            runs.append(newest)

    async with receiver() as hook:
        hook.behave = lambda got: Says(500 if got.told["type"] == "probity.party_added" else 204)
        await keeper.subscribers.add(Wanted(subscription=SUBSCRIBER, url=hook.url))
        await remember()
        await told.refer()
        await told.do("add_party", "clerk", party="P-1", kind="interested_person")
        while not (await keeper.subscribers.get(SUBSCRIBER)).dead:
            await asyncio.sleep(0.1)
        await keeper.subscribers.test(SUBSCRIBER)
        await remember()
        await keeper.subscribers.pause(SUBSCRIBER, "They move house")
        await remember()
        hook.behave = lambda _: Says()
        await keeper.subscribers.replay(SUBSCRIBER)
        await remember()
        await keeper.subscribers.resume(SUBSCRIBER)
        await remember()
        while (await keeper.subscribers.get(SUBSCRIBER)).waiting:
            await asyncio.sleep(0.1)
        await remember()
        await keeper.subscribers.remove(SUBSCRIBER)
        await handle.result()
    return runs


async def main() -> None:
    """Play every story and write its histories."""
    (FOLDER / SUBSCRIPTIONS).mkdir(parents=True, exist_ok=True)
    backoff.DELAYS = tuple(each / 86400 * 2 for each in backoff.DELAYS)  # seconds instead of days
    async with embedded.stack(None, dynamic_config=(embedded.TIME_SKIPPING, SHORT), ui=False) as stack:
        await migrate.migrate(stack.database_url)
        settings = replace(running(stack, as_role(stack.database_url, ENGINE)), webhooks_development=True)
        keeping = replace(settings, database_url=as_role(stack.database_url, KEEPER))
        temporal = await connect_temporal(settings)
        await register.register(temporal)
        pool = await store.open_pool(settings.database_url)
        async with engine(settings, temporal, pool), Probity.connect(settings) as probity:
            for reference, story in STORIES.items():
                told = Teller(probity, temporal, settings, reference)
                await story(told)
                await _keep(temporal, workflow_id(reference), told.runs, FOLDER / reference)
            async with Probity.connect(keeping) as keeper:
                runs = await subscribed(keeper, Teller(probity, temporal, settings, "SUBSCRIBED-0001"))
            await _keep(temporal, subscription_id(SUBSCRIBER), runs, FOLDER / SUBSCRIPTIONS / SUBSCRIBER)
        await pool.close()


async def _keep(temporal: Client, id: str, runs: list[str], place: Path) -> None:
    for number, run in enumerate(runs, 1):
        history = await temporal.get_workflow_handle(id, run_id=run).fetch_history()
        path = place.with_name(f"{place.name}.{number}.json")
        path.write_text(_lines(history), encoding="utf-8")
        print(f"{path}: {len(history.events)} events")


def _lines(history: WorkflowHistory) -> str:
    """An event a line, without the name of the machine that ran it."""
    events = (json.dumps(event, separators=(",", ":")) for event in history.to_json_dict()["events"])
    events = (re.sub(r'"\d+@[^"-]+', '"worker', event) for event in events)
    return '{"events": [\n' + ",\n".join(events) + "\n]}\n"


if __name__ == "__main__":
    asyncio.run(main())
