"""The key of each token: derived, never stored."""

import uuid

from django.conf import settings

from strongroom.kernel.secrets import mac


def key_of(identifier: uuid.UUID, nonce: bytes | memoryview) -> bytes:
    """The 32-byte key of the token with this row (design, D16: a stolen database mints nothing)."""
    return mac(settings.KEYRING.derive("tokens"), identifier.bytes + bytes(nonce))
