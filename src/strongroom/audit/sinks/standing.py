"""How far the sinks are behind, for operators."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from strongroom.audit.models import Cursor, Entry
from strongroom.audit.sinks.sink import OTLP, SYSLOG

MOST: Final = 1000
"""Counting ends above it: a count of more means "more than so many"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a sink stands: it was sent every event up to ``serial``; ``None``: it has not begun.

    ``waiting`` events, at most ``MOST`` + 1, are still to be sent, the oldest of them recorded at ``since``.
    """

    name: str
    serial: int | None
    waiting: int = 0
    since: datetime | None = None


def standings() -> list[Standing]:
    """Where each sink that the configuration names stands."""
    audit = settings.CONFIG.audit
    named = [name for name, address in ((SYSLOG, audit.syslog), (OTLP, audit.otlp_url)) if address]
    reached = dict(Cursor.objects.filter(name__in=named).values_list("name", "serial"))
    return [_standing(name, reached.get(name)) for name in named]


def _standing(name: str, serial: int | None) -> Standing:
    if serial is None:
        return Standing(name=name, serial=None)
    rows = Entry.objects.filter(serial__gt=serial).order_by("serial")
    since = rows.values_list("time", flat=True).first()
    return Standing(name=name, serial=serial, waiting=rows[: MOST + 1].count(), since=since)
