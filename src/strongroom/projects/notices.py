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
