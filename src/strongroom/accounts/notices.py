"""The mails about people's accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strongroom.notices.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyEmail(Notice):
    """Asks the reader of an address to confirm that it is theirs."""

    template: ClassVar[str] = "accounts/mail/verify_email.txt"
    url: str
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressClaimed(Notice):
    """Tells the owner of a verified address that another account claims it."""

    template: ClassVar[str] = "accounts/mail/address_claimed.txt"
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword(Notice):
    """The link to choose a new password."""

    template: ClassVar[str] = "accounts/mail/reset_password.txt"
    url: str
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetNotPossible(Notice):
    """Tells why no link to choose a new password came: the address is not verified."""

    template: ClassVar[str] = "accounts/mail/reset_not_possible.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordWasChanged(Notice):
    """Tells that the password was replaced."""

    template: ClassVar[str] = "accounts/mail/password_changed.txt"
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailWasAdded(Notice):
    """Tells the addresses of an account that another one was added."""

    template: ClassVar[str] = "accounts/mail/email_added.txt"
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailWasRemoved(Notice):
    """Tells the addresses of an account, the removed one among them, that one was removed."""

    template: ClassVar[str] = "accounts/mail/email_removed.txt"
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryEmailWasChanged(Notice):
    """Tells the other addresses of an account that the primary one was changed."""

    template: ClassVar[str] = "accounts/mail/primary_email_changed.txt"
    address: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryEmailWasReplaced(Notice):
    """Tells the old primary address of the change, with the link that takes it back."""

    template: ClassVar[str] = "accounts/mail/primary_email_replaced.txt"
    url: str
    hours: int
    address: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryEmailChangeWasUndone(Notice):
    """Tells every address that the primary address was changed back."""

    template: ClassVar[str] = "accounts/mail/primary_email_change_undone.txt"
    address: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWasDisabled(Notice):
    """Tells that an operator disabled the account."""

    template: ClassVar[str] = "accounts/mail/account_disabled.txt"
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWasEnabled(Notice):
    """Tells that an operator enabled the account again."""

    template: ClassVar[str] = "accounts/mail/account_enabled.txt"
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWasThawed(Notice):
    """Tells that the freeze was undone, by an operator or in a session of the account."""

    template: ClassVar[str] = "accounts/mail/account_thawed.txt"
    when: datetime
    address: str
    by_operator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingWasSwitched(Notice):
    """Tells what may publish with the account from now on. ``level`` is one of ``kernel.may_publish``."""

    template: ClassVar[str] = "accounts/mail/publishing_switched.txt"
    level: str
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordIsStolen(Notice):
    """Tells that the right password was refused because it stands in a list of stolen ones."""

    template: ClassVar[str] = "accounts/mail/password_stolen.txt"
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountWasDeleted(Notice):
    """Tells every verified address that the account is gone."""

    template: ClassVar[str] = "accounts/mail/account_deleted.txt"
    when: datetime
    address: str
    by_operator: bool
