"""Turning second factors on and off: the change, its mail, and the end of all other sessions, together."""

from django.db import transaction

from strongroom.accounts import emails, epoch
from strongroom.accounts.models import User
from strongroom.factors import enrol
from strongroom.factors.enrol import Enrolment
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.notices import queue
from strongroom.signin.models import Session
from strongroom.signin.notices import TotpWasAdded, TotpWasRemoved, TwoFactorWasReset
from strongroom.signin.session import Opened, renew
from strongroom.signin.steps import TOTP
from strongroom.signin.stepup import require_fresh
from strongroom.throttle.limits import Limit, spend

# Guessing a code here proves nothing but that one has the seed on the page; this bounds the work only.
_CONFIRMATIONS = Limit("totp-confirm", count=30, seconds=600)


def begin_totp(session: Session) -> Enrolment:
    """The secret for a new authenticator app; raises ``Refused`` (``email_unverified``, ``proof_needed``)."""
    _require_ready(session)
    return enrol.begin(session.user_id, session.pk, username=session.user.username)


def confirm_totp(session: Session, *, name: str, code: str, by: Actor) -> Opened:
    """Add the authenticator app that answers with ``code``.

    Raises ``Refused``: ``email_unverified``, ``proof_needed``, and what ``factors.enrol.confirm`` raises.
    """
    _require_ready(session)
    spend(str(session.user_id), _CONFIRMATIONS)
    with transaction.atomic():
        app = enrol.confirm(session.user_id, session.pk, name=name, code=code, by=by)
        queue.send(TotpWasAdded(name=app.name, when=clock.now()), to=emails.recipient(session.user))
        return renew(session, epoch=epoch.bump(session.user_id), proof=TOTP)


def remove_totp(session: Session, totp_id: int, *, by: Actor) -> Opened:
    """Remove an authenticator app; raises ``Refused`` (``proof_needed``, ``factor_unknown``)."""
    require_fresh(session)
    with transaction.atomic():
        app = enrol.remove(session.user_id, totp_id, by=by)
        still = enrol.has_any(session.user_id)
        notice = TotpWasRemoved(name=app.name, when=clock.now(), still_protected=still)
        queue.send(notice, to=emails.recipient(session.user))
        return renew(session, epoch=epoch.bump(session.user_id))


def reset_two_factor(user: User, *, by: Actor) -> int:
    """Remove all second factors of somebody who lost them, by an operator; returns how many there were."""
    with transaction.atomic():
        count = enrol.remove_all(user.pk, by=by)
        epoch.bump(user.pk)
        queue.send(TwoFactorWasReset(when=clock.now()), to=emails.recipient(user))
        return count


def _require_ready(session: Session) -> None:
    emails.require_verified_primary(session.user_id)
    require_fresh(session)
