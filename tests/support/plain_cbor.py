"""CBOR as authenticators write it: whole numbers, bytes, text, arrays, maps, truth values (RFC 8949 §3)."""

from typing import Any


def encode(value: Any) -> bytes:
    """``value`` in as few bytes as it takes; maps keep their order."""
    match value:
        case bool() | None:
            return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
        case int():
            return head(0, value) if value >= 0 else head(1, -1 - value)
        case bytes():
            return head(2, len(value)) + value
        case str():
            return head(3, len(value.encode())) + value.encode()
        case list():
            return head(4, len(value)) + b"".join(map(encode, value))
        case dict():
            return head(5, len(value)) + b"".join(encode(key) + encode(value[key]) for key in value)
    raise TypeError(type(value))


def head(kind: int, value: int) -> bytes:
    """The first bytes of an item: its major type and its value or length."""
    if value < 24:
        return bytes([kind << 5 | value])
    size = next(size for size in (1, 2, 4, 8) if value < 1 << 8 * size)
    return bytes([kind << 5 | 24 + size.bit_length() - 1]) + value.to_bytes(size, "big")
