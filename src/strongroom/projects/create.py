"""Making projects."""

from django.db import IntegrityError, transaction

from strongroom.audit import trail
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.names import NormalizedName
from strongroom.projects.access import too_similar
from strongroom.projects.events import ProjectCreated
from strongroom.projects.models import Project, Role
from strongroom.projects.names import lookalike_key
from strongroom.throttle.limits import Limit, address_block, spend

# RL-11
_OF_USER = Limit("new-projects", count=20, seconds=3600)
_OF_ADDRESS = Limit("new-projects-address", count=40, seconds=3600)


def create(normalized: NormalizedName, *, name: str, owner_id: int, by: Actor) -> tuple[int, bool]:
    """The id of the project of that name, and whether it was made here, with its owner; in the caller's transaction.

    The constraint decides between two that ask for one name at once (UP-33): whoever comes second gets the id of what
    the first has made, and no role in it. Raises ``Refused`` (``project_name_too_similar``) where what is in the way is a
    name that looks alike.
    """
    now = clock.now()
    try:
        with transaction.atomic():
            project = Project.objects.create(
                name=name,
                normalized=normalized,
                lookalike=lookalike_key(normalized),
                created=now,
                updated=now,
            )
    except IntegrityError:
        found = Project.objects.values_list("pk", flat=True).filter(normalized=normalized).first()
        if found is None:
            raise too_similar(normalized) from None
        return found, False
    Role.objects.create(project=project, user_id=owner_id, kind=Role.Kind.OWNER)
    trail.record(ProjectCreated(subject_id=owner_id, project=normalized, name=name), by=by)
    return project.pk, True


def spend_on_new(owner_id: int, *, by: Actor) -> None:
    """Count a new project, in its transaction, so that one that is not made in the end costs nothing.

    Raises ``Refused`` (``too_many_attempts``).
    """
    spend(str(owner_id), _OF_USER)
    spend(address_block(by.origin.address), _OF_ADDRESS)
