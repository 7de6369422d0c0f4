"""The rows of recoveries: how somebody who has lost every factor gets back in, slowly and in public."""

from django.db import models
from django.db.models import Q

MAX_REASON = 500


class Recovery(models.Model):
    """Somebody asks to have the second factors of ``user`` cleared.

    Two of three proofs make it ``complete``: an answered mail (``mail_proved``), an operator (``approved``), another
    maintainer (a ``Vouch``). Then it waits until ``ready``; whoever is told of it can stop it. ``expires`` is when it is
    over unless something happens; ``ended`` is when it was over, ``outcome`` says how.

    ``address`` gets the link that finishes it (``invited`` is when that was mailed). Where an operator has not chosen it
    (``address_chosen``), it must stay one of the person's own verified addresses. ``told`` is when all were told last.
    """

    class Outcome(models.TextChoices):
        """How a recovery ended."""

        FINISHED = "finished"
        STOPPED = "stopped"
        EXPIRED = "expired"

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    begun = models.DateTimeField()
    reason = models.CharField(max_length=MAX_REASON, blank=True)
    address = models.CharField(max_length=254)
    address_chosen = models.BooleanField(default=False)
    mail_proved = models.DateTimeField(null=True)
    approved = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=100, blank=True)
    approved_by_id = models.BigIntegerField(null=True)
    complete = models.DateTimeField(null=True)
    ready = models.DateTimeField(null=True)
    invited = models.DateTimeField(null=True)
    told = models.DateTimeField()
    expires = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended=None), name="recovery_one_open_per_user"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="finished") | Q(ready__isnull=False, ended__gte=models.F("ready")),
                name="recovery_finished_after_the_wait",
            ),
        ]


class Vouch(models.Model):
    """Another maintainer, with a second factor of their own, says that it is really them who asks."""

    recovery = models.ForeignKey(Recovery, on_delete=models.CASCADE, related_name="vouches")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    when = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recovery", "user"], name="recovery_one_vouch_each")]
