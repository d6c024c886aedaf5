"""Intake: the way in for whoever brings referrals in files, each matter answered by itself.

An adapter, as the watched folder, reads what came to it and gives it to `Intake`. The gateway (`gateway/acts.py`) goes
by the same `refer_once` and `duplicates` and has answers of its own: a key of the caller's, a problem for a refusal.

    take(referral)        -> MatterAnswer   one referral, as the schema of `Referral` has it
    take_file(kind, data) -> FileReceipt    a file of them, `json` or `csv`: one answer a matter

The same referral again is answered as it was the first time, so an adapter that does not know whether its answer was
lost asks again. What is wrong with a referral is an answer too; only `Unavailable` is raised. An answer repeats nothing
of a referral but its reference.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from domain.duplicates import Likeness
from domain.errors import Malformed, Refused
from domain.messages import Model
from integration.client import Receipt
from integration.intake.files import Entry, entries, reference_of

__all__ = ["FileReceipt", "Intake", "MatterAnswer", "digest"]

AT_ONCE = 8  # referrals of a file that are under way together


class Referring(Protocol):
    """What intake needs of the client."""

    async def refer_once(self, referral: Mapping[str, Any]) -> Receipt:
        """Start a case, or find it started by the same referral."""

    async def duplicates(self, reference: str, *, earlier: bool = False) -> list[Likeness]:
        """Cases that may be the same matter as this one."""


class MatterAnswer(Model):
    """What became of one referral: a case at this version, or a refusal with its stable code. `rows`: of the file.

    `possible_duplicates`: cases recorded before it that may be the same matter; a person decides, and it is taken.
    """

    rows: tuple[int, ...] = ()
    reference: str | None = None
    taken: bool
    version: int | None = None
    recorded_at: datetime | None = None
    code: str | None = None
    sentence: str | None = None
    citation: str | None = None
    possible_duplicates: tuple[Likeness, ...] = ()


class FileReceipt(Model):
    """What became of a file: `taken`, `taken_in_part` or `refused`, and an answer for each matter in it.

    `sha256` names the file by what is in it, if it was looked into. `code` and `sentence` are there when the whole file
    could not be read.
    """

    sha256: str | None = None
    outcome: str
    taken: int = 0
    refused: int = 0
    code: str | None = None
    sentence: str | None = None
    answers: tuple[MatterAnswer, ...] = ()

    @classmethod
    def rejection(cls, name: str | None, why: Malformed) -> "FileReceipt":
        """The answer to a file that could not be read."""
        return cls(sha256=name, outcome="refused", code=why.code, sentence=why.sentence)


class Intake:
    """Takes referrals, whoever brings them. `by`: who refers those of a file that do not say it themselves."""

    def __init__(self, referring: Referring, by: Mapping[str, Any]) -> None:
        self._referring, self._by = referring, by
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def take(self, referral: Mapping[str, Any], rows: tuple[int, ...] = ()) -> MatterAnswer:
        """Take one referral. Raises `Unavailable`: ask again, and it is taken once."""
        return await self._flagged(await self._taken(referral, rows))

    async def _taken(self, referral: Mapping[str, Any], rows: tuple[int, ...]) -> MatterAnswer:
        try:
            opened = await self._referring.refer_once(referral)
        except Refused as no:
            return _refusal(rows, referral.get("reference"), no)
        at = opened.events[-1].recorded_at if opened.events else None
        return MatterAnswer(rows=rows, reference=opened.reference, taken=True, version=opened.version, recorded_at=at)

    async def _flagged(self, answer: MatterAnswer) -> MatterAnswer:
        if not answer.taken or answer.reference is None:
            return answer
        found = await self._referring.duplicates(answer.reference, earlier=True)
        return answer.model_copy(update={"possible_duplicates": tuple(found)})

    async def take_file(self, kind: str, data: bytes) -> FileReceipt:
        """Take every matter of a file that can be taken. Raises `Unavailable`: take it again from its start."""
        name = digest(data)
        try:
            found = entries(kind, data, self._by)
        except Malformed as wrong:
            return FileReceipt.rejection(name, wrong)
        turns: defaultdict[str | None, asyncio.Lock] = defaultdict(asyncio.Lock)
        answers = await _all(self._entry(entry, turns[entry.reference]) for entry in found)
        # Only now: of two matters of one file that look alike the later names the earlier, whichever came first.
        answers = await _all(map(self._look, answers))
        taken = sum(each.taken for each in answers)
        outcome = "taken" if taken == len(answers) else "taken_in_part" if taken else "refused"
        return FileReceipt(sha256=name, outcome=outcome, taken=taken, refused=len(answers) - taken, answers=answers)

    async def _entry(self, entry: Entry, turn: asyncio.Lock) -> MatterAnswer:
        if entry.refused is not None or entry.referral is None:
            return _refusal(entry.rows, entry.reference, entry.refused or Malformed("There is nothing in it."))
        async with turn, self._turns:  # of two matters under one reference it is always the first that is taken
            return await self._taken(entry.referral, entry.rows)

    async def _look(self, answer: MatterAnswer) -> MatterAnswer:
        async with self._turns:
            return await self._flagged(answer)


async def _all(works: Iterable[Coroutine[Any, Any, MatterAnswer]]) -> tuple[MatterAnswer, ...]:
    """What each gives. One that cannot be told stops the others: all are asked again."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    return tuple(task.result() for task in tasks)


def digest(data: bytes) -> str:
    """The name of a file by what is in it."""
    return sha256(data).hexdigest()


def _refusal(rows: tuple[int, ...], reference: Any, no: Refused) -> MatterAnswer:
    told = {"code": no.code, "sentence": no.sentence, "citation": no.citation}
    return MatterAnswer.model_validate({"rows": rows, "reference": reference_of(reference), "taken": False, **told})
