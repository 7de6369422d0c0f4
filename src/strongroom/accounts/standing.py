"""Whether an account may act at all, and the operator's and the owner's switches over it."""

from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import epoch
from strongroom.accounts.events import AccountDisabled, AccountEnabled, PasswordUploadsSwitched
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused


class Account(Protocol):
    """Whatever says of itself whether it is disabled: a user, or what is known of one."""

    @property
    def disabled(self) -> bool:
        """Whether an operator has disabled the account."""


def require_active(user: Account) -> None:
    """Raises ``Refused`` (``account_disabled``) where an operator has disabled the account."""
    if user.disabled:
        raise Refused("account_disabled", _("This account is disabled. Write to the operators of this site."))


def disable(user: User, *, by: Actor) -> None:
    """Stop an account from signing in and publishing; its sessions end at once.

    Raises ``Refused`` (``own_account``) where somebody would lock themselves out.
    """
    if user.pk == by.user_id:
        raise Refused("own_account", _("You cannot disable the account with which you are logged in."))
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(disabled=True)
        epoch.bump(user.pk)
        trail.record(AccountDisabled(subject_id=user.pk), by=by)


def enable(user: User, *, by: Actor) -> None:
    """Let a disabled account in again."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(disabled=False)
        trail.record(AccountEnabled(subject_id=user.pk), by=by)


def switch_password_uploads(user: User, *, allowed: bool, by: Actor) -> None:
    """Allow or refuse uploads with username and password for this account."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(password_uploads=allowed)
        trail.record(PasswordUploadsSwitched(subject_id=user.pk, allowed=allowed), by=by)
