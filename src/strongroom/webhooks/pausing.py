"""Giving a webhook up, until somebody resumes it."""

from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.notices import queue
from strongroom.webhooks import addresses, owner
from strongroom.webhooks.changing import about
from strongroom.webhooks.events import WebhookPaused
from strongroom.webhooks.models import Webhook
from strongroom.webhooks.notices import WebhookWasPaused


def pause(row: Webhook, why: str, *, code: str) -> None:
    """Send nothing more and say so, in the caller's transaction, which holds the row; ``why`` is of ``WebhookPaused``."""
    whose, now = owner.of(row), clock.now()
    Webhook.objects.filter(pk=row.pk).update(paused=now, paused_why=why)
    row.paused, row.paused_why = now, why
    trail.record(about(WebhookPaused, row, whose, why=why), by=Actor.system())
    notice = WebhookWasPaused(
        to=addresses.shown(row.url),
        owner=whose.kind.value,
        project=whose.project,
        why=why,
        code=code,
        when=now,
    )
    for user in owner.people(row):
        queue.send(notice, to=owner.recipient(user))
