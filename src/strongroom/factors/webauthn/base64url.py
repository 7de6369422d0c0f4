"""Base64url without padding (RFC 4648 §5), as ``PublicKeyCredential.toJSON()`` writes bytes: one spelling per value."""

import base64
import re

_TEXT = re.compile("[A-Za-z0-9_-]*", re.ASCII)


def encode(raw: bytes) -> str:
    """The text for ``raw``."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of ``text``; raises ``ValueError`` for padding, other letters, and bits that say nothing."""
    if not _TEXT.fullmatch(text) or len(text) % 4 == 1:
        raise ValueError("not base64url")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(raw) != text:
        raise ValueError("not the spelling of its value")
    return raw
