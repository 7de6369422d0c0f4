"""Telling somebody that their password, though right, no longer logs them in: it stands in a list of stolen ones."""

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.accounts.notices import PasswordIsStolen
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.notices import queue
from strongroom.throttle.limits import Limit, spend

_TOLD = Limit("stolen-password-told", count=1, seconds=24 * 3600)


def tell(user: User, *, by: Actor) -> None:
    """Mail ``user`` of it, once a day at most; the refusal itself is recorded by whoever refuses (LT-21)."""
    try:
        spend(str(user.pk), _TOLD)
    except Refused:
        return
    notice = PasswordIsStolen(when=clock.now(), address=by.origin.address)
    queue.send(notice, to=emails.recipient(user))
