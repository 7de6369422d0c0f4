"""Mail to people: queued with the effect that it tells of, delivered after the commit."""

from strongroom.notices.notice import Notice, Recipient
from strongroom.notices.queue import send

__all__ = ["Notice", "Recipient", "send"]
