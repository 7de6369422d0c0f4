"""Who downloaded files, as CSV (RFC 4180): a header row, UTF-8, one line for each row."""

from collections.abc import Iterable
from typing import Final

from strongroom.audit.downloaded import document
from strongroom.audit.models import Download
from strongroom.web.audit import cells

COLUMNS: Final = (
    "username",
    "user_id",
    "token",
    "address",
    "client",
    "first",
    "last",
    "count",
    "filename",
    "sha256",
)
"""Fields of ``audit.downloaded.document``."""


def as_csv(rows: Iterable[Download]) -> bytes:
    """All of it."""
    documents = (document(row) for row in rows)
    lines = ([cells.cell(found[column]) for column in COLUMNS] for found in documents)
    return cells.lines([COLUMNS, *lines])
