"""``GET /pypi/<name>/json`` and ``GET /pypi/<name>/<version>/json``: what tools ask about a project."""

import hashlib
import re
from typing import Final
from urllib.parse import quote

import orjson
from django.conf import settings

from strongroom.api import http
from strongroom.api.documents import document
from strongroom.api.http import Answer
from strongroom.api.reading import ANYWHERE, JSON, REVALIDATE, Lookup, missing
from strongroom.projects import find, journal

_PATH: Final = re.compile(r"/pypi/([^/]+)(?:/([^/]+))?/json/?")


def project_json() -> Lookup:
    """The JSON API as an ASGI application."""
    return Lookup(_PATH, _look_up)


def _look_up(name: str, version: str) -> Answer:
    view = find.page(name, version)
    if view is None:
        return missing("Not Found")
    normalized = view.project.normalized
    if name != normalized:
        release = f"{quote(view.release.version)}/" if version else ""
        path = f"/pypi/{normalized}/{release}json"
        return http.text(301, f"The project is at {path}.", (b"location", path.encode("ascii")), ANYWHERE)
    serial = journal.newest_of(normalized)
    body = orjson.dumps(
        document(view, base_url=settings.CONFIG.base_url, serial=serial, with_releases=not version)
    )
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'.encode("ascii")
    newest = (b"x-pypi-last-serial", str(serial).encode("ascii"))
    return Answer(200, body, (ANYWHERE, REVALIDATE, (b"etag", etag), newest), JSON)
