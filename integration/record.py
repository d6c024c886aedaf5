"""The reading half of the client: everything that Postgres alone answers, also when Temporal is away.

Everything raises `Unavailable` when Postgres cannot be reached; `Unreadable`, of a case that cannot be read, is one.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from copy import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from activities import feed, hint, reading, starting, store
from activities.connection import writable
from activities.proof import checkpoints, whole, witness
from activities.reporting import duplicates, read_models, search
from activities.reporting.duplicates import Compared
from activities.reporting.owed import (
    Duties,
    Restrictions,
    SoughtDuties,
    SoughtRestrictions,
    find_duties,
    find_restrictions,
)
from activities.reporting.search import Found, Sought
from activities.store import Pool
from activities.text import erasure, reads
from activities.text.opening import Readable
from activities.text.reads import Reader, What
from activities.text.sealing import Ring
from domain.case import Possible, lawful_next
from domain.duplicates import Likeness
from domain.errors import Malformed, UnknownCase
from domain.hindsight import TODAY, View
from domain.state import Case
from domain.working_days import england_and_wales
from integration.export import export
from integration.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["Record"]


class Record:
    """What a connection reads of the record. `Probity` is one, with Temporal beside it."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool, self._reader, self._ring = pool, settings.reader, settings.ring
        self._witness = settings.witness

    def read_by(self, reader: Reader | None) -> Self:
        """The same connection for another reader of free text; for none it stays sealed."""
        other = copy(self)
        other._reader = reader
        return other

    async def case(self, reference: str, view: View = TODAY) -> Case:
        """The state of a case, from the record: today's, or as seen from another day.

        Raises `UnknownCase`; of another day also `Malformed` when it has not come, `NotFound` before the case began.
        """
        if view == TODAY:
            return await store.load(self._pool, reference)
        history = await store.events(self._pool, reference)
        if not history:
            raise UnknownCase(f"There is no case {reference}.")
        view.check(max(datetime.now(UTC), history[-1].recorded_at))  # a rehearsed case is ahead of us
        with store.following(reference):
            return view.case(history)

    async def hides(self, reference: str) -> bool:
        """Whether there is no case for whoever may not see restricted ones. Takes a login that reads `reporting`."""
        return await search.hidden(self._pool, reference)

    async def lawful_next(self, reference: str) -> list[Possible]:
        """What may be done next. Raises `UnknownCase`."""
        return lawful_next(await self.case(reference), england_and_wales())

    async def events(self, reference: str, after: int = 0, *, shown_as: What = "events") -> list[Readable]:
        """The record of a case after a version, empty where there is none.

        Free text stays sealed unless the reader is named and says why, which is recorded first, with what it is
        `shown_as`.
        """
        return await reading.events(self._pool, self._reader, reference, after, shown_as)

    async def verify(self, reference: str) -> list[str]:
        """What is wrong with the record of a case, a sentence a fault; none when it is whole. Raises `UnknownCase`."""
        looks = (whole.verify, checkpoints.contradictions, reads.verify, erasure.verify)
        return [fault for look in looks for fault in await self._faults(look, reference)]

    async def _faults(self, look: Callable[[Pool, str], Awaitable[list[str]]], reference: str) -> list[str]:
        try:
            return await look(self._pool, reference)
        except (OverflowError, TypeError, ValueError):  # Postgres has numbers and moments that Python has not
            return ["It holds a value that cannot be read: it was changed."]

    async def verify_every(self) -> AsyncIterator[tuple[str, list[str]]]:
        """Every case, one after the other, and what is wrong with the record of it."""
        for reference in await reading.every_case(self._pool):
            yield reference, await self.verify(reference)

    async def verify_checkpoints(self) -> list[str]:
        """What is wrong with the checkpoints themselves, one sentence a fault; empty when each is as it was signed."""
        return await checkpoints.faults(self._pool)

    async def verify_feed(self) -> list[str]:
        """What is wrong with the settled pages of the feed, one sentence a fault; empty when each is what it was."""
        return await feed.faults(self._pool)

    async def checkpoint(self, key: "Ed25519PrivateKey", earlier: Collection[bytes] = ()) -> dict[str, Any]:
        """Sign the heads of all cases; the statement. Raises `Contradicted` when the record was changed.

        `earlier`: public keys, beside that of `key`, with one of which the last checkpoint may have been signed.
        Where a witness is set it is compared and caught up: `RolledBack` when the record lacks what it has.
        """
        return await witness.sign(self._pool, key, self._witness, earlier)

    async def export(self, reference: str, key: "Ed25519PrivateKey | None" = None) -> bytes:
        """A case as a zip file that anyone can check, signed if there is a key. Raises `UnknownCase`."""
        return await export(self._pool, reference, key, self._reader)

    async def feed_page(self, after: feed.Cursor, limit: int, *, restricted: bool) -> feed.Page:
        """As `feed`, with the events of restricted cases only if asked."""
        return await feed.page(self._pool, after, limit, self._reader, restricted=restricted)

    def feed_lines(self, after: feed.Cursor = feed.START) -> AsyncGenerator[feed.Lines, None]:
        """All that `feed` tells after a cursor, page by page, in lines of JSON, as recorded, text sealed: several times
        as fast. Raises `Unavailable`; then go on from the last cursor.
        """
        return feed.lines(self._pool, after)

    def follow(self, after: feed.Cursor = feed.START) -> AsyncIterator[tuple[Readable, feed.Cursor]]:
        """Every event of every case after a cursor, with the cursor to go on from, until it is stopped.

        Raises `Unavailable`; then go on from the last cursor.
        """
        return feed.follow(self._pool, after, reader=self._reader)

    async def feed_entries(self, after: feed.Cursor = feed.START, limit: int = feed.PAGE) -> feed.Entries:
        """Events of all cases after a cursor, with the signed checkpoints among them. Raises `Unavailable`."""
        return await feed.entries(self._pool, after, limit, self._reader)

    def follow_entries(
        self, after: feed.Cursor = feed.START
    ) -> AsyncIterator[tuple[Readable | feed.Signed, feed.Cursor]]:
        """The same as `follow`, with the signed checkpoints among the events. Raises `Unavailable`."""
        return feed.follow_entries(self._pool, after, reader=self._reader)

    # Last of those of the feed: below it, in this class, its name is no longer the module's.
    async def feed(self, after: feed.Cursor = feed.START, limit: int = feed.PAGE) -> feed.Page:
        """Events of all cases after a cursor, in an order to go on from. Raises `Unavailable`."""
        return await feed.page(self._pool, after, limit, self._reader)

    async def fit(self, part: str, role: str, ring: Ring | None) -> None:
        """Raises `Unavailable` where a part that logs in as this role, and has these keys, cannot serve this store."""
        await starting.check(self._pool, part, role)
        if ring is not None:
            await starting.check_keys(self._pool, ring, secrets=False)

    async def postgres_answers(self) -> bool:
        """True, as far as Postgres is asked to record acts; else `Unavailable` says what it does not do."""
        return await writable(self._pool)

    def heard(self) -> "AbstractAsyncContextManager[hint.Hint]":
        """Set when something was recorded, as far as it is heard; it takes a connection for as long."""
        return hint.heard(self._pool)

    async def search(self, sought: Sought) -> Found:
        """A page of the register. Takes a login that reads `reporting`."""
        return await search.find(self._pool, sought)

    async def owed(self, sought: SoughtDuties) -> Duties:
        """A page of the duties owed over all cases, nearest first. Takes a login that reads `reporting`.

        Raises `Malformed` where `after` is not the `next` of a page.
        """
        return await find_duties(self._pool, sought)

    async def restricted(self, sought: SoughtRestrictions) -> Restrictions:
        """A page of everyone who is restricted, by the day of the next review. As `owed` otherwise."""
        return await find_restrictions(self._pool, sought)

    async def register(
        self, stage: str | None = None, *, force: str | None = None, overdue: bool | None = None
    ) -> list[dict[str, Any]]:
        """Every case, one row each, those with an overdue duty first, then open ones; or only what the filters let."""
        return await reading.register(self._pool, stage, force=force, overdue=overdue)

    async def deadlines(
        self, *, overdue: bool = False, reference: str | None = None, view: View = TODAY
    ) -> list[dict[str, Any]]:
        """Deadlines still owed over all cases or of one, nearest first; or only those that are overdue.

        From another day's view those of one case alone, since it is folded for it: without `reference`, `Malformed`.
        Raises `UnknownCase`.
        """
        if view == TODAY:
            return await reading.deadlines(self._pool, overdue=overdue, reference=reference)
        if reference is None:
            raise Malformed("case: say which; what was owed on another day is told case by case.")
        return read_models.owed(await self.case(reference, view), overdue=overdue)

    async def restrictions(self) -> list[dict[str, Any]]:
        """Everyone who is restricted, by the day of the next review, and whether a review is late or called for."""
        return await reading.restrictions(self._pool)

    async def handed_over(self, to: str | None = None) -> list[dict[str, Any]]:
        """Whose part of a case was handed over and is not taken over yet, the longest first; to one case, or all."""
        return await reading.handed_over(self._pool, to)

    async def duplicates(self, reference: str, *, earlier: bool = False) -> list[Likeness]:
        """Cases that may be the same matter as this one, unless somebody compared or linked them.

        `earlier`: only those that were recorded before it, as each way in tells who refers. One that cannot be read is
        told in the log alone. Raises `UnknownCase`.
        """
        return [likeness for _, likeness in (await self._of_case(reference, earlier=earlier)).alike]

    async def every_duplicate(self, reference: str | None = None) -> Compared:
        """Every two cases that may be the same matter, known last first; `duplicates.MOST` of them are looked at.

        `reference`: only those of this case. Raises `UnknownCase`.
        """
        if reference is not None:
            return await self._of_case(reference)
        return await duplicates.every(self._pool)

    async def _of_case(self, reference: str, *, earlier: bool = False) -> Compared:
        case = await self.case(reference)
        return await duplicates.of_case(self._pool, case, earlier=earlier)
