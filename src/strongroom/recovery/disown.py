"""“This was not me” beside an event of one's own history: what the panic link of a mail does, from within a session.

It takes no fresh proof, as the link takes no login: whoever needs it may no longer have what a proof takes. What does
somebody gain who sits in a session that is not theirs? The freeze ends that very session and every other; they keep
nothing, and can publish and change nothing. They can say that an event of long ago was "not me", so that fewer factors
are old enough to undo the freeze; therefore it can be said of the last 30 days only, for which the links of the mails
are good as well, and the owner's factors of before undo it. What stays is a nuisance, which is mailed to the owner's
addresses and to the operators, who can undo it too.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.accounts.models import User
from strongroom.accounts.panic_link import LIFETIME, Alarm
from strongroom.audit import trail
from strongroom.audit.models import Entry
from strongroom.audit.search import Outcome, Scope
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.recovery import panic
from strongroom.recovery.events import EventDisowned
from strongroom.throttle.limits import Limit, spend

_PER_PERSON = Limit("disown", count=20, seconds=3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An event of an account of which its person may say that it was not them.

    ``was_refused``: nothing was let in by it. ``by_other``: another account did it, as its author says. ``is_stoppable``:
    it can still be disowned. ``is_done``: the account is frozen from this event or an earlier one.
    """

    entry: Entry
    was_refused: bool
    by_other: bool
    is_stoppable: bool
    is_done: bool


def look(user: User, serial: int) -> Doubt:
    """What it is about; looking changes nothing. Raises ``Refused`` (``event_unknown``)."""
    entry = _own(user, serial)
    return Doubt(
        entry=entry,
        was_refused=entry.outcome == Outcome.REFUSED,
        by_other=entry.actor_id not in {None, user.pk},
        is_stoppable=_is_stoppable(user, entry),
        is_done=user.frozen is not None and user.frozen <= entry.time,
    )


def disown(user: User, serial: int, *, by: Actor) -> None:
    """Stop everything, as the panic link of a mail from the time of the event does, so that nothing newer is trusted.

    Once more does no harm. Raises ``Refused``: ``event_unknown``, ``event_too_old`` (also where a freeze was undone since:
    whoever did that has looked at it), ``too_many_attempts``.
    """
    spend(str(user.pk), _PER_PERSON)
    entry = _own(user, serial)
    disowned = EventDisowned(subject_id=user.pk, serial=serial, event=entry.tag)
    with trail.refusals_of(disowned, by=by), transaction.atomic():
        if not _is_stoppable(user, entry):
            raise Refused(
                "event_too_old",
                _(
                    "This happened too long ago to freeze the account because of it. Change your password, and remove the "
                    "addresses, second factors and tokens that are not yours."
                ),
            )
        trail.record(disowned, by=by)
        panic.stop(Alarm(user, min(entry.time, clock.now())), by=by)


def _own(user: User, serial: int) -> Entry:
    """By its owner and serial (design, D6)."""
    entry = Entry.objects.filter(pk=serial).first()
    if entry is None or not Scope(user_id=user.pk).covers(entry):
        raise Refused("event_unknown", _("There is no such event in your history."))
    return entry


def _is_stoppable(user: User, entry: Entry) -> bool:
    is_settled = user.thawed is not None and entry.time < user.thawed
    return not is_settled and clock.now() - entry.time <= LIFETIME
