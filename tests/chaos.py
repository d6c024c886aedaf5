"""A hundred cases played at once while Postgres, Temporal and the worker are killed at random: `make chaos`.

Whatever was answered has to be in the record once, as it was answered; every law of docs/invariants.md and every chain
has to hold, every case to be run or closed, and every deadline that fell due on the way to be enforced once. What the
seed decides is who is killed, when, and what is played; the machine decides what that meets.
"""

import argparse
import asyncio
import os
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from domain.errors import DuplicateReference, Refused, Unavailable
from domain.messages import Recorded
from domain.vocabulary import Stage
from integration.client import Probity, Receipt
from tests.engine import act, assessment, referral, suspension
from tests.invariants import check_end, check_standing
from tests.midnight import BEFORE, OWED, move_midnight
from tests.rough import Part, Rough, rough
from workflows.watch import WatchReport

T = TypeVar("T")
QUIET = 180.0  # seconds in which everything has to have come to rest


@dataclass
class Player:
    """Whoever plays one case, and what the engine has told them."""

    probity: Probity
    reference: str
    chance: random.Random
    since: datetime
    told: dict[str, tuple[Recorded, ...]] = field(default_factory=dict)
    refused: int = 0
    again: int = 0

    async def play(self, until: float) -> None:
        """Refer, assess, suspend, and then this and that; each command is sent until it is answered."""
        await self._until_answered(self._refer)
        await self._do("assess_referral", "assess", assessment(self.since))
        await self._do("impose_restriction", "suspend", suspension(self.since))
        for number in range(10_000):
            if time.monotonic() > until:
                return
            await self._step(number)
            await asyncio.sleep(self.chance.uniform(0, 4))

    async def _refer(self) -> None:
        try:
            await self.probity.refer(referral(self.reference, "live", self.since))
        except DuplicateReference:
            if not await self.probity.events(self.reference):
                raise Unavailable("It is being opened.") from None

    async def _step(self, number: int) -> None:
        now, name = datetime.now(UTC), f"{self.reference}-{number}"
        lawful = {each.command for each in await self._until_answered(self._lawful)}
        acts: dict[str, dict[str, Any]] = {
            "add_party": act("clerk", now, party=f"P-{number}", kind="interested_person"),
            "assess_severity": act(
                "investigator", now, officer="A", severity="gross_misconduct", reasons="As it stands."
            ),
            "refer_to_iopc": act("appropriate_authority", now),
            "review_restriction": act("appropriate_authority", now, officer="A", reasons="Still grave."),
            "lift_restriction": act("appropriate_authority", now, officer="A", reasons="No longer needed."),
            "record_departure": act("clerk", now, officer=self.chance.choice("AB"), departure="died"),
            "close_case": act("appropriate_authority", now),
            "reopen_case": act("appropriate_authority", now, reasons="A witness came forward"),
        }
        weights = {"add_party": 6, "review_restriction": 2, "record_departure": 1, "close_case": 3, "reopen_case": 6}
        possible = sorted(lawful & set(acts)) or ["add_party"]
        command = self.chance.choices(possible, [weights.get(each, 1) for each in possible])[0]
        await self._do(command, name, acts[command])

    async def _lawful(self) -> Any:
        return await self.probity.lawful_next(self.reference)

    async def _do(self, command: str, command_id: str, body: dict[str, Any]) -> None:
        async def give() -> Receipt | None:
            try:
                return await self.probity.do(self.reference, command, body, command_id=command_id)
            except Unavailable:
                raise
            except Refused:
                self.refused += 1
                return None

        receipt = await self._until_answered(give)
        if receipt is not None:
            self.told[command_id] = receipt.events

    async def _until_answered(self, ask: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await ask()
            except Unavailable:
                self.again += 1
                await asyncio.sleep(self.chance.uniform(0.2, 2))


async def disturb(engine: Rough, chance: random.Random, until: float) -> dict[str, int]:
    """Kill one part or two, wait, start them again; how often each was killed."""
    parts: dict[str, Part] = {"Postgres": engine.postgres, "Temporal": engine.temporal, "worker": engine.worker}
    killed = dict.fromkeys(parts, 0)
    while time.monotonic() < until:
        await asyncio.sleep(chance.uniform(3, 12))
        victims = chance.sample(sorted(parts), chance.choice((1, 1, 2)))
        for name in victims:
            await parts[name].kill()
            killed[name] += 1
        await asyncio.sleep(chance.uniform(0, 6))
        for name in (each for each in parts if each in victims):
            await parts[name].start()
    return killed


async def chaos(seed: int, seconds: float, cases: int) -> list[str]:
    """Play and disturb for so long; every fault that was found then."""
    now, chance = datetime.now(UTC), random.Random(seed)
    midnight = now.replace(microsecond=0) + timedelta(seconds=45 + seconds / 2)
    _move_for_all(now.date(), midnight)
    with tempfile.TemporaryDirectory(prefix="probity-") as folder:
        os.chmod(folder, 0o755)
        async with rough(Path(folder), "tests.midnight") as engine, Probity.connect(engine.settings) as probity:
            await engine.worker.start()
            until = time.monotonic() + seconds
            since = now - BEFORE
            players = [
                Player(probity, f"C-{seed}-{number:03}", random.Random(f"{seed}/{number}"), since)
                for number in range(cases)
            ]
            async with asyncio.TaskGroup() as at_once:
                for player in players:
                    at_once.create_task(player.play(until))
                disturbing = at_once.create_task(disturb(engine, chance, until))
            killed = disturbing.result()
            report = await at_rest(probity)
            faults = [] if report.well else [report.tell()]
            for player in players:
                faults += await faults_of(player, midnight)
            _say(players, killed, report)
            return faults


def _move_for_all(day: date, midnight: datetime) -> None:
    move_midnight(day, midnight)
    os.environ["PROBITY_TEST_MIDNIGHT"] = f"{day} {midnight.isoformat()}"


async def at_rest(probity: Probity) -> WatchReport:
    """The watch's report, without repair, once it is well; else the last of them."""
    until = time.monotonic() + QUIET
    while True:
        try:
            report = await probity.watch()
            if (report.well and report.running == report.open) or time.monotonic() > until:
                return report
        except Unavailable:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(2)


async def faults_of(player: Player, midnight: datetime) -> list[str]:
    """What is wrong with a case: what is lost, double, broken, or not what was told."""
    probity, ref = player.probity, player.reference
    case, recorded = await probity.case(ref), await probity.events(ref)
    faults = [f"{ref}: {fault}" for fault in await probity.verify(ref)]
    for command_id, events in player.told.items():
        if events != tuple(each for each in recorded if each.command_id == command_id):
            faults.append(f"{ref}: what {command_id} was answered is not what the record holds.")
    try:
        check_standing(case, [each.event() for each in recorded])
        check_end(case, [each.event() for each in recorded])
    except AssertionError as broken:
        faults.append(f"{ref}: {broken}")
    missed = [each for each in recorded if each.type == "deadline_missed"]
    for deadline in {each.data["deadline"] for each in missed}:
        ended = case.deadlines[deadline].due_at if deadline in case.deadlines else None
        if [each.data["deadline"] for each in missed].count(deadline) > 1:
            faults.append(f"{ref}: {deadline} was missed twice.")
        if any(each.recorded_at < each.occurred_at for each in missed):
            faults.append(f"{ref}: {deadline} was noted before it ended ({ended}).")
    owed = case.deadlines.get(OWED)
    if owed and owed.ticking and case.stage is not Stage.CLOSED and datetime.now(UTC) > midnight:
        faults.append(f"{ref}: {OWED} ended at {midnight} and is not enforced.")
    return faults


def _say(players: list[Player], killed: dict[str, int], report: WatchReport) -> None:
    told = sum(len(player.told) for player in players)
    again, refused = sum(player.again for player in players), sum(player.refused for player in players)
    print(f"{len(players)} cases, {told} commands answered, {refused} refused, {again} times sent again.")
    print("Killed: " + ", ".join(f"{name} {count} times" for name, count in killed.items()) + ".")
    print(report.tell())


def main() -> None:
    """Play, and end with 1 if anything was found."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=300)
    asked.add_argument("--cases", type=int, default=100)
    asked.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    told = asked.parse_args()
    quiet = LoggingConfig(TelemetryFilter(core_level="ERROR", other_level="ERROR"))  # it tells of each try to connect
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=quiet)))
    print(f"seed {told.seed}, {told.cases} cases, {told.seconds:.0f} seconds", flush=True)
    faults = asyncio.run(chaos(told.seed, told.seconds, told.cases))
    print("\n".join(faults) or "Nothing lost, nothing double, nothing stranded.")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
