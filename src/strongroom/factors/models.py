"""The rows of second factors."""

import uuid

from django.db import models

MAX_NAME = 64


class Totp(models.Model):
    """An authenticator app: a seed shared with it, and the last time step whose code was accepted."""

    handle = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=MAX_NAME)
    sealed_seed = models.BinaryField()
    last_step = models.BigIntegerField()
    created = models.DateTimeField()
    last_used = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="factors_totp_name_once_per_user")
        ]

    def __str__(self) -> str:
        return self.name


class TotpEnrolment(models.Model):
    """A seed that one session is being shown, until its app answers with a code; the same in every tab."""

    handle = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session_id = models.BigIntegerField(unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    sealed_seed = models.BinaryField()
    began = models.DateTimeField()
