"""Many referrals at once, each sent more than once, by clients that do not give up: a bad morning of intake systems."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

import asyncpg
from httpx2 import AsyncClient, Response, TransportError

from tests.engine import referral

__all__ = ["TIMES", "Flood", "counted", "matter", "pour"]

TIMES = 2  # that each referral is sent, at the same time and under the same key
AGAIN = (429, 503)  # the answers that ask for another try
LONGEST = 16.0  # seconds between tries, beyond what the answer asks for
# Of these references: how many cases, and how many of them were referred once and are known to the register.
CASES = """
SELECT (SELECT count(*) FROM probity.stream WHERE stream = ANY($1)) AS cases,
       count(*) FILTER (WHERE referrals = 1) AS referred_once,
       count(*) FILTER (WHERE referrals > 1) AS referred_more_than_once,
       (SELECT count(*) FROM reporting.register WHERE reference = ANY($1)) AS in_the_register,
       (SELECT count(*) FROM probity.stream) AS cases_in_all
FROM (SELECT stream, count(*) FILTER (WHERE type = 'case_referred') AS referrals
      FROM probity.event WHERE stream = ANY($1) GROUP BY stream) AS by_case
"""


@dataclass
class Flood:
    """What was answered: every answer by its status, silence among them, and the receipts of each referral."""

    answers: Counter[str] = field(default_factory=Counter)
    receipts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def differing(self) -> list[str]:
        """Referrals that were not answered as often as they were sent, or not always in the same way."""
        return [
            ref for ref, told in self.receipts.items() if len(told) != TIMES or any(each != told[0] for each in told)
        ]


def matter(ref: str) -> dict[str, Any]:
    """A referral of people whom no other concerns: of two that look alike the answers would say so."""
    told = referral(ref)
    return {**told, "officers": [{**each, "person": f"{each['person']}-{ref}"} for each in told["officers"]]}


async def pour(
    http: AsyncClient, matters: Sequence[dict[str, Any]], headers: Callable[[str], dict[str, str]], pause: float = 1.0
) -> Flood:
    """Post all of them at once, each `TIMES` times under a key of its own, until every one is answered.

    `headers`: those of a request, by its key. `pause`: how much of the wait that an answer asks for is waited.
    """
    flood = Flood()
    keyed = [(matter, str(uuid4())) for matter in matters]

    async def one(matter: dict[str, Any], key: str) -> None:
        for tries in count():
            told = await _post(http, matter, headers(key), flood.answers)
            if told is not None and told.status_code not in AGAIN:
                receipt = told.json() if told.status_code == 201 else {"refused": told.text}
                flood.receipts.setdefault(matter["reference"], []).append(receipt)
                return
            await asyncio.sleep(pause * _wait(told, tries))

    await asyncio.gather(*(one(*each) for each in keyed for _ in range(TIMES)))
    return flood


async def _post(
    http: AsyncClient, matter: dict[str, Any], headers: dict[str, str], answers: Counter[str]
) -> Response | None:
    try:
        told = await http.post("/cases", json=matter, headers=headers)
    except TransportError as lost:  # timeouts among them: whether it was taken, its sender cannot know
        answers[type(lost).__name__] += 1
        return None
    answers[str(told.status_code)] += 1
    return told


def _wait(told: Response | None, tries: int) -> float:
    """Seconds to the next try: longer each time, and not all to the same moment, to be turned away together again."""
    asked = float(told.headers.get("Retry-After", 0)) if told is not None else 0.0
    return asked + random.uniform(0, min(LONGEST, 2.0**tries))


async def counted(owner_url: str, refs: Sequence[str]) -> dict[str, int]:
    """What the record holds of these references."""
    owner = await asyncpg.connect(owner_url)
    try:
        (row,) = await owner.fetch(CASES, refs)
    finally:
        await owner.close()
    return dict(row)
