"""The operator's switches over publishing."""

from django.db import transaction

from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from strongroom.projects.events import UploadsByPasswordSwitched
from strongroom.projects.models import UploadPolicy

_THE_ROW = 1


def passwords_allowed() -> bool:
    """Whether the operators let people publish with username and password; they do until they say otherwise."""
    row = UploadPolicy.objects.values_list("passwords", flat=True).filter(pk=_THE_ROW).first()
    return row is not False


def switch_passwords(*, allowed: bool, by: Actor) -> None:
    """Allow or refuse uploads with username and password for everybody, from now on."""
    with transaction.atomic():
        UploadPolicy.objects.update_or_create(pk=_THE_ROW, defaults={"passwords": allowed})
        trail.record(UploadsByPasswordSwitched(allowed=allowed), by=by)
