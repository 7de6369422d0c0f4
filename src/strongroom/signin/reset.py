"""Choosing a new password by a mailed link. It never signs one in, and never goes past a second factor."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import emails, links, passwords
from strongroom.accounts import find as people
from strongroom.accounts.events import PasswordResetRequested
from strongroom.accounts.models import MailLink, User
from strongroom.accounts.notices import PasswordWasChanged, ResetNotPossible, ResetPassword
from strongroom.audit import trail
from strongroom.factors import enrol, totp
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.notices.notice import Recipient
from strongroom.signin import attempts
from strongroom.signin.events import PasswordReset
from strongroom.throttle.limits import Limit, address_block, spend

_PER_LOGIN = Limit("reset-login", count=5, seconds=24 * 3600)
_PER_ADDRESS = Limit("reset-address", count=20, seconds=3600)
_RESET = MailLink.Purpose.RESET


@dataclass(frozen=True, slots=True)
class ResetStep:
    """What the page of a reset link shows: whose it is, and whether a code is asked for."""

    username: str
    needs_code: bool


def request(login: str, *, by: Actor) -> None:
    """Mail a link to whoever ``login`` (username or address) is. The answer is the same for nobody (D17).

    The work is the same, too: for nobody the mail is written, then taken back (PR-03).
    Raises ``Refused`` (``too_many_attempts``).
    """
    user = people.by_login(login)
    spend(address_block(by.origin.address), _PER_ADDRESS)
    spend(user.username_key if user else login.casefold(), _PER_LOGIN)
    reachable = user is not None and not user.disabled
    with transaction.atomic():
        trail.record(PasswordResetRequested(subject_id=user.pk if user else None), by=by)
        mark = transaction.savepoint()
        _mail(user if reachable else None)
        if reachable:
            transaction.savepoint_commit(mark)
        else:
            transaction.savepoint_rollback(mark)


def find(token: str) -> ResetStep:
    """What to show for a link; raises ``Refused`` (``link_invalid``)."""
    user = _user_of(links.find(_RESET, token))
    return ResetStep(user.username, enrol.has_any(user.pk))


def finish(token: str, password: str, *, code: str, by: Actor) -> User:
    """Set the new password; all sessions end. An account with a second factor must show it first (PR-01).

    Raises ``Refused``: ``link_invalid``, ``too_many_attempts``, what ``passwords.prepare`` and ``factors.totp.verify`` raise.
    """
    user = _user_of(links.find(_RESET, token))
    with trail.refusals_of(PasswordReset(subject_id=user.pk), by=by):
        prepared = passwords.prepare(user, password)
        protected = enrol.has_any(user.pk)
        if protected:
            attempts.spend_code(user, by=by)
        with transaction.atomic():
            links.use(_RESET, token)
            if protected or enrol.has_any(user.pk):
                totp.verify(user.pk, code)
            passwords.store(user, prepared, by=by)
            trail.record(PasswordReset(subject_id=user.pk), by=by)
            notice = PasswordWasChanged(when=clock.now(), address=by.origin.address)
            queue.send(notice, to=emails.recipient(user))
        return user


def _mail(user: User | None) -> None:
    """To the verified primary address the link; to an unverified one the reason why there is none."""
    primary = emails.primary(user) if user else None
    to = Recipient(
        user.username if user else "nobody",
        (primary.address if primary else "nobody@localhost",),
        user.language if user else "en",
    )
    if primary is not None and primary.verified is None:
        queue.send(ResetNotPossible(), to=to)
        return
    url = links.make(_RESET, user=user)
    queue.send(ResetPassword(url=url, hours=links.HOURS[_RESET]), to=to)


def _user_of(link: MailLink) -> User:
    if link.user is None:
        raise Refused("link_invalid", _("This link has expired or was used already. Ask for a new one."))
    return link.user
