"""Signing in, step by step: password, then a second factor where the account has one, then the session."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import breached, find, passwords
from strongroom.accounts.attempts import AT_SIGN_IN, password_was_right, spend_password
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.factors import enrol, totp
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.signin import attempts, tickets
from strongroom.signin.events import SignIn
from strongroom.signin.session import Opened, open_session

PASSWORD = "password"  # noqa: S105  (a method's name)
TOTP = "totp"


@dataclass(frozen=True, slots=True)
class Pending:
    """The password was right; ``ticket`` is the value of the cookie that goes with the second factor."""

    ticket: Secret


def start(login: str, password: str, *, by: Actor) -> Opened | Pending:
    """The first step. ``login`` is a username or a verified address.

    Raises ``Refused``: ``credentials_wrong`` for whatever is wrong, so that the answer never tells whether the account
    exists or is disabled (LT-19); ``password_breached``; ``too_many_attempts``.
    """
    user = find.by_login(login)
    about = SignIn(subject_id=user.pk if user else None, method=PASSWORD)
    with trail.refusals_of(about, by=by):
        spend_password(user.username if user else login, by.origin.address, per_address=AT_SIGN_IN)
        proven = _require_password(user, password)
        password_was_right(proven.username, by.origin.address)
        if enrol.has_any(proven.pk):
            return Pending(tickets.make(proven))
        with transaction.atomic():
            return open_session(proven, method=PASSWORD, proof=PASSWORD, by=by)


def answer_totp(ticket: str, code: str, *, by: Actor) -> Opened:
    """The second step, with the code of an authenticator app.

    Ticket, code and session are one transaction: of parallel posts, one gets all three (LT-04).
    Raises ``Refused``: ``ticket_invalid``, ``too_many_attempts``, and what ``factors.totp.verify`` raises.
    """
    row = tickets.find(ticket)
    user, method = row.user, f"{PASSWORD}+{TOTP}"
    with trail.refusals_of(SignIn(subject_id=user.pk, method=method), by=by):
        attempts.spend_code(user, by=by)
        with transaction.atomic():
            tickets.use(row)
            totp.verify(user.pk, code)
            opened = open_session(_as_of_now(user, row.auth_epoch), method=method, proof=TOTP, by=by)
        attempts.code_was_right(user)
        return opened


def open_after_registration(user: User, *, by: Actor) -> Opened:
    """The session of somebody who has just made this account, and so just chosen its password."""
    with transaction.atomic():
        return open_session(user, method=PASSWORD, proof=PASSWORD, by=by)


def _require_password(user: User | None, password: str) -> User:
    if not passwords.is_right(user, password) or user is None or user.disabled:
        raise Refused("credentials_wrong", _("The username or password is not right."))
    if breached.is_known(password):
        raise Refused(
            "password_breached",
            _(
                "Your password stands in a list of stolen passwords. Use “Forgot your password?” to choose another."
            ),
        )
    return user


def _as_of_now(user: User, epoch: int) -> User:
    """The user's row under lock: a factor or password changed since the ticket was made ends it (LT-16, LT-18)."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.auth_epoch != epoch or locked.disabled:
        raise Refused(
            "ticket_invalid", _("This sign-in has expired. Enter your username and password again.")
        )
    return locked
