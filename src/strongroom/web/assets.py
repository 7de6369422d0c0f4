"""Style, script and pictures: served from the package, under addresses that change with the content, kept for ever."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from whitenoise.base import WhiteNoise

_FOLDER = Path(__file__).parent / "static"


def url(name: str) -> str:
    """The address of a file in ``static/``, with a digest of its content; raises ``KeyError``."""
    return _urls()[name]


def served_before(application: Any) -> WhiteNoise:
    """A WSGI application that answers the addresses of ``url`` and leaves everything else to ``application``."""
    serving = WhiteNoise(
        application,
        allow_all_origins=False,
        immutable_file_test=lambda _path, _url: True,
        add_headers_function=_protect,
    )
    for name, address in _urls().items():
        serving.add_file_to_dictionary(address, str(_FOLDER / name))
    return serving


@cache
def _urls() -> dict[str, str]:
    return {path.name: f"/static/{_digest(path)}/{path.name}" for path in sorted(_FOLDER.iterdir())}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _protect(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
