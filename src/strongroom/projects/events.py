"""What is recorded about projects and about the policy of publishing."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.audit.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCreated(Event):
    """The first file of a name was published, which made its publisher the owner."""

    tag: ClassVar[str] = "project.created"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUploaded(Event):
    """A file was published, or refused: then ``outcome`` says so, and the reason names the check that it failed."""

    tag: ClassVar[str] = "file.uploaded"
    version: str
    filename: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingSwitchedForAll(Event):
    """An operator chose what may publish on this site: ``passwords``, ``tokens`` or ``trusted``, each with what follows it."""

    tag: ClassVar[str] = "uploads.publishing_switched"
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPublishingSwitched(Event):
    """An owner chose what may publish in a project: ``passwords``, ``tokens`` or ``trusted``, each with what follows it."""

    tag: ClassVar[str] = "project.publishing_switched"
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseYanked(Event):
    """A release, or one file of it (``filename``), was yanked: installers pass over it (PEP 592). The reason may be empty."""

    tag: ClassVar[str] = "release.yanked"
    version: str
    filename: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseUnyanked(Event):
    """A release, or one file of it (``filename``), is yanked no longer."""

    tag: ClassVar[str] = "release.unyanked"
    version: str
    filename: str
