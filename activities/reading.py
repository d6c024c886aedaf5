"""Reads: the record of a case, its text open; and over all cases, from the read models, what is owed and by whom."""

from collections.abc import Sequence
from typing import Any

from activities import store
from activities.connection import connected, unhurried
from activities.reporting import owed
from activities.sql import sql
from activities.store import Pool, transaction
from activities.text.opening import Readable
from activities.text.reads import Reader, What, open_for
from domain.errors import Unavailable, UnknownCase
from domain.messages import Recorded

__all__ = ["deadlines", "events", "every_case", "gauges", "handed_over", "register", "restrictions", "shown"]


async def events(
    pool: Pool, reader: Reader | None, reference: str, after: int = 0, what: What = "events"
) -> list[Readable]:
    """Events of a case after a version, as this reader is shown them, which is recorded: as `what` they are shown."""
    async with transaction(pool) as connection:
        return await open_for(connection, reader, what, await store.read_events(connection, reference, after))


async def shown(pool: Pool, told: Sequence[Recorded]) -> list[Readable]:
    """Events that were told elsewhere, as they are shown to whoever gives no purpose.

    Raises `Unavailable` where the record does not hold the last of them: Temporal keeps an answer longer than a store
    that is set back to an older copy.
    """
    async with connected(pool) as connection:  # in no transaction: its two ends are round trips, and it reads only
        for last in told[-1:]:
            if not await connection.fetchval(sql("holds"), last.stream, last.version, last.hash):
                what = f"Temporal answers with event {last.version} of case {last.stream}"
                raise Unavailable(
                    f"{what}, which the record does not hold: this is another database, or an older copy of it."
                )
        return await open_for(connection, None, "events", told)


async def every_case(pool: Pool) -> list[str]:
    """Every case, in order, also one of which no more than events or signed heads are left."""
    async with unhurried(pool) as connection:
        return sorted(row["stream"] for row in await connection.fetch(sql("every_case")))


async def register(
    pool: Pool, stage: str | None = None, *, force: str | None = None, overdue: bool | None = None
) -> list[dict[str, Any]]:
    """Every case, one row each; only those at this stage, of this force, with or without what is overdue, if given."""
    async with unhurried(pool) as connection:
        return [dict(row) for row in await connection.fetch(sql("register"), stage, force, overdue)]


async def deadlines(pool: Pool, *, overdue: bool = False, reference: str | None = None) -> list[dict[str, Any]]:
    """Duties still owed, of all cases or of one; only those that are overdue if asked. Raises `UnknownCase`.

    `owed_since`: the day since when one is owed as soon as practicable, with no day by which.
    """
    async with unhurried(pool) as connection:
        sought = owed.SoughtDuties(overdue or None, reference, rehearsed=True, restricted=True)
        rows = (await owed.duties(connection, sought)).rows
        if reference is not None and not rows and not await connection.fetchval(sql("registered"), reference):
            raise UnknownCase(f"There is no case {reference}.")
        return rows


async def restrictions(pool: Pool) -> list[dict[str, Any]]:
    """Everyone who is restricted, with the next review.

    `review_called_for`: representations were made, or a period has ended, and a review is owed at once, with no day by
    which; `called_for_since` is the first of them. `unverified` and `illustrative` are those of the next review.
    """
    async with unhurried(pool) as connection:
        sought = owed.SoughtRestrictions(rehearsed=True, restricted=True)
        return (await owed.restrictions(connection, sought)).rows


async def handed_over(pool: Pool, to: str | None = None) -> list[dict[str, Any]]:
    """Whose part of a case was handed over and nobody has taken over, the longest first; only to this case, if given.

    `closed`: the case that it was handed over to was closed since, so that it takes nothing over until it is reopened.
    """
    async with unhurried(pool) as connection:
        return [dict(row) for row in await connection.fetch(sql("handed_over"), to)]


async def gauges(pool: Pool) -> tuple[int, dict[str, int]]:
    """How many cases are open, and how many duties are overdue by each rule."""
    async with transaction(pool) as connection:
        rows = await connection.fetch(sql("gauges"))
    overdue = {row["rule"]: row["value"] for row in rows if row["gauge"] == "overdue"}
    return next(row["value"] for row in rows if row["gauge"] == "open_cases"), overdue
