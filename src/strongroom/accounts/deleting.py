"""Deleting an account: whether it may be, and the rows of the person."""

from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _

from strongroom.accounts import emails, find, held_usernames
from strongroom.accounts.events import AccountDeleted
from strongroom.accounts.models import EmailAddress, User
from strongroom.accounts.notices import AccountWasDeleted
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue


def lock(user: User) -> User:
    """The account as it is now, under lock to the end of the caller's transaction; an operator's with all operators.

    Raises ``Refused`` (``account_unknown``) where it is gone already.
    """
    together = Q(pk=user.pk) | Q(is_operator=True) if user.is_operator else Q(pk=user.pk)
    held = list(User.objects.select_for_update().filter(together).order_by("pk"))
    found = next((row for row in held if row.pk == user.pk), None)
    if found is None:
        raise find.gone()
    return found


def why_not(user: User) -> Refused | None:
    """Why the account cannot be deleted now, so far as that is a matter of the account alone.

    Codes: ``account_frozen``, ``email_changed_lately``, ``last_operator``.
    """
    if user.frozen is not None:
        return Refused(
            "account_frozen",
            _(
                "This account is frozen: somebody has said in answer to a mail that it was not them. Undo that first, so that "
                "nobody else can delete the account and what they did with it."
            ),
        )
    if any(row.is_undoable for row in user.addresses.all()):
        return Refused(
            "email_changed_lately",
            _(
                "The primary email address was changed lately, and the one before can still undo that. Wait until then, or "
                "write to the operators of this site."
            ),
        )
    if user.is_operator and not _has_other_operators(user):
        return Refused(
            "last_operator",
            _("You are the last operator of this site. Make somebody else an operator first."),
        )
    return None


def delete(user: User, *, by: Actor, tokens: int, projects: int) -> None:
    """Delete a locked account, in the caller's transaction: what hangs on it goes with it. Its username is held for ever.

    All its verified addresses are told. ``tokens`` and ``projects`` say how many of them it had.
    """
    told = replace(emails.recipient(user), panic_url="")
    _forget_mails(user)
    notice = AccountWasDeleted(when=clock.now(), address=by.origin.address, by_operator=by.user_id != user.pk)
    queue.send(notice, to=told)
    trail.record(AccountDeleted(subject_id=user.pk, tokens=tokens, projects=projects), by=by)
    held_usernames.hold(user.username_key)
    user.delete()


def _forget_mails(user: User) -> None:
    """What is still to be sent to its verified addresses, unless another account has them, too."""
    own = dict(user.addresses.filter(verified__isnull=False).values_list("key", "address"))
    shared = EmailAddress.objects.filter(key__in=own).exclude(user=user).values_list("key", flat=True)
    queue.forget([address for key, address in own.items() if key not in set(shared)])


def _has_other_operators(user: User) -> bool:
    return User.objects.filter(is_operator=True, disabled=False).exclude(pk=user.pk).exists()
