"""What is recorded about projects and about the policy of publishing."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from strongroom.audit.event import Event, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCreated(Event):
    """The first file of a name was published, which made its publisher the owner."""

    tag: ClassVar[str] = "project.created"
    sentence: ClassVar[Sentence] = _("%(actor)s created the project %(name)s")
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCreated(Event):
    """The first file of a version was published."""

    tag: ClassVar[str] = "release.created"
    sentence: ClassVar[Sentence] = _("%(actor)s created the release %(project)s %(version)s")
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUploaded(Event):
    """A file was published, or refused: then ``outcome`` says so, and the reason names the check that it failed."""

    tag: ClassVar[str] = "file.uploaded"
    sentence: ClassVar[Sentence] = _("%(actor)s published %(filename)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to publish %(filename)s and was refused")
    version: str
    filename: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingSwitchedForAll(Event):
    """An operator chose what may publish on this site: ``passwords``, ``tokens`` or ``trusted``, each with what follows it."""

    tag: ClassVar[str] = "uploads.publishing_switched"
    sentence: ClassVar[Sentence] = _("%(actor)s chose what may publish on this site: %(level)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to choose what may publish on this site and was refused")
    level: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPublishingSwitched(Event):
    """An owner chose what may publish in a project: ``passwords``, ``tokens`` or ``trusted``, each with what follows it."""

    tag: ClassVar[str] = "project.publishing_switched"
    sentence: ClassVar[Sentence] = _("%(actor)s chose what may publish in the project %(project)s: %(level)s")
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to choose what may publish in the project %(project)s and was refused"
    )
    level: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseYanked(Event):
    """A release, or one file of it (``filename``), was yanked: installers pass over it (PEP 592). The reason may be empty."""

    tag: ClassVar[str] = "release.yanked"
    sentence: ClassVar[Sentence] = _("%(actor)s yanked %(project)s %(version)s %(filename)s")
    refused: ClassVar[Sentence] = _("%(actor)s tried to yank %(project)s %(version)s and was refused")
    version: str
    filename: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseUnyanked(Event):
    """A release, or one file of it (``filename``), is yanked no longer."""

    tag: ClassVar[str] = "release.unyanked"
    sentence: ClassVar[Sentence] = _("%(actor)s undid the yank of %(project)s %(version)s %(filename)s")
    refused: ClassVar[Sentence] = _(
        "%(actor)s tried to undo the yank of %(project)s %(version)s and was refused"
    )
    version: str
    filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEnded(Event):
    """Somebody has no role in a project any more: their account was deleted. ``role`` is ``owner`` or ``maintainer``."""

    tag: ClassVar[str] = "role.ended"
    sentence: ClassVar[Sentence] = _("%(actor)s ended the role of %(subject)s in the project %(project)s")
    own: ClassVar[Sentence] = _("%(actor)s left the project %(project)s")
    role: str
