"""Whether a process may start on this store: it has what this release migrates to, and the keys fit what is sealed."""

from importlib import resources
from typing import Any, Protocol

from asyncpg import InsufficientPrivilegeError

from activities import masters
from activities.store import Pool
from activities.text.sealing import Ring
from domain.errors import Unavailable

__all__ = ["Database", "check", "check_keys", "files", "missing", "moved"]

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
        lacking = await missing(database)
        if lacking:
            raise Unavailable(f"The database lacks {', '.join(lacking)}: run `python -m deploy.migrate`.")
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


async def missing(database: Database) -> list[str]:
    """Names of the migrations that the database lacks, in order."""
    if await database.fetchval("SELECT to_regclass('probity.migration')") is None:
        return sorted(files())
    applied = await database.fetchval("SELECT coalesce(array_agg(name), '{}') FROM probity.migration")
    return sorted(set(files()) - set(applied))


async def moved(database: Database) -> bool:
    """Whether the record was restored into another cluster since it was last migrated; the database lacks nothing."""
    return bool(await database.fetchval(MOVED))


def files() -> dict[str, str]:
    """The migrations of this release by name; `deploy.migrate` applies them."""
    folder = resources.files("deploy.migrations")
    return {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".sql")}
