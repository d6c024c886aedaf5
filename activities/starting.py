"""Whether a process may start on this store: it has what this release needs, and the keys fit what is sealed."""

from typing import Any, Protocol

from asyncpg import InsufficientPrivilegeError

from activities import masters
from activities.store import Pool
from activities.text.sealing import Ring
from domain.errors import Unavailable

__all__ = ["MIGRATED_TO", "Database", "check", "check_keys", "moved"]

MIGRATED_TO = "0036_noted_as_it_is.sql"  # the last of deploy/migrations, applied in order: with it all are there

# docs/adr/0012: in another cluster transaction ids begin anew, so what is written there comes in a later generation.
MOVED = """
SELECT cluster <> probity.cluster() FROM probity.generation ORDER BY number DESC LIMIT 1
"""


class Database(Protocol):
    """What is needed here of a pool or a connection of asyncpg."""

    async def fetchval(self, query: str, *args: Any) -> Any:
        """First value of the first row."""


async def check(database: Database, part: str, role: str) -> None:
    """Raises `Unavailable` where the database is not as this release needs it, or the login is not of this part."""
    try:
        if not await _migrated(database):
            raise Unavailable(f"The database lacks {MIGRATED_TO}: run `python -m deploy.migrate`.")
        if await moved(database):
            raise Unavailable("The record was restored into another Postgres cluster: run `python -m deploy.migrate`.")
    except InsufficientPrivilegeError:  # another role's login; or what this one may see, no migration has told yet
        raise Unavailable(
            f"The database does not let this login see what a {part} needs: run `python -m deploy.migrate`, and "
            f"let the {part} log in as {role} (docs/run.md, The roles of the database)."
        ) from None


async def check_keys(pool: Pool, ring: Ring, *, secrets: bool) -> None:
    """Raises `Unavailable` where text is sealed under other master keys; with `secrets` those of webhooks too."""
    if lacking := await masters.unknown_masters(pool, ring, secrets=secrets):
        raise Unavailable(f"The master keys lack {', '.join(lacking)}, under which text is sealed (docs/run.md).")


async def moved(database: Database) -> bool:
    """Whether the record was restored into another cluster since it was last migrated; the database lacks nothing."""
    return bool(await database.fetchval(MOVED))


async def _migrated(database: Database) -> bool:
    if await database.fetchval("SELECT to_regclass('probity.migration')") is None:
        return False
    return bool(await database.fetchval("SELECT true FROM probity.migration WHERE name = $1", MIGRATED_TO))
