"""Changing and removing webhooks, and giving them new secrets."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from strongroom.audit import trail
from strongroom.audit.event import Event
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.secrets import Secret
from strongroom.throttle.limits import Limit, spend
from strongroom.webhooks import addresses, find, signing
from strongroom.webhooks.adding import Wish, checked
from strongroom.webhooks.events import WebhookChanged, WebhookRemoved, WebhookSecretRotated
from strongroom.webhooks.models import Webhook
from strongroom.webhooks.owner import Owner, of, require_active

OVERLAP: Final = timedelta(hours=24)
"""So long the secret before signs, too."""

_CHANGES: Final = Limit("webhook-changes", count=120, seconds=3600)


def change(owner: Owner, public_id: UUID | str, wish: Wish, *, by: Actor) -> Webhook:
    """Let a webhook be as ``wish`` says, from the event on at which it is; another address gets a new try at once.

    Raises ``Refused``: ``webhook_missing``, and as ``adding.add``.
    """
    row = find.one(owner, public_id)
    before = Wish(url=row.url, events=tuple(row.wanted), seals=row.sends_seals, active=row.active)
    spend(f"{by.user_id}", _CHANGES)
    with trail.refusals_of(about(WebhookChanged, row, owner), by=by), transaction.atomic():
        require_active(by)
        row = find.one(owner, public_id, lock=True)
        wish = checked(wish, owner)
        row.url, row.wanted = wish.url, list(wish.events)
        row.sends_seals, row.active = wish.seals, wish.active
        if wish.url != before.url:
            row.next_attempt = clock.now()
        row.save(update_fields=["url", "wanted", "sends_seals", "active", "next_attempt"])
        if wish != before:
            trail.record(_changed(row, owner, before, wish), by=by)
    return row


def remove(owner: Owner, public_id: UUID | str, *, by: Actor) -> None:
    """Send nothing there any more, and forget what was; raises ``Refused`` (``webhook_missing``)."""
    with transaction.atomic():
        row = find.one(owner, public_id, lock=True)
        event = about(WebhookRemoved, row, owner)
        row.delete()
        trail.record(event, by=by)


def remove_all(user_id: int, *, by: Actor) -> None:
    """Remove every webhook of an account, in the transaction in which the account goes."""
    for row in Webhook.objects.filter(user_id=user_id).order_by("pk"):
        remove(of(row), row.public_id, by=by)


def rotate_secret(owner: Owner, public_id: UUID | str, *, by: Actor) -> Secret:
    """Make a new secret, which is shown this once; for 24 hours messages are signed with both.

    Raises ``Refused``: ``webhook_missing``, ``account_frozen``, ``account_disabled``, ``too_many_attempts``.
    """
    row, secret = find.one(owner, public_id), signing.new_secret()
    spend(f"{by.user_id}", _CHANGES)
    with trail.refusals_of(about(WebhookSecretRotated, row, owner), by=by), transaction.atomic():
        require_active(by)
        row = find.one(owner, public_id, lock=True)
        row.secret_before, row.secret = row.secret, signing.seal(secret, row)
        row.secret_before_until = clock.now() + OVERLAP
        row.save(update_fields=["secret_before", "secret", "secret_before_until"])
        trail.record(about(WebhookSecretRotated, row, owner), by=by)
    return secret


def about(kind: Callable[..., Event], row: Webhook, owner: Owner, **fields: Any) -> Event:
    """An event of ``kind`` about a webhook."""
    return kind(
        subject_id=owner.user_id,
        project=owner.project,
        webhook=str(row.public_id),
        owner=owner.kind.value,
        to=addresses.shown(row.url),
        **fields,
    )


def _changed(row: Webhook, owner: Owner, before: Wish, wish: Wish) -> Event:
    return about(
        WebhookChanged,
        row,
        owner,
        before_to=addresses.shown(before.url),
        address_changed=wish.url != before.url,
        events=wish.events,
        before_events=before.events,
        seals=wish.seals,
        before_seals=before.seals,
        active=wish.active,
        before_active=before.active,
    )
