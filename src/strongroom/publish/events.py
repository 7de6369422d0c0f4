"""What is recorded about publishers before there is a file."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from strongroom.audit.event import Event, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherRefused(Event):
    """Somebody came with a password, or with a genuine token, that may not publish now."""

    tag: ClassVar[str] = "publisher.refused"
    sentence: ClassVar[Sentence] = _("%(actor)s tried to publish and was refused")
    refused: ClassVar[Sentence] = _("%(actor)s tried to publish and was refused")
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRead(Event):
    """A program read the audit trail of the whole site with an API token, or tried to; at most once an hour for each token."""

    tag: ClassVar[str] = "audit.read"
    sentence: ClassVar[Sentence] = _("%(actor)s read the audit trail of the whole site with an API token")
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to read the audit trail of the whole site with an API token and was refused"
    )
    token: str
