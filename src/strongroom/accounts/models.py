"""The rows of people and their addresses."""

import uuid

from django.db import models
from django.db.models import Q

from strongroom.kernel import clock
from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.names import MAX_USERNAME

LEVELS = [(level.value, level.value) for level in MayPublish]


class User(models.Model):
    """A person with an account.

    ``auth_epoch`` moves whenever a password, factor or email changes or the account is disabled; sessions, sign-in
    tickets and mail links carry the epoch in which they were made and die with it (design, D3).
    ``frozen`` is set once somebody has said "this was not me": when the mail was written whose link they followed, so
    that nothing newer is trusted; ``thawed`` is when that was last undone. ``must_enroll`` asks for a second factor whatever the policy says.
    ``may_publish`` is what may publish in its name (``kernel.may_publish``).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(max_length=MAX_USERNAME)
    username_key = models.CharField(max_length=MAX_USERNAME, unique=True)
    password = models.CharField(max_length=128)
    auth_epoch = models.IntegerField(default=1)
    is_operator = models.BooleanField(default=False)
    disabled = models.BooleanField(default=False)
    may_publish = models.CharField(max_length=10, choices=LEVELS, default=MayPublish.PASSWORDS)
    language = models.CharField(max_length=10, default="en")
    frozen = models.DateTimeField(null=True)
    thawed = models.DateTimeField(null=True)
    must_enroll = models.BooleanField(default=False)
    created = models.DateTimeField()

    def __str__(self) -> str:
        return self.username


class EmailAddress(models.Model):
    """An address that a person says is theirs; ``verified`` is when a mail sent to it was answered.

    ``undo_until`` is set on the address that was the primary one until lately: till then it stays, it gets the links to
    reset the password, and a link mailed to it makes it the primary one again (EM-04).

    Anybody may claim an address, one account can verify it: so claiming tells nothing about who has it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    address = models.CharField(max_length=254)
    key = models.CharField(max_length=254)
    primary = models.BooleanField(default=False)
    verified = models.DateTimeField(null=True)
    added = models.DateTimeField()
    undo_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="accounts_address_once_per_user"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(verified__isnull=False), name="accounts_address_verified_once"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(primary=True), name="accounts_one_primary_address"
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def is_undoable(self) -> bool:
        """Whether it may still become the primary address again by the link that was mailed to it."""
        return self.undo_until is not None and self.undo_until > clock.now()


class MailLink(models.Model):
    """A link that was mailed: proves, once and for a time, that its user reads mail to ``address``."""

    class Purpose(models.TextChoices):
        """What following the link does."""

        VERIFY = "verify"
        RESET = "reset"
        OPERATOR = "operator"
        UNDO_EMAIL = "undo_email"
        RECOVER = "recover"

    digest = models.CharField(max_length=64, primary_key=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    address = models.ForeignKey(EmailAddress, on_delete=models.CASCADE, null=True, related_name="+")
    auth_epoch = models.IntegerField(default=0)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)


class HeldUsername(models.Model):
    """The username of an account that was deleted, as a keyed hash of its ``username_key``: it is never given again (RO-11)."""

    digest = models.CharField(max_length=64, primary_key=True)
