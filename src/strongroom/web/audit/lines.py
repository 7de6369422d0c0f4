"""Entries of the trail as lines of a page."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strongroom.audit import document, reading
from strongroom.audit.models import Entry
from strongroom.audit.search import Scope
from strongroom.audit.trail import printable
from strongroom.web import saying


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event: what happened, when and how it ended, and what a reader of the scope may see of where it came from (AU-11).

    ``details`` are the event's own fields that say something, by name (AU-05). ``pseudonym`` is that of the address, and all
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
    details: list[tuple[str, str]]
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
    names, seal = saying.names_of(entries), reading.newest_seal()
    sealed = seal.last if seal is not None else 0
    return [
        _line(
            entry,
            saying.sentence(entry, names, shows_origin=shows),
            details=_details(entry, scope),
            sealed=sealed,
            shows=shows,
        )
        for entry in entries
        for shows in (scope.shows_origin(entry),)
    ]


def _details(entry: Entry, scope: Scope) -> list[tuple[str, str]]:
    found = document.details(entry, scope).items()
    return [(name, _shown(value)) for name, value in found if value not in (None, "", [], {})]


def _shown(value: Any) -> str:
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _line(entry: Entry, sentence: str, *, details: list[tuple[str, str]], sealed: int, shows: bool) -> Line:
    return Line(
        serial=entry.serial,
        time=entry.time,
        sentence=sentence,
        tag=entry.tag,
        refused=entry.outcome == "refused",
        reason=entry.reason,
        sealed=entry.serial <= sealed,
        deleted=entry.body_hash is not None,
        details=details,
        shows_origin=shows,
        address=entry.address if shows else "",
        pseudonym=entry.address_pseudonym if shows else "",
        client=printable(entry.client) if shows else "",
        request_id=entry.request_id if shows else "",
        credential=entry.credential if shows else "",
        authenticated=entry.authenticated if shows else "",
    )
