"""What is recorded about trusted publishing. ``publisher`` is an identity in words, ``issuer`` the URL of its provider."""

from dataclasses import dataclass, field
from typing import ClassVar

from strongroom.audit.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerAdded(Event):
    """An operator added an OpenID provider that is believed from then on."""

    tag: ClassVar[str] = "issuer.added"
    url: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerRemoved(Event):
    """An operator removed an OpenID provider: nothing of it is believed any more."""

    tag: ClassVar[str] = "issuer.removed"
    url: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherAdded(Event):
    """An owner let an identity publish a project; or a pending publisher became one by its first use (``pending``)."""

    tag: ClassVar[str] = "publisher.added"
    publisher: str
    issuer: str
    pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherRemoved(Event):
    """An owner took an identity's right to publish a project; ``tokens`` is how many live tokens died with it."""

    tag: ClassVar[str] = "publisher.removed"
    publisher: str
    issuer: str
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherConfirmed(Event):
    """An owner vouched for a publisher, which is theirs now.

    ``why`` is ``resurrected`` where ids were refused, so that those of its next token are kept, and ``renamed`` where it
    took the name that it has now; ``before`` is the one that it had.
    """

    tag: ClassVar[str] = "publisher.confirmed"
    publisher: str
    issuer: str
    why: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherConstrained(Event):
    """An owner let a publisher that took any environment publish from ``environment`` alone."""

    tag: ClassVar[str] = "publisher.constrained"
    publisher: str
    issuer: str
    environment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherNoticed(Event):
    """A token was refused that seemed to be a publisher's: ``why`` is ``renamed`` or ``resurrected``."""

    tag: ClassVar[str] = "publisher.noticed"
    publisher: str
    issuer: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPublisherAdded(Event):
    """A person let an identity make the project ``name`` by publishing it first."""

    tag: ClassVar[str] = "publisher.pending_added"
    name: str
    publisher: str
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPublisherRemoved(Event):
    """A pending publisher is gone: its owner ``removed`` it, its name was ``taken`` meanwhile, or it ``expired``."""

    tag: ClassVar[str] = "publisher.pending_removed"
    name: str
    publisher: str
    issuer: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityExchanged(Event):
    """An identity token was exchanged for an API token, once for each project, or refused.

    ``claims`` are those that the provider's kind allows to be kept, none of which says who did something.
    """

    tag: ClassVar[str] = "identity.exchanged"
    issuer: str = ""
    publisher: str = ""
    token: str = ""
    claims: dict[str, str] = field(default_factory=dict)
