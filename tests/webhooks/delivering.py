"""Deliveries without threads."""

from strongroom.kernel.outward import Outward
from strongroom.webhooks.deliver import look, take_turn


def deliver_due(way: Outward | None = None) -> int:
    """Give each webhook that has something to send its turn, one after the other; returns how many messages were taken."""
    up_to, found = look()
    return sum(take_turn(due.webhook_id, up_to=up_to, way=way) for due in found)
