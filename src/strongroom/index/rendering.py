"""Pages and METADATA as answers in every variant, and which variant a request gets."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs

from strongroom.index.answer import (
    ANY_ORIGIN,
    NO_SNIFFING,
    NOT_FOUND,
    REVALIDATE,
    Answer,
    compressed,
    tagged,
)
from strongroom.index.headers import accepts_gzip
from strongroom.index.kept import EVERY_PROJECT
from strongroom.index.ports import Pages
from strongroom.kernel.names import NormalizedName
from strongroom.simple import as_html, as_json
from strongroom.simple.negotiation import Kind, negotiate, of_format

JSON: Final = "json"
HTML: Final = "html"
_TYPES: Final = {
    JSON: (Kind.JSON.value,),
    HTML: (Kind.HTML.value, f"{Kind.TEXT_HTML.value}; charset=utf-8"),
}
_MAX_MEMOISED: Final = 1024
"""Bytes of header: clients send a handful of short ones, and strangers do not fill the memory with long ones."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Which rendering (``JSON`` or ``HTML``), and which of its answers."""

    rendering: str
    number: int


@dataclass(frozen=True, slots=True)
class Rendering:
    """The answers of one page in one rendering, by the number of the variant. ``size`` counts each body once."""

    project: str
    answers: tuple[Answer, ...]
    size: int


def absent(project: str) -> Rendering:
    """What there is of something that does not exist. Kept like a page, so that asking again costs nothing."""
    return Rendering(project, (NOT_FOUND,) * 4, 0)


def project_page(pages: Pages, name: NormalizedName, rendering: str) -> Rendering:
    """Read a project and render its page. Blocks."""
    page = pages.project(name)
    if page is None:
        return absent(name)
    body = as_json.project_page(page) if rendering == JSON else as_html.project_page(page)
    return _page(name, body, rendering=rendering, serial=page.serial)


def project_list(pages: Pages, rendering: str) -> Rendering:
    """Read the list of projects and render it. Blocks."""
    listed = pages.projects()
    body = as_json.project_list(listed) if rendering == JSON else as_html.project_list(listed)
    return _page(EVERY_PROJECT, body, rendering=rendering, serial=listed.serial)


def variant(accept: bytes, accept_encoding: bytes, query: bytes) -> Variant | None:
    """The variant that the headers (``b""`` for none) and ``?format=`` ask for, ``None`` where none is acceptable."""
    if len(accept) + len(accept_encoding) + len(query) > _MAX_MEMOISED:
        return _variant(accept, accept_encoding, query)
    return _memoised(accept, accept_encoding, query)


def _variant(accept: bytes, accept_encoding: bytes, query: bytes) -> Variant | None:
    wanted = _format(query)
    kind = negotiate(accept.decode("latin-1")) if wanted is None else of_format(wanted)
    if kind is None:
        return None
    is_gzip = accepts_gzip(accept_encoding)
    return (
        Variant(JSON, is_gzip) if kind is Kind.JSON else Variant(HTML, 2 * (kind is Kind.TEXT_HTML) + is_gzip)
    )


_memoised = lru_cache(maxsize=512)(_variant)


def _format(query: bytes) -> str | None:
    """The value of ``format``, in which people write the ``+`` as it is."""
    if b"format=" not in query:
        return None
    values = parse_qs(query.decode("latin-1"), max_num_fields=None).get("format")
    return values[0].replace(" ", "+") if values else None


def _page(project: str, body: bytes, *, rendering: str, serial: int) -> Rendering:
    headers = (
        (b"vary", b"Accept, Accept-Encoding"),
        REVALIDATE,
        (b"x-pypi-last-serial", str(serial).encode()),
        ANY_ORIGIN,
        NO_SNIFFING,
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    )
    zipped = compressed(body)
    answers = [
        tagged(part, *headers, content_type=content_type, is_gzip=part is not body)
        for content_type in _TYPES[rendering]
        for part in (body, zipped)
    ]
    return Rendering(project, tuple(answers), len(body) + len(zipped))
