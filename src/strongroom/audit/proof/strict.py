"""Reading JSON documents that somebody may have forged: exact fields, exact types, nothing converted.

What is wrong raises ``Malformed``, a ``ValueError``, with a sentence that names the field.
"""

import re
from collections.abc import Set
from typing import Any, Final

_HEX: Final = re.compile(r"[0-9a-f]*\Z")
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1  # what both databases hold


class Malformed(ValueError):
    """A document is not what it should be."""


def fields(document: object, names: Set[str]) -> dict[str, Any]:
    """The document, if it is an object with exactly these fields."""
    if not isinstance(document, dict):
        raise Malformed("this is not a JSON object")
    if document.keys() != names:
        wrong = sorted(str(name)[:40] for name in document.keys() ^ names)
        raise Malformed(
            f"fields are missing or too many: {', '.join(wrong[:5])}".encode("utf-8", "replace").decode()
        )
    return document


def text(document: dict[str, Any], name: str) -> str:
    """A text that UTF-8 can hold."""
    value = document[name]
    if type(value) is not str:
        raise Malformed(f"{name} is not a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Malformed(f"{name} is not UTF-8") from None
    return value


def integer(document: dict[str, Any], name: str) -> int:
    """A whole number of 64 bits; ``true`` is none."""
    value = document[name]
    if type(value) is not int or not _SMALLEST <= value <= _LARGEST:
        raise Malformed(f"{name} is not a whole number of 64 bits")
    return value


def integer_or_none(document: dict[str, Any], name: str) -> int | None:
    """A whole number of 64 bits, or ``null``."""
    return None if document[name] is None else integer(document, name)


def hexadecimal(document: dict[str, Any], name: str, *, size: int) -> str:
    """The lowercase hex digits of ``size`` bytes."""
    value = document[name]
    if type(value) is not str or len(value) != 2 * size or not _HEX.match(value):
        raise Malformed(f"{name} is not {2 * size} lowercase hex digits")
    return value
