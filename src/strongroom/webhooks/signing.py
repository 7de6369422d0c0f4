"""Secrets of webhooks and what they sign (Standard Webhooks: https://www.standardwebhooks.com, "Symmetric signatures")."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Final

from django.conf import settings

from strongroom.kernel.secrets import Secret, mac, random_bytes
from strongroom.webhooks.models import Webhook

PREFIX: Final = "whsec_"
_BYTES: Final = 32
_PURPOSE: Final = "webhooks"


def new_secret() -> Secret:
    """A fresh secret, as its receiver is told it: ``whsec_`` and 32 bytes in base64."""
    return Secret(PREFIX + b64encode(random_bytes(_BYTES)).decode())


def seal(secret: Secret, webhook: Webhook) -> bytes:
    """A secret as it lies in the row of ``webhook`` alone."""
    return settings.KEYRING.seal(_PURPOSE, secret.encode(), context=str(webhook.public_id))


def unseal(sealed: bytes | memoryview, webhook: Webhook) -> Secret:
    """Undo ``seal``; raises ``Unsealable``."""
    return Secret(settings.KEYRING.unseal(_PURPOSE, sealed, context=str(webhook.public_id)).decode())


def signature(secrets: Iterable[Secret], *, message: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``: one signature for each secret, with a blank between them.

    ``message`` is its id and ``timestamp`` in seconds: both are signed with the body, so that none can be exchanged.
    """
    signed = f"{message}.{timestamp}.".encode() + body
    return " ".join(
        "v1," + b64encode(mac(b64decode(secret.removeprefix(PREFIX)), signed)).decode() for secret in secrets
    )
