"""Webhooks and their deliveries for whoever manages them."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.webhooks.models import Delivery, Webhook
from strongroom.webhooks.owner import Owner

PAGE: Final = 50
"""Deliveries on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A webhook for its owner's eyes. ``newest`` is its last attempt; ``state`` is one of ``STATES``."""

    webhook: Webhook
    state: str
    newest: Delivery | None


STATES: Final = ("sending", "failing", "paused", "off", "held")
"""Delivering; waiting after a failure; given up until resumed; switched off by its owner; its account is frozen or disabled."""


def of(owner: Owner) -> list[Listed]:
    """The webhooks of an owner, oldest first."""
    return [listed(webhook) for webhook in owner.webhooks().select_related("user").order_by("pk")]


def one(owner: Owner, public_id: UUID | str, *, lock: bool = False) -> Webhook:
    """One of the owner's webhooks, held in this transaction with ``lock``; raises ``Refused`` (``webhook_missing``)."""
    rows = owner.webhooks()
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        raise _missing() from None
    found = (rows.select_for_update() if lock else rows).filter(public_id=wanted).first()
    if found is None:
        raise _missing()
    return found


def listed(webhook: Webhook) -> Listed:
    """A webhook with its state and its last attempt."""
    return Listed(webhook=webhook, state=_state(webhook), newest=webhook.deliveries.order_by("-pk").first())


def deliveries(webhook: Webhook, *, before: int | None = None, limit: int = PAGE) -> list[Delivery]:
    """The attempts with an id (``pk``) below ``before``, newest first."""
    rows = webhook.deliveries.filter(pk__lt=before) if before is not None else webhook.deliveries.all()
    return list(rows.order_by("-pk")[:limit])


def has_two_secrets(webhook: Webhook) -> bool:
    """Whether the secret before this one signs, too."""
    return webhook.secret_before_until is not None and webhook.secret_before_until > clock.now()


def _state(webhook: Webhook) -> str:
    if not webhook.active:
        return "off"
    if webhook.paused is not None:
        return "paused"
    if webhook.user is not None and (webhook.user.disabled or webhook.user.frozen is not None):
        return "held"
    return "failing" if webhook.failures else "sending"


def _missing() -> Refused:
    return Refused("webhook_missing", _("There is no such webhook any more. Reload the page."))
