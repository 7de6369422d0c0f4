"""Request headers that choose an answer (RFC 9110). None of them is ever an error: at worst it is ignored."""

import re
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

_ENTITY_TAG = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_RANGE_SPEC = re.compile(rb"([0-9]{0,18})-([0-9]{0,18})")
_ZERO_WEIGHT = re.compile(rb"q\s*=\s*0(?:\.0*)?")

_MAX_MEMOISED: Final = 256
"""Bytes of a header: strangers do not fill the memory with long ones."""


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a file: from the byte ``start``, counted from 0, up to and without ``stop``."""

    start: int
    stop: int


UNSATISFIABLE = Span(0, 0)
"""A range that lies outside of the file: 416."""


def joined(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers by name; the lines of one that was sent in several are a list (RFC 9110 §5.3)."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        found[name] = found[name] + b", " + value if name in found else value
    return found


def accepts_gzip(accept_encoding: bytes) -> bool:
    """Whether gzip may be sent (RFC 9110 §12.5.3): named, or covered by ``*``, with a weight above zero."""
    if len(accept_encoding) > _MAX_MEMOISED:
        return _accepts_gzip(accept_encoding)
    return _memoised(accept_encoding)


def _accepts_gzip(accept_encoding: bytes) -> bool:
    weights = {}
    for element in accept_encoding.lower().split(b","):
        coding, _, parameter = element.partition(b";")
        weights[coding.strip()] = not _ZERO_WEIGHT.fullmatch(parameter.strip())
    return weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", False)))


_memoised = lru_cache(maxsize=128)(_accepts_gzip)


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Whether an ``If-None-Match`` names ``etag``, compared weakly (RFC 9110 §13.1.2). ``etag`` has its quotes."""
    if if_none_match == etag:
        return True
    return if_none_match.strip() == b"*" or etag in _ENTITY_TAG.findall(if_none_match)


def is_unmodified(if_modified_since: bytes, modified: int) -> bool:
    """Whether nothing changed since then (RFC 9110 §13.1.3). ``modified`` is in seconds since 1970."""
    try:
        since = parsedate_to_datetime(if_modified_since.decode("latin-1"))
        return modified <= since.timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return False


def is_in_range(if_range: bytes, *, etag: bytes, last_modified: bytes) -> bool:
    """Whether ``If-Range`` still holds: a strong tag, or the very date that was sent (RFC 9110 §13.1.5)."""
    return if_range in {etag, last_modified}


def parse_range(header: bytes, size: int) -> Span | None:
    """The one span that ``Range`` asks for; ``UNSATISFIABLE``; ``None`` to send everything (RFC 9110 §14.2).

    Everything is sent for another unit, for what is malformed, and for several ranges, which nobody needs for a file of
    an index and which would let a short request ask for much (IX-06).
    """
    unit, _, specs = header.partition(b"=")
    found = [spec.strip() for spec in specs.split(b",") if spec.strip()]
    spec = _RANGE_SPEC.fullmatch(found[0]) if len(found) == 1 else None
    if unit.strip().lower() != b"bytes" or spec is None:
        return None
    first, last = spec.groups()
    if first:
        return _from_first(int(first), int(last) if last else None, size)
    if last:
        return Span(max(0, size - int(last)), size) if int(last) and size else UNSATISFIABLE
    return None


def _from_first(first: int, last: int | None, size: int) -> Span | None:
    if last is not None and last < first:
        return None
    stop = size if last is None else min(last + 1, size)
    return Span(first, stop) if first < size else UNSATISFIABLE


def http_date(seconds: int) -> bytes:
    """Seconds since 1970 as RFC 9110 §5.6.7 writes a date."""
    return formatdate(seconds, usegmt=True).encode()


def attachment(filename: str) -> bytes:
    """``Content-Disposition`` for a download under that name (RFC 6266, RFC 8187)."""
    plain = "".join(char if " " <= char <= "~" and char not in '"\\%' else "_" for char in filename)
    value = f'attachment; filename="{plain}"'
    if plain != filename:
        value += f"; filename*=UTF-8''{quote(filename, safe='', errors='replace')}"
    return value.encode()
