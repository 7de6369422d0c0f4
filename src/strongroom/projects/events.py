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
class UploadsByPasswordSwitched(Event):
    """An operator allowed or refused uploads with username and password for everybody."""

    tag: ClassVar[str] = "uploads.passwords_switched"
    allowed: bool
