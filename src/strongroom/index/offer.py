"""A file that may be downloaded: its headers made once, and which of its bytes a request gets."""

import hashlib
import logging
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from strongroom.index.answer import ANY_ORIGIN, NO_SNIFFING, UNAVAILABLE, Headers, compressed, start, tagged
from strongroom.index.headers import (
    UNSATISFIABLE,
    Span,
    attachment,
    http_date,
    is_in_range,
    is_unmodified,
    matches,
    parse_range,
)
from strongroom.index.kept import EVERY_PROJECT
from strongroom.index.paths import FilePath
from strongroom.index.ports import BlobFiles, Message, Pages
from strongroom.index.rendering import Rendering, absent

CONTENT_TYPE: Final = "application/octet-stream"
_FOREVER: Final = (b"cache-control", b"public, max-age=31536000, immutable")
"""The address holds the digest of the bytes, so they never change."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A listed file, where its bytes lie, and what is said with them. ``modified`` is in seconds since 1970.

    ``size`` is what it holds in memory; ``length`` is the file's.
    """

    project: str
    path: Path
    length: int
    modified: int
    etag: bytes
    last_modified: bytes
    headers: Headers
    size: int = 0

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
        return start(HTTPStatus.NOT_MODIFIED, ((b"etag", self.etag), _FOREVER, ANY_ORIGIN))


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no such file. Any change of the journal may bring it."""

    project: str = EVERY_PROJECT
    size: int = 0


def offer(pages: Pages, blobs: BlobFiles, place: FilePath) -> Offer | Missing:
    """Look a file up. Blocks."""
    listed = pages.file(place.sha256, place.filename)
    if listed is None:
        return Missing()
    file = listed.file
    etag = f'"{file.sha256}"'.encode()
    modified = int(file.uploaded.timestamp())
    last_modified = http_date(modified)
    headers = (
        (b"content-type", CONTENT_TYPE.encode()),
        (b"etag", etag),
        (b"last-modified", last_modified),
        (b"accept-ranges", b"bytes"),
        *_said_of_files(file.filename),
    )
    return Offer(
        project=listed.project,
        path=blobs.path(file.sha256),
        length=file.size,
        modified=modified,
        etag=etag,
        last_modified=last_modified,
        headers=headers,
    )


def metadata(pages: Pages, blobs: BlobFiles, place: FilePath) -> Rendering:
    """Look up the METADATA of a file, read it and compare it with its digest (IX-09). Blocks."""
    listed = pages.file(place.sha256, place.filename)
    if listed is None:
        return absent(EVERY_PROJECT)
    digest = listed.file.metadata_sha256
    if digest is None:
        return absent(listed.project)
    try:
        body = blobs.path(digest).read_bytes()
    except FileNotFoundError:
        body = b""
    if hashlib.sha256(body).hexdigest() != digest:
        _log.error(
            "a blob is missing or damaged", extra={"sha256": digest, "file": f"{place.filename}.metadata"}
        )
        return Rendering(listed.project, (UNAVAILABLE,) * 2, 0)
    headers = ((b"vary", b"Accept-Encoding"), *_said_of_files(f"{listed.file.filename}.metadata"))
    zipped = compressed(body)
    answers = tuple(
        tagged(part, *headers, content_type=CONTENT_TYPE, is_gzip=part is not body) for part in (body, zipped)
    )
    return Rendering(listed.project, answers, len(body) + len(zipped))


def _said_of_files(filename: str) -> Headers:
    """Whatever was uploaded: a browser saves it, and if it shows it, runs nothing and gives it no origin."""
    return (
        _FOREVER,
        (b"content-disposition", attachment(filename)),
        NO_SNIFFING,
        (b"content-security-policy", b"default-src 'none'; sandbox"),
        ANY_ORIGIN,
    )
