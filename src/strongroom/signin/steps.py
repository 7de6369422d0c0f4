"""Signing in, step by step: password, then a second factor where the account has one, then the session.

A passkey proves both at once. From a new browser, what could have been phished waits for a mailed link.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import breached, find, passwords, stolen_password
from strongroom.accounts.attempts import AT_SIGN_IN, password_was_right, spend_password
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.factors import keys, methods
from strongroom.factors.challenges import Ceremony
from strongroom.factors.keys import Question
from strongroom.factors.methods import KEY, PASSWORD, RECOVERY, Methods
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret, digest, random_secret
from strongroom.signin import browsers, confirmations, second, tickets
from strongroom.signin.confirmations import Waiting
from strongroom.signin.events import SignIn
from strongroom.signin.models import Ticket
from strongroom.signin.proof import BY_PASSWORD, Proof
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened, SignedInBy, open_session
from strongroom.throttle.limits import Limit, address_block, spend

PASSKEY = "passkey"
CONFIRMED = "confirmation"
REMEMBERED = f"{PASSWORD}+remembered"

# Per address, since nobody has said yet who they are: for the work, and for the trail of refusals (AU-06).
_PASSKEYS = Limit("passkey", count=300, seconds=300)
_PASSKEY_ANSWERS = Limit("passkey-answer", count=300, seconds=300)
_CONFIRMATIONS = Limit("confirm-sign-in", count=60, seconds=300)


@dataclass(frozen=True, slots=True)
class Pending:
    """The password was right; ``ticket`` is the value of the cookie that goes with the second factor."""

    ticket: Secret


@dataclass(frozen=True, slots=True)
class Begun:
    """A passkey is asked for: ``options`` for the browser, ``secret`` is the value of the cookie to answer with."""

    options: dict[str, Any]
    secret: Secret


def start(login: str, password: str, *, by: Actor) -> Opened | Pending | Waiting:
    """The first step. ``login`` is a username or a verified address.

    Raises ``Refused``: ``credentials_wrong`` for whatever is wrong, so that the answer never tells whether the account
    exists or is disabled (LT-19); ``password_breached``; ``account_unknown`` where it is deleted at this moment;
    ``too_many_attempts``.
    """
    user = find.by_login(login)
    about = SignIn(subject_id=user.pk if user else None, method=PASSWORD)
    with trail.refusals_of(about, by=by):
        spend_password(user.username if user else login, by.origin.address, per_address=AT_SIGN_IN)
        proven = _require_password(user, password, by=by)
        password_was_right(proven.username, by.origin.address)
        factors = methods.of(proven.pk)
        is_remembered = factors.any and browsers.is_remembered(proven, by.origin)
        how = SignedInBy(method=REMEMBERED if factors.any else PASSWORD, proof=BY_PASSWORD)
        with transaction.atomic():
            _locked(proven)  # or it is deleted meanwhile
            if factors.any and not is_remembered:
                return Pending(tickets.make(proven))
            return _admit(proven, how, by=by)


def methods_of(ticket: str) -> Methods:
    """What the holder of a ticket can answer with; raises ``Refused`` (``ticket_invalid``)."""
    return methods.of(tickets.find(ticket).user_id)


def begin_key(ticket: str) -> dict[str, Any]:
    """Options to answer with a security key; raises ``Refused`` (``ticket_invalid``, ``webauthn_off``)."""
    return keys.begin_assertion(_question(tickets.find(ticket)))


def answer(ticket: str, answer: Answer, *, remember: bool, by: Actor) -> Opened | Waiting:
    """The second step. Ticket, code and session are one transaction: of parallel posts, one gets all three (LT-04).

    ``remember`` lets this browser leave the second factor out for 30 days, unless a recovery code opens it. Raises ``Refused``: ``ticket_invalid``, and
    what ``second.check`` and ``second.accept`` raise.
    """
    row = tickets.find(ticket)
    method = f"{PASSWORD}+{answer.method}"
    with trail.refusals_of(SignIn(subject_id=row.user_id, method=method), by=by):
        checked = second.check(row.user, answer, _question(row), by=by)
        with transaction.atomic():
            tickets.use(row)
            user = _as_of_now(row.user, row.auth_epoch)
            proof = second.accept(checked, by=by)
            how = SignedInBy(method=method, proof=proof, remember=remember and proof.method != RECOVERY)
            admitted = _admit(user, how, by=by)
        second.was_right(checked)
        return admitted


def begin_passkey(*, by: Actor) -> Begun:
    """Ask for a passkey before anybody has said who they are; raises ``Refused`` (``webauthn_off``, ``too_many_attempts``).

    The options name no credential: nobody learns who has one (WA-39).
    """
    spend(address_block(by.origin.address), _PASSKEYS)
    secret = random_secret()
    return Begun(keys.begin_assertion(_passkey_question(secret)), secret)


def answer_passkey(secret: str, credential: str, *, by: Actor) -> Opened:
    """Sign in with a passkey that has verified its user: two factors at once, and no phishing.

    Raises ``Refused``: ``passkey_refused`` for a disabled account (WA-38), ``too_many_attempts``, and what
    ``factors.keys.verify`` raises.
    """
    spend(address_block(by.origin.address), _PASSKEY_ANSWERS)
    with trail.refusals_of(SignIn(method=PASSKEY), by=by), second.telling_of_copies(by=by):
        key = keys.verify(credential, _passkey_question(secret))
        with transaction.atomic():
            user = _locked(key.user)
            if user.disabled or user.auth_epoch != key.user.auth_epoch:
                raise Refused("passkey_refused", _("This passkey does not log you in. Use your password."))
            how = SignedInBy(method=PASSKEY, proof=Proof(KEY, key.created))
            return open_session(user, how, by=by)


def confirm_browser(waiting: str, token: str, *, by: Actor) -> Opened:
    """The last step from a new browser: the mailed link ``token``, in the browser that holds ``waiting`` (LT-27).

    Raises ``Refused``: ``link_invalid``, ``browser_differs``, ``too_many_attempts``.
    """
    spend(address_block(by.origin.address), _CONFIRMATIONS)
    with trail.refusals_of(SignIn(method=CONFIRMED), by=by):
        row = confirmations.find(token, waiting=waiting)
    with transaction.atomic():
        confirmations.use(row)
        proof = Proof(row.proof, row.proof_since)
        how = SignedInBy(method=row.method, proof=proof, remember=row.remember, told=True)
        return open_session(_as_of_now(row.user, row.auth_epoch), how, by=by)


def open_after_registration(user: User, *, by: Actor) -> Opened:
    """The session of somebody who has just made this account, and so just chosen its password."""
    with transaction.atomic():
        return open_session(user, SignedInBy(method=PASSWORD, proof=BY_PASSWORD, told=True), by=by)


def _require_password(user: User | None, password: str, *, by: Actor) -> User:
    if not passwords.is_right(user, password) or user is None or user.disabled:
        raise Refused("credentials_wrong", _("The username or password is not right."))
    if breached.is_known(password):
        stolen_password.tell(user, by=by)
        raise Refused(
            "password_breached",
            _(
                "Your password stands in a list of stolen passwords. Use “Forgot your password?” to choose another."
            ),
        )
    return user


def _admit(user: User, how: SignedInBy, *, by: Actor) -> Opened | Waiting:
    if browsers.must_be_confirmed(user, proof=how.proof.method, origin=by.origin):
        return confirmations.ask(user, how.proof, method=how.method, remember=how.remember, by=by)
    return open_session(user, how, by=by)


def _question(ticket: Ticket) -> Question:
    return Question(Ceremony.SIGN_IN, f"ticket:{ticket.digest}", ticket.user_id)


def _passkey_question(secret: str) -> Question:
    return Question(Ceremony.PASSKEY, f"browser:{digest(secret)}")


def _as_of_now(user: User, epoch: int) -> User:
    """The user's row under lock: a factor or password changed since the ticket was made ends it (LT-16, LT-18)."""
    locked = _locked(user)
    if locked.auth_epoch != epoch or locked.disabled:
        raise Refused(
            "ticket_invalid", _("This sign-in has expired. Enter your username and password again.")
        )
    return locked


def _locked(user: User) -> User:
    return find.locked(user.pk)
