"""Merkle trees as RFC 9162 defines them, against a second implementation by its words."""

from hashlib import sha256

import pytest

from strongroom.audit.proof import merkle

SIZES = range(1, 41)


def leaves_of(count: int) -> list[bytes]:
    return [sha256(b"\0" + bytes([number])).digest() for number in range(count)]


def split(count: int) -> int:
    """RFC 9162 §2.1.1: the largest power of two smaller than ``count``."""
    return 1 << (count - 1).bit_length() - 1


def tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, MTH, over leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\1" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def path_of(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 9162 §2.1.3.1, PATH."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*path_of(index, leaves[:k]), tree_hash(leaves[k:])]
    return [*path_of(index - k, leaves[k:]), tree_hash(leaves[:k])]


def test_the_tree_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle.root([]) == sha256(b"").digest()


def test_the_leaf_and_node_hashes_are_those_of_certificate_transparency() -> None:
    # Known answers, from the tests of RFC 6962's reference implementation: entries "", 00 and 10.
    entries = [b"", b"\0", b"\x10"]
    leaves = [sha256(b"\0" + entry).digest() for entry in entries]
    assert leaves[0].hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.root(leaves[:2]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert merkle.root(leaves).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"


@pytest.mark.parametrize("count", SIZES)
def test_the_root_and_every_path_are_those_of_the_rfc(count: int) -> None:
    leaves = leaves_of(count)
    assert merkle.root(leaves) == tree_hash(leaves)
    for index, leaf in enumerate(leaves):
        path = merkle.inclusion_proof(leaves, index)
        assert path == path_of(index, leaves)
        assert merkle.root_from_proof(leaf, index, count, path) == merkle.root(leaves)


@pytest.mark.parametrize("count", SIZES)
def test_a_proof_of_another_leaf_place_or_path_leads_elsewhere(count: int) -> None:
    leaves = leaves_of(count)
    root = merkle.root(leaves)
    other = sha256(b"other").digest()
    for index, leaf in enumerate(leaves):
        path = merkle.inclusion_proof(leaves, index)
        assert merkle.root_from_proof(other, index, count, path) != root
        for place in range(count):
            assert place == index or merkle.root_from_proof(leaf, place, count, path) != root
        for at in range(len(path)):
            changed = [*path[:at], other, *path[at + 1 :]]
            assert merkle.root_from_proof(leaf, index, count, changed) != root
        assert merkle.root_from_proof(leaf, index, count, [*path, other]) is None
        if path:
            assert merkle.root_from_proof(leaf, index, count, path[:-1]) is None
            assert merkle.root_from_proof(leaf, index, count, path[::-1]) == root or len(path) > 1


@pytest.mark.parametrize(("index", "count"), [(-1, 3), (3, 3), (0, 0), (0, -1), (2**64, 2**63)])
def test_a_place_outside_the_tree_has_no_proof(index: int, count: int) -> None:
    assert merkle.root_from_proof(leaves_of(1)[0], index, count, []) is None
