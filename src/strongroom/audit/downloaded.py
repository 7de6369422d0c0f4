"""The blast radius of files: who downloaded them from a private site, and when."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from strongroom.audit import trail
from strongroom.audit.events import DownloadsAsked
from strongroom.audit.models import Download
from strongroom.audit.reading import timestamp
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused

_AT_ONCE: Final = 500  # values in one query
_NAMED: Final = 50  # in the event
_HOUR: Final = timedelta(hours=1)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who downloaded these files, named by digest or by filename, from ``since`` until before ``until``.

    ``project`` (a normalized name) and ``version`` say where the digests come from, if they come from there.
    """

    digests: tuple[str, ...] = ()
    filenames: tuple[str, ...] = ()
    project: str = ""
    version: str = ""
    since: datetime
    until: datetime


def digest_of(text: str) -> str:
    """A SHA-256 digest as it was typed, in hex, perhaps with ``sha256:`` or ``sha256=`` before it; raises ``Refused``."""
    digest = text.strip().lower().removeprefix("sha256:").removeprefix("sha256=")
    if not _SHA256.fullmatch(digest):
        raise Refused(
            "digest_invalid",
            _("“%(text)s” is no SHA-256 digest: 64 hex digits.") % {"text": trail.printable(text[:80])},
            field="digests",
        )
    return digest


def ask(question: Question, *, by: Actor) -> list[Download]:
    """The rows that touch the time, oldest first; the question goes into the trail with them. Raises ``Refused``.

    A row is about an hour: its first and last download and how many there were. One of them is in the time that is asked for.
    """
    if question.since >= question.until:
        raise Refused(
            "times_reversed", _("The time ends before it begins. Choose a later end."), field="until"
        )
    with transaction.atomic():
        found = {row.pk: row for row in _rows(question)}
        trail.record(_event(question, count=len(found)), by=by)
    return sorted(found.values(), key=lambda row: (row.first, row.pk))


def document(row: Download) -> dict[str, Any]:
    """A row for programs. ``token`` is the short id of an API token, empty for somebody with a browser; times are RFC 3339."""
    return {
        "username": row.username,
        "user_id": row.user_id,
        "token": row.credential,
        "address": row.address,
        "client": row.client,
        "first": timestamp(row.first),
        "last": timestamp(row.last),
        "count": row.count,
        "filename": row.filename,
        "sha256": row.sha256,
    }


def _rows(question: Question) -> Iterator[Download]:
    touching = Download.objects.filter(
        hour__gt=question.since - _HOUR,
        hour__lt=question.until,
        last__gte=question.since,
        first__lt=question.until,
    )
    for digests in _chunks(question.digests):
        yield from touching.filter(sha256__in=digests)
    for filenames in _chunks(question.filenames):
        yield from touching.filter(filename__in=filenames)


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _event(question: Question, *, count: int) -> DownloadsAsked:
    """Which files a project has is known; the digests that were typed are not."""
    return DownloadsAsked(
        project=question.project,
        version=question.version,
        digests=() if question.project else question.digests[:_NAMED],
        filenames=question.filenames[:_NAMED],
        since=timestamp(question.since),
        until=timestamp(question.until),
        count=count,
    )
