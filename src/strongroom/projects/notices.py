"""The mails about projects."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strongroom.notices.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectWasCreated(Notice):
    """Tells the owner of a new project that it is theirs. ``address`` is the IP address that published it."""

    template: ClassVar[str] = "projects/mail/project_created.txt"
    name: str
    normalized: str
    filename: str
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPublishingWasSwitched(Notice):
    """Tells the owners what may publish in a project from now on, and who chose it.

    ``level`` is one of ``kernel.may_publish``; ``address`` is the IP address, for the eyes of ``who`` alone.
    """

    template: ClassVar[str] = "projects/mail/publishing_switched.txt"
    project: str
    level: str
    who: str
    when: datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseWasYanked(Notice):
    """Tells the owners that a release was yanked, or that this was undone (``yanked`` is false), and by whom.

    ``filename`` is ``""`` where it is about all of its files. ``address`` is the IP address, for the eyes of ``who`` alone.
    """

    template: ClassVar[str] = "projects/mail/release_yanked.txt"
    project: str
    version: str
    filename: str
    reason: str
    yanked: bool
    who: str
    when: datetime
    address: str
