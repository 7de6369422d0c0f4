"""A history as CSV (RFC 4180): a header row, UTF-8, one line for each event."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any, Final

import orjson

COLUMNS: Final = (
    "serial",
    "time",
    "what",
    "tag",
    "outcome",
    "reason",
    "actor_kind",
    "actor",
    "actor_id",
    "subject_id",
    "project",
    "details",
    "authenticated",
    "credential",
    "address",
    "address_pseudonym",
    "client",
    "request_id",
)
"""``what`` is the sentence that people read, ``details`` a JSON object; all others are fields of ``audit.document``."""

# With these spreadsheets begin a formula (AD-08).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_SPACES: Final = {"\t", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"}  # languages need the last two


def header() -> bytes:
    """The first line."""
    return lines([COLUMNS])


def row(sentence: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells of one event from its sentence and its ``audit.document``."""
    actor = document["actor"]
    shown = {
        **document,
        "what": sentence,
        "actor_kind": actor["kind"],
        "actor": actor["name"],
        "actor_id": actor["id"],
        "subject_id": document["subject"],
        "details": orjson.dumps(document["details"], option=orjson.OPT_SORT_KEYS).decode(),
    }
    return tuple(cell(shown[column]) for column in COLUMNS)


def lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows as lines that end with CRLF; none goes over two, as ``cell`` leaves no line break in."""
    text = StringIO()
    csv.writer(text, dialect="excel").writerows(rows)
    return text.getvalue().encode()


def cell(value: Any) -> str:
    """A cell that no program takes for a formula (AD-08), or for more than one line (AU-07)."""
    text = "" if value is None else str(value)
    plain = text if text.isprintable() else "".join(map(_shown, text))
    return f"'{plain}" if text.startswith(_FORMULA) else plain


def _shown(character: str) -> str:
    is_plain = character.isprintable() or character in _SPACES
    return character if is_plain else "\N{REPLACEMENT CHARACTER}"
