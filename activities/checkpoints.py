"""Checkpoints: the heads of all cases under one signed root, so that a chain that was computed anew is found out.

The key is Ed25519 and lives in a file that the database's owner does not hold. Before anything is signed, what was
signed before is looked up again: a case whose signed event is another now, or gone, is named and nothing is signed.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activities.chain import canonical
from activities.connection import Connection, Pool, transaction, unhurried
from activities.merkle import Proof, levels, packed, path, proof, root, unpacked
from activities.sql import sql
from domain.errors import Contradicted, Unavailable
from domain.messages import Model

if TYPE_CHECKING:
    import asyncpg
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["Checkpoint", "age", "changed", "contradictions", "leaf", "make", "of_case", "signing_key"]


class Checkpoint(Model):
    """A signed checkpoint as one case sees it: statement, signer, and the way from the case's head to the root."""

    statement: dict[str, Any]
    public_key: str
    signature: str
    version: int
    head: str
    proof: Proof


def signing_key(path: Path) -> "Ed25519PrivateKey":
    """The Ed25519 key in a PEM file. Raises `Unavailable` in one sentence."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as why:
        raise Unavailable(f"The signing key {path} cannot be read ({type(why).__name__}).") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Unavailable(f"The signing key {path} is not an Ed25519 key.")
    return key


def leaf(stream: str, version: int, head: bytes) -> bytes:
    """What a root says of a case."""
    return canonical({"stream": stream, "version": version, "head": head.hex()})


async def make(pool: Pool, key: "Ed25519PrivateKey") -> dict[str, Any]:
    """Sign the heads of all cases as they are now; the statement. Raises `Contradicted` before anything is signed."""
    async with unhurried(pool) as connection:
        await connection.execute(sql("hold_signing"))
        last = await connection.fetchrow(sql("last_checkpoint"))
        heads = await connection.fetch(sql("heads"))
        assert last is not None
        if faults := list(changed(heads)):
            raise Contradicted(faults)
        tree = levels([leaf(row["stream"], row["version"], row["head"]) for row in heads])
        statement = _statement(last, len(heads), tree[-1][0] if heads else root(()))
        moved = [(at, row) for at, row in enumerate(heads) if row["version"] != row["signed_version"]]
        await connection.execute(
            sql("write_checkpoint"),
            statement["number"],
            last["now"],
            statement,
            key.public_key().public_bytes_raw(),
            key.sign(canonical(statement)),
            *([row[column] for _, row in moved] for column in ("stream", "version", "head")),
            [packed(path(tree, at)) for at, _ in moved],
        )
        return statement


async def age(pool: Pool) -> float | None:
    """How many seconds ago the last checkpoint was signed; None where none ever was."""
    async with transaction(pool) as connection:
        seconds: float | None = await connection.fetchval(sql("checkpoint_age"))
    return seconds


def changed(heads: Iterable["asyncpg.Record"]) -> Iterable[str]:
    for row in heads:
        if (signed := row["signed_version"]) is None:
            continue
        if row["stands"] is None or (row["version"] or 0) < signed:
            yield f"Case {row['stream']}: event {signed}, which the last checkpoint signed, is gone."
        elif row["stands"] != row["signed_head"]:
            yield f"Case {row['stream']}: event {signed} is not the one that the last checkpoint signed."


def _statement(last: "asyncpg.Record", cases: int, over: bytes) -> dict[str, Any]:
    """Everything in it is text or a whole number: its canonical bytes are the same in every language."""
    return {
        "kind": "probity checkpoint 1",
        "number": (last["number"] or 0) + 1,
        "made_at": last["now"].isoformat(),
        "cases": cases,
        "root": over.hex(),
        "previous": sha256(canonical(last["statement"])).hexdigest() if last["number"] else "",
    }


async def of_case(connection: Connection, stream: str) -> list[Checkpoint]:
    """The checkpoints at which the case had moved, oldest first, each with its proof."""
    return [await _checkpoint(connection, stream, row) for row in await connection.fetch(sql("checkpoints_of"), stream)]


async def _checkpoint(connection: Connection, stream: str, row: "asyncpg.Record") -> Checkpoint:
    kept = row["proof"]
    return Checkpoint(
        statement=row["statement"],
        public_key=row["public_key"].hex(),
        signature=row["signature"].hex(),
        version=row["version"],
        head=row["head"].hex(),
        proof=unpacked(kept) if kept is not None else await _made_again(connection, stream, row["number"]),
    )


async def _made_again(connection: Connection, stream: str, checkpoint: int) -> Proof:
    """The proof of a checkpoint that was made before proofs were kept: it takes the heads of all cases."""
    leaves = await connection.fetch(sql("leaves"), checkpoint)
    index = [each["stream"] for each in leaves].index(stream)
    return proof([leaf(each["stream"], each["version"], each["head"]) for each in leaves], index)


async def contradictions(pool: Pool, stream: str) -> list[str]:
    """Where a case is not what checkpoints say of it, one sentence each; whether they are genuine, an export tells."""
    async with transaction(pool) as connection:
        rows = await connection.fetch(sql("contradictions"), stream)
    return [f"Event {row['version']} is not the one that checkpoint {row['checkpoint']} holds." for row in rows]
