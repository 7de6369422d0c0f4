"""What the passing of time does to recoveries: reminders every day, the last link after the wait, the end."""

from datetime import timedelta

from django.db import transaction

from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.notices import queue
from strongroom.notices.notice import Recipient
from strongroom.recovery import links, stop, tell
from strongroom.recovery.models import Recovery
from strongroom.recovery.notices import RecoveryCanBeFinished, RecoveryIsOpen

_EVERY = timedelta(days=1)


def remind_due() -> int:
    """End, invite and remind what is due; returns how many recoveries. Any number of processes may call it."""
    now = clock.now()
    done = stop.expire_due(by=Actor.system())
    going_on = Recovery.objects.filter(ended=None, expires__gt=now).select_related("user")
    done += sum(invite(recovery) for recovery in going_on.filter(invited=None, ready__lte=now))
    return done + sum(_remind(recovery) for recovery in going_on.filter(told__lte=now - _EVERY))


def invite(recovery: Recovery) -> bool:
    """Mail the link that finishes it to the address that was named when it began; once, unless ``invited`` is cleared."""
    with transaction.atomic():
        now = clock.now()
        rows = Recovery.objects.filter(pk=recovery.pk, ended=None, invited=None, ready__lte=now)
        if not rows.update(invited=now):
            return False
        person = recovery.user
        notice = RecoveryCanBeFinished(
            url=links.to_finish(recovery),
            until=recovery.expires,
            stop_url=links.to_stop(recovery, person.pk),
        )
        queue.send(notice, to=Recipient(person.username, (recovery.address,), person.language))
        return True


def invite_again(recovery: Recovery) -> None:
    """Mail the link that finishes it once more."""
    with transaction.atomic():
        Recovery.objects.filter(pk=recovery.pk).update(invited=None)
        invite(recovery)


def _remind(recovery: Recovery) -> bool:
    """One conditional update decides which process tells (design, D1)."""
    with transaction.atomic():
        rows = Recovery.objects.filter(pk=recovery.pk, ended=None, told=recovery.told)
        if not rows.update(told=clock.now()):
            return False
        tell.everybody(
            recovery,
            lambda reader: RecoveryIsOpen(
                username=recovery.user.username,
                is_owner=reader.is_owner,
                ready=recovery.ready,
                stop_url=reader.stop_url,
            ),
            operators=False,
        )
        return True
