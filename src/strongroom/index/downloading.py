"""Telling of downloads from a private site: who gets bytes of which file."""

from functools import lru_cache, partial
from http import HTTPStatus
from typing import Final

from strongroom.index.paths import FilePath, parse
from strongroom.index.ports import Downloads, Message, Scope, Send
from strongroom.index.readers import Visit

_FILES: Final = "/files/"
_parsed = lru_cache(maxsize=1024)(parse)  # a path is some 150 bytes long; many readers want the same files
_WITH_BYTES: Final = frozenset({HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT})


def told(send: Send, scope: Scope, *, visit: Visit, downloads: Downloads) -> Send:
    """``send``, which tells ``downloads`` when the answer begins, where bytes of a file go out in it.

    So a HEAD is none, nor a 304, nor METADATA, which lies beside the file; each part that is asked for is one.
    """
    if scope["method"] != "GET" or not scope["path"].startswith(_FILES):
        return send
    place = _parsed(scope["path"])
    if not isinstance(place, FilePath) or place.is_metadata:
        return send
    return partial(_send, send, visit=visit, place=place, downloads=downloads)


async def _send(send: Send, message: Message, *, visit: Visit, place: FilePath, downloads: Downloads) -> None:
    """Before the first byte is out: whoever hangs up in the middle has got some."""
    if message["type"] == "http.response.start" and message["status"] in _WITH_BYTES:
        downloads.begun(place.sha256, place.filename, by=visit.actor)
    await send(message)
