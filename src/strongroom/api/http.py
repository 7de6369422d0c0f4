"""The little of ASGI that the APIs need: headers in, short texts out."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from strongroom.api.refusals import status_of
from strongroom.kernel.actor import Origin
from strongroom.kernel.client_address import client_address
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import random_bytes

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

REFUSAL_HEADER = b"strongroom-refusal"
"""The response header that holds the stable code of a refusal."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    content_type: bytes = b"text/plain; charset=utf-8"


def text(status: int, sentence: str, *headers: tuple[bytes, bytes]) -> Answer:
    """A sentence as the answer; publishing tools print the body."""
    return Answer(status, f"{sentence}\n".encode("utf-8", "replace"), headers)


def refusal(refused: Refused) -> Answer:
    """The answer to what was refused."""
    headers = [(REFUSAL_HEADER, refused.code.encode("ascii"))]
    if refused.retry_after is not None:
        headers.append((b"retry-after", str(refused.retry_after).encode("ascii")))
    if refused.code == "credentials_missing":
        headers.append((b"www-authenticate", b'Basic realm="Strongroom", charset="UTF-8"'))
    return text(status_of(refused), refused.message, *headers)


async def answer(send: Send, given: Answer) -> None:
    """Send ``given``."""
    headers: Headers = [
        (b"content-type", given.content_type),
        (b"x-content-type-options", b"nosniff"),
        *given.headers,
    ]
    if given.status not in {204, 304}:  # RFC 9110 §8.6: there it would be the length of what is not sent
        headers.append((b"content-length", str(len(given.body)).encode("ascii")))
    await send({"type": "http.response.start", "status": given.status, "headers": headers})
    await send({"type": "http.response.body", "body": given.body, "more_body": False})


async def next_part(receive: Receive, *, seconds: float) -> tuple[bytes, bool]:
    """The next bytes of the body, and whether more follow.

    Raises ``Refused``: ``body_stalled`` where nothing comes for ``seconds``; ``form_truncated`` where nothing more will,
    because the client has gone, or does not frame its body as HTTP asks: then it still listens (IX-13).
    """
    try:
        async with asyncio.timeout(seconds):
            message = await receive()
    except TimeoutError:
        raise Refused(
            "body_stalled", f"Nothing came for {seconds:.0f} seconds. Upload the file again."
        ) from None
    if message["type"] != "http.request":
        raise Refused("form_truncated", "The form did not come whole. Upload the file again.")
    return message.get("body", b""), message.get("more_body", False)


async def drop_rest(receive: Receive, *, limit: int, seconds: float) -> None:
    """Read what is left of a body and keep nothing of it; at most ``limit`` bytes, for ``seconds``."""
    left = limit
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


def header(scope: Scope, name: bytes) -> str:
    """The value of a request header that may come once; ``""`` without it, or where it comes twice and so is in doubt."""
    values = list(_values(scope, name))
    return values[0].decode("latin-1") if len(values) == 1 else ""


def origin(scope: Scope, *, proxies: Sequence[str]) -> Origin:
    """Where the request came from; ``proxies`` are the networks whose ``X-Forwarded-For`` is believed (RL-04)."""
    peer = scope["client"][0] if scope.get("client") else ""
    forwarded_for = b",".join(_values(scope, b"x-forwarded-for")).decode("latin-1")
    return Origin(
        address=client_address(peer, forwarded_for, proxies=proxies) if forwarded_for else peer,
        client=header(scope, b"user-agent"),
        request_id=random_bytes(8).hex(),
    )


def _values(scope: Scope, name: bytes) -> Iterator[bytes]:
    return (value for key, value in scope["headers"] if key == name)
