"""What is recorded about publishers before there is a file."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.audit.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherRefused(Event):
    """Somebody came with a password, or with a genuine token, that may not publish now."""

    tag: ClassVar[str] = "publisher.refused"
    method: str
