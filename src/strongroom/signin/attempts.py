"""How many wrong codes are looked at, and who is told."""

from django.db import transaction

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.signin.events import CodeEntryLocked
from strongroom.signin.notices import CodeEntryWasLocked
from strongroom.throttle.limits import Limit, forget, spend

_FOR_EVER = 100 * 365 * 24 * 3600

# Codes of one account's authenticator apps: no other factor is touched by this lock. NIST SP 800-63B §5.2.2 allows
# 100 failures in a row, whatever the time between them.
_CODE = (Limit("totp", count=10, seconds=300), Limit("totp-day", count=50, seconds=24 * 3600))
_CODE_ROW = Limit("totp-row", count=100, seconds=_FOR_EVER)
_TOLD = Limit("totp-told", count=1, seconds=24 * 3600)


def spend_code(user: User, *, by: Actor) -> None:
    """Spend an attempt at a code; raises ``Refused`` (``too_many_attempts``) and, at first, tells the owner."""
    try:
        spend(str(user.pk), *_CODE, _CODE_ROW)
    except Refused:
        _tell_once(user, by=by)
        raise


def code_was_right(user: User) -> None:
    """Begin counting wrong codes anew."""
    forget(str(user.pk), _CODE_ROW)


def _tell_once(user: User, *, by: Actor) -> None:
    try:
        spend(str(user.pk), _TOLD)
    except Refused:
        return
    with transaction.atomic():
        trail.record(CodeEntryLocked(subject_id=user.pk), by=by)
        queue.send(CodeEntryWasLocked(when=clock.now()), to=emails.recipient(user))
