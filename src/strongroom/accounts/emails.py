"""A person's email addresses: add, verify, remove. The primary one has a module of its own."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from strongroom.accounts import addresses, epoch, find, links, panic_link
from strongroom.accounts.events import EmailAdded, EmailRemoved, EmailVerified, VerificationSent
from strongroom.accounts.models import EmailAddress, MailLink, User
from strongroom.accounts.notices import (
    AddressClaimed,
    EmailWasAdded,
    EmailWasRemoved,
    VerifyEmail,
)
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.notices.notice import Recipient
from strongroom.prepared.query import Query
from strongroom.throttle.limits import Limit, spend

MAX_ADDRESSES = 10

# One mailbox is not to be flooded, whoever asks (EM-10).
_PER_MAILBOX = Limit("verify-mailbox", count=5, seconds=6 * 3600)
_PER_ACCOUNT = Limit("verify-account", count=20, seconds=24 * 3600)


def recipient(user: User) -> Recipient:
    """Where notices about the account go: every verified address, with a panic link (SU-08)."""
    verified = user.addresses.filter(verified__isnull=False).order_by("pk").values_list("address", flat=True)
    return Recipient(user.username, tuple(verified), user.language, panic_link.make(user))


def operators() -> list[Recipient]:
    """Where notices to the operators go: each to their verified addresses, without a panic link, as it is of theirs."""
    rows = User.objects.filter(is_operator=True, disabled=False).order_by("pk")
    return [replace(recipient(user), panic_url="") for user in rows]


def primary(user: User) -> EmailAddress | None:
    """The primary address, verified or not."""
    return user.addresses.filter(primary=True).first()


def has_verified_primary(user_id: int) -> bool:
    """Whether the account may turn on two-factor sign-in, make tokens and publish (EM-11)."""
    return _VERIFIED_PRIMARY.first(user=user_id) is not None


def require_verified_primary(user_id: int) -> None:
    """Raises ``Refused`` (``email_unverified``) unless the primary address is verified."""
    if not has_verified_primary(user_id):
        raise unverified()


def unverified() -> Refused:
    """The refusal for an account whose primary address is not verified."""
    return Refused(
        "email_unverified",
        _("Verify your primary email address first. Account settings can send the mail again."),
    )


def add(user: User, address: str, *, by: Actor) -> EmailAddress:
    """Add an address and mail it a verification link; raises ``Refused``.

    Codes: ``email_invalid``, ``email_already_added``, ``email_too_many``, ``account_unknown``, ``too_many_attempts``.
    """
    plain, key = addresses.check(address)
    spend(str(user.pk), _PER_ACCOUNT)
    about = EmailAdded(subject_id=user.pk, address=plain)
    with trail.refusals_of(about, by=by), _once_in_account(), transaction.atomic():
        find.locked(user.pk)  # or it is deleted meanwhile
        _require_room(user)
        told = recipient(user)
        row = claim(user, plain, key, primary=False)
        trail.record(about, by=by)
        queue.send(EmailWasAdded(address=plain), to=told)
        _mail_link(user, row)
        return row


def send_verification(user: User, address_id: int, *, by: Actor) -> None:
    """Mail the verification link again; raises ``Refused`` (``email_unknown``, ``too_many_attempts``)."""
    row = owned(user, address_id)
    spend(str(user.pk), _PER_ACCOUNT)
    if row.verified is None:
        with transaction.atomic():
            find.locked(user.pk)  # or it is deleted meanwhile
            trail.record(VerificationSent(subject_id=user.pk, address=row.address), by=by)
            _mail_link(user, row)


def verify(token: str, *, by: Actor) -> EmailAddress:
    """Mark the address of a mailed link as verified; raises ``Refused`` (``link_invalid``, ``link_of_somebody_else``).

    Somebody who is signed in to another account learns nothing about whose link it is (EM-02).
    """
    with trail.refusals_of(EmailVerified(), by=by), _unless_verified_elsewhere(), transaction.atomic():
        link = links.find(MailLink.Purpose.VERIFY, token)
        if link.address is None or by.user_id not in {None, link.user_id}:
            raise Refused(
                "link_of_somebody_else",
                _("This link belongs to another account. Log out, then open it again."),
            )
        links.use(MailLink.Purpose.VERIFY, token)
        EmailAddress.objects.filter(pk=link.address.pk).update(verified=clock.now())
        trail.record(EmailVerified(subject_id=link.user_id, address=link.address.address), by=by)
        return link.address


def remove(user: User, address_id: int, *, by: Actor) -> int:
    """Remove an address that is not the primary one, in the caller's transaction; returns the new epoch.

    Raises ``Refused`` (``email_unknown``, ``email_is_primary``, ``email_still_undoable``).
    """
    row = owned(user, address_id)
    if row.primary:
        raise Refused(
            "email_is_primary", _("Make another address the primary one before you remove this one.")
        )
    if row.undo_until is not None and row.is_undoable:
        raise Refused(
            "email_still_undoable",
            _(
                "This was your primary address until lately. It stays until %(date)s, so that nobody can shut you out."
            )
            % {"date": date_format(row.undo_until, "j F Y, H:i") + " UTC"},
        )
    told = recipient(user)
    row.delete()
    trail.record(EmailRemoved(subject_id=user.pk, address=row.address), by=by)
    queue.send(EmailWasRemoved(address=row.address), to=told)
    return epoch.bump(user.pk)


def owned(user: User, address_id: int) -> EmailAddress:
    """The address by its owner and id, as nobody else's can be named (design, D6); raises ``Refused`` (``email_unknown``)."""
    row = EmailAddress.objects.filter(user=user, pk=address_id).first()
    if row is None:
        raise Refused("email_unknown", _("Your account has no such address."))
    return row


