"""Which encoded points of Ed25519 (RFC 8032 §5.1) may be public keys.

Libraries take any 32 bytes. Under a key of small order one signature holds for many messages.
"""

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P


def check_point(encoded: bytes) -> None:
    """Raises ``ValueError`` unless ``encoded`` (32 bytes) is the spelling of a point on the curve, not of small order."""
    y = int.from_bytes(encoded, "little") & ((1 << 255) - 1)
    if y >= _P:
        raise ValueError("not the spelling of its value")
    if not _is_on_curve(y):
        raise ValueError("not on the curve")
    if _is_of_small_order(y):
        raise ValueError("of small order")


def _is_on_curve(y: int) -> bool:
    """Whether x² = (y² - 1) / (dy² + 1) has a root, by Euler's criterion."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return pow(square, (_P - 1) // 2, _P) in {0, 1}


def _is_of_small_order(y: int) -> bool:
    """Orders 1, 2 and 4 have y = 1, -1 and 0; doubling a point of order 8 gives y = 0, which is dy⁴ + 2y² = 1."""
    return y in {0, 1, _P - 1} or (_D * y**4 + 2 * y * y - 1) % _P == 0
