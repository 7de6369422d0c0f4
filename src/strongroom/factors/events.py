"""What is recorded about second factors."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.audit.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpAdded(Event):
    """An authenticator app was added to an account."""

    tag: ClassVar[str] = "factor.totp_added"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpRemoved(Event):
    """An authenticator app was removed from an account."""

    tag: ClassVar[str] = "factor.totp_removed"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoFactorReset(Event):
    """An operator removed all second factors of an account."""

    tag: ClassVar[str] = "factor.all_removed"
    count: int
