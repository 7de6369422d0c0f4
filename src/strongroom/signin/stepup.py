"""Step-up: proving again, with the strongest factor one has, before a sensitive act (D9)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts import find as people
from strongroom.accounts import passwords, standing
from strongroom.accounts.attempts import AT_SIGN_IN, password_was_right, spend_password
from strongroom.audit import trail
from strongroom.factors import keys, methods, recovery_codes
from strongroom.factors.challenges import Ceremony
from strongroom.factors.keys import Question
from strongroom.factors.methods import KEY, PASSWORD, RECOVERY, TOTP, Methods
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.signin import second
from strongroom.signin.events import StepUp
from strongroom.signin.models import Session
from strongroom.signin.proof import BY_PASSWORD
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened, renew

FRESH = timedelta(minutes=10)
RECOVERY_DELAY = timedelta(hours=24)

_STRENGTH = {PASSWORD: 0, RECOVERY: 0, TOTP: 1, KEY: 2}


def methods_for(user_id: int) -> Methods:
    """What proving can be done with.

    For a day after a recovery code was used, factors that are newer than that use count for nothing here, if there are
    older ones: whoever found a code could else add a factor of their own and take the account over with it (RC-13).
    While the account is frozen, so it is with those that came since what its person did not do.
    """
    since = _in_doubt_since(user_id)
    return methods.older_than(user_id, since) if since else methods.of(user_id)


def strongest(user_id: int) -> str:
    """What proving takes: ``key``, ``totp`` or ``password``. Never less than the account has (SU-02)."""
    return methods_for(user_id).strongest


def is_fresh(session: Session) -> bool:
    """Whether this session was proved within 10 minutes (not sliding) with the strongest factor that there is now."""
    strong = _STRENGTH[session.proof] >= _STRENGTH[strongest(session.user_id)]
    return _is_recent(session) and strong and not _is_in_doubt(session.user_id, session.proof_since)


def is_recovered(session: Session) -> bool:
    """Whether it was so proved, or with a recovery code, or with a factor that one brought in.

    That is enough to add factors, make new codes and change the password, so that somebody whose key is lost can go on.
    """
    by_code = session.proof == RECOVERY or _is_in_doubt(session.user_id, session.proof_since)
    return is_fresh(session) or (_is_recent(session) and by_code)


def require_fresh(session: Session) -> None:
    """Raises ``Refused``: ``factor_too_new`` where the proof is one of a factor in doubt, ``proof_needed`` unless ``is_fresh``."""
    if _is_recent(session):
        _require_no_doubt(session.user_id, session.proof_since)
    if not is_fresh(session):
        raise _proof_needed()


def require_recovered(session: Session) -> None:
    """Raises ``Refused`` (``proof_needed``) unless ``is_recovered``."""
    if not is_recovered(session):
        raise _proof_needed()


def require_trusted(session: Session, before: datetime) -> None:
    """Raises ``Refused``: ``proof_needed``; ``factor_too_new`` unless it was proved by a factor added before ``before``."""
    require_fresh(session)
    if session.proof_since is None or session.proof_since >= before:
        raise Refused(
            "factor_too_new",
            _("This takes a security key or authenticator app that your account has had for longer."),
        )


def begin_key(session: Session) -> dict[str, Any]:
    """Options to prove it with a security key; raises ``Refused`` (``webauthn_off``)."""
    return keys.begin_assertion(_question(session))


def prove(session: Session, answer: Answer, *, by: Actor) -> Opened:
    """Prove again who is signed in, with the strongest factor or a recovery code. The cookie changes (SS-01).

    Raises ``Refused``: ``proof_too_weak`` for less; ``factor_too_new`` for a factor in doubt; ``too_many_attempts``, ``password_wrong``, and what ``second.check``
    and ``second.accept`` raise.
    """
    about = StepUp(subject_id=session.user_id, method=answer.method)
    with trail.refusals_of(about, by=by):
        _require_strong(session, answer.method)
        if answer.method == PASSWORD:
            require_password(session, answer.text, by=by)
            with transaction.atomic():
                trail.record(about, by=by)
                return renew(session, epoch=session.auth_epoch, proof=BY_PASSWORD)
        checked = second.check(session.user, answer, _question(session), by=by)
        with transaction.atomic():
            proof = second.accept(checked, by=by)
            _require_no_doubt(session.user_id, proof.since)
            trail.record(about, by=by)
            opened = renew(session, epoch=session.auth_epoch, proof=proof)
        second.was_right(checked)
        return opened


def require_password(session: Session, password: str, *, by: Actor) -> None:
    """Check the password of whoever is signed in; raises ``Refused`` (``password_wrong``, ``too_many_attempts``)."""
    spend_password(session.user.username, by.origin.address, per_address=AT_SIGN_IN)
    if not passwords.is_right(session.user, password):
        raise Refused("password_wrong", _("This is not your password."), field="password")
    password_was_right(session.user.username, by.origin.address)


def _require_strong(session: Session, method: str) -> None:
    if method != RECOVERY and _STRENGTH.get(method, -1) < _STRENGTH[strongest(session.user_id)]:
        raise Refused("proof_too_weak", _("Use the strongest factor that your account has."))


def _in_doubt_since(user_id: int) -> datetime | None:
    """Since when factors are in doubt, where the account has some from before.

    Of the last day's recovery codes the first counts: with a second one nobody makes their own factor an old one.
    """
    used = recovery_codes.first_used(user_id, after=clock.now() - RECOVERY_DELAY)
    frozen = standing.trusted_before(people.by_id(user_id))
    moments = sorted(moment for moment in (used, frozen) if moment is not None)
    return next((moment for moment in moments if methods.older_than(user_id, moment).any), None)


def _is_in_doubt(user_id: int, since: datetime | None) -> bool:
    """Whether a factor that the account has had ``since`` then came after that moment."""
    doubt = _in_doubt_since(user_id) if since else None
    return doubt is not None and since is not None and since >= doubt


def _require_no_doubt(user_id: int, since: datetime | None) -> None:
    if _is_in_doubt(user_id, since):
        raise Refused(
            "factor_too_new",
            _(
                "For a day after a recovery code was used, and while the account is frozen, this takes a security key or "
                "authenticator app that you had before. Use that one."
            ),
        )


def _is_recent(session: Session) -> bool:
    return clock.now() - session.proven <= FRESH


def _question(session: Session) -> Question:
    return Question(Ceremony.STEP_UP, f"session:{session.pk}", session.user_id)


def _proof_needed() -> Refused:
    return Refused("proof_needed", _("Confirm that it is you, then try again."))
