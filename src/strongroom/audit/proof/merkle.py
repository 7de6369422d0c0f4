"""Merkle trees as in Certificate Transparency 2.0 (RFC 9162 §2.1), over leaf hashes."""

from collections.abc import Sequence
from hashlib import sha256


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree over ``leaves`` (32 bytes each), in their order; of none the hash of nothing (§2.1.1)."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf ``index`` to the root, from below (§2.1.3.1)."""
    path, level = [], list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level, index = _level_above(level), index // 2
    return path


def root_from_proof(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """The root that ``leaf`` at ``index`` of ``count`` and its proof lead to (§2.1.3.2); ``None`` for a proof of another shape."""
    if not 0 <= index < count:
        return None
    found, last, rest = leaf, count - 1, list(path)
    while last:
        if index % 2 or index < last:
            if not rest:
                return None
            sibling = rest.pop(0)
            found = _node(sibling, found) if index % 2 else _node(found, sibling)
        index, last = index // 2, last // 2
    return None if rest else found


def _level_above(level: list[bytes]) -> list[bytes]:
    """Pairs become nodes; the last of an odd number rises as it is, which gives the tree of §2.1.1."""
    above = [
        sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
    ]
    return above + level[-1:] if len(level) % 2 else above


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()
