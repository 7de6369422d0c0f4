"""The signature algorithms that are offered, by their COSE numbers."""

from typing import Final

ES256: Final = -7
EDDSA: Final = -8  # with Ed25519 alone
RS256: Final = -257  # what Windows Hello has on older machines

OFFERED: Final = (ES256, EDDSA, RS256)
"""As ``pubKeyCredParams`` lists them, the best liked first (W3C WebAuthn §5.4 asks for these three)."""
