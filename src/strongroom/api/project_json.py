"""``GET /pypi/<name>/json`` and ``GET /pypi/<name>/<version>/json``: what tools ask about a project."""

import hashlib
import re
from functools import partial
from typing import Final
from urllib.parse import quote

import orjson
from django.conf import settings

from strongroom.api import http
from strongroom.api.documents import document
from strongroom.api.http import Answer, Receive, Scope, Send
from strongroom.api.threads import Threads
from strongroom.kernel.names import normalize
from strongroom.projects import find, journal

_PATH: Final = re.compile(r"/pypi/([^/]+)(?:/([^/]+))?/json/?")
_JSON = b"application/json"
_ANYWHERE = (b"access-control-allow-origin", b"*")
_REVALIDATE = (b"cache-control", b"max-age=0, must-revalidate")


class ProjectJson:
    """The JSON API as an ASGI application."""

    def __init__(self) -> None:
        self._threads = Threads(1)

    @staticmethod
    def handles(path: str) -> bool:
        """Whether the path is one of the JSON API."""
        return _PATH.fullmatch(path) is not None

    @staticmethod
    async def project_of(path: str) -> str | None:
        """The normalized name of the project that a path is about."""
        found = _PATH.fullmatch(path)
        return normalize(found[1]) if found else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for a path that ``handles`` has taken."""
        await http.answer(send, await self._answer(scope))

    async def _answer(self, scope: Scope) -> Answer:
        if scope["method"] not in {"GET", "HEAD"}:
            return http.text(405, "This address is for reading.", (b"allow", b"GET, HEAD"))
        found = _PATH.fullmatch(scope["path"])
        name, version = (found[1], found[2] or "") if found else ("", "")
        given = await self._threads.run(partial(_look_up, name, version))
        if given.headers and http.header(scope, b"if-none-match").encode("latin-1") in _etags(given):
            return Answer(304, b"", given.headers, given.content_type)
        return given


def _look_up(name: str, version: str) -> Answer:
    view = find.page(name, version)
    if view is None:
        return Answer(404, orjson.dumps({"message": "Not Found"}), (_ANYWHERE,), _JSON)
    normalized = view.project.normalized
    if name != normalized:
        release = f"{quote(view.release.version)}/" if version else ""
        path = f"/pypi/{normalized}/{release}json"
        return http.text(301, f"The project is at {path}.", (b"location", path.encode("ascii")), _ANYWHERE)
    serial = journal.newest_of(normalized)
    body = orjson.dumps(
        document(view, base_url=settings.CONFIG.base_url, serial=serial, with_releases=not version)
    )
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'.encode("ascii")
    newest = (b"x-pypi-last-serial", str(serial).encode("ascii"))
    return Answer(200, body, (_ANYWHERE, _REVALIDATE, (b"etag", etag), newest), _JSON)


def _etags(given: Answer) -> list[bytes]:
    return [value for name, value in given.headers if name == b"etag"]
