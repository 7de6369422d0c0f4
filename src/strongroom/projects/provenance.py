"""Who built a file: the attestations that were verified when it came (PEP 740)."""

from typing import Final
from urllib.parse import quote

from django.conf import settings

from strongroom.projects.models import Provenance
from strongroom.projects.releases import key_of

PATH: Final = "/integrity/{project}/{version}/{filename}/provenance"
"""Where the document is served, below the address of the site."""


def document_of(normalized: str, version: str, filename: str) -> str | None:
    """The provenance object of a file as JSON text, ``None`` where there is no such file or it has none."""
    found = Provenance.objects.filter(
        file__filename=filename,
        file__release__key=key_of(version),
        file__release__project__normalized=normalized,
    )
    return found.values_list("document", flat=True).first()


def address_of(normalized: str, version: str, filename: str) -> str:
    """The whole address of the document: PEP 740 asks for one, so it holds the configured host."""
    path = PATH.format(project=quote(normalized), version=quote(version), filename=quote(filename))
    return f"{settings.CONFIG.base_url}{path}"