def claim(
    user: User, plain: str, key: str, *, primary: bool, verified: datetime | None = None
) -> EmailAddress:
    """Insert an address that ``addresses.check`` has passed."""
    return EmailAddress.objects.create(
        user=user, address=plain, key=key, primary=primary, verified=verified, added=clock.now()
    )


def mail_first_link(user: User, row: EmailAddress) -> None:
    """Mail the verification link of a new account's address, in the transaction that makes the account.

    A mailbox that has had its fill gets none now, and whoever asked is not told: the page can send it again later.
    """
    with suppress(Refused):
        _mail_link(user, row)


@contextmanager
def _once_in_account() -> Iterator[None]:
    """Around a transaction: an address that the account has already is refused."""
    try:
        yield
    except IntegrityError:
        raise Refused(
            "email_already_added", _("Your account has this address already."), field="email"
        ) from None


@contextmanager
def _unless_verified_elsewhere() -> Iterator[None]:
    """Around a transaction: a link is refused where another account has verified the same address meanwhile (EM-07)."""
    try:
        yield
    except IntegrityError:
        raise Refused(
            "link_invalid", _("This link has expired or was used already. Ask for a new one.")
        ) from None


def _mail_link(user: User, row: EmailAddress) -> None:
    """The answer is the same whether another account has verified the address; its owner is told (EM-06)."""
    spend(row.key, _PER_MAILBOX)
    to = Recipient(user.username, (row.address,), user.language)
    if EmailAddress.objects.filter(key=row.key, verified__isnull=False).exclude(user=user).exists():
        queue.send(AddressClaimed(address=row.address), to=to)
        return
    url = links.make(MailLink.Purpose.VERIFY, user=user, address=row)
    queue.send(VerifyEmail(url=url, hours=links.HOURS[MailLink.Purpose.VERIFY]), to=to)


def _require_room(user: User) -> None:
    if user.addresses.count() >= MAX_ADDRESSES:
        raise Refused("email_too_many", _("Remove an address before you add another."), field="email")


def _verified_primary(user: int) -> QuerySet[EmailAddress, tuple[int]]:
    return EmailAddress.objects.filter(user_id=user, primary=True, verified__isnull=False).values_list("pk")


_VERIFIED_PRIMARY = Query(_verified_primary, user=int)
