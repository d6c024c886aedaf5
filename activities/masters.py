"""Master keys: under them the keys of free text and the secrets of webhooks are wrapped, and wrapped anew.

Which master keys are needed is asked before a process starts; after a change of them all is wrapped under the first.
"""

from typing import NamedTuple
from uuid import UUID

from activities.sql import sql
from activities.store import Pool, transaction
from activities.text.sealing import Ring, Unopenable
from activities.webhooks.subscribers import bound

__all__ = ["Left", "Rewrapped", "rewrap", "unknown_masters"]

STEP = 500


class Left(NamedTuple):
    """A key of a case, or a secret of a subscription, that could not be wrapped anew; `code`: why."""

    case: str | None
    subscription: str | None
    key: UUID
    code: str

    def tell(self) -> str:
        """Which it is, in one sentence."""
        what = f"A key of case {self.case}" if self.case else f"A secret of the webhooks of {self.subscription}"
        return f"{what} was left as it was: {self.key} ({self.code})."


class Rewrapped(NamedTuple):
    """How many keys and secrets were wrapped anew, and those that could not be, because they cannot be opened."""

    wrapped: int
    left: tuple[Left, ...]


async def rewrap(pool: Pool, ring: Ring) -> Rewrapped:
    """Wrap every living key and webhook secret under the first master key, while the engine runs.

    What cannot be opened is passed over, and nothing is lost by it.
    """
    count = 0
    while True:  # until none is left, as some are made meanwhile by who has not read the new master key yet
        before, left = count, list[Left]()
        for master in await _masters(pool):
            if master != ring.ids[0]:
                count += await _rewrap(pool, ring, "old_keys", "rewrap_key", master, left)
                count += await _rewrap(pool, ring, "old_secrets", "rewrap_secret", master, left)
        if count == before:
            return Rewrapped(count, tuple(left))


async def _rewrap(pool: Pool, ring: Ring, old: str, write: str, master: str, left: list[Left]) -> int:
    """Once through all under a master key, by their ids; how many were wrapped. Those that cannot be go to `left`."""
    count, after = 0, UUID(int=0)
    while True:
        async with transaction(pool) as connection:
            rows = await connection.fetch(sql(old), master, STEP, after)
            for row in rows:
                about = bound(row) if row["subscription"] else b""
                try:
                    key = ring.unwrap(row["key"], row["wrapped"], row["master"], about)
                except Unopenable as why:
                    left.append(Left(row["stream"], row["subscription"], row["key"], why.code))
                    continue
                await connection.execute(sql(write), key.id, row["wrapped"], ring.wrap(key, about), ring.ids[0])
                count += 1
        if not rows:
            return count
        after = rows[-1]["key"]


async def unknown_masters(pool: Pool, ring: Ring, *, secrets: bool = True) -> list[str]:
    """The master keys under which keys are wrapped, and secrets of webhooks, and that the ring lacks."""
    return [master for master in await _masters(pool, secrets=secrets) if master not in ring.ids]


async def _masters(pool: Pool, *, secrets: bool = True) -> list[str]:
    async with transaction(pool) as connection:
        found = {row["master"] for row in await connection.fetch(sql("masters"))}
        if secrets:  # which the gateway may not see
            found |= {row["master"] for row in await connection.fetch(sql("secret_masters"))}
    return sorted(found)
