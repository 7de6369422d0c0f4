"""Answers that are ready to be sent: made once, sent many times."""

import gzip
import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from strongroom.index.headers import matches
from strongroom.index.ports import Message, Send

Headers = tuple[tuple[bytes, bytes], ...]

_GZIP_LEVEL = 6  # on a page of 60 files 9 gains 1 % and takes three times as long
_GZIP_FROM = 600  # bytes: less fits into one packet either way
EMPTY_BODY: Final[Message] = {"type": "http.response.body", "body": b""}

REVALIDATE: Final = (b"cache-control", b"public, max-age=0, must-revalidate")
"""Caches keep it and ask each time: what was published a moment ago is in the next answer everywhere (IX-11)."""
NO_STORE: Final = (b"cache-control", b"no-store")
ANY_ORIGIN: Final = (b"access-control-allow-origin", b"*")
NO_SNIFFING: Final = (b"x-content-type-options", b"nosniff")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to ``GET``, as ASGI messages. ``etag`` is empty where nothing can be revalidated."""

    start: Message
    body: Message
    etag: bytes = b""
    not_modified: Message | None = None

    async def send(self, send: Send, *, method: str, if_none_match: bytes | None) -> None:
        """Send it, or its 304; without the body for ``HEAD``."""
        if if_none_match is not None and self.not_modified is not None and matches(if_none_match, self.etag):
            await send(self.not_modified)
            await send(EMPTY_BODY)
            return
        await send(self.start)
        await send(EMPTY_BODY if method == "HEAD" else self.body)


def start(status: int, headers: Headers) -> Message:
    """The first message of an answer."""
    return {"type": "http.response.start", "status": status, "headers": headers}


def text(status: HTTPStatus, sentence: str, *headers: tuple[bytes, bytes]) -> Answer:
    """A short answer for people who look; nothing in it comes from the request."""
    body = f"{sentence}\n".encode()
    plain = (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        NO_SNIFFING,
    )
    return Answer(start(status, (*plain, *headers)), {"type": "http.response.body", "body": body})


def compressed(body: bytes) -> bytes:
    """``body`` as gzip, or as it is where that gains nothing. Nothing secret stands on a page (IX-21)."""
    return gzip.compress(body, _GZIP_LEVEL, mtime=0) if len(body) >= _GZIP_FROM else body


def tagged(body: bytes, *headers: tuple[bytes, bytes], content_type: str, is_gzip: bool = False) -> Answer:
    """An answer with a strong tag of its own, as every variant has one (RFC 9110 §8.8.3.3), and its 304.

    ``headers`` stand in both.
    """
    digest = hashlib.sha256(b"\0".join((content_type.encode(), body))).hexdigest()[:32]
    etag = f'"{digest}"'.encode()
    described = (
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *((b"content-encoding", b"gzip") for _ in range(is_gzip)),
        (b"etag", etag),
        *headers,
    )
    unchanged = start(HTTPStatus.NOT_MODIFIED, ((b"etag", etag), *headers))
    return Answer(
        start(HTTPStatus.OK, described), {"type": "http.response.body", "body": body}, etag, unchanged
    )


NOT_FOUND: Final = text(HTTPStatus.NOT_FOUND, "Not found.", REVALIDATE, ANY_ORIGIN)
NOT_ACCEPTABLE: Final = text(
    HTTPStatus.NOT_ACCEPTABLE,
    "This page comes as application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html and text/html.",
    (b"vary", b"Accept"),
    REVALIDATE,
    ANY_ORIGIN,
)
NOT_ALLOWED: Final = text(
    HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD are answered here.", (b"allow", b"GET, HEAD")
)
UNAVAILABLE: Final = text(
    HTTPStatus.SERVICE_UNAVAILABLE, "Not available now. Try again.", NO_STORE, (b"retry-after", b"5")
)
HEALTHY: Final = text(HTTPStatus.OK, "ok", NO_STORE)
NOT_READY: Final = text(HTTPStatus.SERVICE_UNAVAILABLE, "not ready", NO_STORE)


def moved(location: bytes) -> Answer:
    """A permanent redirect on this host. ``location`` is a path that begins with one slash, never a host (IX-03)."""
    return text(
        HTTPStatus.MOVED_PERMANENTLY,
        "See the normalized address.",
        (b"location", location),
        (b"cache-control", b"public, max-age=86400"),
        ANY_ORIGIN,
    )
