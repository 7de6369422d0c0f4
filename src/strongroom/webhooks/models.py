"""The rows of webhooks."""

import uuid

from django.db import models
from django.db.models import Q

from strongroom.kernel.outward import MAX_URL

MAX_EXCERPT = 512  # characters of an answer that are kept


class Webhook(models.Model):
    """An address to which the events of its owner are posted, one by one, in the order of their serials.

    ``wanted`` lists kinds (``session``) and tags (``session.sign_in``) of events; empty: all. ``serial`` is that of the last
    event that it has done with, ``seal`` the number of the last seal (where it ``sends_seals``).

    ``secret`` is sealed; ``secret_before`` signs, too, until ``secret_before_until``. ``failing_since`` is the first of
    ``failures`` in a row; ``paused`` is when it was given up, and ``paused_why`` the reason code. ``leased_until`` and
    ``lease`` say who is sending now. ``test_asked`` is when its owner asked for a test message that is not sent yet.
    """

    class Owner(models.TextChoices):
        """Whose events it gets."""

        INSTANCE = "instance"
        PROJECT = "project"
        ACCOUNT = "account"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.CharField(max_length=10, choices=Owner.choices)
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, null=True, related_name="+")
    created = models.DateTimeField()
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")

    url = models.CharField(max_length=MAX_URL)
    wanted = models.JSONField(default=list)
    sends_seals = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    secret = models.BinaryField()
    secret_before = models.BinaryField(null=True)
    secret_before_until = models.DateTimeField(null=True)

    serial = models.BigIntegerField()
    seal = models.BigIntegerField()
    next_attempt = models.DateTimeField()
    failures = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    paused = models.DateTimeField(null=True)
    paused_why = models.CharField(max_length=40, blank=True)
    test_asked = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="webhooks_one_owner",
                condition=Q(owner="instance", project=None, user=None)
                | Q(owner="project", project__isnull=False, user=None)
                | Q(owner="account", project=None, user__isnull=False),
            ),
            models.CheckConstraint(
                name="webhooks_seals_of_instance", condition=Q(sends_seals=False) | Q(owner="instance")
            ),
        ]


class Delivery(models.Model):
    """One attempt to post one event (``serial``), one seal (``seal``) or a test (neither).

    ``took`` is in milliseconds; ``code`` is empty where it was taken, else why it was not (``outward.Failure``,
    ``redirect``, ``status_NNN``); ``excerpt`` is the beginning of the answer, printable characters alone.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    message = models.CharField(max_length=60)
    serial = models.BigIntegerField(null=True)
    seal = models.BigIntegerField(null=True)
    tag = models.CharField(max_length=80)
    attempt = models.IntegerField()
    time = models.DateTimeField()
    took = models.IntegerField()
    status = models.IntegerField(null=True)
    code = models.CharField(max_length=40, blank=True)
    excerpt = models.CharField(max_length=MAX_EXCERPT, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["webhook", "-id"], name="webhooks_newest_deliveries"),
            models.Index(fields=["time"], name="webhooks_delivery_time"),
        ]

    @property
    def was_taken(self) -> bool:
        """Whether the receiver said yes (2xx)."""
        return not self.code
