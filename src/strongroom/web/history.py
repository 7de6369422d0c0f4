"""The newest events about a person, in plain sentences."""

from dataclasses import dataclass
from datetime import datetime

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.web import saying


@dataclass(frozen=True, slots=True)
class Line:
    """One event: what, when, from which address and client, and whether it was refused."""

    sentence: str
    time: datetime
    address: str
    client: str
    refused: bool


def about(user: User, *, limit: int) -> list[Line]:
    """The newest events about ``user``, newest first."""
    entries = list(Entry.objects.filter(subject_id=user.pk).order_by("-serial")[:limit])
    names = saying.names_of(entries)
    return [_line(entry, saying.sentence(entry, names, shows_origin=False)) for entry in entries]


def _line(entry: Entry, sentence: str) -> Line:
    return Line(sentence, entry.time, entry.address, entry.client, entry.outcome == "refused")
