"""The mail about a webhook that was given up."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from strongroom.notices.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookWasPaused(Notice):
    """Tells that nothing is sent to ``to`` any more, since when, and ``why`` (as in ``WebhookPaused``).

    ``owner`` says whose webhook it is (``instance``, ``project``, ``account``), ``code`` what came of the last attempt.
    """

    template: ClassVar[str] = "webhooks/mail/paused.txt"
    to: str
    owner: str
    project: str
    why: str
    code: str
    when: datetime
