"""The witness: a file outside the database to which the signer appends each statement that it signed, a line each.

The owner of the database can put back an older copy of it, checkpoints and all, and what is left is whole. The witness
knows better: its last statement has to be in the record, or nothing is signed (docs/adr/0026).
"""

import asyncio
import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from activities.chain import canonical
from activities.connection import Pool, unhurried
from activities.proof import checkpoints
from activities.sql import sql
from domain.errors import Contradicted, RolledBack, Unavailable

if TYPE_CHECKING:
    import asyncpg
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["keep", "sign"]

TAIL = 65536  # bytes: a statement has some three hundred


async def sign(
    pool: Pool, key: "Ed25519PrivateKey", file: Path | None, earlier: Collection[bytes] = ()
) -> dict[str, Any]:
    """Sign a checkpoint in sight of the witness, if there is one; its statement. `earlier`: see `checkpoints.make`.

    The witness is caught up before too: nothing is signed that it could not take, or over a record rolled back.
    """
    if file is None:
        return await checkpoints.make(pool, key, earlier)
    trust = checkpoints.trusted(key, earlier)
    await keep(pool, file, trust)
    statement = await checkpoints.make(pool, key, earlier)
    await keep(pool, file, trust)
    return statement


async def keep(pool: Pool, file: Path, trust: Collection[bytes]) -> None:
    """Append what was signed since the last line, the last of it with a key that is trusted.

    Raises `RolledBack`, `Contradicted` or `Unavailable`, in one sentence.
    """
    async with unhurried(pool) as connection:
        await connection.execute(sql("hold_signing"))
        last, end = await asyncio.to_thread(_last, file)
        since = last["number"] if last else 1
        signed = await connection.fetch(sql("statements_from"), since)
        if last and last not in [row["statement"] for row in signed[:1]]:
            raise RolledBack(
                [f"The record does not hold checkpoint {since} as the witness has it: it was rolled back."]
            )
        new = signed[1:] if last else signed
        if wrong := list(_no_witness_to(new, signed[0] if last else None, trust)):
            raise Contradicted(wrong)
        await asyncio.to_thread(_append, file, end, [row["statement"] for row in new])


def _no_witness_to(
    new: "Sequence[asyncpg.Record]", before: "asyncpg.Record | None", trust: Collection[bytes]
) -> Iterator[str]:
    """Why statements are not taken: the database's owner may have put them there. The last vouches for those before."""
    for row in new:
        yield from checkpoints.genuine(row, trust if row is new[-1] else None)
        yield from checkpoints.follows(row, before)
        before = row


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with open(file, "a+b", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, 0o644)) as witness:
            yield witness
    except (OSError, ValueError) as why:
        raise Unavailable(f"The witness {file} cannot be read and written ({type(why).__name__}).") from None


def _last(file: Path) -> tuple[dict[str, Any] | None, int]:
    """The statement in the last whole line, and where the whole lines end: what comes after them was torn."""
    with _opened(file) as witness:
        size = witness.seek(0, os.SEEK_END)
        witness.seek(max(0, size - TAIL))
        tail = witness.read()
        whole = tail[: tail.rfind(b"\n") + 1]
        end = size - len(tail) + len(whole)
        if lines := [line for line in whole.splitlines() if line.strip()]:
            last = json.loads(lines[-1])
            if not isinstance(last, dict) or type(last.get("number")) is not int:
                raise ValueError("no checkpoint statement")
            return last, end
        if end:
            raise ValueError("no line that can be told")
        return None, 0


def _append(file: Path, end: int, statements: list[dict[str, Any]]) -> None:
    with _opened(file) as witness:
        if witness.seek(0, os.SEEK_END) > end:
            witness.truncate(end)
        witness.writelines(canonical(statement) + b"\n" for statement in statements)
        witness.flush()
        os.fsync(witness.fileno())
        folder = os.open(file.parent, os.O_RDONLY)  # a file that was just made is there after a crash
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
