"""The Merkle tree of RFC 6962: one root for many leaves, and a short proof that one of them is under it.

https://www.rfc-editor.org/rfc/rfc6962#section-2.1
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Literal

__all__ = ["Proof", "proof", "root"]

Proof = list[tuple[Literal["left", "right"], str]]  # from the leaf up: on which side the other half stood, and its hash


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of a tree over these leaves, in their order."""
    return _levels(leaves)[-1][0] if leaves else sha256().digest()


def proof(leaves: Sequence[bytes], index: int) -> Proof:
    """What has to be hashed with the leaf at `index`, step by step, to arrive at the root."""
    path: Proof = []
    for level in _levels(leaves)[:-1]:
        beside = index ^ 1
        if beside < len(level):
            path.append(("left" if beside < index else "right", level[beside].hex()))
        index //= 2
    return path


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """From the leaves to the root. A node without a neighbour goes up as it is, which is the split of the RFC."""
    levels = [[sha256(b"\x00" + leaf).digest() for leaf in leaves]]
    while len(below := levels[-1]) > 1:
        pairs = [below[at : at + 2] for at in range(0, len(below), 2)]
        levels.append([sha256(b"\x01" + b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs])
    return levels
