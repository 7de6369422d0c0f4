"""The primary address, to which links to reset the password go: changing it, and 72 hours to take the change back."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import emails, epoch, links
from strongroom.accounts.events import PrimaryEmailChanged, PrimaryEmailChangeUndone
from strongroom.accounts.models import EmailAddress, MailLink, User
from strongroom.accounts.notices import (
    PrimaryEmailChangeWasUndone,
    PrimaryEmailWasChanged,
    PrimaryEmailWasReplaced,
)
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.throttle.limits import Limit, spend

_UNDO = MailLink.Purpose.UNDO_EMAIL
_CHANGES = Limit("primary-email", count=10, seconds=24 * 3600)  # each is mailed to every address (EM-10)
UNDO = timedelta(hours=links.HOURS[_UNDO])


@dataclass(frozen=True, slots=True)
class Change:
    """What the page of an undo link shows: ``address`` was the primary one until ``replaced_by`` became it."""

    address: str
    replaced_by: str


def make(user: User, address_id: int, *, by: Actor) -> int:
    """Make a verified address the primary one, in the caller's transaction; returns the account's epoch.

    The old one is mailed a link that takes the change back, and gets the links to reset the password until that expires
    (EM-04). Whoever goes back to an address that has such a link has taken the change back, and what they leave gets none.
    Raises ``Refused`` (``email_unknown``, ``email_not_verified``, ``too_many_attempts``).
    """
    User.objects.select_for_update().get(pk=user.pk)  # changes of one account come one after the other
    row = emails.owned(user, address_id)
    if row.verified is None:
        raise Refused("email_not_verified", _("Verify this address before you make it the primary one."))
    before = emails.primary(user)
    if before == row:
        return user.auth_epoch
    spend(str(user.pk), _CHANGES)
    goes_back = row.is_undoable
    _switch(user, row)
    if before is not None and before.verified is not None and not goes_back:
        EmailAddress.objects.filter(pk=before.pk).update(undo_until=clock.now() + UNDO)
    was = before.address if before else ""
    trail.record(PrimaryEmailChanged(subject_id=user.pk, address=row.address, before=was), by=by)
    _tell(user, row, before if not goes_back else None, was=was)
    return epoch.bump(user.pk)


def look(token: str, *, by: Actor) -> Change:
    """What an undo link would undo; raises ``Refused`` (``link_invalid``, ``link_of_somebody_else``)."""
    user, row = _of(links.find(_UNDO, token), by)
    primary = emails.primary(user)
    return Change(row.address, primary.address if primary else "")


def undo(token: str, *, by: Actor) -> Change:
    """Make the address of an undo link the primary one again; all sessions end, and every address is told.

    It takes no more than reading mail to that address, as that is all its owner may have left; other addresses keep what
    they have. Raises ``Refused`` (``link_invalid``, ``link_of_somebody_else``).
    """
    with trail.refusals_of(PrimaryEmailChangeUndone(), by=by), transaction.atomic():
        user, _ours = _of(links.find(_UNDO, token), by)
        User.objects.select_for_update().get(pk=user.pk)
        user, row = _of(
            links.find(_UNDO, token), by
        )  # again, now that nobody changes the addresses beside us
        links.use(_UNDO, token)
        before = emails.primary(user)
        was = before.address if before else ""
        _switch(user, row)
        trail.record(PrimaryEmailChangeUndone(subject_id=user.pk, address=row.address, before=was), by=by)
        queue.send(PrimaryEmailChangeWasUndone(address=row.address, before=was), to=emails.recipient(user))
        epoch.bump(user.pk)
        return Change(row.address, was)


def address_for_resets(user: User) -> EmailAddress | None:
    """Where links to reset the password go: to what was the primary address before it was changed lately, else to it.

    Of several changes the first counts, so that a chain of them leads no link away from who had the account before.
    """
    undoable = EmailAddress.objects.filter(user=user, undo_until__gt=clock.now(), verified__isnull=False)
    return undoable.order_by("undo_until", "pk").first() or emails.primary(user)


def _switch(user: User, row: EmailAddress) -> None:
    """Make ``row`` the primary address. Rights to undo that began with its own or later end: it is as before them."""
    if row.undo_until is not None:
        EmailAddress.objects.filter(user=user, undo_until__gte=row.undo_until).update(undo_until=None)
    EmailAddress.objects.filter(user=user, primary=True).update(primary=False)
    EmailAddress.objects.filter(pk=row.pk).update(primary=True)


def _tell(user: User, row: EmailAddress, before: EmailAddress | None, *, was: str) -> None:
    """Tell every verified address; ``before``, if it may take the change back, gets a mail of its own with the link."""
    everybody = emails.recipient(user)
    if before is None or before.verified is None:
        queue.send(PrimaryEmailWasChanged(address=row.address, before=was), to=everybody)
        return
    others = tuple(address for address in everybody.addresses if address != before.address)
    queue.send(
        PrimaryEmailWasChanged(address=row.address, before=was), to=replace(everybody, addresses=others)
    )
    url = links.make(_UNDO, user=user, address=before)
    notice = PrimaryEmailWasReplaced(
        url=url, hours=links.HOURS[_UNDO], address=row.address, before=before.address
    )
    queue.send(notice, to=replace(everybody, addresses=(before.address,)))


def _of(link: MailLink, by: Actor) -> tuple[User, EmailAddress]:
    """Whose link it is and for which address; raises ``Refused`` where that may not take the change back any more."""
    if link.user is None or link.address is None or not link.address.is_undoable:
        raise Refused("link_invalid", _("This link has expired or was used already. Ask for a new one."))
    if by.user_id not in {None, link.user_id}:
        raise Refused(
            "link_of_somebody_else", _("This link belongs to another account. Log out, then open it again.")
        )
    return link.user, link.address
