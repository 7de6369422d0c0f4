"""The rows of second factors."""

import uuid

from django.db import models

MAX_NAME = 64
MAX_CREDENTIAL_ID = 1023  # bytes, W3C WebAuthn §7.1 step 25


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


class SecurityKey(models.Model):
    """A security key or passkey: the public half of a credential (W3C WebAuthn §4, "credential record").

    ``credential_id`` belongs to one account in the whole instance (§7.1 step 26). ``sign_count`` only ever increases;
    ``flagged`` is when a signature came with a count that was not higher, as a copied key makes them (§7.2 step 22).
    ``verified_user`` is whether the key has ever checked its user by PIN or fingerprint (``uvInitialized``).
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=MAX_NAME)
    credential_id = models.BinaryField(unique=True, max_length=MAX_CREDENTIAL_ID)
    public_key = models.BinaryField()
    algorithm = models.IntegerField()
    sign_count = models.BigIntegerField()
    aaguid = models.UUIDField()
    transports = models.JSONField(default=list)
    attachment = models.CharField(max_length=20, blank=True)
    backup_eligible = models.BooleanField()
    backed_up = models.BooleanField()
    verified_user = models.BooleanField()
    created = models.DateTimeField()
    last_used = models.DateTimeField(null=True)
    flagged = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="factors_key_name_once_per_user")
        ]

    def __str__(self) -> str:
        return self.name


class Challenge(models.Model):
    """A WebAuthn challenge that has not been answered yet: for one ceremony of one browser, once, for five minutes.

    ``holder`` names who may answer it: a session, a sign-in ticket, a browser's cookie. Answering deletes the row.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    ceremony = models.CharField(max_length=20)
    holder = models.CharField(max_length=80)
    expires = models.DateTimeField(db_index=True)


class RecoveryCode(models.Model):
    """One recovery code, of which only a keyed hash is stored; ``used`` codes stay, so as to say that they were used."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField()
    acknowledged = models.DateTimeField(null=True)
    used = models.DateTimeField(null=True)


class TotpEnrollment(models.Model):
    """A seed that one session is being shown, until its app answers with a code; the same in every tab."""

    handle = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session_id = models.BigIntegerField(unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    sealed_seed = models.BinaryField()
    began = models.DateTimeField()
