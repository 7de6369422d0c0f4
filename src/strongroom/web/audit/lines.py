"""Entries of the trail as lines of a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from strongroom.audit import document
from strongroom.audit.models import Entry
from strongroom.audit.sealed import last_sealed
from strongroom.audit.search import Scope
from strongroom.audit.trail import printable
from strongroom.web import saying
from strongroom.web.audit.fields import Field, fields_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event: what happened, when and how it ended, and what a reader of the scope may see of where it came from (AU-11).

    ``fields`` are the event's own that say something (AU-05). ``pseudonym`` is that of the address, and all
    that is left of one that is gone. ``sealed``: whether a seal proves it. ``deleted``: its content went after its retention time.
    """

    serial: int
    time: datetime
    sentence: str
    tag: str
    refused: bool
    reason: str
    sealed: bool
    deleted: bool
    fields: list[Field]
    shows_origin: bool
    address: str
    pseudonym: str
    client: str
    request_id: str
    credential: str
    authenticated: str


def lines_of(entries: Sequence[Entry], scope: Scope) -> list[Line]:
    """A line for each entry; two queries, however many there are."""
    if not entries:
        return []
    names, sealed = saying.names_of(entries), last_sealed()
    return [
        _line(
            entry,
            saying.sentence(entry, names, shows_origin=shows),
            fields=fields_of(entry.tag, document.details(entry, scope), project=entry.project),
            sealed=sealed,
            shows=shows,
        )
        for entry in entries
        for shows in (scope.shows_origin(entry),)
    ]


def _line(entry: Entry, sentence: str, *, fields: list[Field], sealed: int, shows: bool) -> Line:
    return Line(
        serial=entry.serial,
        time=entry.time,
        sentence=sentence,
        tag=entry.tag,
        refused=entry.outcome == "refused",
        reason=entry.reason,
        sealed=entry.serial <= sealed,
        deleted=entry.body_hash is not None,
        fields=fields,
        shows_origin=shows,
        address=entry.address if shows else "",
        pseudonym=entry.address_pseudonym if shows else "",
        client=printable(entry.client) if shows else "",
        request_id=entry.request_id if shows else "",
        credential=entry.credential if shows else "",
        authenticated=entry.authenticated if shows else "",
    )
