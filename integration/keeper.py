"""What whoever keeps the record does beside reading it: erase text or keep it, change the master key, rebuild."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime

from activities import feed, masters, store
from activities.masters import Rewrapped
from activities.reporting import rebuild
from activities.store import Pool
from activities.text import erasure, reads, retention
from activities.text.erasure import Erasure, Forgotten
from activities.text.retention import Due
from activities.text.sealing import Ring
from domain.erasure import MAY_FORGET
from domain.errors import OutOfOrder, Unavailable
from domain.messages import Actor, Recorded
from domain.permission import check_role
from domain.regimes.retention import Period
from domain.working_days import london_date

__all__ = ["Keeper"]

TOLD = 10  # of what holds text back: no list is read to its end


class Keeper:
    """The client's part for keeping the record: `Probity.keeper`. To erase takes a login in the role probity_keeper.

    What is recorded here comes past the workflow of its case, which is woken to read it.
    """

    def __init__(self, pool: Pool, ring: Ring | None, wake: Callable[[Sequence[str]], Awaitable[None]]) -> None:
        self._pool, self._ring, self._wake = pool, ring, wake

    async def forget(
        self, person: str | None, case: str | None, by: Actor, reasons: str, *, all_the_same: bool = False
    ) -> Forgotten:
        """Erase a person's free text, in one case or in all, or everyone's in a case.

        Raises `NotPermitted`, `NotFound`; and `OutOfOrder` where a case is open or its text held back, unless it is to
        be erased `all_the_same`: nothing is erased then. A case that has moved since it was asked that is `left`, and
        `Stale` is raised where no other was erased.
        """
        check_role(by, MAY_FORGET, "erase text")
        looked_at = None
        if not all_the_same:
            held, looked_at = await retention.against(self._pool, person, case, london_date(datetime.now(UTC)))
            more = f" And {len(held) - TOLD} reasons more." if len(held) > TOLD else ""
            if held:
                raise OutOfOrder(
                    f"{' '.join(held[:TOLD])}{more} Nothing was erased; --all-the-same erases it nevertheless."
                )
        done = await erasure.forget(self._pool, person, case, by, reasons, looked_at)
        await self._wake(done.cases)
        return done

    async def forget_again(self, done: Sequence[Erasure]) -> list[Erasure]:
        """Erase in an older copy of the store what had been erased; those of them that were still there.

        From then on text may be opened in it.
        """
        again = list[Erasure]()
        try:
            for each in done:
                if await erasure.forget_again(self._pool, each):
                    again.append(each)
            await erasure.settled(self._pool, len(done))
        finally:  # the record of these has moved, whatever comes of the others
            await self._wake([each.case for each in again])
        return again

    async def erasures(self) -> list[Erasure]:
        """Every erasure in the record."""
        return await erasure.erasures(self._pool)

    async def proposals(self, periods: Sequence[Period], on: date) -> Due:
        """Free text about people whose period has ended by that day, and what holds it back; nothing is erased."""
        return await retention.proposals(self._pool, periods, on)

    async def keep(self, case: str, person: str | None, until: date, by: Actor, reasons: str) -> Recorded:
        """Record that a person's text in a case, or everyone's, is kept until it is looked at again."""
        recorded = await retention.keep(self._pool, case, person, until, by, reasons)
        await self._wake([case])
        return recorded

    async def rewrap(self) -> Rewrapped:
        """Wrap every key under the first master key; what cannot be opened is left, and told. Raises `Unavailable`."""
        if self._ring is None:
            raise Unavailable("PROBITY_MASTER_KEYS is not set; it names the file of the master keys (docs/run.md).")
        return await masters.rewrap(self._pool, self._ring)

    async def reads(self, reference: str) -> list[reads.Reading]:
        """Who opened free text of a case, when and why. Raises `UnknownCase`."""
        await store.load(self._pool, reference)
        return await reads.readings(self._pool, reference)

    async def held_back(self) -> feed.HeldBack:
        """What is recorded and not yet in the feed, because a transaction somewhere in the cluster is open."""
        return await feed.held_back(self._pool)

    async def rebuild(self) -> int:
        """Make the read models of every case anew from its events and swap them in; how many cases were read."""
        return await rebuild.rebuild(self._pool)

    async def drop_snapshots(self) -> int:
        """Drop every snapshot; how many there were. Whoever next acts on a case, or looks, folds it from its events."""
        return await rebuild.drop_snapshots(self._pool)

    async def differing(self) -> list[str]:
        """The cases whose read models are not what their events give."""
        return await rebuild.differing(self._pool)
