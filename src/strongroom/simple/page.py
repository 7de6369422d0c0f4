"""What a page of the Simple API says, whatever it is rendered to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from packaging.version import InvalidVersion, Version

from strongroom.kernel.names import NormalizedName

API_VERSION: Final = "1.4"
"""Of both renderings; HTML stays at it for ever (PEP 629, 691, 792, 833)."""


class ProjectStatus(StrEnum):
    """What may be done with a project (PEP 792)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    QUARANTINED = "quarantined"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One file of a project. Digests are lower-case hex of SHA-256, ``size`` is in bytes, ``uploaded`` is aware.

    ``yanked`` is the reason, ``""`` without one, ``None`` for a file that is not yanked (PEP 592). ``metadata_sha256`` is
    that of the METADATA served beside the file, ``None`` where none is (PEP 658). ``requires_python`` is ``""`` where the
    file says nothing. ``provenance`` is the whole address of its attestations, ``None`` where it has none (PEP 740).
    """

    filename: str
    version: str
    sha256: str
    size: int
    uploaded: datetime
    requires_python: str = ""
    yanked: str | None = None
    metadata_sha256: str | None = None
    provenance: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPage:
    """Everything that ``/simple/<name>/`` tells, read at one moment.

    ``files`` and ``versions`` come in the order in which they are shown (see ``in_order``). ``serial`` is that of the
    newest journal row of this project.
    """

    name: NormalizedName
    versions: tuple[str, ...]
    files: tuple[FileEntry, ...]
    serial: int
    status: ProjectStatus = ProjectStatus.ACTIVE
    status_reason: str = ""

    @property
    def offered(self) -> tuple[FileEntry, ...]:
        """The files that may be installed: none while the project is quarantined (PEP 792, IX-17)."""
        return () if self.status is ProjectStatus.QUARANTINED else self.files


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectList:
    """Everything that ``/simple/`` tells: names as their owners spell them, each with its project's newest serial.

    ``serial`` is the newest of the whole journal.
    """

    serial: int
    projects: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """A file that may be downloaded now, and the project whose changes may end that."""

    project: NormalizedName
    file: FileEntry


def in_order(files: Iterable[FileEntry]) -> tuple[FileEntry, ...]:
    """``files`` by version (PEP 440), then by filename; what is no version comes first."""
    return tuple(sorted(files, key=lambda file: (_order(file.version), file.filename)))


def versions_of(files: Iterable[FileEntry]) -> tuple[str, ...]:
    """The versions of ``files``, each once, oldest first."""
    return tuple(sorted({file.version for file in files}, key=_order))


def _order(version: str) -> tuple[bool, Version, str]:
    try:
        return True, Version(version), version
    except InvalidVersion:
        return False, Version("0"), version
