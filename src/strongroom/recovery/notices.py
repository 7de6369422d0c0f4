"""The mails when something is lost or stolen."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strongroom.notices.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRecovery(Notice):
    """The link that begins a recovery and proves that its reader reads the account's mail."""

    template: ClassVar[str] = "recovery/mail/start.txt"
    url: str
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryNotNeeded(Notice):
    """Tells whoever asked for a recovery that the account has no second factor to lose."""

    template: ClassVar[str] = "recovery/mail/not_needed.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryWasBegun(Notice):
    """Tells of a new recovery of ``username``. ``is_owner``: the reader is that person.

    ``reason`` is an operator's, empty where the person began; ``wait_hours`` and ``days`` say how long it may take.
    """

    template: ClassVar[str] = "recovery/mail/begun.txt"
    username: str
    is_owner: bool
    reason: str
    wait_hours: int
    days: int
    vouch_url: str
    stop_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryIsWaiting(Notice):
    """Tells that a recovery has its proofs, and when its wait is over."""

    template: ClassVar[str] = "recovery/mail/waiting.txt"
    username: str
    is_owner: bool
    ready: datetime
    stop_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryIsOpen(Notice):
    """Tells again, every day, that a recovery is going on. ``ready`` is none while a proof is missing."""

    template: ClassVar[str] = "recovery/mail/open.txt"
    username: str
    is_owner: bool
    ready: datetime | None
    stop_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCanBeFinished(Notice):
    """The link that finishes a recovery, after its wait."""

    template: ClassVar[str] = "recovery/mail/finish.txt"
    url: str
    until: datetime
    stop_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryWasStopped(Notice):
    """Tells that a recovery was stopped, and by whom."""

    template: ClassVar[str] = "recovery/mail/stopped.txt"
    username: str
    is_owner: bool
    stopped_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryWasFinished(Notice):
    """Tells that a recovery has finished and what is gone."""

    template: ClassVar[str] = "recovery/mail/finished.txt"
    username: str
    is_owner: bool
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryHasExpired(Notice):
    """Tells that a recovery is over because nothing more happened."""

    template: ClassVar[str] = "recovery/mail/expired.txt"
    username: str
    is_owner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWasFrozen(Notice):
    """Tells that "this was not me" was said of a mail or an event of ``written``, what that did, and how to go on.

    ``tokens`` are the names of the API tokens that were revoked.
    """

    template: ClassVar[str] = "recovery/mail/frozen.txt"
    written: datetime
    when: datetime
    address: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SomebodysAccountWasFrozen(Notice):
    """Tells an operator that ``username`` was frozen, and how many API tokens were revoked."""

    template: ClassVar[str] = "recovery/mail/frozen_for_operators.txt"
    username: str
    when: datetime
    address: str
    tokens: int
