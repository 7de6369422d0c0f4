"""The bounds of CBOR (RFC 8949), walked before anything decodes it.

The walk decodes nothing: it follows the lengths and stops at what CTAP2's canonical form forbids (tags, indefinite
lengths) and at what no authenticator sends, so that a few bytes cannot ask the decoder for much memory, time or depth.
"""

from webauthn.helpers import parse_cbor
from webauthn.helpers.exceptions import InvalidCBORData

MAX_DEPTH = 6  # CTAP2 §8: authenticators nest to four levels
MAX_ITEMS = 256

_BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = 2, 3, 4, 5, 6, 7
_FALSE_TRUE_NULL = (20, 21, 22)


def decode_map(encoded: bytes) -> dict[object, object]:
    """The one map that ``encoded`` is, no byte more; raises ``ValueError``, for a key that stands twice as well."""
    if end_of(encoded, 0) != len(encoded):
        raise ValueError("bytes are left over")
    try:
        decoded = parse_cbor(encoded)
    except InvalidCBORData as error:
        raise ValueError("cannot be decoded") from error
    if not isinstance(decoded, dict):
        raise ValueError("not a map")  # noqa: TRY004  # one kind of error for whoever reads
    return decoded


def end_of(encoded: bytes, start: int) -> int:
    """Where the item that begins at ``start`` ends; raises ``ValueError`` if it is cut short or out of bounds."""
    at = start
    missing = [1]  # items that each open array or map still lacks, the outermost first
    for _ in range(MAX_ITEMS):
        at, items = _step(encoded, at)
        missing[-1] -= 1
        missing.append(items)
        while missing and not missing[-1]:
            missing.pop()
        if not missing:
            return at
        if len(missing) > MAX_DEPTH:
            raise ValueError("nested too deeply")
    raise ValueError("too many items")


def _step(encoded: bytes, at: int) -> tuple[int, int]:
    """Behind one head and its string: where that is, and how many items follow inside."""
    at, kind, value = _head(encoded, at)
    if kind in {_BYTES, _TEXT}:
        if value > len(encoded) - at:
            raise ValueError("a string is cut short")
        return at + value, 0
    if kind == _TAG or (kind == _SIMPLE and value not in _FALSE_TRUE_NULL):
        raise ValueError("a kind of item that has no place here")
    return at, value if kind == _ARRAY else 2 * value if kind == _MAP else 0


def _head(encoded: bytes, at: int) -> tuple[int, int, int]:
    """Behind the head, its major type, its value (RFC 8949 §3)."""
    if at >= len(encoded):
        raise ValueError("cut short")
    kind, info = encoded[at] >> 5, encoded[at] & 31
    if info < 24:
        return at + 1, kind, info
    if info > 27 or kind == _SIMPLE:
        raise ValueError("an indefinite length, or a kind of item that has no place here")
    end = at + 1 + (1 << (info - 24))
    if end > len(encoded):
        raise ValueError("cut short")
    return end, kind, int.from_bytes(encoded[at + 1 : end], "big")
