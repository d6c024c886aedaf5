"""The Merkle tree: the values of RFC 6962's own test tree, and every proof."""

from hashlib import sha256

import pytest

from activities.proof.merkle import hashed, levels, packed, proof, unpacked
from activities.proof.merkle import root as root_of

# The test leaves of the reference implementation of certificate transparency, and the roots over the first n of them.
LEAVES = [bytes.fromhex(leaf) for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes(range(0x60, 0x70)))


def split(leaves: list[bytes]) -> bytes:
    """The definition of the RFC, word for word: halves at the largest power of two below n."""
    if len(leaves) < 2:
        return sha256(b"\x00" + leaves[0]).digest() if leaves else sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + split(leaves[:half]) + split(leaves[half:])).digest()


def root(leaves: list[bytes]) -> bytes:
    return root_of(levels([hashed(leaf) for leaf in leaves]))


def test_known_roots() -> None:
    assert root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root(LEAVES[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root(LEAVES).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("count", [*range(1, 20), 64, 65, 127])
def test_every_leaf_has_its_proof(count: int) -> None:
    leaves = [n.to_bytes(2, "big") for n in range(count)]
    assert root(leaves) == split(leaves)
    for index, leaf in enumerate(leaves):
        node = sha256(b"\x00" + leaf).digest()
        for side, other in proof(leaves, index):
            pair = (bytes.fromhex(other), node) if side == "left" else (node, bytes.fromhex(other))
            node = sha256(b"\x01" + b"".join(pair)).digest()
        assert node == root(leaves)
        assert unpacked(packed(proof(leaves, index))) == proof(leaves, index)
