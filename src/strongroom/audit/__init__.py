"""The audit trail: typed, append-only events, written in the transaction of their effect."""

from strongroom.audit.event import Event
from strongroom.audit.record import record, refusals_of

__all__ = ["Event", "record", "refusals_of"]
