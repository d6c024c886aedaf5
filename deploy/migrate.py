"""Bring the database to this release's schema: `python -m deploy.migrate`, with DATABASE_URL in the environment.

Migrations are the SQL files of `deploy/migrations`, applied in the order of their names, each in a transaction of its
own, and recorded with their digest. Running it twice, or twice at once, is safe. With PROBITY_ENGINE_PASSWORD,
PROBITY_GATEWAY_PASSWORD, PROBITY_OPENER_PASSWORD or PROBITY_SIGNER_PASSWORD in the environment, the role that the
worker, the gateway, the codec server or the signer logs in as gets that password.

With `--restored` it begins a new generation of the store: after a restore that Postgres does not show, as that of a
copy of the files, or a failover that lost transactions. One into another cluster it notices by itself.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from importlib import resources

import asyncpg

from activities.starting import moved
from activities.store import reaching
from domain.errors import Unavailable

__all__ = ["PASSWORDS", "files", "main", "migrate"]

PASSWORDS = {
    "PROBITY_ENGINE_PASSWORD": "probity_engine",
    "PROBITY_GATEWAY_PASSWORD": "probity_gateway",
    "PROBITY_OPENER_PASSWORD": "probity_opener",
    "PROBITY_SIGNER_PASSWORD": "probity_signer",
}

OWNER = (
    "The database does not let this login migrate ({}): let DATABASE_URL name its owner, "
    "without a role in `options` (docs/run.md, The roles of the database)."
)
ADVISORY_LOCK = 0x70726F62697479  # "probity" in ASCII; any number does that nobody else takes in this database

BOOKKEEPING = """
CREATE SCHEMA IF NOT EXISTS probity;
CREATE TABLE IF NOT EXISTS probity.migration (
    name       text        NOT NULL PRIMARY KEY,
    sha256     text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE probity.migration IS 'The files of deploy/migrations that this database has, with their digest.';
"""

# A part that is started on the schema of an earlier release has to see that it is one. Who runs cases sees it anyhow.
SEEN = """
DO $$
DECLARE
    login name;
BEGIN
    FOR login IN SELECT rolname FROM pg_roles WHERE rolname IN ('probity_signer', 'probity_gateway')
                 AND NOT has_column_privilege(oid, 'probity.migration'::regclass, 'name', 'SELECT')
                 ORDER BY rolname LOOP
        EXECUTE format('GRANT SELECT (name) ON probity.migration TO %I', login);
    END LOOP;
END $$
"""
NEXT_GENERATION = """
INSERT INTO probity.generation (number, cluster) SELECT max(number) + 1, probity.cluster() FROM probity.generation
"""


def files() -> dict[str, str]:
    """The migrations of this release by name. Every part asks at its start for the last, `starting.MIGRATED_TO`."""
    folder = resources.files("deploy.migrations")
    return {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".sql")}


async def migrate(database_url: str, *, restored: bool = False) -> list[str]:
    """Apply what the database lacks and return the names. Waits while another process migrates the same database.

    Raises `Unavailable` when the database cannot be reached, lets this login not migrate, or holds a migration whose
    file has changed since.
    """
    async with _as_owner(database_url) as connection:
        # Held by the session, since each file has its own transaction; closing the connection frees it.
        await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        await connection.execute(BOOKKEEPING)
        lacking = await _lacking(connection)
        for name in lacking:
            await _apply(connection, name)
        await connection.execute(SEEN)
        if restored or await moved(connection):
            await connection.execute(NEXT_GENERATION)
        return lacking


async def set_password(database_url: str, role: str, password: str) -> None:
    """Let one of our roles log in with this password. Raises `Unavailable`."""
    async with _as_owner(database_url) as connection:
        statement = "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)"
        await connection.execute(await connection.fetchval(statement, role, password))


@asynccontextmanager
async def _as_owner(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection that may do what an owner may. Raises `Unavailable`, also where the login is not one's."""
    with reaching():
        connection = await asyncpg.connect(database_url, timeout=10)
    try:
        yield connection
    except asyncpg.InsufficientPrivilegeError as denied:  # mostly whoever has the worker's settings at hand
        raise Unavailable(OWNER.format(str(denied).partition("\n")[0])) from None
    finally:
        await connection.close()


async def _lacking(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    rows = await connection.fetch("SELECT name, sha256 FROM probity.migration")
    applied: dict[str, str] = {row["name"]: row["sha256"] for row in rows}
    for name, text in files().items():
        if applied.get(name, _digest(text)) != _digest(text):
            raise Unavailable(
                f"{name} was changed after it was applied to this database: restore its text and add a new migration."
            )
    return sorted(set(files()) - set(applied))


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> None:
    text = files()[name]
    async with connection.transaction():
        await connection.execute(text)
        await connection.execute("INSERT INTO probity.migration (name, sha256) VALUES ($1, $2)", name, _digest(text))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def main(arguments: Sequence[str] = ()) -> int:
    """Migrate the database that DATABASE_URL names; 0 when done, 1 when it could not be, 2 for wrong usage."""
    if list(arguments) not in ([], ["--restored"]):
        print(f"migrate takes --restored or nothing, not {' '.join(arguments)[:60]!r}.", file=sys.stderr)
        return 2
    try:
        applied = asyncio.run(migrate(_database_url(), restored=bool(arguments)))
        for variable, role in PASSWORDS.items():
            if password := os.environ.get(variable):
                asyncio.run(set_password(_database_url(), role, password))
    except Unavailable as why:
        print(f"{why.code}: {why}", file=sys.stderr)
        return 1
    print("\n".join(f"applied {name}" for name in applied) or "The database is up to date.")
    return 0


def _database_url() -> str:
    if url := os.environ.get("DATABASE_URL"):
        return url
    raise Unavailable("DATABASE_URL is not set: it names the database, as postgresql://user:password@host:5432/name.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
