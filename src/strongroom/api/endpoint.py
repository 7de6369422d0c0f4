"""An endpoint of the JSON API: what it is given, and what it is to be asked with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import orjson

from strongroom.api.described import Description
from strongroom.api.http import REFUSAL_HEADER, Answer
from strongroom.api.refusals import status_of
from strongroom.kernel.actor import Origin
from strongroom.kernel.refused import Refused

JSON: Final = b"application/json"
NO_STORE: Final = (b"cache-control", b"no-store")
"""On every answer: they hold secrets, or are about them."""

MAX_BODY: Final = 64 * 1024
"""Bytes; an identity token has some 2 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, once its body has come. ``headers`` go by their lower-case names; one that came twice is not among them."""

    method: str
    query: str
    headers: dict[str, str]
    body: bytes
    origin: Origin

    def header(self, name: str) -> str:
        """The value of a request header, ``""`` without it."""
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """How one method of one path is answered.

    ``answer`` runs in a thread and may raise ``Refused``, which ``refusal`` turns into an answer. ``visits`` says that it
    may wait for another server, ``searches`` that it may look through many rows; ``max_body`` is in bytes. ``described`` is
    what the OpenAPI document says of it.
    """

    answer: Callable[[Call], Answer]
    refusal: Callable[[Refused], Answer]
    max_body: int = 0
    visits: bool = False
    searches: bool = False
    described: Description


def as_json(status: int, document: Any, *headers: tuple[bytes, bytes]) -> Answer:
    """An answer in JSON: of a shape (``msgspec.Struct``), or of what ``orjson`` takes."""
    body = msgspec.json.encode(document) if isinstance(document, msgspec.Struct) else orjson.dumps(document)
    return Answer(status, body, (NO_STORE, *headers), JSON)


def refusal(refused: Refused) -> Answer:
    """The answer to what was refused, where no standard and no custom has a shape for it: ``message`` and ``code``."""
    return as_json(
        status_of(refused), {"message": refused.message, "code": refused.code}, *headers_of(refused)
    )


def headers_of(refused: Refused) -> list[tuple[bytes, bytes]]:
    """What the headers of every refusal say: its stable code, when to try again, and which credentials are asked for."""
    headers = [(REFUSAL_HEADER, refused.code.encode("ascii"))]
    if refused.retry_after is not None:
        headers.append((b"retry-after", str(refused.retry_after).encode("ascii")))
    if refused.code == "credentials_missing":
        headers.append((b"www-authenticate", b'Basic realm="Strongroom", charset="UTF-8"'))
    return headers
