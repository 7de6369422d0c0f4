"""Taking a history away as a file: what it will hold is fixed before its first byte, and it is made while it is sent."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final

import orjson
from django.utils import translation

from strongroom.audit import search, trail
from strongroom.audit.counting import Expected, expected
from strongroom.audit.document import document
from strongroom.audit.events import HistoryExported
from strongroom.audit.horizon import horizon
from strongroom.audit.models import Entry
from strongroom.audit.search import Filter, Scope
from strongroom.kernel.actor import Actor
from strongroom.throttle.limits import Limit, spend
from strongroom.web import saying
from strongroom.web.audit import cells

_PART: Final = 500
"""Events in a part: what is held in memory at a time."""

_PER_PERSON: Final = Limit("history-export", count=60, seconds=3600)


class Format(StrEnum):
    """What sort of file."""

    CSV = "csv"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeout:
    """The events of ``scope`` that are ``wanted``, up to the serial ``up_to``: later ones belong to a later file."""

    scope: Scope
    wanted: Filter
    up_to: int
    expected: Expected


def prepare(scope: Scope, wanted: Filter) -> Takeout:
    """Fix what a file will hold."""
    up_to = horizon()
    return Takeout(scope=scope, wanted=wanted, up_to=up_to, expected=expected(scope, wanted, up_to=up_to))


def note(takeout: Takeout, kind: Format, *, filters: str, by: Actor) -> None:
    """Record that somebody takes it, before they have a byte of it. Raises ``Refused`` (``too_many_attempts``)."""
    spend(str(by.user_id), _PER_PERSON)
    scope = takeout.scope
    event = HistoryExported(
        subject_id=scope.user_id,
        project=scope.project or "",
        scope=_whose(scope),
        format=kind.value,
        filters=filters,
        count=takeout.expected.count,
        exact=takeout.expected.exact,
    )
    trail.record(event, by=by)


def _whose(scope: Scope) -> str:
    if scope.user_id is not None:
        return "account"
    return "project" if scope.project is not None else "everything"


def parts(takeout: Takeout, kind: Format, *, language: str) -> Iterator[bytes]:
    """The file, part by part; each is made by queries of its own, with nothing left open between two.

    The parts are made in whatever thread, so the ``language`` of the sentences has to be said.
    """
    if kind is Format.CSV:
        yield cells.header()
    entries = search.everything(takeout.scope, takeout.wanted, up_to=takeout.up_to)
    while part := list(islice(entries, _PART)):
        with translation.override(language):
            written = _WRITERS[kind](part, takeout.scope)
        yield written


def _as_csv(entries: Sequence[Entry], scope: Scope) -> bytes:
    names = saying.names_of(entries)
    return cells.lines(
        cells.row(
            saying.sentence(entry, names, shows_origin=scope.shows_origin(entry)), document(entry, scope)
        )
        for entry in entries
    )


def _as_jsonl(entries: Iterable[Entry], scope: Scope) -> bytes:
    return b"".join(
        orjson.dumps(document(entry, scope), option=orjson.OPT_APPEND_NEWLINE) for entry in entries
    )


_WRITERS: Final[dict[Format, Callable[[Sequence[Entry], Scope], bytes]]] = {
    Format.CSV: _as_csv,
    Format.JSONL: _as_jsonl,
}
