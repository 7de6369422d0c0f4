"""Step-up: proving again, with the strongest factor one has, before a sensitive act (D9)."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import passwords
from strongroom.accounts.attempts import AT_SIGN_IN, password_was_right, spend_password
from strongroom.audit import trail
from strongroom.factors import enrol, totp
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.signin import attempts
from strongroom.signin.events import StepUp
from strongroom.signin.models import Session
from strongroom.signin.session import Opened, renew
from strongroom.signin.steps import PASSWORD, TOTP

FRESH = timedelta(minutes=10)


def needs_code(user_id: int) -> bool:
    """Whether proving takes a code; a password alone is never enough where there is a second factor."""
    return enrol.has_any(user_id)


def is_fresh(session: Session) -> bool:
    """Whether this session was proved within 10 minutes (not sliding) with the strongest factor that there is now."""
    strongest = TOTP if needs_code(session.user_id) else PASSWORD
    return clock.now() - session.proven <= FRESH and session.proof in {strongest, TOTP}


def require_fresh(session: Session) -> None:
    """Raises ``Refused`` (``proof_needed``) unless ``is_fresh``."""
    if not is_fresh(session):
        raise Refused("proof_needed", _("Confirm that it is you, then try again."))


def prove(session: Session, *, password: str, code: str, by: Actor) -> Opened:
    """Prove again: with ``code`` where the account has a second factor, else with ``password``. The cookie changes.

    Raises ``Refused``: ``too_many_attempts``, ``password_wrong``, and what ``factors.totp.verify`` raises.
    """
    proof = TOTP if needs_code(session.user_id) else PASSWORD
    about = StepUp(subject_id=session.user_id, method=proof)
    with trail.refusals_of(about, by=by):
        if proof == PASSWORD:
            require_password(session, password, by=by)
        else:
            attempts.spend_code(session.user, by=by)
        with transaction.atomic():
            if proof == TOTP:
                totp.verify(session.user_id, code)
            trail.record(about, by=by)
            opened = renew(session, epoch=session.auth_epoch, proof=proof)
        attempts.code_was_right(session.user)
        return opened


def require_password(session: Session, password: str, *, by: Actor) -> None:
    """Check the password of whoever is signed in; raises ``Refused`` (``password_wrong``, ``too_many_attempts``)."""
    spend_password(session.user.username, by.origin.address, per_address=AT_SIGN_IN)
    if not passwords.is_right(session.user, password):
        raise Refused("password_wrong", _("This is not your password."), field="password")
    password_was_right(session.user.username, by.origin.address)
