"""What becomes of the webhooks of an account that somebody else may have had."""

from datetime import datetime

from django.db.models import Q

from strongroom.audit import search
from strongroom.audit.search import Filter, Scope
from strongroom.webhooks import pausing
from strongroom.webhooks.events import WebhookAdded, WebhookChanged, WebhookSecretRotated
from strongroom.webhooks.models import Webhook

_SETTING_UP = (WebhookAdded.tag, WebhookChanged.tag, WebhookSecretRotated.tag)


def stop_of(user_id: int, *, since: datetime | None = None) -> None:
    """Pause the webhooks of the account, which would tell whoever set them up everything that its owner does, and from where.

    With ``since`` also those of projects and of the site that the account has set up from then on. In the caller's
    transaction. No event is lost: who resumes one after looking at it has them all sent.
    """
    doubtful = Q(user_id=user_id)
    if since is not None:
        doubtful |= Q(created_by_id=user_id, created__gte=since) | Q(public_id__in=_set_up_by(user_id, since))
    rows = Webhook.objects.select_for_update(of=("self",)).select_related("project", "user")
    for row in rows.filter(doubtful, paused=None).order_by("pk"):
        pausing.pause(row, "doubtful", code="")


def _set_up_by(user_id: int, since: datetime) -> set[str]:
    """The public ids of the webhooks that the account added, changed, or made a secret for."""
    wanted = Filter(actor_id=user_id, tags=_SETTING_UP, since=since)
    done = (entry for entry in search.everything(Scope(), wanted) if entry.outcome == "done")
    return {str(entry.details["webhook"]) for entry in done if "webhook" in entry.details}
