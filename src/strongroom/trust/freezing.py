"""What becomes of the publishers of an account that is frozen because somebody else may have had it, or disabled."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from strongroom.accounts import standing
from strongroom.accounts.events import AccountDisabled
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from strongroom.trust import pending, publishers
from strongroom.trust.models import PendingPublisher, Publisher


def disable(user: User, *, by: Actor) -> None:
    """Stop an account (see ``standing.disable``), and the live tokens of the publishers that it added.

    Those are refused from now on (see ``matching.is_suspended``). Raises ``Refused`` (``own_account``).
    """
    with trail.refusals_of(AccountDisabled(subject_id=user.pk), by=by), transaction.atomic():
        standing.disable(user, by=by)
        for row in _added_by(user.pk):
            publishers.revoke_tokens(row, by=by)


def stop_of(user_id: int, since: datetime, *, by: Actor) -> None:
    """Remove the publishers that the account added or confirmed since then, pending ones too, in the freeze's transaction.

    The older ones publish nothing while it is frozen (see ``matching.is_suspended``), and their live tokens die now.
    """
    for waiting in PendingPublisher.objects.filter(user_id=user_id, created__gte=since).order_by("pk"):
        pending.drop(waiting, why="removed", by=by)
    for row in _added_by(user_id):
        if row.created >= since:
            publishers.drop(row, by=by)
        else:
            publishers.revoke_tokens(row, by=by)


def _added_by(user_id: int) -> QuerySet[Publisher]:
    """Held, so that no token is minted for one meanwhile."""
    held = Publisher.objects.select_for_update(of=("self",)).select_related("project")
    return held.filter(added_by_id=user_id).order_by("pk")
