"""Changing the password and the addresses while signed in: each ends all other sessions."""

from django.db import transaction

from strongroom.accounts import emails, passwords, primary_email
from strongroom.accounts.events import EmailRemoved, PasswordChanged, PrimaryEmailChanged
from strongroom.accounts.notices import PasswordWasChanged
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.notices import queue
from strongroom.signin.models import Session
from strongroom.signin.session import Opened, renew
from strongroom.signin.stepup import require_fresh, require_password, require_recovered


def change_password(session: Session, *, current: str, new: str, by: Actor) -> Opened:
    """Replace the password.

    Raises ``Refused``: ``proof_needed``, ``password_wrong``, ``too_many_attempts``, and what ``passwords.prepare`` raises.
    """
    require_recovered(session)
    with trail.refusals_of(
        PasswordChanged(subject_id=session.user_id), by=by
    ):  # guesses, not typos in the new one
        require_password(session, current, by=by)
    prepared = passwords.prepare(session.user, new)
    with transaction.atomic():
        moved = passwords.store(session.user, prepared, by=by)
        notice = PasswordWasChanged(when=clock.now(), address=by.origin.address)
        queue.send(notice, to=emails.recipient(session.user))
        return renew(session, epoch=moved)


def make_primary_email(session: Session, address_id: int, *, by: Actor) -> Opened:
    """Make a verified address the primary one; raises ``Refused`` (``proof_needed``, and as ``primary_email.make``)."""
    require_fresh(session)
    about = PrimaryEmailChanged(subject_id=session.user_id)
    with trail.refusals_of(about, by=by), transaction.atomic():
        return renew(session, epoch=primary_email.make(session.user, address_id, by=by))


def remove_email(session: Session, address_id: int, *, by: Actor) -> Opened:
    """Remove an address; raises ``Refused`` (``proof_needed``, and as ``emails.remove``)."""
    require_fresh(session)
    with trail.refusals_of(EmailRemoved(subject_id=session.user_id), by=by), transaction.atomic():
        return renew(session, epoch=emails.remove(session.user, address_id, by=by))
