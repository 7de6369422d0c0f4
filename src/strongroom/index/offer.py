"""A file that may be downloaded: its headers made once, and which of its bytes a request gets."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from strongroom.index.answer import ANY_ORIGIN, NO_SNIFFING, Headers, start
from strongroom.index.headers import (
    UNSATISFIABLE,
    Span,
    is_in_range,
    is_unmodified,
    matches,
    parse_range,
)
from strongroom.index.kept import EVERY_PROJECT
from strongroom.index.ports import Message

CHUNK: Final = 256 * 1024
"""Bytes of a file that are sent at once."""

FOREVER: Final = (b"cache-control", b"public, max-age=31536000, immutable")
"""The address holds the digest of the bytes, so they never change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A listed file, where its bytes lie, and what is said with them. ``modified`` is in seconds since 1970.

    ``length`` is the file's size in bytes. ``chunks`` are its bytes, compared with their digest, or nothing where they
    are to be read from ``path`` at each request; ``size`` is what of them is held in memory.
    """

    project: str
    path: Path
    length: int
    modified: int
    etag: bytes
    last_modified: bytes
    headers: Headers
    chunks: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the file that are held in memory."""
        return self.length if self.chunks else 0

    def is_unmodified(self, headers: dict[bytes, bytes]) -> bool:
        """Whether the client has it; ``If-None-Match`` goes before ``If-Modified-Since`` (RFC 9110 §13.2.2)."""
        if (tags := headers.get(b"if-none-match")) is not None:
            return matches(tags, self.etag)
        since = headers.get(b"if-modified-since")
        return since is not None and is_unmodified(since, self.modified)

    def span(self, headers: dict[bytes, bytes]) -> Span | None:
        """The part that is asked for, or ``UNSATISFIABLE``; ``None`` for the whole (RFC 9110 §14.2)."""
        asked = headers.get(b"range")
        if asked is None:
            return None
        if_range = headers.get(b"if-range")
        if if_range and not is_in_range(if_range, etag=self.etag, last_modified=self.last_modified):
            return None
        return parse_range(asked, self.length)

    def start(self, span: Span | None) -> Message:
        """The first message for the whole, for a part, or for a part that does not exist."""
        if span is None:
            return start(HTTPStatus.OK, (*self.headers, (b"content-length", b"%d" % self.length)))
        if span is UNSATISFIABLE:
            beyond = ((b"content-range", b"bytes */%d" % self.length), (b"content-length", b"0"), NO_SNIFFING)
            return start(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, beyond)
        part = (b"content-range", b"bytes %d-%d/%d" % (span.start, span.stop - 1, self.length))
        length = (b"content-length", b"%d" % (span.stop - span.start))
        return start(HTTPStatus.PARTIAL_CONTENT, (*self.headers, part, length))

    def not_modified(self) -> Message:
        """The 304."""
        return start(HTTPStatus.NOT_MODIFIED, ((b"etag", self.etag), FOREVER, ANY_ORIGIN))

    def part(self, span: Span) -> list[bytes]:
        """A part of the file out of its chunks, which all but the last have ``CHUNK`` bytes."""
        first, last = span.start // CHUNK, (span.stop - 1) // CHUNK
        parts = list(self.chunks[first : last + 1])
        parts[-1] = parts[-1][: span.stop - last * CHUNK]
        parts[0] = parts[0][span.start - first * CHUNK :]
        return parts


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no such file. Any change of the journal may bring it."""

    project: str = EVERY_PROJECT
    size: int = 0
