"""What becomes of the publishers of an account that is frozen because somebody else may have had it."""

from datetime import datetime

from strongroom.kernel.actor import Actor
from strongroom.trust import pending, publishers
from strongroom.trust.models import PendingPublisher, Publisher


def stop_of(user_id: int, since: datetime, *, by: Actor) -> None:
    """Remove the publishers that the account added or confirmed since then, pending ones too, in the freeze's transaction.

    The older ones publish nothing while it is frozen (see ``matching.is_suspended``), and their live tokens die now.
    """
    for waiting in PendingPublisher.objects.filter(user_id=user_id, created__gte=since).order_by("pk"):
        pending.drop(waiting, why="removed", by=by)
    held = Publisher.objects.select_for_update(of=("self",)).select_related("project")
    for row in held.filter(added_by_id=user_id).order_by("pk"):
        if row.created >= since:
            publishers.drop(row, by=by)
        else:
            publishers.revoke_tokens(row, by=by)
