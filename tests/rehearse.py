"""Rehearses an upgrade with open cases, and the way back: `python -m tests.rehearse --cases 40`.

Real worker processes of two releases on a real Temporal and Postgres, upgraded by the verbs that an operator uses,
while a deadline of every case falls due. Afterwards no case is stranded or under the wrong release, every deadline was
enforced once and dated to its moment, and every chain is whole.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from temporalio.common import WorkerDeploymentVersion

from deploy import embedded, migrate, register
from deploy.child import end_with
from deploy.embedded import Stack
from deploy.roles import ENGINE, as_role
from domain.errors import Unavailable
from integration.client import Probity, connect_temporal
from integration.settings import Settings
from tests.engine import MASTER_KEY, act, assessment, reference, referral, running
from tests.midnight import BEFORE, OWED, move_midnight

__all__ = ["main", "rehearse"]

ROOT = Path(__file__).parents[1]
OLD, NEW = "old", "new"


class Rehearsal:
    """The releases' workers, the cases, and how to reach them."""

    def __init__(self, stack: Stack, database_url: str, midnight: datetime) -> None:
        self.midnight = midnight
        self.deployment = f"rehearsal-{uuid4().hex[:8]}"
        self.settings = replace(running(stack, database_url), version=WorkerDeploymentVersion(self.deployment, OLD))
        self.cases: list[str] = []

    @asynccontextmanager
    async def worker(self, build: str | None, module: str, keys: Path) -> AsyncIterator[Process]:
        """A worker of a release, from its readiness to its end; without a build, as before versions were used."""
        environment = {
            **os.environ,
            "DATABASE_URL": self.settings.database_url,
            "TEMPORAL_ADDRESS": self.settings.temporal_address,
            "PROBITY_TASK_QUEUE": self.settings.task_queue,
            "PROBITY_MASTER_KEYS": str(keys),
            "PROBITY_TEST_MIDNIGHT": f"{self.midnight.date()} {self.midnight.isoformat()}",
            "PYTHONPATH": str(ROOT),
            **({"PROBITY_DEPLOYMENT": self.deployment, "PROBITY_BUILD_ID": build} if build else {}),
        }
        process = await _started(module, environment)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    async def open_cases(self, probity: Probity, count: int) -> None:
        """Cases that have to be referred by midnight."""
        since = datetime.now(UTC) - BEFORE

        async def one() -> str:
            ref = reference()
            await probity.refer(referral(ref, known=since))
            await probity.do(ref, "assess_referral", assessment(since))
            return ref

        for _ in range(0, count, 5):
            self.cases += await asyncio.gather(*(one() for _ in range(5)))

    async def under(self, probity: Probity) -> dict[str, int]:
        """How many cases are under each build, as `probity versions` says."""
        return {each.build: each.cases for each in await probity.versions() if each.cases}

    async def is_under(self, probity: Probity, build: str) -> None:
        """Every case is under this build, once the list of workflows has caught up."""
        async with asyncio.timeout(30):
            while await self.under(probity) != {build: len(self.cases)}:
                await asyncio.sleep(0.2)

    async def go(self, probity: Probity, build: str) -> None:
        """The verb of the operator; every case goes."""
        told = await probity.upgrade(build)
        assert not told.left, f"{build}: {told.left} did not go"
        await self.is_under(probity, build)

    async def all_is_well(self, probity: Probity) -> None:
        """Every deadline fired once, when it was due; every case is run, answers, and has a whole record."""
        async with asyncio.timeout(60):
            for ref in self.cases:
                while not (await probity.case(ref)).deadlines[OWED].overdue:
                    await asyncio.sleep(0.2)
        for ref in self.cases:
            events = await probity.events(ref)
            missed = [each for each in events if each.type == "deadline_missed" and each.data["deadline"] == OWED]
            assert [each.occurred_at for each in missed] == [self.midnight], ref
            assert await probity.verify(ref) == [], ref
        async with asyncio.timeout(30):
            while not (report := await probity.watch()).well:
                await asyncio.sleep(0.5)
        assert report.open == report.running >= len(self.cases)

    async def told_to(self, probity: Probity, name: str) -> None:
        """Each case takes a command."""
        now = datetime.now(UTC)
        for ref in self.cases:
            await probity.do(ref, "add_party", act("clerk", now, party=name, kind="interested_person"))


async def _started(module: str, environment: Mapping[str, str]) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, env=dict(environment), stdout=PIPE, preexec_fn=partial(end_with, os.getpid())
    )
    assert process.stdout is not None
    if not (await process.stdout.readline()).startswith(b"probity worker ready"):
        raise AssertionError(f"the worker {module} did not get ready")
    return process


async def rehearse(stack: Stack, database_url: str, cases: int, seconds: int) -> list[str]:
    """Unversioned, old, new across midnight, and back to old. What was seen, a line each.

    `seconds`: until midnight, in which the workers start and the cases come in.
    """
    midnight = (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)
    move_midnight(midnight.date(), midnight)
    it = Rehearsal(stack, database_url, midnight)
    seen: list[str] = []
    with tempfile.NamedTemporaryFile() as keys:
        Path(keys.name).write_bytes(b64encode(MASTER_KEY))
        async with Probity.connect(it.settings) as probity:
            await _upgraded(it, probity, cases, Path(keys.name), seen)
    return seen


async def _upgraded(it: Rehearsal, probity: Probity, cases: int, keys: Path, seen: list[str]) -> None:
    async with it.worker(OLD, "tests.midnight", keys):
        async with it.worker(None, "tests.midnight", keys):
            await it.open_cases(probity, cases)
            seen.append(f"{len(it.cases)} cases under workers without a version")
            await it.go(probity, OLD)
            seen.append(f"versions are used: {await it.under(probity)}")
        async with it.worker(NEW, "tests.later", keys):
            await it.told_to(probity, "P-1")
            assert await it.under(probity) == {OLD: len(it.cases)}, "a new worker alone moves nothing"
            await asyncio.sleep(max(0.0, (it.midnight - datetime.now(UTC)).total_seconds() - 1))
            began = datetime.now(UTC)
            await it.go(probity, NEW)
            took = (datetime.now(UTC) - began).total_seconds()
            seen.append(f"upgraded across midnight in {took:.1f} s: {await it.under(probity)}")
            await it.told_to(probity, "P-2")
            await it.all_is_well(probity)
            try:
                await probity.upgrade("no-such-build")
            except Unavailable as refused:
                seen.append(f"refused: {refused}")
            await it.go(probity, OLD)
            await it.told_to(probity, "P-3")
            seen.append(f"rolled back: {await it.under(probity)}")
        await it.all_is_well(probity)
        seen.append("every deadline enforced once, every case run, every chain whole")


async def main() -> None:
    """Rehearse on an embedded stack and print what was seen."""
    ask = argparse.ArgumentParser(prog="python -m tests.rehearse", description=__doc__)
    ask.add_argument("--cases", type=int, default=40)
    ask.add_argument("--seconds", type=int, default=60, help="until midnight")
    told = ask.parse_args()
    async with embedded.stack(None, ui=False) as stack:
        await migrate.migrate(stack.database_url)
        database_url = as_role(stack.database_url, ENGINE)
        await register.register(await connect_temporal(Settings.from_environment(_reach(stack, database_url))))
        for line in await rehearse(stack, database_url, told.cases, told.seconds):
            print(line)


def _reach(stack: Stack, database_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "TEMPORAL_ADDRESS": stack.temporal_address}


if __name__ == "__main__":
    asyncio.run(main())
