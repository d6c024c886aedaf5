"""Checkpoints: the heads of all cases under one signed root, so that a chain that was computed anew is found out.

The key is Ed25519 and lives in a file that the database's owner does not hold. Before anything is signed, what was
signed before is looked up again: a case whose signed event is another now, or gone, is named and nothing is signed. Of
what the database keeps of it, the signature alone is believed: the heads that it keeps have to give the signed root.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activities.chain import canonical
from activities.connection import Connection, Pool, transaction, unhurried
from activities.proof.merkle import Levels, Proof, above, hashed, levels, packed, path, proof, root, unpacked
from activities.sql import sql
from domain.errors import Contradicted, Unavailable
from domain.messages import Model

if TYPE_CHECKING:
    import asyncpg
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = [
    "Checkpoint",
    "age",
    "changed",
    "contradictions",
    "earlier_keys",
    "faults",
    "follows",
    "genuine",
    "make",
    "of_case",
    "signing_key",
    "trusted",
]

AT_ONCE = 500  # heads: between two such lots others have their turn
BLOCK = re.compile(rb"-----BEGIN [^-]+-----.+?-----END [^-]+-----", re.DOTALL)


class Checkpoint(Model):
    """A signed checkpoint as one case sees it: statement, signer, and the way from the case's head to the root."""

    statement: dict[str, Any]
    public_key: str
    signature: str
    version: int
    head: str
    proof: Proof


def signing_key(path: Path) -> "Ed25519PrivateKey":
    """The Ed25519 key in a PEM file: its first. Raises `Unavailable` in one sentence."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = _loaded(path, _blocks(path)[0], lambda block: load_pem_private_key(block, password=None))
    if not isinstance(key, Ed25519PrivateKey):
        raise Unavailable(f"The signing key {path} is not an Ed25519 key.")
    return key


def earlier_keys(path: Path) -> frozenset[bytes]:
    """The public keys below the key in its file: checkpoints that were signed with one of them are gone on from.

    Raises `Unavailable` in one sentence.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    earlier = [_loaded(path, block, load_pem_public_key) for block in _blocks(path)[1:]]
    if not all(isinstance(key, Ed25519PublicKey) for key in earlier):
        raise Unavailable(f"A public key in {path} is not an Ed25519 key.")
    return frozenset(key.public_bytes_raw() for key in earlier)


def _blocks(path: Path) -> list[bytes]:
    try:
        return BLOCK.findall(path.read_bytes()) or [b""]
    except OSError as why:
        raise Unavailable(f"The signing key {path} cannot be read ({type(why).__name__}).") from None


def _loaded(path: Path, block: bytes, load: Callable[[bytes], Any]) -> Any:
    try:
        return load(block)
    except (ValueError, TypeError) as why:
        raise Unavailable(f"The signing key {path} cannot be read ({type(why).__name__}).") from None


def leaf(stream: str, version: int, head: bytes) -> bytes:
    """What a root says of a case."""
    return canonical({"stream": stream, "version": version, "head": head.hex()})


@dataclass(slots=True)
class _Heads:
    """The heads of all cases, in their order: of one that did not move a single hash is held.

    `now` and `signed` are the leaves of the tree as it is and as it was signed last, `moved` who moved since, each with
    the place of its leaf, and `wrong` where what was signed stands no more.
    """

    now: list[bytes] = field(default_factory=list)
    signed: list[bytes] = field(default_factory=list)
    moved: "list[tuple[int, asyncpg.Record]]" = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @classmethod
    async def read(cls, connection: Connection) -> "_Heads":
        heads = cls()
        async for row in connection.cursor(sql("heads"), prefetch=AT_ONCE):
            heads._add(row)
        return heads

    def _add(self, row: "asyncpg.Record") -> None:
        stream, now, before = row["stream"], (row["version"], row["head"]), (row["signed_version"], row["signed_head"])
        self.wrong += changed([row])
        if before[0] is not None:
            self.signed.append(hashed(leaf(stream, *before)))
        if now[0] is not None:
            if now[0] != before[0]:
                self.moved.append((len(self.now), row))
            self.now.append(self.signed[-1] if now == before else hashed(leaf(stream, *now)))


