"""Recoveries that come to nothing: somebody stops one, which is final, or its time is over."""

from django.db import transaction

from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.recovery import links, stage, tell
from strongroom.recovery.events import RecoveryExpired, RecoveryStopped
from strongroom.recovery.models import Recovery
from strongroom.recovery.notices import RecoveryHasExpired, RecoveryWasStopped

_STOPPED, _EXPIRED = Recovery.Outcome.STOPPED, Recovery.Outcome.EXPIRED


def find(token: str) -> Recovery:
    """The open recovery that a mailed link stops; raises ``Refused`` (``link_invalid``, and as ``stage.why_not``)."""
    recovery, _reader = links.stopped_by(token)
    if recovery.ended is not None:
        raise stage.why_not(recovery)
    return recovery


def by_link(token: str, *, by: Actor) -> Recovery:
    """Stop it by the link of a mail, without signing in. Recorded is whom the mail was sent to.

    Raises ``Refused``: ``link_invalid``, and what ``stage.why_not`` makes where it was over already.
    """
    recovery, reader = links.stopped_by(token)
    return _stop(recovery, stopped_by=reader.username, by=by)


def own(user: User, recovery_id: int, *, by: Actor) -> Recovery:
    """Stop the recovery of one's own account; raises ``Refused`` as ``by_link``, and ``recovery_unknown``.

    It is looked up by its owner: nobody else's can be named (design, D6).
    """
    recovery = stage.find(recovery_id)
    if recovery.user_id != user.pk:
        raise stage.unknown()
    return _stop(recovery, stopped_by=user.username, by=by)


def as_operator(recovery_id: int, *, by: Actor) -> Recovery:
    """Stop any recovery; raises ``Refused`` as ``own``."""
    return _stop(stage.find(recovery_id), stopped_by=by.username, by=by)


def expire_due(*, by: Actor) -> int:
    """End the recoveries whose time is over; returns how many. Any number of processes may call it."""
    due = Recovery.objects.filter(ended=None, expires__lte=clock.now()).select_related("user")
    return sum(_expire(recovery, by=by) for recovery in due)


def _stop(recovery: Recovery, *, stopped_by: str, by: Actor) -> Recovery:
    about = RecoveryStopped(subject_id=recovery.user_id, stopped_by=stopped_by)
    with trail.refusals_of(about, by=by), transaction.atomic():
        rows = Recovery.objects.filter(pk=recovery.pk)
        if not rows.filter(ended=None).update(ended=clock.now(), outcome=_STOPPED):
            raise stage.why_not(rows.get())
        trail.record(about, by=by)
        tell.everybody(
            recovery,
            lambda reader: RecoveryWasStopped(
                username=recovery.user.username, is_owner=reader.is_owner, stopped_by=stopped_by
            ),
            operators=True,
        )
        return rows.select_related("user").get()


def _expire(recovery: Recovery, *, by: Actor) -> bool:
    with transaction.atomic():
        rows = Recovery.objects.filter(pk=recovery.pk, ended=None, expires__lte=clock.now())
        if not rows.update(ended=clock.now(), outcome=_EXPIRED):
            return False
        trail.record(RecoveryExpired(subject_id=recovery.user_id), by=by)
        tell.everybody(
            recovery,
            lambda reader: RecoveryHasExpired(username=recovery.user.username, is_owner=reader.is_owner),
            operators=False,
        )
        return True
