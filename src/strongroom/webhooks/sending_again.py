"""Having a webhook send what it sent before, or go on after failures, or send a test."""

from typing import Final
from uuid import UUID

from django.db import transaction

from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.throttle.limits import Limit, spend
from strongroom.webhooks import find
from strongroom.webhooks.changing import about
from strongroom.webhooks.events import WebhookReplayed, WebhookResumed, WebhookTested
from strongroom.webhooks.models import Webhook
from strongroom.webhooks.owner import Owner, require_active

_REPLAYS: Final = Limit("webhook-replay", count=20, seconds=3600)
_TESTS: Final = Limit("webhook-test", count=20, seconds=3600)
_AFRESH: Final = ("failures", "failing_since", "paused", "paused_why", "next_attempt")


def replay(owner: Owner, public_id: UUID | str, *, first: int, by: Actor) -> Webhook:
    """Send the events from the serial ``first`` on (those that are wanted), each with the id that it had before.

    A webhook that was paused goes on with that. Raises ``Refused``: ``webhook_missing``, ``account_frozen``,
    ``account_disabled``, ``too_many_attempts``.
    """
    row, first = find.one(owner, public_id), max(1, first)
    spend(str(row.public_id), _REPLAYS)
    with trail.refusals_of(about(WebhookReplayed, row, owner, first=first), by=by), transaction.atomic():
        require_active(by)
        row = find.one(owner, public_id, lock=True)
        row.serial = min(first - 1, row.serial)
        _afresh(row)
        row.save(update_fields=["serial", *_AFRESH])
        trail.record(about(WebhookReplayed, row, owner, first=row.serial + 1), by=by)
    return row


def resume(owner: Owner, public_id: UUID | str, *, by: Actor) -> Webhook:
    """Go on at once from the first event that was not taken. Where it was neither paused nor waiting, nothing happens.

    Raises ``Refused``: ``webhook_missing``, ``account_frozen``, ``account_disabled``.
    """
    row = find.one(owner, public_id)
    with trail.refusals_of(about(WebhookResumed, row, owner), by=by), transaction.atomic():
        require_active(by)
        row = find.one(owner, public_id, lock=True)
        if row.paused is not None or row.failures:
            _afresh(row)
            row.save(update_fields=[*_AFRESH])
            trail.record(about(WebhookResumed, row, owner), by=by)
    return row


def send_test(owner: Owner, public_id: UUID | str, *, by: Actor) -> None:
    """Have a test message sent within seconds, also by a webhook that is paused or off; the delivery log says what came of it.

    It is tried once. Raises ``Refused``: ``webhook_missing``, ``account_frozen``, ``account_disabled``, ``too_many_attempts``.
    """
    row = find.one(owner, public_id)
    spend(str(row.public_id), _TESTS)
    with trail.refusals_of(about(WebhookTested, row, owner), by=by), transaction.atomic():
        require_active(by)
        row = find.one(owner, public_id, lock=True)
        row.test_asked = clock.now()
        row.save(update_fields=["test_asked"])
        trail.record(about(WebhookTested, row, owner), by=by)


def _afresh(row: Webhook) -> None:
    row.failures, row.failing_since, row.paused, row.paused_why = 0, None, None, ""
    row.next_attempt = clock.now()
