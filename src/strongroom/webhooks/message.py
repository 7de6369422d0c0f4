"""What is posted: one event, one seal, or a test; as Standard Webhooks has it ("Payload structure")."""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import orjson

from strongroom.audit import event, known, reading, search
from strongroom.audit.document import document
from strongroom.audit.proof import seal as proof
from strongroom.audit.search import Filter
from strongroom.kernel import clock
from strongroom.webhooks import owner
from strongroom.webhooks.models import Webhook

SEAL: Final = "audit.seal"
TEST: Final = "webhook.test"
BATCH: Final = 50
"""The most events, and seals, of one turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """``id`` is the same at each attempt; ``type`` is an event's tag, ``SEAL`` or ``TEST``; ``time`` when it happened."""

    id: str
    type: str
    time: str
    data: dict[str, Any] = field(repr=False)
    serial: int | None = None
    seal: int | None = None

    @property
    def is_test(self) -> bool:
        """Whether it is no event and no seal."""
        return self.serial is None and self.seal is None

    def body(self) -> bytes:
        """The bytes that are signed and sent."""
        return orjson.dumps({"type": self.type, "timestamp": self.time, "data": self.data})


def events(webhook: Webhook, *, up_to: int | None, limit: int = BATCH) -> list[Message]:
    """What comes next, by serial: the events of its owner that it wants, up to the serial ``up_to`` (none if that is none).

    Each says what its owner may see (AU-11).
    """
    if up_to is None or up_to <= webhook.serial:
        return []
    scope = owner.scope(owner.of(webhook))
    found = search.oldest(scope, filter_of(webhook), after=webhook.serial, up_to=up_to, limit=limit)
    return [
        Message(
            id=f"evt_{entry.serial}",
            type=entry.tag,
            time=reading.timestamp(entry.time),
            data=document(entry, scope),
            serial=entry.serial,
        )
        for entry in found
    ]


def seals(webhook: Webhook, *, limit: int = BATCH) -> list[Message]:
    """The seals that come next, where it sends them."""
    if not webhook.sends_seals:
        return []
    return [
        Message(
            id=f"seal_{seal.statement.number}",
            type=SEAL,
            time=seal.statement.time,
            data=proof.to_document(seal),
            seal=seal.statement.number,
        )
        for seal in islice(reading.seals(after=webhook.seal, leaves=False), limit)
    ]


def test(webhook: Webhook) -> Message:
    """A message to see whether it arrives."""
    asked = webhook.test_asked or clock.now()
    time = reading.timestamp(asked)
    data = {"webhook": str(webhook.public_id)}
    return Message(id=f"test_{webhook.pk}_{int(asked.timestamp())}", type=TEST, time=time, data=data)


def filter_of(webhook: Webhook) -> Filter:
    """What it wants of the trail of its owner."""
    tags = {
        tag for text in webhook.wanted for tag in (known.tags(text) if text not in event.kinds() else (text,))
    }
    return Filter(tags=tuple(sorted(tags)) if tags or not webhook.wanted else ("",))
