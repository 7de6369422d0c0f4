"""The rows of sessions and of sign-ins that are half done."""

from django.db import models


class Session(models.Model):
    """A browser that is signed in. Only the digest of its cookie is stored (D16).

    ``proven`` is when its person last showed ``proof``: a password, recovery code, authenticator app or security key;
    ``proof_since`` is when that app or key was added, nothing for what is no factor.
    """

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    auth_epoch = models.IntegerField()
    method = models.CharField(max_length=40)
    created = models.DateTimeField()
    last_seen = models.DateTimeField()
    proven = models.DateTimeField()
    proof = models.CharField(max_length=20)
    proof_since = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, blank=True)
    client = models.CharField(max_length=200, blank=True)


class Ticket(models.Model):
    """A right password whose second factor is still to come; its secret lies in the browser that began."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    auth_epoch = models.IntegerField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)


class Browser(models.Model):
    """A browser in which somebody has signed in before, known by the digest of a random cookie.

    Until ``remembered_until`` it may leave the second factor out, as long as the account stays in ``remembered_epoch``.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    family = models.CharField(max_length=80)
    client = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True)
    created = models.DateTimeField()
    last_seen = models.DateTimeField()
    remembered_until = models.DateTimeField(null=True)
    remembered_epoch = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="signin_browser_once_per_user")
        ]
        indexes = [models.Index(fields=["digest"], name="signin_browser_by_cookie")]


class Confirmation(models.Model):
    """A sign-in from a new browser, proven by something that can be phished, that waits for a mailed link.

    ``digest`` is that of the mailed link, ``waiting`` that of the cookie in the browser that began: both are needed.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    waiting = models.CharField(max_length=64)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    auth_epoch = models.IntegerField()
    method = models.CharField(max_length=40)
    proof = models.CharField(max_length=20)
    proof_since = models.DateTimeField(null=True)
    remember = models.BooleanField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)


class DeviceRequest(models.Model):
    """A program on another machine that asks for an API token (RFC 8628), until somebody approves or denies it.

    Of its two codes there are only digests: the one that the program holds is random; the short one that people type is
    digested with a key that is not in the database. The token is made when the program comes for it, and the row goes.

    ``program`` and ``host`` are its word on itself, ``address`` is where it asks from. ``interval`` is how many seconds it is
    to wait before it asks again, ``polled`` when it did last. Of whoever approved it: ``user``, in ``auth_epoch``; ``approver`` (who it was
    in the audit trail) and ``grant`` (what the token is to be) are JSON.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    code = models.CharField(max_length=64, unique=True)
    program = models.CharField(max_length=60)
    host = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=45, blank=True)
    created = models.DateTimeField()
    expires = models.DateTimeField(db_index=True)
    interval = models.PositiveSmallIntegerField()
    polled = models.DateTimeField(null=True)
    denied = models.DateTimeField(null=True)
    approved = models.DateTimeField(null=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, null=True, related_name="+")
    auth_epoch = models.IntegerField(default=0)
    approver = models.JSONField(default=dict)
    grant = models.JSONField(default=dict)
