"""Choosing a new password by a mailed link. It never signs one in, and never goes past a second factor."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import emails, links, passwords, primary_email
from strongroom.accounts import find as people
from strongroom.accounts.events import PasswordResetRequested
from strongroom.accounts.models import MailLink, User
from strongroom.accounts.notices import PasswordWasChanged, ResetNotPossible, ResetPassword
from strongroom.audit import trail
from strongroom.factors import keys, methods
from strongroom.factors.challenges import Ceremony
from strongroom.factors.keys import Question
from strongroom.factors.methods import Methods
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import digest
from strongroom.notices import queue
from strongroom.notices.notice import Recipient
from strongroom.signin import browsers, second
from strongroom.signin.events import PasswordReset
from strongroom.signin.second import Answer
from strongroom.throttle.limits import Limit, address_block, spend

_PER_LOGIN = Limit("reset-login", count=5, seconds=24 * 3600)
_PER_ADDRESS = Limit("reset-address", count=20, seconds=3600)
_RESET = MailLink.Purpose.RESET


@dataclass(frozen=True, slots=True)
class ResetStep:
    """What the page of a reset link shows: whose it is, and which second factors can answer, if the account has any."""

    username: str
    methods: Methods


def request(login: str, *, by: Actor) -> None:
    """Mail a link to whoever ``login`` (username or address) is. The answer is the same for nobody (D17).

    The work is the same, too: for nobody the mail is written, then taken back (PR-03).
    Raises ``Refused`` (``too_many_attempts``).
    """
    user = people.by_login(login)
    spend(address_block(by.origin.address), _PER_ADDRESS)
    spend(user.username_key if user else login.casefold(), _PER_LOGIN)
    with transaction.atomic():
        user = people.locked_if_there(user)
        reachable = user is not None and not user.disabled
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
    return ResetStep(user.username, methods.of(user.pk))


def begin_key(token: str) -> dict[str, Any]:
    """Options to answer with a security key; raises ``Refused`` (``link_invalid``, ``webauthn_off``)."""
    return keys.begin_assertion(_question(_user_of(links.find(_RESET, token)), token))


def finish(token: str, password: str, *, answer: Answer | None, by: Actor) -> User:
    """Store the new password; where the account has a second factor, ``answer`` is asked for, too (PR-01).

    Raises ``Refused``: ``link_invalid``, ``proof_needed``, what ``passwords.prepare``, ``second.check`` and
    ``second.accept`` raise.
    """
    user = _user_of(links.find(_RESET, token))
    with trail.refusals_of(PasswordReset(subject_id=user.pk), by=by):
        if methods.has_any(user.pk) and answer is None:
            raise Refused("proof_needed", _("Answer with a second factor, too."), field="code")
        prepared = passwords.prepare(user, password)
        checked = second.check(user, answer, _question(user, token), by=by) if answer else None
        with transaction.atomic():
            links.use(_RESET, token)
            if checked:
                second.accept(checked, by=by)
            elif methods.has_any(user.pk):  # turned on since the link was followed
                raise Refused("proof_needed", _("Answer with a second factor, too."), field="code")
            passwords.store(user, prepared, by=by)
            browsers.forget_all(user, by=by)  # whoever knew the old password is known in none
            trail.record(PasswordReset(subject_id=user.pk), by=by)
            notice = PasswordWasChanged(when=clock.now(), address=by.origin.address)
            queue.send(notice, to=emails.recipient(user))
        if checked:
            second.was_right(checked)
        return user


def _mail(user: User | None) -> None:
    """To the verified primary address the link; to an unverified one the reason why there is none."""
    primary = primary_email.address_for_resets(user) if user else None
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


def _question(user: User, token: str) -> Question:
    return Question(Ceremony.RESET, f"link:{digest(token)}", user.pk)


def _user_of(link: MailLink) -> User:
    if link.user is None:
        raise Refused("link_invalid", _("This link has expired or was used already. Ask for a new one."))
    return link.user
