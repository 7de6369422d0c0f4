"""``GET /integrity/<project>/<version>/<filename>/provenance``: the attestations of a file (PEP 740)."""

import re
from typing import Final

from strongroom.api.http import Answer
from strongroom.api.reading import ANYWHERE, REVALIDATE, Lookup, missing
from strongroom.kernel.names import normalize
from strongroom.projects import provenance

_PATH: Final = re.compile(r"/integrity/([^/]+)/([^/]+)/([^/]+)/provenance/?")
_KIND: Final = b"application/vnd.pypi.integrity.v1+json"


def integrity() -> Lookup:
    """The integrity API as an ASGI application."""
    return Lookup(_PATH, _look_up)


def _look_up(project: str, version: str, filename: str) -> Answer:
    document = None
    if "\0" not in project + version + filename:  # PostgreSQL takes none
        document = provenance.document_of(normalize(project), version, filename)
    if document is None:
        return missing(f"No provenance available for {filename}")
    return Answer(200, document.encode(), (ANYWHERE, REVALIDATE), _KIND)
