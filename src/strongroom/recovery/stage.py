"""How far a recovery has come, and why it goes no further."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext as _

from strongroom.kernel import clock
from strongroom.kernel.refused import Refused
from strongroom.recovery.models import Recovery

TO_PROVE = timedelta(days=7)
TO_FINISH = timedelta(days=14)
NEEDED = 2


class Stage(StrEnum):
    """Where a recovery stands."""

    INCOMPLETE = "incomplete"
    WAITING = "waiting"
    READY = "ready"
    STOPPED = "stopped"
    FINISHED = "finished"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """Which of the three proofs a recovery has."""

    mail: bool
    operator: bool
    maintainer: bool

    @property
    def suffice(self) -> bool:
        """Whether there are two different ones."""
        return self.mail + self.operator + self.maintainer >= NEEDED


def wait() -> timedelta:
    """How long a recovery waits once it has its proofs."""
    return timedelta(hours=settings.CONFIG.recovery.wait_hours)


def open_of(user_id: int) -> Recovery | None:
    """The recovery of an account that is going on, if there is one."""
    return Recovery.objects.filter(user_id=user_id, ended=None, expires__gt=clock.now()).first()


def all_open() -> list[Recovery]:
    """The recoveries that are going on, the oldest first, for operators."""
    rows = Recovery.objects.filter(ended=None, expires__gt=clock.now()).select_related("user")
    return list(rows.order_by("begun", "pk"))


def find(recovery_id: int) -> Recovery:
    """The recovery of that number, at whatever stage; raises ``Refused`` (``recovery_unknown``)."""
    recovery = Recovery.objects.select_related("user").filter(pk=recovery_id).first()
    if recovery is None:
        raise unknown()
    return recovery


def stage_of(recovery: Recovery) -> Stage:
    """Where ``recovery`` stands now."""
    now = clock.now()
    if recovery.ended is not None:
        return Stage(recovery.outcome)
    if recovery.expires <= now:
        return Stage.EXPIRED
    if recovery.ready is None:
        return Stage.INCOMPLETE
    return Stage.READY if recovery.ready <= now else Stage.WAITING


def proofs_of(recovery: Recovery) -> Proofs:
    """The proofs that ``recovery`` has."""
    return Proofs(
        mail=recovery.mail_proved is not None,
        operator=recovery.approved is not None,
        maintainer=recovery.vouches.exists(),
    )


def why_not(recovery: Recovery) -> Refused:
    """Why what was asked cannot be done at the stage in which ``recovery`` is."""
    match stage_of(recovery):
        case Stage.STOPPED:
            return Refused("recovery_stopped", _("This recovery was stopped. Whoever needs it begins again."))
        case Stage.FINISHED:
            return Refused("recovery_finished", _("This recovery is finished. Log in with the new password."))
        case Stage.EXPIRED:
            return Refused("recovery_expired", _("This recovery has expired. Whoever needs it begins again."))
        case Stage.INCOMPLETE:
            return Refused("recovery_incomplete", _("This recovery still needs another proof."))
        case Stage.WAITING:
            return Refused("recovery_waiting", _("This recovery has its proofs and waits. Come back later."))
        case _:
            return Refused(
                "recovery_ready", _("The wait of this recovery is over. Use the link that we have mailed.")
            )


def unknown() -> Refused:
    """The refusal for a recovery that there is not, or that is none of the asker's business."""
    return Refused("recovery_unknown", _("There is no such recovery."))
