"""Looking projects up for people: lists, search, and everything that one page shows."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet
from packaging.utils import is_normalized_name

from strongroom.kernel.names import normalize
from strongroom.projects import access
from strongroom.projects.models import File, Project, Release, Role
from strongroom.projects.releases import key_of, preference

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much there is."""

    projects: int
    releases: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of what was searched for; ``page`` counts from 1."""

    projects: list[Project]
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectView:
    """A project at one of its releases. ``releases`` come newest first; each has its ``files`` at hand.

    ``owners`` and ``maintainers`` are usernames.
    """

    project: Project
    release: Release
    releases: list[Release]
    owners: list[str]
    maintainers: list[str]

    @property
    def is_latest(self) -> bool:
        """Whether the release is the one that a visitor wants."""
        return self.release.version == self.project.latest_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """A project in the eyes of one of its people: ``owns`` tells an owner from a maintainer."""

    project: Project
    owns: bool


def of_user(user_id: int) -> list[Project]:
    """The projects in which a person has a role, by name."""
    return list(Project.objects.filter(roles__user_id=user_id).order_by("normalized"))


def owns_any(user_id: int) -> bool:
    """Whether a person owns a project."""
    return Role.objects.filter(user_id=user_id, kind=Role.Kind.OWNER).exists()


def managed(user_id: int, name: str) -> Managed:
    """The project ``name``, in any spelling, in which a person has a role; raises ``Refused`` (``project_not_yours``)."""
    project = _named(name)
    role = Role.objects.filter(project=project, user_id=user_id).first() if project else None
    if project is None or role is None:
        raise access.not_yours()
    return Managed(project=project, owns=role.kind == Role.Kind.OWNER)


def public_ids(ids: Collection[str], names: Collection[str]) -> dict[str, uuid.UUID]:
    """Normalized name -> public id of the projects that are named by one or the other; what names none is passed over."""
    named = Q(public_id__in=[found for text in ids if (found := _uuid(text))]) | Q(
        normalized__in=[name for name in names if is_normalized_name(name)]
    )
    return dict(Project.objects.filter(named).values_list("normalized", "public_id"))


def newest(limit: int) -> list[Project]:
    """The projects whose latest release came last."""
    return list(Project.objects.order_by("-updated", "-pk")[:limit])


def counts() -> Counts:
    """How much there is."""
    return Counts(
        projects=Project.objects.count(), releases=Release.objects.count(), files=File.objects.count()
    )


def search(text: str, page: int) -> Found:
    """The projects whose name or summary holds every word of ``text``, in any case, by name; all for no words."""
    rows = Project.objects.order_by("normalized")
    for word in text.replace("\0", " ").split():
        rows = rows.filter(Q(normalized__contains=normalize(word)) | Q(summary__icontains=word))
    start = (page - 1) * PAGE_SIZE
    found = list(rows[start : start + PAGE_SIZE + 1])
    return Found(projects=found[:PAGE_SIZE], page=page, has_more=len(found) > PAGE_SIZE)


def page(name: str, version: str = "") -> ProjectView | None:
    """A project at its latest release, or at ``version`` in any spelling; ``None`` where there is none."""
    project = _named(name)
    if project is None:
        return None
    listed = releases(project)
    wanted = key_of(version or project.latest_version)
    release = next((release for release in listed if release.key == wanted), None)
    if release is None:
        return None
    return ProjectView(
        project=project,
        release=Release.objects.prefetch_related(_files()).get(pk=release.pk),
        releases=listed,
        owners=_people(project, Role.Kind.OWNER),
        maintainers=_people(project, Role.Kind.MAINTAINER),
    )


def releases(project: Project) -> list[Release]:
    """All releases, newest version first, with their files, without their descriptions."""
    rows = (
        Release.objects.filter(project=project)
        .defer("metadata", "description_html")
        .prefetch_related(_files())
    )
    return sorted(rows, key=lambda release: preference(release.version)[1], reverse=True)


def files(release: Release) -> list[File]:
    """The files of a release that came from here, source distribution first."""
    return list(release.files.all())


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _named(name: str) -> Project | None:
    """What cannot be a name is not asked for: PostgreSQL takes no NUL."""
    normalized = normalize(name)
    return Project.objects.filter(normalized=normalized).first() if is_normalized_name(normalized) else None


def _files() -> "Prefetch[str, QuerySet[File], str]":
    return Prefetch("files", File.objects.order_by("-kind", "filename"))  # sdist first


def _people(project: Project, kind: Role.Kind) -> list[str]:
    rows = Role.objects.filter(project=project, kind=kind)
    return list(rows.order_by("user__username").values_list("user__username", flat=True))
