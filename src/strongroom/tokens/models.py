"""The rows of API tokens."""

import uuid

from django.db import models

from strongroom.kernel.secrets import random_bytes

MAX_NAME = 100
NONCE_BYTES = 16


def fresh_nonce() -> bytes:
    """What makes the key of one token; by itself it opens nothing."""
    return random_bytes(NONCE_BYTES)


def short_id(identifier: uuid.UUID) -> str:
    """Enough of an identifier to tell a token in the audit trail, never enough to use it."""
    return identifier.hex[:8]


class Token(models.Model):
    """An API token that has not been revoked; revoking deletes the row.

    There is no key in it: a token's key is derived from the instance's key, the identifier and the nonce, so that
    whoever reads the database can make no token (design, D16).
    """

    identifier = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    nonce = models.BinaryField(default=fresh_nonce, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=MAX_NAME)
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, null=True, related_name="+")
    """The one project that it is for; without one it is for the whole account."""
    created = models.DateTimeField()
    last_used = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="tokens_name_once_per_user"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def short_id(self) -> str:
        """See ``short_id``."""
        return short_id(self.identifier)
