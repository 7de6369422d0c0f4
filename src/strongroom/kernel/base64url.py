"""Base64url without padding (RFC 4648 §5), as JWTs and WebAuthn write bytes: one spelling per value."""

import base64


def encode(raw: bytes) -> str:
    """The text for ``raw``."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of ``text``; raises ``ValueError`` for padding, other letters, and bits that say nothing."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(raw) != text:  # the decoder passes over what is no letter of base64
        raise ValueError("not the spelling of its value")
    return raw
