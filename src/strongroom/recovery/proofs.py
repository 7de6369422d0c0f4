"""The three proofs of a recovery: an answered mail, an operator's approval, another maintainer's word."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.factors import methods
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.projects import co_maintainers
from strongroom.recovery import stage, tell
from strongroom.recovery.events import RecoveryComplete, RecoveryProved
from strongroom.recovery.models import MAX_REASON, Recovery, Vouch
from strongroom.recovery.notices import RecoveryIsWaiting
from strongroom.signin.models import Session
from strongroom.signin.stepup import require_trusted

MAIL, OPERATOR, MAINTAINER = "mail", "operator", "maintainer"


def by_mail(recovery: Recovery, *, by: Actor) -> Recovery:
    """The person has answered a mail, in the caller's transaction, which has used its link up.

    Raises ``Refused``: ``recovery_proof_given``, and what ``stage.why_not`` makes.
    """
    held = _hold(recovery.pk)
    if held.mail_proved is not None:
        raise _given()
    Recovery.objects.filter(pk=held.pk).update(mail_proved=clock.now())
    trail.record(RecoveryProved(subject_id=held.user_id, proof=MAIL), by=by)
    return _complete(held, by=by)


def approve(recovery_id: int, *, reason: str, by: Actor) -> Recovery:
    """An operator is sure that it is the person who asks, for a ``reason`` that is recorded.

    Raises ``Refused``: ``recovery_unknown``, ``recovery_reason_needed``, ``recovery_of_yourself``,
    ``recovery_same_person``, ``recovery_proof_given``, and what ``stage.why_not`` makes.
    """
    recovery = stage.find(recovery_id)
    about = RecoveryProved(subject_id=recovery.user_id, proof=OPERATOR, reason=reason)
    with trail.refusals_of(about, by=by), transaction.atomic():
        require_approver(recovery.user_id, reason=reason, by=by)
        held = _hold(recovery.pk)
        if held.approved is not None:
            raise _given()
        if by.user_id is not None and held.vouches.filter(user_id=by.user_id).exists():
            raise _same_person()
        Recovery.objects.filter(pk=held.pk).update(
            approved=clock.now(), approved_by=by.username, approved_by_id=by.user_id, reason=reason
        )
        trail.record(about, by=by)
        return _complete(held, by=by)


def vouch(session: Session, recovery_id: int, *, by: Actor) -> Recovery:
    """Whoever is signed in says that it is the person who asks.

    It takes a role in a common project, and two-factor sign-in that is on, proved just now by a factor older than the
    recovery. Raises ``Refused``: ``recovery_unknown``, ``recovery_of_yourself``, ``account_frozen``,
    ``two_factor_needed``, ``proof_needed``, ``factor_too_new``, ``recovery_same_person``, ``recovery_proof_given``, and
    what ``stage.why_not`` makes.
    """
    recovery = vouchable(session.user_id, recovery_id)
    about = RecoveryProved(subject_id=recovery.user_id, proof=MAINTAINER)
    with trail.refusals_of(about, by=by), transaction.atomic():
        _require_sound(session, recovery)
        held = _hold(recovery.pk)
        if held.approved_by_id == session.user_id:
            raise _same_person()
        if held.vouches.filter(user_id=session.user_id).exists():
            raise _given()
        Vouch.objects.create(recovery=held, user_id=session.user_id, when=clock.now())
        trail.record(about, by=by)
        return _complete(held, by=by)


def vouchable(user_id: int, recovery_id: int) -> Recovery:
    """The recovery for which ``user_id`` might vouch; whoever shares no project with the person finds none.

    Raises ``Refused`` (``recovery_unknown``, ``recovery_of_yourself``).
    """
    recovery = stage.find(recovery_id)
    if recovery.user_id == user_id:
        raise _yourself()
    if user_id not in co_maintainers.of(recovery.user_id):
        raise stage.unknown()
    return recovery


def require_approver(user_id: int, *, reason: str, by: Actor) -> None:
    """Raises ``Refused`` unless ``by``, an operator, may approve a recovery of ``user_id`` for ``reason``."""
    if by.user_id == user_id:
        raise _yourself()
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Refused(
            "recovery_reason_needed",
            _("Write down, in at most %(count)d characters, why you are sure that it is them.")
            % {"count": MAX_REASON},
            field="reason",
        )


def _hold(recovery_id: int) -> Recovery:
    """The recovery, if it is open and misses a proof.

    One conditional update is the decision, and holds the row until the transaction ends: of two proofs that come at
    the same time, the second sees the first (design, D1).
    """
    rows = Recovery.objects.filter(pk=recovery_id)
    if not rows.filter(ended=None, complete=None, expires__gt=clock.now()).update(begun=F("begun")):
        raise stage.why_not(rows.get())
    return rows.select_related("user").get()


def _complete(held: Recovery, *, by: Actor) -> Recovery:
    """With two different proofs the wait begins, and everybody is told."""
    recovery = stage.find(held.pk)
    if not stage.proofs_of(recovery).suffice:
        return recovery
    now = clock.now()
    recovery.complete, recovery.told, recovery.ready = now, now, now + stage.wait()
    recovery.expires = recovery.ready + stage.TO_FINISH
    recovery.save(update_fields=["complete", "told", "ready", "expires"])
    ready = recovery.ready
    trail.record(RecoveryComplete(subject_id=recovery.user_id, ready=ready.isoformat()), by=by)
    tell.everybody(
        recovery,
        lambda reader: RecoveryIsWaiting(
            username=recovery.user.username,
            is_owner=reader.is_owner,
            ready=ready,
            stop_url=reader.stop_url,
        ),
        operators=False,
    )
    return recovery


def _require_sound(session: Session, recovery: Recovery) -> None:
    """The word of somebody whose own account may be in other hands, or was made safe only for this, counts for nothing."""
    if session.user.frozen is not None:
        raise Refused("account_frozen", _("Your account is frozen. Undo that first."))
    if not methods.of(session.user_id).is_on:
        raise Refused("two_factor_needed", _("Turn on two-factor sign-in for your own account first."))
    require_trusted(session, recovery.begun)


def _given() -> Refused:
    return Refused("recovery_proof_given", _("This recovery has this proof already. It needs another one."))


def _same_person() -> Refused:
    return Refused(
        "recovery_same_person",
        _("You have given one proof of this recovery. The other one must come from somebody else."),
    )


def _yourself() -> Refused:
    return Refused("recovery_of_yourself", _("This is your own account. Somebody else must vouch for you."))
