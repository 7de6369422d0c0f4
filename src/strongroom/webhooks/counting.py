"""How many events a webhook has before it or behind it; counted to a bound, since a trail can be long."""

from typing import Final

from strongroom.audit import search
from strongroom.webhooks import message, owner
from strongroom.webhooks.models import Webhook

MOST: Final = 1000
"""Counting ends above it: an answer of more means "more than so many"."""


def waiting(webhook: Webhook) -> int:
    """The events that it wants and has not delivered, at most ``MOST`` + 1."""
    return _count(webhook, after=webhook.serial)


def again(webhook: Webhook, *, first: int) -> int:
    """The events that a replay from the serial ``first`` on would send once more, at most ``MOST`` + 1."""
    return _count(webhook, after=first - 1, up_to=webhook.serial)


def _count(webhook: Webhook, *, after: int, up_to: int | None = None) -> int:
    """Branches have no entry in common, so that counts of them add up."""
    scope, before = owner.scope(owner.of(webhook)), None if up_to is None else up_to + 1
    branches = search.branches(scope, message.filter_of(webhook), after=after, before=before)
    counted = sum(branch.order_by("serial")[: MOST + 1].count() for branch in branches)
    return min(counted, MOST + 1)
