"""The schema of the database in one file, to be read: `python -m tests.schema_snapshot` writes it anew.

It is what `pg_dump` tells of a database that was migrated now: every function as the last migration left it.
"""

import asyncio
import os
from pathlib import Path

from deploy import embedded
from deploy.migrate import migrate
from tests.postgres import program

__all__ = ["FILE", "main", "schema"]

FILE = Path(__file__).parents[1] / "deploy" / "schema.sql"
HEAD = """\
-- What the migrations come to, for reading: `make snapshots` writes this file, and nothing applies it.
-- Why anything is as it is stands in deploy/migrations, in the file that made it.
"""
DIFFERING = ("-- Dumped ", r"\restrict ", r"\unrestrict ")  # the versions, and a key that is drawn for each dump


def schema(database_url: str) -> str:
    """What the file says of a migrated database; roles belong to the cluster, and no dump of a database has them."""
    dump = program("pg_dump", database_url, "--schema-only", "--no-owner")
    return HEAD + "".join(line for line in dump.splitlines(keepends=True) if not line.startswith(DIFFERING))


async def main() -> None:
    """Write the file anew, of an embedded Postgres."""
    os.environ.pop("DATABASE_URL", None)
    os.environ["TEMPORAL_ADDRESS"] = "not.needed:7233"
    async with embedded.stack(None, ui=False) as stack:
        await migrate(stack.database_url)
        FILE.write_text(schema(stack.database_url), encoding="utf-8")
    print(f"{FILE} written: look at the diff.")


if __name__ == "__main__":
    asyncio.run(main())
