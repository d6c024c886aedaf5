"""The same case written on `dbos` as its users write it, and its client: needs `pip install dbos`.

A workflow a case. It waits for the next command no longer than until the nearest deadline (`recv` with a timeout, which
dbos makes durable), gives it to a step, and answers by an event under the command's id. The steps call our own
activities, so domain, SQL and rows are the same, and what differs is the engine. `python -m benchmarks.on_dbos` is the
worker. What only the Temporal engine does is left out: search attributes, page, memo, refusals before they cost a step.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from dbos import DBOS, DBOSClient

from activities.record import Act, Answer, OpenCase, PassTime, Records
from activities.store import open_pool
from domain.errors import Refused
from integration.settings import Settings
from worker import CONNECTIONS

__all__ = ["Client"]

QUEUE, OPENED, POLLING = "cases", "opened", 0.05  # seconds between two looks for cases that were opened
FOR_EVER, PATIENCE = 10.0**8, 60.0  # seconds
_opening, _records = asyncio.Lock(), list[Records]()


async def records() -> Records:
    """Our activities, over a pool of the loop that dbos runs workflows in; as large as our worker's."""
    async with _opening:
        if not _records:
            settings = Settings.from_environment()
            if settings.ring is None:
                raise SystemExit("PROBITY_MASTER_KEYS is not set: the steps seal as our worker does.")
            _records.append(Records(await open_pool(settings.database_url, size=CONNECTIONS), settings.ring))
    return _records[0]


def told(answer: Answer) -> dict[str, Any]:
    """What the workflow and the caller need of an answer."""
    stands, told = answer.standing, answer.told or answer.events
    return {
        "version": answer.version,
        "wake": stands.wake.at.timestamp() if stands and stands.wake else None,
        "closed": bool(stands and stands.stage == "closed"),
        "told": [each.model_dump(mode="json") for each in told],
        "refusal": answer.refusal.model_dump(mode="json") if answer.refusal else None,
    }


@DBOS.step(retries_allowed=True)
async def open_case(reference: str, referral: dict[str, Any]) -> dict[str, Any]:
    """Open it."""
    opening = OpenCase(referral=referral, command_id=f"refer/{reference}", stream=reference, now=datetime.now(UTC))
    return told(await (await records()).open_case(opening))


@DBOS.step(retries_allowed=True)
async def give(reference: str, known: int, message: dict[str, Any]) -> dict[str, Any]:
    """Decide on a command and record it."""
    act = Act(stream=reference, known=known, now=datetime.now(UTC), **message)
    return told(await (await records()).record(act))


@DBOS.step(retries_allowed=True)
async def enforce(reference: str, known: int) -> dict[str, Any]:
    """Record what time brought."""
    now = datetime.now(UTC)
    passed = PassTime(stream=reference, until=now, known=known, now=now)
    return told(await (await records()).enforce_deadlines(passed))


@DBOS.workflow()
async def case(reference: str, referral: dict[str, Any]) -> None:
    """A case from referral to closure."""
    stands = await open_case(reference, referral)
    await DBOS.set_event_async(OPENED, stands)
    while not stands["closed"] and stands["version"]:
        rest = FOR_EVER if stands["wake"] is None else max(0.0, stands["wake"] - datetime.now(UTC).timestamp())
        message = await DBOS.recv_async(timeout_seconds=rest)
        if message is None:
            stands = await enforce(reference, stands["version"])
            continue
        answer = await give(reference, stands["version"], message)
        stands = answer if answer["refusal"] is None else stands
        await DBOS.set_event_async(message["command_id"], answer)


class Client:
    """Opens a case by enqueuing its workflow and gives commands by messages to it, from another process."""

    def __init__(self, database_url: str, callers: int) -> None:
        self._client = DBOSClient(
            system_database_url=database_url, system_database_pool_size=callers, use_listen_notify=True
        )
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(callers * 2))  # its calls block threads

    async def refer(self, referral: Mapping[str, Any]) -> object:
        """Open a case."""
        reference = referral["reference"]
        options = {"queue_name": QUEUE, "workflow_name": case.__qualname__, "workflow_id": reference}
        await self._client.enqueue_async(options, reference, dict(referral))
        return self._answer(await self._client.get_event_async(reference, OPENED, PATIENCE))

    async def do(self, reference: str, command: str, body: Mapping[str, Any]) -> object:
        """Give a command."""
        id = str(uuid4())
        message = {"command_id": id, "command": command, "body": dict(body)}
        await self._client.send_async(reference, message, idempotency_key=id)
        return self._answer(await self._client.get_event_async(reference, id, PATIENCE))

    def _answer(self, answer: dict[str, Any] | None) -> object:
        if answer is None:
            raise TimeoutError("dbos gave no answer")
        if answer["refusal"] is not None:
            raise Refused(answer["refusal"]["sentence"])
        return answer

    def close(self) -> None:
        """Let its connections go."""
        self._client.destroy()


def main() -> None:
    """The worker: one process, until told to stop."""
    url = os.environ["DBOS_SYSTEM_DATABASE_URL"]
    DBOS(config={"name": "probity", "system_database_url": url, "log_level": "ERROR", "application_version": "1"})
    DBOS.launch()
    DBOS.register_queue(QUEUE, polling_interval_sec=POLLING)
    print("probity dbos ready: ", flush=True)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    stop.wait()
    DBOS.destroy()


if __name__ == "__main__":
    main()
