"""Turning second factors on and off: the change, its mail, and the end of all other sessions, together."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import emails, epoch, standing
from strongroom.audit import trail
from strongroom.factors import keys, methods, recovery_codes, totp_enrollment
from strongroom.factors.events import KeyAdded, TotpAdded
from strongroom.factors.methods import KEY, RECOVERY, TOTP
from strongroom.factors.models import MAX_NAME
from strongroom.factors.totp_enrollment import Enrollment
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.notices import queue
from strongroom.notices.notice import Notice
from strongroom.signin import attempts
from strongroom.signin.models import Session
from strongroom.signin.notices import (
    KeyWasAdded,
    KeyWasRemoved,
    KeyWasRenamed,
    RecoveryCodesWereMade,
    TotpWasAdded,
    TotpWasRemoved,
)
from strongroom.signin.proof import Proof
from strongroom.signin.session import Opened, lock, renew
from strongroom.signin.stepup import require_fresh, require_recovered, strongest
from strongroom.throttle.limits import Limit, spend

# Guessing a code here proves nothing but that one has the seed on the page; this bounds the work only.
_CONFIRMATIONS = Limit("factor-confirm", count=30, seconds=600)
_CODES_MADE = Limit("codes-made", count=20, seconds=3600)


def begin_totp(session: Session) -> Enrollment:
    """The secret for a new authenticator app; raises ``Refused`` (``email_unverified``, ``proof_needed``)."""
    _require_ready(session)
    return totp_enrollment.begin(session.user_id, session.pk, username=session.user.username)


def confirm_totp(session: Session, *, name: str, code: str, by: Actor) -> Opened:
    """Add the authenticator app that answers with ``code``.

    Raises ``Refused``: ``email_unverified``, ``proof_needed``, and what ``factors.totp_enrollment.confirm`` raises.
    """
    _require_ready(session)
    spend(str(session.user_id), _CONFIRMATIONS)
    about = TotpAdded(subject_id=session.user_id, name=name[:MAX_NAME])
    with trail.refusals_of(about, by=by), transaction.atomic():
        lock(session)
        app = totp_enrollment.confirm(session.user_id, session.pk, name=name, code=code, by=by)
        attempts.factor_is_new(session.user_id, TOTP)
        proof = Proof(TOTP, app.created)
        return _changed(session, TotpWasAdded(name=app.name, when=clock.now()), proof=proof)


def remove_totp(session: Session, totp_id: int, *, keep_one: bool, by: Actor) -> Opened:
    """Remove an authenticator app; ``keep_one`` where policy asks for a second factor.

    Raises ``Refused``: ``proof_needed``, ``factor_too_new``, ``factor_unknown``, ``factor_needed``.
    """
    require_fresh(session)
    with transaction.atomic():
        lock(session)
        app = totp_enrollment.remove(session.user_id, totp_id, by=by)
        still = _require_left(session, keep_one=keep_one)
        return _changed(session, TotpWasRemoved(name=app.name, when=clock.now(), still_protected=still))


def begin_key(session: Session) -> dict[str, Any]:
    """Options to make a credential; raises ``Refused`` (``email_unverified``, ``proof_needed``, and see ``factors.keys``)."""
    _require_ready(session)
    spend(str(session.user_id), _CONFIRMATIONS)
    user = session.user
    return keys.begin_registration(
        user.pk, handle=user.public_id, username=user.username, holder=_holder(session)
    )


def add_key(session: Session, *, name: str, credential: str, by: Actor) -> Opened:
    """Add the security key or passkey that ``credential``, a browser's JSON, comes from.

    Raises ``Refused``: ``email_unverified``, ``proof_needed``, and what ``factors.keys`` raises.
    """
    _require_ready(session)
    with trail.refusals_of(KeyAdded(subject_id=session.user_id, name=name[:MAX_NAME]), by=by):
        checked = keys.check_registration(credential, holder=_holder(session))
        with transaction.atomic():
            lock(session)
            key = keys.add(session.user_id, checked, name=name, by=by)
            proof = Proof(KEY, key.created)
            return _changed(session, KeyWasAdded(name=key.name, when=clock.now()), proof=proof)


def rename_key(session: Session, key_id: int, *, name: str, by: Actor) -> None:
    """Give a key another name; nothing else changes, so no session ends.

    Raises ``Refused``: ``proof_needed``, ``factor_unknown``, ``factor_name_invalid``, ``factor_name_taken``.
    """
    require_fresh(session)
    with transaction.atomic():
        checked = keys.rename(session.user_id, key_id, name=name, by=by)
        queue.send(KeyWasRenamed(name=checked, when=clock.now()), to=emails.recipient(session.user))


def remove_key(session: Session, key_id: int, *, keep_one: bool, by: Actor) -> Opened:
    """Remove a key; ``keep_one`` where policy asks for a second factor. Raises ``Refused`` as ``remove_totp`` does."""
    require_fresh(session)
    with transaction.atomic():
        lock(session)
        key = keys.remove(session.user_id, key_id, by=by)
        still = _require_left(session, keep_one=keep_one)
        return _changed(session, KeyWasRemoved(name=key.name, when=clock.now(), still_protected=still))


def make_codes(session: Session, *, by: Actor) -> list[Secret]:
    """New recovery codes, to be shown this once; all earlier ones are void.

    Raises ``Refused``: ``email_unverified``, ``proof_needed``, ``factor_missing``, ``too_many_attempts``.
    """
    _require_ready(session)
    if not methods.has_any(session.user_id):
        raise Refused("factor_missing", _("Add a security key or an authenticator app first."))
    spend(str(session.user_id), _CODES_MADE)
    with transaction.atomic():
        lock(session)
        codes = recovery_codes.make(session.user_id, by=by)
        attempts.factor_is_new(session.user_id, RECOVERY)
        queue.send(RecoveryCodesWereMade(when=clock.now()), to=emails.recipient(session.user))
        return codes


def acknowledge_codes(session: Session, code: str, *, by: Actor) -> None:
    """Take one of the new codes, typed back, as a sign that they were kept; from now on two-factor counts as on.

    Raises ``Refused``: ``proof_needed``, ``too_many_attempts``, and what ``factors.recovery_codes.acknowledge`` raises.
    """
    require_recovered(session)
    spend(str(session.user_id), _CONFIRMATIONS)
    with transaction.atomic():
        recovery_codes.acknowledge(session.user_id, code, by=by)
        if methods.of(session.user_id).is_on:
            standing.has_enrolled(session.user_id)


def _changed(session: Session, notice: Notice, *, proof: Proof | None = None) -> Opened:
    """Tell every verified address, end all other sessions, and go on in this one (SU-08).

    What was shown counts as a proof only where the account has nothing stronger.
    """
    queue.send(notice, to=emails.recipient(session.user))
    counts = proof is not None and proof.method == strongest(session.user_id)
    return renew(session, epoch=epoch.bump(session.user_id), proof=proof if counts else None)


def _require_ready(session: Session) -> None:
    emails.require_verified_primary(session.user_id)
    require_recovered(session)


def _require_left(session: Session, *, keep_one: bool) -> bool:
    still = methods.has_any(session.user_id)
    if keep_one and not still:
        raise Refused(
            "factor_needed",
            _("This site asks for two-factor sign-in. Add another factor before you remove the last."),
        )
    methods.tidy(session.user_id)
    return still


def _holder(session: Session) -> str:
    return f"session:{session.pk}"
