"""A seal: the signed statement that these entries, and no others, lie between two serials."""

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from strongroom.audit.proof import strict

FORMAT: Final = "strongroom-seal-1"
FIRST_PREVIOUS: Final = "0" * 64
"""What the first seal has in place of the hash of the one before it."""

_LEAF: Final = 40  # bytes: serial and leaf hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a seal says. ``first`` to ``last`` (inclusive) follows the range of the seal before it without a gap.

    ``root`` is that of the Merkle tree over the leaves of the ``count`` entries in the range, ``previous`` the hash of the
    statement before, ``key`` the public Ed25519 key (RFC 8032) of who signs; all three are 64 hex digits. ``time`` is when
    it was made, RFC 3339 in UTC with six decimals.
    """

    number: int
    first: int
    last: int
    count: int
    root: str
    previous: str
    time: str
    key: str

    def text(self) -> bytes:
        """The bytes that are signed: canonical JSON (RFC 8785)."""
        return orjson.dumps(asdict(self) | {"format": FORMAT}, option=orjson.OPT_SORT_KEYS)

    def hash(self) -> str:
        """What the next statement has as ``previous``."""
        return sha256(self.text()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A statement with its signature (128 hex digits) and, where they are known, its leaves, by serial."""

    statement: Statement
    signature: str
    leaves: dict[int, bytes]

    def is_genuine(self) -> bool:
        """Whether the signature is by the key that the statement names; whose key that is, is for others to say."""
        return is_signed(self.statement.text(), signature=self.signature, key=self.statement.key)


def is_signed(text: bytes, *, signature: str, key: str) -> bool:
    """Whether ``signature`` (128 hex digits) over ``text`` was made with the secret half of ``key`` (64 hex digits)."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def signing_key(seed: bytes) -> Ed25519PrivateKey:
    """The key for signing seals from its seed, 32 secret bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(key: Ed25519PrivateKey) -> str:
    """Its public half, 64 hex digits."""
    return key.public_key().public_bytes_raw().hex()


def pack(leaves: dict[int, bytes]) -> bytes:
    """Leaves by serial in 40 bytes each."""
    return b"".join(serial.to_bytes(8, "big", signed=True) + leaf for serial, leaf in leaves.items())


def unpack(packed: bytes) -> dict[int, bytes]:
    """Undo ``pack``; empty for what it did not make."""
    if len(packed) % _LEAF:
        return {}
    return {
        int.from_bytes(packed[at : at + 8], "big", signed=True): packed[at + 8 : at + _LEAF]
        for at in range(0, len(packed), _LEAF)
    }


def to_document(seal: Seal) -> dict[str, Any]:
    """A seal as JSON, without its leaves: what is sent outside."""
    return asdict(seal.statement) | {"format": FORMAT, "signature": seal.signature}


def from_document(document: object, leaves: dict[int, bytes] | None = None) -> Seal:
    """The seal of a JSON document; raises ``strict.Malformed`` (a ``ValueError``) for what is none."""
    said = strict.fields(document, {*_NUMBERS, *_HASHES, "time", "format", "signature"})
    if said["format"] != FORMAT:
        raise strict.Malformed(f"the format of a seal is {FORMAT!r}")
    values: dict[str, Any] = {name: strict.integer(said, name) for name in _NUMBERS}
    values |= {name: strict.hexadecimal(said, name, size=32) for name in _HASHES}
    signature = strict.hexadecimal(said, "signature", size=64)
    statement = Statement(**values, time=strict.text(said, "time"))
    return Seal(statement=statement, signature=signature, leaves=leaves or {})


def is_well_formed(seal: Seal) -> bool:
    """Whether every field has its type: a database without types lets anything into a column."""
    try:
        from_document(to_document(seal))
    except strict.Malformed:
        return False
    return True


_NUMBERS: Final = ("number", "first", "last", "count")
_HASHES: Final = ("root", "previous", "key")
