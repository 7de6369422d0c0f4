"""The mails about trusted publishing. ``publisher`` is an identity in words, ``issuer`` the name of its provider."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strongroom.notices.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherWasAdded(Notice):
    """Tells the owners of ``project`` that somebody let an identity publish it."""

    template: ClassVar[str] = "trust/mail/publisher_added.txt"
    project: str
    publisher: str
    issuer: str
    who: str
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherWasRemoved(Notice):
    """Tells the owners of ``project`` that an identity may not publish it any more."""

    template: ClassVar[str] = "trust/mail/publisher_removed.txt"
    project: str
    publisher: str
    issuer: str
    who: str
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherWasConfirmed(Notice):
    """Tells the owners of ``project`` that somebody confirmed a publisher.

    ``why`` is ``resurrected`` where its ids had changed, ``renamed`` where it was called ``before``.
    """

    template: ClassVar[str] = "trust/mail/publisher_confirmed.txt"
    project: str
    publisher: str
    issuer: str
    why: str
    before: str
    who: str
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherWasConstrained(Notice):
    """Tells the owners of ``project`` that a publisher publishes from ``environment`` alone now."""

    template: ClassVar[str] = "trust/mail/publisher_constrained.txt"
    project: str
    publisher: str
    issuer: str
    environment: str
    who: str
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherWasNoticed(Notice):
    """Tells the owners of ``project`` that a token was refused. ``why`` is ``renamed`` or ``resurrected``.

    ``found`` is what the token says instead of the publisher's names.
    """

    template: ClassVar[str] = "trust/mail/publisher_noticed.txt"
    project: str
    publisher: str
    issuer: str
    why: str
    found: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPublisherWasAdded(Notice):
    """Tells somebody that an identity may make the project ``name`` for them until ``expires``."""

    template: ClassVar[str] = "trust/mail/pending_added.txt"
    name: str
    publisher: str
    issuer: str
    expires: datetime
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPublisherWasUsed(Notice):
    """Tells somebody that the project ``name`` was made for them by its pending publisher."""

    template: ClassVar[str] = "trust/mail/pending_used.txt"
    name: str
    normalized: str
    publisher: str
    issuer: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPublisherIsVoid(Notice):
    """Tells somebody that the name for which they had a pending publisher is another's now."""

    template: ClassVar[str] = "trust/mail/pending_void.txt"
    name: str
    publisher: str
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPublisherExpiresSoon(Notice):
    """Tells somebody that a pending publisher was not used yet and will end."""

    template: ClassVar[str] = "trust/mail/pending_expires_soon.txt"
    name: str
    publisher: str
    issuer: str
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPublisherHasExpired(Notice):
    """Tells somebody that a pending publisher has ended without having been used."""

    template: ClassVar[str] = "trust/mail/pending_expired.txt"
    name: str
    publisher: str
    issuer: str
