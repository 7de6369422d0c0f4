"""The delivery log."""

from datetime import timedelta
from typing import Final

from strongroom.kernel import clock
from strongroom.webhooks.message import Message
from strongroom.webhooks.models import Delivery, Webhook
from strongroom.webhooks.posting import Outcome

KEPT: Final = timedelta(days=30)
"""So long an attempt is kept."""

MOST: Final = 1000
"""The most attempts that are kept of one webhook."""


def add(webhook: Webhook, message: Message, outcome: Outcome, *, attempt: int) -> None:
    """Write down an attempt, in the transaction in which the row says what came of it; ``attempt`` counts from 1."""
    Delivery.objects.create(
        webhook=webhook,
        message=message.id,
        serial=message.serial,
        seal=message.seal,
        tag=message.type,
        attempt=attempt,
        time=outcome.time,
        took=outcome.took,
        status=outcome.status,
        code=outcome.code,
        excerpt=outcome.excerpt,
    )


def trim(webhook_id: int) -> None:
    """Forget the oldest attempts of a webhook beyond the most that are kept."""
    rows = Delivery.objects.filter(webhook_id=webhook_id)
    newest = rows.order_by("-pk").values_list("pk", flat=True)[MOST : MOST + 1].first()
    if newest is not None:
        rows.filter(pk__lte=newest).delete()


def sweep() -> None:
    """Forget attempts that are old."""
    Delivery.objects.filter(time__lt=clock.now() - KEPT).delete()
