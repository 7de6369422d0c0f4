"""The rows of sessions and of sign-ins that are half done."""

from django.db import models


class Session(models.Model):
    """A browser that is signed in. Only the digest of its cookie is stored (D16).

    ``proven`` is when its person last showed ``proof``, the strongest factor they then had.
    """

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    auth_epoch = models.IntegerField()
    method = models.CharField(max_length=40)
    created = models.DateTimeField()
    last_seen = models.DateTimeField()
    proven = models.DateTimeField()
    proof = models.CharField(max_length=20)
    address = models.CharField(max_length=45, blank=True)
    client = models.CharField(max_length=200, blank=True)


class Ticket(models.Model):
    """A right password whose second factor is still to come; its secret lies in the browser that began."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    auth_epoch = models.IntegerField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)