async def make(pool: Pool, key: "Ed25519PrivateKey", earlier: Collection[bytes] = ()) -> dict[str, Any]:
    """Sign the heads of all cases as they are now; the statement. Raises `Contradicted` before anything is signed.

    `earlier`: the public keys, beside that of `key`, with one of which the last checkpoint may have been signed.
    """
    async with unhurried(pool) as connection:
        await connection.execute(sql("hold_signing"))
        last = await connection.fetchrow(sql("last_checkpoint"))
        heads = await _Heads.read(connection)
        assert last is not None
        tree, wrong = await asyncio.to_thread(_looked_over, last, heads, trusted(key, earlier))
        if wrong:
            raise Contradicted(wrong)
        statement = _statement(last, len(heads.now), root(tree))
        await connection.execute(
            sql("write_checkpoint"),
            statement["number"],
            last["now"],
            statement,
            key.public_key().public_bytes_raw(),
            key.sign(canonical(statement)),
            *([row[column] for _, row in heads.moved] for column in ("stream", "version", "head")),
            [packed(path(tree, at)) for at, _ in heads.moved],
        )
        return statement


def _looked_over(last: "asyncpg.Record", heads: _Heads, trust: Collection[bytes]) -> tuple[Levels, list[str]]:
    """The tree over the heads as they are now, and what of the last checkpoint is not as it was signed."""
    wrong = heads.wrong
    if last["number"] and not wrong:
        wrong = list(genuine(last, trust)) or list(_not_under(last, heads))
    return levels(heads.now if not wrong else []), wrong


def _not_under(last: "asyncpg.Record", heads: _Heads) -> Iterator[str]:
    """Whether the heads that are kept as signed are those of the last checkpoint: all of them give its root."""
    if root(levels(heads.signed)).hex() != _told(last, "root"):
        yield f"The heads that checkpoint {last['number']} signed were changed, removed or added to since."


def trusted(key: "Ed25519PrivateKey", earlier: Collection[bytes] = ()) -> frozenset[bytes]:
    """The public keys from which a signer goes on: its own, and those that it was told of."""
    return frozenset((key.public_key().public_bytes_raw(), *earlier))


def genuine(row: "asyncpg.Record", trust: Collection[bytes] | None = None) -> Iterator[str]:
    """What is wrong with a checkpoint as it is stored; without `trust`, whichever key it names may have signed it."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if trust is not None and row["public_key"] not in trust:
        known = sha256(row["public_key"]).hexdigest()
        yield f"Checkpoint {row['number']} is signed with a key that the signer does not know: {known}."
    try:
        Ed25519PublicKey.from_public_bytes(row["public_key"]).verify(row["signature"], canonical(row["statement"]))
        fits = _told(row, "number") == row["number"]
    except (InvalidSignature, TypeError, ValueError):
        fits = False
    if not fits:
        yield f"Checkpoint {row['number']} is not what was signed."


async def faults(pool: Pool) -> list[str]:
    """What is wrong with the checkpoints themselves, one sentence each: a signature, their order, or the last root.

    Whose keys they are, an export tells.
    """
    async with unhurried(pool) as connection:  # of one moment: one signed meanwhile has other heads
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        wrong, before = list[str](), None
        async for row in connection.cursor(sql("statements_from"), 1):
            wrong += (*genuine(row), *follows(row, before))
            before = row
        if before is not None:
            heads = await _Heads.read(connection)
            wrong += await asyncio.to_thread(lambda: list(_not_under(before, heads)))
    return wrong


def follows(row: "asyncpg.Record", before: "asyncpg.Record | None") -> Iterator[str]:
    """Whether a checkpoint names the one before it by its number and its hash, and stands after it in the feed."""
    number, named = (before["number"], _named(before["statement"])) if before else (0, "")
    if row["number"] != number + 1 or _told(row, "previous") != named:
        of = f"from checkpoint {number}" if before else "from none, as the first does"
        yield f"Checkpoint {row['number']} does not follow {of}."
    elif before and (row["generation"], row["transaction"]) < (before["generation"], before["transaction"]):
        yield f"Checkpoint {row['number']} was moved in the feed: who follows it may have missed it."


def _told(row: "asyncpg.Record", name: str) -> Any:
    return row["statement"].get(name) if isinstance(row["statement"], dict) else None


def _named(statement: Any) -> str:
    """The hash by which the next one names it; none of what was never signed by us."""
    try:
        return sha256(canonical(statement)).hexdigest()
    except (TypeError, ValueError):
        return "none"


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
        "previous": _named(last["statement"]) if last["number"] else "",
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
    return [fault for row in rows if (fault := _contradiction(stream, row))]


def _contradiction(stream: str, row: "asyncpg.Record") -> str | None:
    if not row["stands"]:
        return f"Event {row['version']} is not the one that checkpoint {row['checkpoint']} holds."
    if row["proof"] is None:  # as before 0017: an export makes it from the heads of all cases
        return None
    if above(leaf(stream, row["version"], row["head"]), unpacked(row["proof"])).hex() == row["root"]:
        return None
    return f"What is kept of checkpoint {row['checkpoint']} does not lead from the case to its root: it was changed."
