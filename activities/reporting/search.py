"""Search of the register: a page of it, in the order of references, and how many cases it is a page of."""

from datetime import date
from typing import NamedTuple

from pydantic import AwareDatetime

from activities.connection import Pool, connected, transaction
from activities.sql import sql
from domain.messages import Kept
from domain.vocabulary import Clock, Mode, Origin, ReferralKind, Regime, Severity, Stage

__all__ = ["Found", "Registered", "Sought", "find", "hidden"]


class Sought(NamedTuple):
    """Which cases, and which page of them. Restricted cases are neither shown nor counted unless asked for.

    `rehearsed`: what is overdue in rehearsed cases counts too, which is nobody's to do.
    """

    force: str | None = None
    stage: str | None = None
    overdue: bool | None = None
    open: bool | None = None
    restricted: bool = False
    rehearsed: bool = False
    after: str = ""
    limit: int = 100


class Registered(Kept):
    """A case as the register has it: opaque references, dates and words of closed lists, no personal data."""

    reference: str
    force: str
    stage: Stage
    severity: Severity | None
    mode: Mode | None
    regime: Regime
    clock: Clock
    origin: Origin
    referral_kind: ReferralKind | None
    officers: int
    officers_open: int
    overdue: int
    next_due: date | None
    stayed: bool
    restricted: bool
    first_known: date
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None
    illustrative: bool


class Found(Kept):
    """A page of the register; `total` counts every case that was sought, `next` is where to go on, if there is more."""

    cases: tuple[Registered, ...]
    total: int
    next: str | None


async def find(pool: Pool, sought: Sought) -> Found:
    """The cases that were sought. Raises `Unavailable`."""
    async with transaction(pool) as connection:
        *filters, limit = sought
        rows = await connection.fetch(sql("search"), *filters, limit + 1)
    cases = [Registered.model_validate(dict(row)) for row in rows if row["reference"] is not None]
    page, more = cases[:limit], len(cases) > limit
    return Found(cases=tuple(page), total=rows[0]["total"], next=page[-1].reference if more else None)


async def hidden(pool: Pool, reference: str) -> bool:
    """Whether a case is restricted or not there at all, told alike. Its first event says so, and no read model."""
    async with connected(pool) as connection:
        return bool(await connection.fetchval(sql("hidden"), reference))
