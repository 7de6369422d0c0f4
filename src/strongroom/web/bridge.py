"""Before a request goes to one of the few threads that make pages: it must be whole, and mean to Django what it meant here."""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from string import printable
from typing import Any, Final
from urllib.parse import quote_from_bytes

from django.conf import settings

from strongroom.web import flow

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

SECONDS: Final = 10.0
"""How long a form may take to come. Whoever sends one byte at a time waits here, and holds no thread (IX-14)."""

# A request's encoding as a parameter of its type (RFC 9110 §8.3.2).
_UTF8 = re.compile(rb"\s*;\s*charset=(\"utf-?8\"|utf-?8)\s*(?=;|$)", re.IGNORECASE)


class Bridge:
    """Hands requests to ``pages`` (ASGI around WSGI), with bodies that have come already."""

    def __init__(self, pages: Application) -> None:
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a body that is too large or too slow gets its 4xx without a thread."""
        if _encoded_otherwise(scope):
            await _refuse(send, 400, b"Forms are read as UTF-8 here.\n")
            return
        length = _length(scope)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            await _refuse(send, 413, b"This is more than any form here holds.\n")
            return
        try:
            async with asyncio.timeout(SECONDS):
                body = await _whole(receive, length)
        except TimeoutError:
            await _refuse(send, 408, b"The form did not come in time. Send it again.\n")
            return
        if len(body) < length:  # half a form is none
            await _refuse(send, 400, b"The form did not come whole. Send it again.\n")
            return
        asked = _unambiguous(scope)
        await self._pages(asked, _given(body), flow.but_for_rest(asked, send))
        await flow.send_rest(asked, receive, send)


def _encoded_otherwise(scope: Scope) -> bool:
    """Whether it says to be in another encoding than UTF-8.

    Of those that Python knows some make text that is none (lone surrogates), and some make no text at all.
    """
    kinds = [_UTF8.sub(b"", value) for name, value in scope["headers"] if name == b"content-type"]
    return any(b"charset" in kind.lower() for kind in kinds)


def _length(scope: Scope) -> int:
    """The bytes that Django reads: those of ``Content-Length``, none without it (WSGI, PEP 3333)."""
    found = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(found[0]) if found and found[0].isdigit() else 0


async def _whole(receive: Receive, length: int) -> bytes:
    body = bytearray()
    while len(body) < length:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


def _unambiguous(scope: Scope) -> Scope:
    """The request in one spelling.

    WSGI spells ``X_Forwarded_For`` and ``X-Forwarded-For`` alike, and proxies replace the second only (RL-04). A query in
    raw UTF-8, as some programs send it, is escaped as browsers would have done. That all is UTF-8 goes without saying:
    Django reads the query of a request that says so before it can answer what is wrong with it.
    """
    headers = [
        (name, _UTF8.sub(b"", value) if name == b"content-type" else value)
        for name, value in scope["headers"]
        if b"_" not in name
    ]
    return {**scope, "headers": headers, "query_string": _escaped(scope["query_string"])}


def _escaped(query: bytes) -> bytes:
    return query if query.isascii() else quote_from_bytes(query, safe=printable).encode("ascii")


def _given(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _refuse(send: Send, status: int, sentence: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(sentence)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence})
