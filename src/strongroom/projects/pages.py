"""What the index reads, over the rows: implements ``index.ports.Pages`` without knowing the index.

Files come from one statement, so that a reader never sees half a publish (IX-12). Serials are read before them: a page
may hold more than its serial says, never less. No transaction is opened, since on SQLite that would take the writers' lock.
"""

from collections.abc import Sequence
from typing import Final

from django.db import close_old_connections
from django.db.models import Max, QuerySet

from strongroom.kernel.names import NormalizedName
from strongroom.projects.journal import NOTIFY_CHANNEL
from strongroom.projects.models import File, Journal, Project
from strongroom.projects.provenance import address_of
from strongroom.simple.page import FileEntry, ListedFile, ProjectList, ProjectPage, in_order, versions_of

__all__ = ["NEWEST_SERIAL_SQL", "NOTIFY_CHANNEL", "RowPages"]

NEWEST_SERIAL_SQL: Final = "SELECT COALESCE(MAX(serial), 0) FROM projects_journal"
"""For whoever watches the journal without Django."""


class RowPages:
    """The index's questions to the database. Every method may be called from any thread."""

    def changed_since(self, serial: int) -> Sequence[tuple[str, int]]:
        """The normalized project and the serial of every journal row after ``serial``, oldest first."""
        close_old_connections()
        rows = Journal.objects.filter(serial__gt=serial).order_by("serial")
        return list(rows.values_list("project", "serial"))

    def project(self, name: NormalizedName) -> ProjectPage | None:
        """The page of a project, ``None`` where there is none."""
        close_old_connections()
        project_id = Project.objects.filter(normalized=name).values_list("pk", flat=True).first()
        if project_id is None:
            return None
        newest = Journal.objects.filter(project=name).aggregate(newest=Max("serial"))["newest"] or 0
        files = in_order(_entries(File.objects.filter(release__project_id=project_id)))
        return ProjectPage(name=name, versions=versions_of(files), files=files, serial=newest)

    def projects(self) -> ProjectList:
        """All projects by name, as their owners spell them, each with the serial of its newest journal row."""
        close_old_connections()
        newest = dict(Journal.objects.values_list("project").annotate(Max("serial")).order_by())
        rows = Project.objects.order_by("normalized").values_list("name", "normalized")
        projects = tuple((name, newest.get(normalized, 0)) for name, normalized in rows)
        return ProjectList(serial=max(newest.values(), default=0), projects=projects)

    def file(self, sha256: str, filename: str) -> ListedFile | None:
        """The file with this digest and name, ``None`` where it is not listed (any more)."""
        close_old_connections()
        found = File.objects.filter(filename=filename, sha256=sha256)
        project = found.values_list("release__project__normalized", flat=True).first()
        if project is None:
            return None
        listed = (ListedFile(project=NormalizedName(project), file=entry) for entry in _entries(found))
        return next(listed, None)


def _entries(files: QuerySet[File]) -> list[FileEntry]:
    columns = files.values_list(
        "filename",
        "release__version",
        "sha256",
        "size",
        "uploaded",
        "requires_python",
        "yanked",
        "metadata_sha256",
        "attested",
        "release__project__normalized",
    )
    return [
        FileEntry(
            filename=filename,
            version=version,
            sha256=sha256,
            size=size,
            uploaded=uploaded,
            requires_python=requires_python,
            yanked=yanked,
            metadata_sha256=metadata_sha256 or None,
            provenance=address_of(project, version, filename) if attested else None,
        )
        for (
            filename,
            version,
            sha256,
            size,
            uploaded,
            requires_python,
            yanked,
            metadata_sha256,
            attested,
            project,
        ) in columns.iterator()
    ]
