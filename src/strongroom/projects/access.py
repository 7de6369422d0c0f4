"""Who may publish where."""

import uuid
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from packaging.utils import is_normalized_name

from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.names import MAX_PROJECT_NAME, NormalizedName, check_project_name, normalize
from strongroom.kernel.refused import Refused
from strongroom.prepared.query import Query, Row
from strongroom.projects import policy
from strongroom.projects.models import Project, Role
from strongroom.projects.names import lookalike_key


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProject:
    """A project that there is: its row id, the id that tokens name, its name, and what may publish there.

    That is what configuration, operators and the project agree on.
    """

    id: int
    public_id: uuid.UUID
    normalized: NormalizedName
    may_publish: MayPublish


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an upload goes: a project in which the person has a role, or a name that is still free."""

    normalized: NormalizedName
    project: KnownProject | None


def place_for(user_id: int, name: str) -> Place:
    """Where ``user_id`` may publish files of ``name``, in any spelling; raises ``Refused``.

    Codes: ``project_not_yours``, and for a new one ``project_name_invalid``, ``project_name_stdlib``,
    ``project_name_too_similar``.
    """
    normalized = normalize(name)
    found = _find(normalized, user_id)
    if found is None:
        return Place(normalized=_free(name), project=None)
    return Place(normalized=normalized, project=_theirs(found, normalized))


def place_of(name: str) -> Place:
    """The project ``name``, in any spelling, for a publisher that has no role but a token that must name it.

    Raises ``Refused`` (``project_unknown``): such a publisher makes no projects.
    """
    normalized = normalize(name)
    found = _find(normalized, 0)
    if found is None:
        raise Refused(
            "project_unknown",
            _("There is no project '%(name)s'. A trusted publisher makes the one that was announced for it.")
            % {"name": normalized[:MAX_PROJECT_NAME]},
        )
    return Place(normalized=normalized, project=_known(found, normalized))


def project_of(user_id: int, name: str) -> KnownProject:
    """The project ``name``, in any spelling, in which the person has a role; raises ``Refused`` (``project_not_yours``)."""
    normalized = normalize(name)
    return _theirs(_find(normalized, user_id), normalized)


def owned_by(user_id: int, name: str) -> KnownProject:
    """The project ``name``, in any spelling, which the person owns; raises ``Refused``.

    Codes: ``project_not_yours`` (no role), ``project_not_owned`` (a maintainer).
    """
    project = project_of(user_id, name)
    if not Role.objects.filter(project_id=project.id, user_id=user_id, kind=Role.Kind.OWNER).exists():
        raise Refused("project_not_owned", _("You maintain this project. Only its owners may do this."))
    return project


def owners_of(project_id: int) -> list[int]:
    """The ids of the people who own the project."""
    rows = Role.objects.filter(project_id=project_id, kind=Role.Kind.OWNER)
    return list(rows.order_by("user_id").values_list("user_id", flat=True))


def free_name(name: str) -> NormalizedName:
    """The normalized form of a name that a new project may have; raises ``Refused`` with the field ``name``.

    Codes: ``project_name_taken``, ``project_name_invalid``, ``project_name_stdlib``, ``project_name_too_similar``.
    """
    normalized = check_project_name(name)
    if Project.objects.filter(normalized=normalized).exists():
        raise Refused(
            "project_name_taken", _("There is a project of this name. Choose another name."), field="name"
        )
    return _free(name)


def is_free(normalized: NormalizedName) -> bool:
    """Whether no project has this name, nor one that looks like it."""
    return not Project.objects.filter(lookalike=lookalike_key(normalized)).exists()


def has_role(project_id: int, user_id: int) -> bool:
    """Whether the person may publish in the project now."""
    return Role.objects.filter(project_id=project_id, user_id=user_id).exists()


def not_yours() -> Refused:
    """The refusal for somebody without a role."""
    return Refused("project_not_yours", _("You have no role in this project. Its owners can give you one."))


def too_similar(normalized: str) -> Refused:
    """The refusal for a name that could be mistaken for another."""
    return Refused(
        "project_name_too_similar",
        _("The name '%(name)s' looks too much like that of another project. Choose another name.")
        % {"name": normalized},
        field="name",
    )


def _find(normalized: NormalizedName, user_id: int) -> Row | None:
    """Id, public id, levels, and whether there is a role; what cannot be a name is not asked for (PostgreSQL takes no NUL)."""
    return _PROJECT.first(normalized=normalized, user=user_id) if is_normalized_name(normalized) else None


def _theirs(found: Row | None, normalized: NormalizedName) -> KnownProject:
    if found is None or not found[-1]:
        raise not_yours()
    return _known(found, normalized)


def _known(found: Row, normalized: NormalizedName) -> KnownProject:
    project_id, public_id, level, operators, _role = found
    return KnownProject(
        id=project_id,
        public_id=public_id,
        normalized=normalized,
        may_publish=policy.in_project(level, operators),
    )


def _free(name: str) -> NormalizedName:
    normalized = check_project_name(name)
    if not is_free(normalized):
        raise too_similar(normalized)
    return normalized


def _with_role(normalized: str, user: int) -> QuerySet[Project, Row]:
    role = Exists(Role.objects.filter(project=OuterRef("pk"), user_id=user))
    return Project.objects.filter(normalized=normalized).values_list(
        "pk", "public_id", "may_publish", policy.of_operators_too(), role
    )


_PROJECT = Query(_with_role, normalized=str, user=int)
