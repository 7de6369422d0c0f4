"""Leaving all projects at once, as an account does that is deleted: never so that one is left without an owner."""

from django.db.models import Q
from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.projects.events import RoleEnded
from strongroom.projects.models import File, Journal, Project, Role


def only_owned(user_id: int) -> list[str]:
    """The names of the projects that the person owns and nobody else does, by name."""
    own = Project.objects.filter(roles__user_id=user_id, roles__kind=Role.Kind.OWNER)
    shared = Role.objects.filter(~Q(user_id=user_id), kind=Role.Kind.OWNER).values("project")
    return list(own.exclude(pk__in=shared).order_by("normalized").values_list("name", flat=True))


def why_not(user_id: int) -> Refused | None:
    """Why the person cannot leave (``only_owner``, RO-08)."""
    names = only_owned(user_id)
    if not names:
        return None
    return Refused(
        "only_owner",
        _(
            "The account is the only owner of %(projects)s. Deleting the account would leave what people install without anybody who "
            "answers for it. Write to the operators of this site if somebody else is to have it."
        )
        % {"projects": ", ".join(names)},
    )


def leave_all(user_id: int, *, by: Actor) -> int:
    """End every role of the person, in the caller's transaction; returns how many. Raises ``Refused`` (``only_owner``).

    The projects are held meanwhile, so that of two owners who leave at once one is refused (RO-07).
    """
    list(Project.objects.select_for_update().filter(roles__user_id=user_id).order_by("pk"))
    if refusal := why_not(user_id):
        raise refusal
    roles = Role.objects.filter(user_id=user_id).select_related("project").order_by("project__normalized")
    ended = [(role.project.normalized, role.kind) for role in roles]
    roles.delete()
    for project, kind in ended:
        trail.record(RoleEnded(subject_id=user_id, project=project, role=kind), by=by)
    return len(ended)


def forget_name(user_id: int, username: str) -> None:
    """Take the username from what a deleted account published and did; the id stays with its files."""
    File.objects.filter(uploader_id=user_id).exclude(uploader_name="").update(uploader_name="")
    if username:
        Journal.objects.filter(by=username).update(by="")
