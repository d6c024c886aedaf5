"""Claims: under which key a caller referred a matter, so that a referral that is sent again is known as such.

A key is claimed before the case is started: of two matters under one key at most one becomes a case, however many
processes take referrals. Of the matter itself nothing is kept here; the record has it, and compares it.
"""

from activities.bodies import another_act
from activities.connection import Pool, connected
from activities.sql import sql
from domain.errors import DuplicateReference

__all__ = ["claim", "held"]


async def held(pool: Pool, caller: str, key: str, reference: str) -> bool:
    """Whether the caller has claimed this key for this case. Refuses `already_done` when it is for another case."""
    async with connected(pool) as connection:
        found = await connection.fetchval(sql("find_referral_key"), caller, key)
    if found not in (None, reference):
        raise another_act()
    return found is not None


async def claim(pool: Pool, caller: str, key: str, reference: str) -> None:
    """Claim a key for a case that is not open yet. Refuses `duplicate_reference` when another key has claimed it."""
    async with connected(pool) as connection:
        claimed = await connection.fetchval(sql("claim_referral_key"), caller, key, reference)
    if claimed is None and not await held(pool, caller, key, reference):
        raise DuplicateReference(f"The reference {reference} is taken: it was referred under another key.")
