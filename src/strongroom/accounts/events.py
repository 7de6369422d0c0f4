"""What is recorded about people's accounts."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.audit.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreated(Event):
    """Somebody made an account, or an operator made it for them."""

    tag: ClassVar[str] = "account.created"
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorMade(Event):
    """An account was given the operator's rights."""

    tag: ClassVar[str] = "account.operator_made"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDisabled(Event):
    """An operator disabled an account: it can neither sign in nor publish."""

    tag: ClassVar[str] = "account.disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEnabled(Event):
    """An operator enabled a disabled account again."""

    tag: ClassVar[str] = "account.enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFrozen(Event):
    """Somebody followed the link "this was not me" in a mail: the account publishes nothing. ``written`` is the mail's time."""

    tag: ClassVar[str] = "account.frozen"
    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountThawed(Event):
    """The freeze of an account was undone, by its person or by an operator."""

    tag: ClassVar[str] = "account.thawed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingSwitched(Event):
    """A person chose what may publish with their account: ``passwords``, ``tokens`` or ``trusted``, each with what follows it."""

    tag: ClassVar[str] = "account.publishing_switched"
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """A password was replaced, after signing in or through a reset link."""

    tag: ClassVar[str] = "account.password_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(Event):
    """A link to reset the password was mailed."""

    tag: ClassVar[str] = "account.password_reset_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAdded(Event):
    """An address was added to an account, not yet verified."""

    tag: ClassVar[str] = "email.added"
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerified(Event):
    """A mail sent to an address was answered."""

    tag: ClassVar[str] = "email.verified"
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRemoved(Event):
    """An address was removed from an account."""

    tag: ClassVar[str] = "email.removed"
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryEmailChanged(Event):
    """Another verified address became the primary one."""

    tag: ClassVar[str] = "email.primary_changed"
    address: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryEmailChangeUndone(Event):
    """The primary address was changed back by the link mailed to the one that it was before."""

    tag: ClassVar[str] = "email.primary_change_undone"
    address: str
    before: str
