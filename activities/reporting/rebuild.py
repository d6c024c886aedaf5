"""The read models, compared with the events they follow from, or made anew from them while the engine runs.

Made anew they are in tables of their own, filled case by case while appends go on, caught up with what moved meanwhile,
and put in place of the live ones under a lock that is given up when it is not had at once. Until then nobody sees them,
so a run that ends early changes nothing; the next one begins anew. What the server sees to, and why no append is lost,
stands in deploy/migrations/0010_rebuild.sql and 0030. Snapshots are left aside, or a wrong one would vouch for itself.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

import asyncpg

from activities import store
from activities.connection import Connection, Pool, transaction, unhurried
from activities.reporting.read_models import TABLES, Rows, rows
from activities.sql import sql
from domain.errors import Unavailable, Unreadable
from domain.state import Case

__all__ = ["differing", "drop_snapshots", "rebuild"]

STEP = 500  # cases that are asked for at once
PORTION = 5_000  # events that are folded in one transaction
FEW = 1_000  # events that may be left to be folded under the lock, where every append waits
TRIES, PAUSE = 60, 0.5  # for the locks, which whoever reads a read model for long is in the way of
PATIENCE, LONG, OFTEN = 100, 1500, 10  # milliseconds for a lock; and every tenth time, so that an autovacuum makes way


class _Busy(Exception):
    """The live tables are read or written just now, or cases moved too far while they were waited for."""


async def differing(pool: Pool) -> list[str]:
    """The cases whose read models are not what their events give, or whose events cannot be read, or that are none."""
    found = []
    async for portion in _portions(pool, "streams"):
        async with unhurried(pool) as connection:
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            unread: list[str] = []
            cases = await _folded(connection, portion, {}, unread)
            has = {table: await _held(connection, table, portion) for table in TABLES}
        found += [name for name, case in cases.items() if _keyed(rows(case)) != {t: has[t].get(name, {}) for t in has}]
        found += unread
    async with unhurried(pool) as connection:
        return found + [row["reference"] for row in await connection.fetch(sql("of_no_case"))]


async def rebuild(pool: Pool) -> int:
    """Make the read models of every case anew in fresh tables and swap them for the live ones; how many cases it is.

    Raises `Unavailable`, and then nothing has changed: another run began, a table is fenced or has a view on it, a case
    cannot be folded, or the tables were in use for half a minute without end.
    """
    run = _Run(pool, await _begin(pool))
    count = await run.fill()
    run.moved = {}
    for tried in range(1, TRIES + 1):
        while await run.fill() > STEP:
            pass
        async with unhurried(pool) as connection:
            with _superseded():
                await connection.execute(sql("analyze_rebuild"), run.token)
                await connection.execute(sql("look_over_rebuild"), run.token)
        try:
            await run.swap(PATIENCE if tried % OFTEN else LONG)
            return count
        except _Busy:
            await asyncio.sleep(PAUSE)
    raise Unavailable("The read models are in use without a pause; they were left as they are. Try again later.")


async def drop_snapshots(pool: Pool) -> int:
    """Drop the snapshot of every case, while the engine runs; how many there were. The next act folds a case anew."""
    count, after = 0, ""
    while True:
        async with transaction(pool) as connection:
            dropped = [row["stream"] for row in await connection.fetch(sql("drop_snapshots"), after, STEP)]
        if not dropped:
            return count
        count, after = count + len(dropped), dropped[-1]


async def _begin(pool: Pool) -> UUID:
    async with unhurried(pool) as connection:
        if (table := await connection.fetchval(sql("fenced"))) is not None:
            raise Unavailable(
                f"reporting.{table} has row security or triggers, which its fresh table would lack, so that whoever is "
                "fenced off would see every row. Take them off, and let such logins read a copy; nothing was changed."
            )
        try:
            token = await connection.fetchval(sql("begin_rebuild"))
        except asyncpg.DependentObjectsStillExistError as why:  # it names tables and views, and no data
            raise Unavailable(f"{why} Drop it, or have it read a copy; nothing was changed.") from None
    assert isinstance(token, UUID)
    return token


class _Run:
    """A run. `moved`: the cases that were filled in again, as they were folded last, so that only what came is folded.

    None as long as every case is new, of which there are too many to be kept.
    """

    def __init__(self, pool: Pool, token: UUID) -> None:
        self._pool, self.token = pool, token
        self.moved: dict[str, Case] | None = None

    async def fill(self) -> int:
        """Fill in every case that is elsewhere than where it was filled in; how many those were."""
        count = 0
        async for portion in _portions(self._pool, "left_to_rebuild"):
            async with unhurried(self._pool) as connection:
                await self._fill(connection, portion)
            count += len(portion)
        return count

    async def swap(self, patience: int) -> None:
        """Put the fresh tables in place, if the locks are had so soon. Raises `_Busy`."""
        async with unhurried(self._pool) as connection:
            try:
                await connection.execute(sql("hold_read_models"), patience)
                left = await connection.fetch(sql("left_to_swap"), STEP)
                if len(left) == STEP or sum(row["version"] - self._known(row["stream"]) for row in left) > FEW:
                    raise _Busy
                await self._fill(connection, [row["stream"] for row in left])
                with _superseded():
                    await connection.execute(sql("swap_rebuild"), self.token)
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
                raise _Busy from None

    def _known(self, name: str) -> int:
        return self.moved[name].version if self.moved and name in self.moved else 0

    async def _fill(self, connection: Connection, portion: Sequence[str]) -> None:
        cases = await _folded(connection, portion, self.moved or {})
        if self.moved is not None:
            self.moved |= cases
        gives = [rows(case) for case in cases.values()]
        models = {table: [row for each in gives for row in each[table]] for table in TABLES}
        versions = [case.version for case in cases.values()]
        with _superseded():
            await connection.execute(sql("fill_rebuild"), self.token, [*cases], versions, models)


@contextmanager
def _superseded() -> Iterator[None]:
    """The server takes nothing more from a run once another has begun, at whatever step it is."""
    try:
        yield
    except asyncpg.ObjectNotInPrerequisiteStateError:
        raise Unavailable("Another run of the rebuild has begun since, so this one stopped.") from None


async def _portions(pool: Pool, statement: str) -> AsyncIterator[list[str]]:
    """Cases in order, in portions of about as many events."""
    after = ""
    while True:
        async with unhurried(pool) as connection:
            found = await connection.fetch(sql(statement), after, STEP)
        portion, events = list[str](), 0
        for row in found:
            portion.append(row["stream"])
            events += row["version"]
            if events >= PORTION:
                yield portion
                portion, events = [], 0
        if portion:
            yield portion
        if not found:
            return
        after = found[-1]["stream"]


async def _folded(
    connection: Connection, portion: Sequence[str], known: Mapping[str, Case], unread: list[str] | None = None
) -> dict[str, Case]:
    """These cases where they stand, from what was folded of them before and all that came since.

    Those that cannot be read are added to `unread`. Raises `Unreadable` where it is not given.
    """
    afters = [known[name].version if name in known else 0 for name in portion]
    found = await connection.fetch(sql("since"), portion, afters)
    cases = {}
    for name, since in groupby(found, itemgetter("stream")):
        case = await _where_it_stands(connection, name, list(since), known.get(name))
        if case is not None:
            cases[name] = case
        elif unread is not None:
            unread.append(name)
        else:
            raise Unreadable(f"Case {name} cannot be read whole, and nothing was changed: see `probity verify {name}`.")
    return cases


async def _where_it_stands(
    connection: Connection, name: str, since: Sequence[asyncpg.Record], known: Case | None
) -> Case | None:
    """A case, from what is known of it and its rows since; None where it cannot be read, or not as far as it goes."""
    told = [{column: value for column, value in row.items() if column != "stands"} for row in since if row["version"]]
    try:
        tail = [store.recorded_from(envelope) for envelope in told]
        with store.following(name):
            case = await store.folded(connection, name, tail, known)
    except Unreadable:
        return None
    return case if case.version == since[-1]["stands"] else None


def _keyed(models: Rows) -> dict[str, dict[str, Any]]:
    return {table: {row[key]: row for row in models[table]} for table, key in TABLES.items()}


async def _held(connection: Connection, table: str, portion: Sequence[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """What the live table has of these cases: case, key, row."""
    found = await connection.fetch(
        f"SELECT * FROM reporting.{table} WHERE reference = ANY ($1) ORDER BY reference", portion
    )
    by_case = groupby(map(dict, found), itemgetter("reference"))
    return {case: {row[TABLES[table]]: row for row in of_case} for case, of_case in by_case}
