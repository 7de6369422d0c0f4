"""Adding a webhook."""

from dataclasses import dataclass, replace
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.audit import event, known, search, trail
from strongroom.audit.sealed import newest_sound
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.throttle.limits import Limit, spend
from strongroom.webhooks import addresses, signing
from strongroom.webhooks.events import WebhookAdded
from strongroom.webhooks.models import Webhook
from strongroom.webhooks.owner import Owner, require_active

MAX_WEBHOOKS: Final = 10
"""Webhooks of one owner."""

_MOST_SAID: Final = 20  # of the kinds that a refused wish names; its event is bounded (AU-06)
_ADDING = Limit("webhook-adding", count=60, seconds=3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants of a webhook. ``events`` are kinds and tags of events, in any order; none: all.

    ``seals``: also those of the trail, which only an instance's webhook can have.
    """

    url: str
    events: tuple[str, ...] = ()
    seals: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A new webhook, and its secret, which is shown this once."""

    webhook: Webhook
    secret: Secret


def add(owner: Owner, wish: Wish, *, by: Actor) -> Added:
    """Send what happens from now on to ``wish.url``, beginning with the event that says so.

    Raises ``Refused``: ``webhook_address_invalid``, ``webhook_port_refused``, ``webhook_https_required``,
    ``webhook_address_private``, ``webhook_events_unknown``, ``webhook_seals_of_instance``, ``webhooks_too_many``,
    ``account_frozen``, ``account_disabled``, ``email_unverified``, ``too_many_attempts``.
    """
    row = Webhook(owner=owner.kind, project_id=owner.project_id, user_id=owner.user_id)
    about = WebhookAdded(
        subject_id=owner.user_id,
        project=owner.project,
        webhook=str(row.public_id),
        owner=owner.kind.value,
        to=addresses.shown(wish.url),
        events=tuple(text[:80] for text in wish.events[:_MOST_SAID]),
        seals=wish.seals,
    )
    spend(f"{by.user_id}", _ADDING)
    with trail.refusals_of(about, by=by):
        if (
            by.user_id is not None
        ):  # or anybody has as many as they like, and each sends whenever somebody fails to log in
            emails.require_verified_primary(by.user_id)
        wish = checked(wish, owner)
        secret = signing.new_secret()
        _fill(row, wish, secret, by=by)
        with transaction.atomic():
            require_active(by)
            owner.lock()
            _require_room(owner)
            row.save(force_insert=True)
            trail.record(replace(about, events=wish.events), by=by)
    return Added(webhook=row, secret=secret)


def checked(wish: Wish, owner: Owner) -> Wish:
    """What is wanted, in order and without repetitions; raises ``Refused`` as ``add`` does."""
    if wish.seals and owner.kind is not Webhook.Owner.INSTANCE:
        raise Refused("webhook_seals_of_instance", _("Seals are sent by the webhooks of operators alone."))
    wanted = sorted({text.strip() for text in wish.events} - {""})
    unknown = [text for text in wanted if not (text in event.kinds() or known.tags(text))]
    if unknown:
        raise Refused(
            "webhook_events_unknown",
            _("There are no events called “%(name)s”. Choose from the list of events.")
            % {"name": unknown[0][:80]},
            field="events",
        )
    return Wish(url=addresses.check(wish.url), events=tuple(wanted), seals=wish.seals, active=wish.active)


def _fill(row: Webhook, wish: Wish, secret: Secret, *, by: Actor) -> None:
    now = clock.now()
    row.created = row.next_attempt = now
    row.created_by_id = by.user_id
    row.url, row.wanted = wish.url, list(wish.events)
    row.sends_seals, row.active = wish.seals, wish.active
    row.secret = signing.seal(secret, row)
    newest = search.newest(search.EVERYTHING, limit=1)
    row.serial = newest[0].serial if newest else 0
    sealed = newest_sound()
    row.seal = sealed.number if sealed else 0


def _require_room(owner: Owner) -> None:
    if owner.webhooks().count() >= MAX_WEBHOOKS:
        raise Refused(
            "webhooks_too_many",
            _("There are %(count)s webhooks already, which is the most. Remove one first.")
            % {"count": MAX_WEBHOOKS},
        )
