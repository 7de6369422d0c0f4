"""What a sink is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from strongroom.audit.models import Entry

SYSLOG: Final = "syslog"
OTLP: Final = "otlp"
"""The names of the sinks, and of their cursors."""


@dataclass(frozen=True, slots=True)
class Said:
    """An entry, and what it says in a plain English sentence."""

    entry: Entry
    sentence: str


class Undelivered(Exception):
    """A batch was not taken, or nobody knows; it has to be sent again.

    ``reason`` is for operators. ``retry_after`` is how many seconds the other side asked to wait.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class Sink(Protocol):
    """Where entries are sent. For one thread."""

    def send(self, batch: Sequence[Said]) -> None:
        """Send entries in their order; returns once they are delivered, as far as its protocol can tell.

        Raises ``Undelivered`` where that fails; some may have arrived.
        """

    def close(self) -> None:
        """End the connection, where there is one."""
