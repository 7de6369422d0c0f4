"""What is recorded about people's accounts."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from strongroom.audit.event import Event, Personal, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCreated(Event):
    """Somebody made an account, or an operator made it for them."""

    tag: ClassVar[str] = "account.created"
    sentence: ClassVar[Sentence] = _("%(actor)s created the account %(username)s")
    username: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorMade(Event):
    """An account was given the operator's rights."""

    tag: ClassVar[str] = "account.operator_made"
    sentence: ClassVar[Sentence] = _("%(actor)s made %(subject)s an operator of this site")
    own: ClassVar[Sentence] = _("%(actor)s became an operator of this site")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDisabled(Event):
    """An operator disabled an account: it can neither sign in nor publish."""

    tag: ClassVar[str] = "account.disabled"
    sentence: ClassVar[Sentence] = _("%(actor)s disabled the account of %(subject)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to disable the account of %(subject)s and was refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEnabled(Event):
    """An operator enabled a disabled account again."""

    tag: ClassVar[str] = "account.enabled"
    sentence: ClassVar[Sentence] = _("%(actor)s enabled the account of %(subject)s again")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFrozen(Event):
    """Somebody followed the link "this was not me" in a mail: the account publishes nothing. ``written`` is the mail's time."""

    tag: ClassVar[str] = "account.frozen"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s answered a mail with “this was not me”: the account of %(subject)s was frozen"
    )
    refused: ClassVar[Sentence] = _("%(actor)s tried to freeze the account of %(subject)s and was refused")
    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountThawed(Event):
    """The freeze of an account was undone, by its person or by an operator."""

    tag: ClassVar[str] = "account.thawed"
    sentence: ClassVar[Sentence] = _("%(actor)s undid the freeze of the account of %(subject)s")
    own: ClassVar[Sentence] = _("%(actor)s undid the freeze of their account")
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to undo the freeze of the account of %(subject)s and was refused"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingSwitched(Event):
    """A person chose what may publish with their account: ``passwords``, ``tokens`` or ``trusted``, each with what follows it."""

    tag: ClassVar[str] = "account.publishing_switched"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s chose what may publish with the account of %(subject)s: %(level)s"
    )
    own: ClassVar[Sentence] = _("%(actor)s chose what may publish with their account: %(level)s")
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to choose what may publish with the account of %(subject)s and was refused"
    )
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """A password was replaced, after signing in or through a reset link."""

    tag: ClassVar[str] = "account.password_changed"
    sentence: ClassVar[Sentence] = _("%(actor)s changed the password of %(subject)s")
    own: ClassVar[Sentence] = _("%(actor)s changed their password")
    refused: ClassVar[Sentence] = _("%(actor)s tried to change the password of %(subject)s and was refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(Event):
    """A link to reset the password was mailed."""

    tag: ClassVar[str] = "account.password_reset_requested"
    sentence: ClassVar[Sentence] = _("%(actor)s asked for a link to reset the password of %(subject)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAdded(Event):
    """An address was added to an account, not yet verified."""

    tag: ClassVar[str] = "email.added"
    sentence: ClassVar[Sentence] = _("%(actor)s added the email address %(address)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to add the email address %(address)s and was refused")
    address: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerified(Event):
    """A mail sent to an address was answered."""

    tag: ClassVar[str] = "email.verified"
    sentence: ClassVar[Sentence] = _("%(actor)s verified the email address %(address)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to verify the email address %(address)s and was refused")
    address: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRemoved(Event):
    """An address was removed from an account."""

    tag: ClassVar[str] = "email.removed"
    sentence: ClassVar[Sentence] = _("%(actor)s removed the email address %(address)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to remove the email address %(address)s and was refused")
    address: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryEmailChanged(Event):
    """Another verified address became the primary one."""

    tag: ClassVar[str] = "email.primary_changed"
    sentence: ClassVar[Sentence] = _("%(actor)s made %(address)s the primary email address")
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to make %(address)s the primary email address and was refused"
    )
    address: Personal
    before: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryEmailChangeUndone(Event):
    """The primary address was changed back by the link mailed to the one that it was before."""

    tag: ClassVar[str] = "email.primary_change_undone"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s made %(address)s the primary email address again, by the link that was mailed to it"
    )
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to make %(address)s the primary email address again and was refused"
    )
    address: Personal
    before: Personal
