"""Who is told by webhook: subscribers as the database has them, their secrets, and what became of deliveries.

Here is what the keeper and the command line do. How events get to subscribers is in `activities/webhooks/deliver.py`.
"""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from os import urandom
from typing import TYPE_CHECKING, Annotated, Any, Self
from uuid import UUID

import asyncpg
from pydantic import StringConstraints

from activities.chain import canonical
from activities.connection import connected, unhurried
from activities.feed import Cursor
from activities.sql import sql
from activities.store import Connection, Pool, transaction
from activities.text.keyring import SIZE
from activities.text.reads import LONGEST_PURPOSE
from activities.text.sealing import Key, Ring
from activities.webhooks.addresses import check_url
from domain.errors import AlreadyDone, Malformed, NotFound
from domain.faults import form
from domain.messages import EVENTS, Actor, Model, OpaqueId, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Delivery",
    "Subscriber",
    "Wanted",
    "add",
    "behind",
    "bound",
    "deliveries",
    "get",
    "remove",
    "rotate",
    "subscribers",
]

SubscriptionId = Annotated[
    str,
    form(
        r"^[a-z0-9][a-z0-9-]{1,40}$",
        "has to be a name of 2 to 41 small letters, digits and hyphens, no hyphen first, as hr-system",
    ),
]


# Where a subscriber is told, of what, and as whom it is shown text.
BOUND = ("subscription", "url", "types", "forces", "restricted", "reader_role", "reader_id", "purpose")


def bound(row: "asyncpg.Record") -> bytes:
    """What the secret of a subscriber is sealed with, so that it opens for no other row.

    Whoever owns the database and has no master key cannot turn it elsewhere, nor have text opened for it.
    """
    return canonical([row[name] for name in BOUND])


class Wanted(Model):
    """A subscriber as it is asked for. `types`, `forces`: none means every one. `restricted`: of restricted cases too.
    `reader`: as whom it is entitled to free text.
    """

    subscription: SubscriptionId
    url: str
    types: tuple[str, ...] = ()
    forces: tuple[OpaqueId, ...] = ()
    restricted: bool = False
    reader: Actor | None = None
    purpose: Annotated[Text, StringConstraints(max_length=LONGEST_PURPOSE)] | None = None

    def check(self, *, development: bool) -> None:
        """Raises `Malformed`."""
        check_url(self.url, development=development)
        if unknown := [each for each in self.types if each not in EVENTS]:
            raise Malformed(f"There is no event {unknown[0][:60]!r}: `probity schemas` lists them.")
        if (self.reader is None) != (self.purpose is None):
            raise Malformed("Who is entitled to free text says as whom, and for what purpose.")


class Subscriber(Model):
    """A subscriber as it stands. `waiting`: deliveries still to be made, of so many `cases`, the oldest
    `waiting_since` then.
    """

    subscription: str
    url: str
    types: tuple[str, ...]
    forces: tuple[str, ...]
    restricted: bool
    reader: Actor | None
    purpose: str | None
    state: str
    because: str | None
    cursor: str
    waiting: int
    cases: int
    waiting_since: datetime | None
    dead: int
    resting_until: datetime | None
    last_delivered: datetime | None

    @classmethod
    def of(cls, row: "asyncpg.Record") -> Self:
        """As a row has it."""
        plain = {name: row[name] for name in cls.model_fields if name not in ("reader", "cursor")}
        reader = {"role": row["reader_role"], "id": row["reader_id"]} if row["reader_id"] else None
        cursor = str(Cursor(row["generation"], row["transaction"], row["position"]))
        return cls.model_validate({**plain, "reader": reader, "cursor": cursor})


class Delivery(Model):
    """What became of the delivery of one event."""

    event_id: UUID
    type: str
    reference: str | None
    version: int | None
    state: str
    attempts: int
    noted_at: datetime
    tried_at: datetime | None
    retry_at: datetime | None
    status: int | None
    fault: str | None
    milliseconds: int | None


async def add(pool: Pool, ring: Ring, wanted: Wanted, after: Cursor | None) -> str:
    """Add a subscriber that is told of what comes after a cursor, or from now on; its secret, which is not shown again.

    Raises `AlreadyDone`. It takes a login in the role probity_keeper.
    """
    async with transaction(pool) as connection:
        reader = wanted.reader
        said = (wanted.subscription, wanted.url, list(wanted.types), list(wanted.forces), wanted.restricted)
        entitled = (reader and reader.role.value, reader and reader.id, wanted.purpose)
        place = after or Cursor(*(await connection.fetch(sql("feed_end")))[0])
        if await connection.fetchval(sql("add_subscription"), *said, *entitled, *place) is None:
            raise AlreadyDone(f"There is a subscriber {wanted.subscription} already.")
        return await _new_secret(connection, ring, await _known(connection, wanted.subscription))


async def rotate(pool: Pool, ring: Ring, subscription: str, keep: timedelta) -> str:
    """Give a subscriber a new secret; those before sign beside it for as long as `keep`. Raises `NotFound`."""
    async with transaction(pool) as connection:
        row = await _known(connection, subscription)
        await connection.execute(sql("hold_secrets"), subscription)
        await connection.execute(sql("end_secrets"), subscription, keep)
        return await _new_secret(connection, ring, row)


async def _new_secret(connection: Connection, ring: Ring, row: "asyncpg.Record") -> str:
    key = Key(UUID(bytes=urandom(16), version=4), urandom(SIZE))
    await connection.execute(sql("add_secret"), key.id, row["subscription"], ring.wrap(key, bound(row)), ring.ids[0])
    return f"whsec_{b64encode(key.secret).decode()}"


async def remove(pool: Pool, subscription: str) -> None:
    """Remove a subscriber with its secrets, what waits for it and its log, which may be long. Raises `NotFound`."""
    async with unhurried(pool) as connection:
        await _known(connection, subscription)
        await connection.execute(sql("hold_secrets"), subscription)
        await connection.execute(sql("remove_subscription"), subscription)


async def _known(connection: Connection, subscription: str) -> "asyncpg.Record":
    row = await connection.fetchrow(sql("subscription"), subscription)
    if row is None:
        raise NotFound(f"There is no subscriber {subscription[:60]!r}.")
    return row


async def subscribers(pool: Pool, subscription: str | None = None) -> list[Subscriber]:
    """Every subscriber, or this one, as it stands."""
    async with transaction(pool) as connection:
        return [Subscriber.of(row) for row in await connection.fetch(sql("subscribers"), subscription)]


async def get(pool: Pool, subscription: str) -> Subscriber:
    """This subscriber. Raises `NotFound`."""
    found = await subscribers(pool, subscription)
    if not found:
        raise NotFound(f"There is no subscriber {subscription[:60]!r}.")
    return found[0]


async def deliveries(pool: Pool, subscription: str, *, state: str | None = None, limit: int = 100) -> list[Delivery]:
    """The log of a subscriber, the latest first; or only what is in this state. Raises `NotFound`."""
    async with transaction(pool) as connection:
        await _known(connection, subscription)
        rows = await connection.fetch(sql("deliveries"), subscription, state, limit)
    return [Delivery.model_validate(dict(row)) for row in rows]


async def behind(pool: Pool) -> "Sequence[tuple[str, str]]":
    """The active subscribers for whom there is something to do, each with its cursor."""
    async with connected(pool) as connection:
        rows: Iterable[Any] = await connection.fetch(sql("behind"))
    return [(row["subscription"], row["place"]) for row in rows]
