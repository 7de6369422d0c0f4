"""What the passing of time does: used identities are forgotten, pending publishers end, and their owners are told."""

from datetime import timedelta

from django.db import transaction

from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.trust import pending, tell
from strongroom.trust.models import PendingPublisher, UsedIdentity
from strongroom.trust.notices import PendingPublisherExpiresSoon, PendingPublisherHasExpired

_REMIND = timedelta(days=5)  # before the end


def sweep() -> int:
    """Delete what has expired, and void pending publishers whose names are taken; returns how many rows.

    Any number of processes may call it. Identities are forgotten once they would be refused anyway.
    """
    forgotten = UsedIdentity.objects.filter(expires__lt=clock.now()).delete()[0]
    rows = PendingPublisher.objects.select_related("user").order_by("pk")
    ended = sum(_expire(row) for row in rows.filter(expires__lte=clock.now()))
    return forgotten + ended + pending.void_taken(rows, by=Actor.system())


def remind_due() -> int:
    """Tell people whose pending publishers end within five days, once each; returns how many mails that made."""
    due = PendingPublisher.objects.filter(
        reminded=False, expires__gt=clock.now(), expires__lte=clock.now() + _REMIND
    )
    return sum(_remind(row) for row in due.select_related("user").order_by("pk"))


def _expire(row: PendingPublisher) -> bool:
    with transaction.atomic():
        if not pending.drop(row, why="expired", by=Actor.system()):
            return False
        notice = PendingPublisherHasExpired(
            name=row.project_name, publisher=row.name, issuer=tell.name_of(row.issuer)
        )
        tell.person(row.user, notice, is_act=False)
        return True


def _remind(row: PendingPublisher) -> bool:
    """One conditional update decides which process tells (design, D1)."""
    with transaction.atomic():
        if not PendingPublisher.objects.filter(pk=row.pk, reminded=False).update(reminded=True):
            return False
        notice = PendingPublisherExpiresSoon(
            name=row.project_name,
            publisher=row.name,
            issuer=tell.name_of(row.issuer),
            expires=row.expires,
        )
        tell.person(row.user, notice, is_act=False)
        return True
