"""The mails about signing in."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strongroom.notices.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpWasAdded(Notice):
    """Tells that an authenticator app was added."""

    template: ClassVar[str] = "signin/mail/totp_added.txt"
    name: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpWasRemoved(Notice):
    """Tells that an authenticator app was removed, and whether the account is still protected."""

    template: ClassVar[str] = "signin/mail/totp_removed.txt"
    name: str
    when: datetime
    still_protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoFactorWasReset(Notice):
    """Tells that an operator removed all second factors."""

    template: ClassVar[str] = "signin/mail/two_factor_reset.txt"
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntryWasLocked(Notice):
    """Tells that somebody who knows the password has entered many wrong codes."""

    template: ClassVar[str] = "signin/mail/codes_locked.txt"
    when: datetime
