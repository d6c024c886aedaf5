"""The Merkle tree of RFC 6962: one root for many leaves, and a short proof that one of them is under it.

https://www.rfc-editor.org/rfc/rfc6962#section-2.1
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

__all__ = ["Levels", "Proof", "above", "hashed", "levels", "packed", "path", "proof", "root", "unpacked"]

Proof = list[tuple[Literal["left", "right"], str]]  # from the leaf up: on which side the other half stood, and its hash


Levels = list[list[bytes]]  # of a tree, from the leaves to the root
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
STEP = 33  # bytes of a packed step: which side, and a hash


def hashed(leaf: bytes) -> bytes:
    """A leaf as the tree has it."""
    return sha256(b"\x00" + leaf).digest()


def root(tree: Levels) -> bytes:
    """The hash of a tree over its leaves, in their order."""
    return tree[-1][0] if tree[0] else sha256().digest()


def proof(leaves: Iterable[bytes], index: int) -> Proof:
    """What has to be hashed with the leaf at `index`, step by step, to arrive at the root."""
    return path(levels([hashed(leaf) for leaf in leaves]), index)


def path(tree: Levels, index: int) -> Proof:
    """The same, of a tree that is there already."""
    steps: Proof = []
    for level in tree[:-1]:
        beside = index ^ 1
        if beside < len(level):
            steps.append(("left" if beside < index else "right", level[beside].hex()))
        index //= 2
    return steps


def above(leaf: bytes, steps: Proof) -> bytes:
    """The root to which a proof leads from a leaf."""
    node = hashed(leaf)
    for side, beside in steps:
        pair = (bytes.fromhex(beside), node) if side == "left" else (node, bytes.fromhex(beside))
        node = sha256(b"\x01" + b"".join(pair)).digest()
    return node


def packed(steps: Proof) -> bytes:
    """A proof as it is stored."""
    return b"".join(bytes([SIDES.index(side)]) + bytes.fromhex(beside) for side, beside in steps)


def unpacked(stored: bytes) -> Proof:
    """A stored proof."""
    steps = [stored[at : at + STEP] for at in range(0, len(stored), STEP)]
    # A side that is neither is read as one of them: what was changed leads to no root, and that is said of it.
    return [(SIDES[step[0] & 1], step[1:].hex()) for step in steps]


def levels(leaves: list[bytes]) -> Levels:
    """From `hashed` leaves to the root. A node without a neighbour goes up as it is, which is the split of the RFC."""
    tree = [leaves]
    while len(below := tree[-1]) > 1:
        pairs = (below[at : at + 2] for at in range(0, len(below), 2))
        tree.append([sha256(b"\x01" + b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs])
    return tree
