"""Whether an account may act at all, and the operator's and the owner's switches over it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from strongroom.accounts import emails, epoch, find
from strongroom.accounts.events import (
    AccountDisabled,
    AccountEnabled,
    AccountFrozen,
    AccountThawed,
    PublishingSwitched,
)
from strongroom.accounts.models import User
from strongroom.accounts.notices import (
    AccountWasDisabled,
    AccountWasEnabled,
    AccountWasThawed,
    PublishingWasSwitched,
)
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.may_publish import MayPublish, laxer_than
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.throttle.limits import Limit, spend

# What happened on the day before the mail may have been the other's work, too.
_DOUBT = timedelta(days=1)
_LAXER = Limit("publishing-laxer", count=10, seconds=24 * 3600)


class Account(Protocol):
    """Whatever says of itself whether it is disabled or frozen: a user, or what is known of one."""

    @property
    def disabled(self) -> bool:
        """Whether an operator has disabled the account."""

    @property
    def frozen(self) -> datetime | None:
        """The time of the mail by which somebody froze the account, if it is frozen."""


def require_active(user: Account) -> None:
    """Whether the account may publish, and make what publishes.

    Raises ``Refused``: ``account_disabled`` where an operator has disabled it, ``account_frozen`` where somebody has
    followed the panic link of a mail.
    """
    require_enabled(user)
    if user.frozen is not None:
        raise Refused(
            "account_frozen",
            _(
                "This account is frozen: somebody has said in answer to a mail that it was not them. Log in to undo it."
            ),
        )


def require_enabled(user: Account) -> None:
    """Raises ``Refused`` (``account_disabled``) where an operator has disabled the account; a frozen one may go on."""
    if user.disabled:
        raise Refused("account_disabled", _("This account is disabled. Write to the operators of this site."))


def require_still_active(user_id: int) -> None:
    """Ask again, in the transaction of the effect, until whose end nobody can disable or freeze the account."""
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise find.gone()
    require_active(user)


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
        told = replace(emails.recipient(user), panic_url="")  # there is nothing left to stop
        queue.send(AccountWasDisabled(when=clock.now()), to=told)


def enable(user: User, *, by: Actor) -> None:
    """Let a disabled account in again."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(disabled=False)
        trail.record(AccountEnabled(subject_id=user.pk), by=by)
        queue.send(AccountWasEnabled(when=clock.now()), to=emails.recipient(user))


def freeze(user: User, written: datetime, *, by: Actor) -> bool:
    """Stop an account from publishing because a mail written then was "not me", in the caller's transaction.

    Its sessions end. One conditional update decides, whatever the concurrency: returns whether there was anything to do,
    not where it is frozen from then or earlier, nor where a freeze was undone after that mail.
    """
    not_so_early = Q(frozen=None) | Q(frozen__gt=written)
    not_settled = Q(thawed=None) | Q(thawed__lte=written)
    if not User.objects.filter(not_so_early & not_settled, pk=user.pk).update(frozen=written):
        return False
    epoch.bump(user.pk)
    trail.record(AccountFrozen(subject_id=user.pk, written=written.isoformat(timespec="seconds")), by=by)
    return True


def trusted_before(user: User) -> datetime | None:
    """The moment since which nothing of a frozen account is trusted; nothing where it is not frozen."""
    return user.frozen - _DOUBT if user.frozen is not None else None


def thaw(user: User, *, by: Actor) -> int:
    """Undo a freeze, as ``user`` was read; panic links written before it are dead. All sessions end; returns the new epoch.

    Raises ``Refused`` (``account_not_frozen``), also where it was frozen from another time meanwhile.
    """
    with transaction.atomic():
        rows = User.objects.filter(pk=user.pk, frozen__isnull=False, frozen=user.frozen)
        if not rows.update(frozen=None, thawed=clock.now()):
            raise Refused("account_not_frozen", _("This account is not frozen."))
        trail.record(AccountThawed(subject_id=user.pk), by=by)
        notice = AccountWasThawed(
            when=clock.now(), address=by.origin.address, by_operator=by.user_id != user.pk
        )
        queue.send(notice, to=emails.recipient(user))
        return epoch.bump(user.pk)


def switch_publishing(user: User, level: MayPublish, *, by: Actor) -> None:
    """Choose what may publish with this account; nothing happens where it is so already.

    Raises ``Refused`` (``too_many_attempts``) for letting more publish again and again, which would flood a mailbox;
    never for letting less.
    """
    rows = User.objects.filter(pk=user.pk)
    if rows.exclude(may_publish__in=[*laxer_than(level), level]).exists():
        spend(str(user.pk), _LAXER)
    with transaction.atomic():
        before = rows.select_for_update().values_list("may_publish", flat=True).get()
        if before == level:
            return
        rows.update(may_publish=level)
        trail.record(PublishingSwitched(subject_id=user.pk, level=level, before=before), by=by)
        notice = PublishingWasSwitched(level=level, when=clock.now(), address=by.origin.address)
        queue.send(notice, to=emails.recipient(user))


def has_enrolled(user_id: int) -> None:
    """What a recovery asked for is done: two-factor sign-in is on again. In the caller's transaction."""
    User.objects.filter(pk=user_id, must_enroll=True).update(must_enroll=False)
