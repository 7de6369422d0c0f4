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
    refused: ClassVar[Sentence] = _("%(actor)s tried to create an account and was refused")
    username: Personal = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorMade(Event):
    """An account was given the operator's rights."""

    tag: ClassVar[str] = "account.operator_made"
    sentence: ClassVar[Sentence] = _("%(actor)s made %(subject)s an operator of this site")
    own: ClassVar[Sentence] = _("%(actor)s became an operator of this site")
    refused: ClassVar[Sentence] = _("%(actor)s tried to become an operator of this site and was refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupLinkMade(Event):
    """The site has no operator: a link that makes the first one was shown in the terminal. Earlier ones are void."""

    tag: ClassVar[str] = "setup.link_made"
    sentence: ClassVar[Sentence] = _("%(actor)s showed a link in its terminal that makes the first operator")


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
    """Somebody said "this was not me" about a mail or an event: the account publishes nothing. ``written`` is its time."""

    tag: ClassVar[str] = "account.frozen"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s said “this was not me” about a mail or an event: the account of %(subject)s was frozen"
    )
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
    before: str


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
class VerificationSent(Event):
    """The link that verifies an address was mailed once more."""

    tag: ClassVar[str] = "email.verification_sent"
    sentence: ClassVar[Sentence] = _("%(actor)s had the link that verifies %(address)s mailed again")
    address: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerified(Event):
    """A mail sent to an address was answered."""

    tag: ClassVar[str] = "email.verified"
    sentence: ClassVar[Sentence] = _("%(actor)s verified the email address %(address)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to verify an email address and was refused")
    address: Personal = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRemoved(Event):
    """An address was removed from an account."""

    tag: ClassVar[str] = "email.removed"
    sentence: ClassVar[Sentence] = _("%(actor)s removed the email address %(address)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to remove an email address and was refused")
    address: Personal = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryEmailChanged(Event):
    """Another verified address became the primary one."""

    tag: ClassVar[str] = "email.primary_changed"
    sentence: ClassVar[Sentence] = _("%(actor)s made %(address)s the primary email address")
    refused: ClassVar[Sentence] = _("%(actor)s tried to change the primary email address and was refused")
    address: Personal = ""
    before: Personal = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryEmailChangeUndone(Event):
    """The primary address was changed back by the link mailed to the one that it was before."""

    tag: ClassVar[str] = "email.primary_change_undone"
    sentence: ClassVar[Sentence] = _(
        "%(actor)s made %(address)s the primary email address again, by the link that was mailed to it"
    )
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to take back a change of the primary email address by a mailed link and was refused"
    )
    address: Personal = ""
    before: Personal = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountExported(Event):
    """A copy of everything that the site knows about an account was made, for its person or by an operator."""

    tag: ClassVar[str] = "account.exported"
    sentence: ClassVar[Sentence] = _("%(actor)s made a copy of all data of %(subject)s")
    own: ClassVar[Sentence] = _("%(actor)s downloaded a copy of all their data")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDeleted(Event):
    """An account was deleted for good, by its person or by an operator. Its username is given to nobody else."""

    tag: ClassVar[str] = "account.deleted"
    sentence: ClassVar[Sentence] = _("%(actor)s deleted the account of %(subject)s")
    own: ClassVar[Sentence] = _("%(actor)s deleted their account")
    refused: ClassVar[Sentence] = _("%(actor)s tried to delete the account of %(subject)s and was refused")
    tokens: int = 0
    projects: int = 0
