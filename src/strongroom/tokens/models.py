"""The rows of API tokens."""

import uuid

from django.db import models
from django.db.models import Q

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

    It is somebody's, or it was minted for a trusted publisher: then ``publisher`` says for which (plain JSON: ``kind``,
    ``issuer``, ``name``, and what else the provider says of the run), and it has no name.

    What it may do is in the token itself, as its caveats; ``restrictions`` holds them as they were minted, and ``projects``
    those that they name, so that lists can show them. ``last_network`` is the network of its last use. ``reminded`` counts
    the mails that said that it expires soon.
    """

    identifier = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    nonce = models.BinaryField(default=fresh_nonce, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, null=True, related_name="+")
    publisher = models.JSONField(null=True)
    name = models.CharField(max_length=MAX_NAME, blank=True)
    restrictions = models.JSONField(default=list)
    projects = models.ManyToManyField("projects.Project", related_name="+")
    created = models.DateTimeField()
    expires = models.DateTimeField(null=True, db_index=True)
    last_used = models.DateTimeField(null=True)
    last_address = models.CharField(max_length=45, blank=True)
    last_client = models.CharField(max_length=200, blank=True)
    last_network = models.CharField(max_length=50, blank=True)
    reminded = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="tokens_name_once_per_user"),
            models.CheckConstraint(
                condition=Q(user__isnull=False, publisher__isnull=True)
                | Q(user__isnull=True, publisher__isnull=False, expires__isnull=False),
                name="tokens_of_somebody_or_of_a_publisher",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def short_id(self) -> str:
        """See ``short_id``."""
        return short_id(self.identifier)


class TokenUses(models.Model):
    """How often a token with a number of uses was used.

    ``chain`` is the SHA-256 of the signature up to the caveat that sets the number: a copy that was narrowed counts for
    itself, and an equal copy counts with it.
    """

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+")
    chain = models.CharField(max_length=64)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "chain"], name="tokens_uses_once_per_chain")]


class TokenNetwork(models.Model):
    """A network from which a token was used."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=50)
    first_used = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "network"], name="tokens_network_once")]


class LeakReport(models.Model):
    """A signed report of leaked tokens that was acted upon: ``digest`` is the SHA-256 of its body. It is never taken again."""

    digest = models.CharField(max_length=64, unique=True)
    received = models.DateTimeField(db_index=True)


class ReportKeys(models.Model):
    """The keys with which leak reports are signed, as they were when their ``address`` was last asked.

    ``keys`` is identifier -> public key (PEM); ``fetched`` is when they came, ``tried`` when somebody last went for them, ``failed``
    whether that gave nothing.
    """

    address = models.CharField(max_length=500, unique=True)
    keys = models.JSONField(default=dict)
    fetched = models.DateTimeField(null=True)
    tried = models.DateTimeField(null=True)
    failed = models.BooleanField(default=False)
