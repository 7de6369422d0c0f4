"""``POST /legacy/``: where publishing tools upload. The headers are judged before a byte of the body is read."""

import errno
import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from django.conf import settings
from django.db import InterfaceError, OperationalError
from multipart import parse_options_header

from strongroom.api import http
from strongroom.api.fields import MAX_FIELDS
from strongroom.api.http import Answer, Receive, Scope, Send
from strongroom.api.receiver import Receiver, file_too_large
from strongroom.api.threads import Threads
from strongroom.blobs.store import Blobs
from strongroom.kernel.refused import Refused
from strongroom.publish.identity import Identity, identify
from strongroom.publish.upload import Published

PATH: Final = "/legacy/"
THREADS = 4
STALLED_SECONDS = 60.0
_BATCH = 256 * 1024
"""Bytes that are gathered before a thread is asked to take them: an upload of a small file asks once."""
_MAX_BOUNDARY = 200  # RFC 2046 §5.1.1 has 70
_MAX_DIGITS = 18
# Some tools (uv) do not look for an answer before they have sent everything, and find a closed connection instead of
# why: so what is left of a short body is read after the answer, and dropped.
_LINGER = 32 * 1024 * 1024
_LINGER_SECONDS = 10.0
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_log = logging.getLogger(__name__)


class Upload:
    """The upload endpoint as an ASGI application.

    ``heard`` is told the journal's serial of each new file before the answer, so that this process serves it from then on.
    """

    def __init__(self, blobs: Blobs, *, heard: Callable[[int], None], threads: int = THREADS) -> None:
        self._blobs = blobs
        self._heard = heard
        self._threads = Threads(threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request to ``/legacy/``, or to ``/legacy``."""
        try:
            given = await self._answer(scope, receive)
        except Refused as refused:
            given = http.refusal(refused)
        except Exception as error:
            _log.exception("upload failed")
            given = _failure(error)
        await http.answer(send, given)
        if given.status >= 300 and 0 < _length(scope) <= _LINGER:
            await http.drop_rest(receive, limit=_LINGER, seconds=_LINGER_SECONDS)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if not scope["path"].endswith("/"):
            address = settings.CONFIG.base_url + PATH
            return http.text(
                308, f"The address is {address}, with the slash.", (b"location", address.encode())
            )
        if scope["method"] != "POST":
            hint = "This is where publishing tools upload. To install, use the address /simple/."
            return http.text(405, hint, (b"allow", b"POST"))
        origin = http.origin(scope, proxies=settings.CONFIG.server.trusted_proxies)
        job = partial(identify, http.header(scope, b"authorization"), origin=origin)
        identity = await self._threads.run(job)
        published = await self._receive(scope, receive, identity)
        if published.serial is None:
            return http.text(200, f"{published.filename} was published before, with the same bytes.")
        self._heard(published.serial)
        return http.text(200, f"{published.filename} is published.")

    async def _receive(self, scope: Scope, receive: Receive, identity: Identity) -> Published:
        limit = int(settings.CONFIG.uploads.max_file_size)
        _require_length(scope, limit)
        receiver = Receiver(_boundary(scope), max_file_size=limit, blobs=self._blobs, identity=identity)
        batch, more = await _batch(receive)
        while more:
            await self._threads.run(partial(receiver.feed, batch))
            try:
                batch, more = await _batch(receive)
            except BaseException:
                await self._threads.run(receiver.discard)
                raise
        return await self._threads.run(partial(receiver.finish, batch))


async def _batch(receive: Receive) -> tuple[bytes, bool]:
    """The next bytes of the body, some hundred KiB of them unless it ends, and whether more follow."""
    parts: list[bytes] = []
    size, more = 0, True
    while more and size < _BATCH:
        part, more = await http.next_part(receive, seconds=STALLED_SECONDS)
        parts.append(part)
        size += len(part)
    return b"".join(parts), more


def _require_length(scope: Scope, limit: int) -> None:
    """Refuse by the Content-Length what could only be refused later; without one the bytes are counted."""
    if _length(scope) > limit + MAX_FIELDS:
        raise file_too_large(limit)


def _length(scope: Scope) -> int:
    """The Content-Length, 0 without one."""
    length = http.header(scope, b"content-length")
    return int(length[:_MAX_DIGITS]) if length.isdecimal() else 0


def _boundary(scope: Scope) -> str:
    kind, options = parse_options_header(http.header(scope, b"content-type"))
    boundary: str = options.get("boundary", "")
    if kind != "multipart/form-data" or not 0 < len(boundary) <= _MAX_BOUNDARY or not boundary.isascii():
        raise Refused(
            "content_type_unsupported",
            "Send a form with a file in it (multipart/form-data), as publishing tools do.",
        )
    return boundary


def _failure(error: Exception) -> Answer:
    """What is our own fault, or the machine's: tools try again later, or say so."""
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        return http.text(507, "There is no room for this file now. Nothing was published; try again later.")
    if isinstance(error, OSError | OperationalError | InterfaceError):
        sentence = "The file could not be stored now. Nothing was published; try again later."
        return http.text(503, sentence, (b"retry-after", b"30"))
    return http.text(500, "Something went wrong here, and the operators can see what. Nothing was published.")
