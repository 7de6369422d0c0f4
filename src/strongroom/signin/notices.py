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
class CodeEntryWasLocked(Notice):
    """Tells that somebody who knows the password has entered many wrong codes."""

    template: ClassVar[str] = "signin/mail/codes_locked.txt"
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCodesAfterPassword(Notice):
    """Tells that somebody knows the password and tries codes."""

    template: ClassVar[str] = "signin/mail/wrong_codes.txt"
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWasAdded(Notice):
    """Tells that a security key or passkey was added."""

    template: ClassVar[str] = "signin/mail/key_added.txt"
    name: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWasRenamed(Notice):
    """Tells that a security key has another name."""

    template: ClassVar[str] = "signin/mail/key_renamed.txt"
    name: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWasRemoved(Notice):
    """Tells that a security key was removed, and whether the account is still protected."""

    template: ClassVar[str] = "signin/mail/key_removed.txt"
    name: str
    when: datetime
    still_protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWasCopied(Notice):
    """Tells that a key answered as a copy of it would, and was refused."""

    template: ClassVar[str] = "signin/mail/key_copied.txt"
    name: str
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesWereMade(Notice):
    """Tells that recovery codes were made and that earlier ones are void."""

    template: ClassVar[str] = "signin/mail/codes_made.txt"
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeWasUsed(Notice):
    """Tells that a recovery code was used, and how many are left."""

    template: ClassVar[str] = "signin/mail/code_used.txt"
    left: int
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInFromNewBrowser(Notice):
    """Tells of a sign-in from a browser that is not known."""

    template: ClassVar[str] = "signin/mail/new_browser.txt"
    client: str
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSignIn(Notice):
    """The link that lets a sign-in from a new browser go on."""

    template: ClassVar[str] = "signin/mail/confirm_sign_in.txt"
    url: str
    minutes: int
    client: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserWasRemembered(Notice):
    """Tells that a browser may leave the second factor out until a date."""

    template: ClassVar[str] = "signin/mail/browser_remembered.txt"
    client: str
    until: datetime
