"""METADATA, PKG-INFO and WHEEL as headers and a body.

The format is that of mail (RFC 822), read by Python's ``email`` package in every installer. ``email`` never fails: it
guesses. Here the text is taken only where there is nothing to guess, and then it says the same to both.
"""

import re

from strongroom.artifacts.refusals import quoted, refusal

Headers = dict[str, list[str]]
"""Lower-case header name -> its values in order; folded values keep their line breaks and indents."""

MAX_HEADERS = 20_000

_NAME = re.compile(r"[!-9;-~]+")
_END_OF_HEADERS = re.compile(r"\n\r?\n")
# Tab and line feed may stand in a header, and form feed (the GNU licenses have it); CR only before LF. The others
# end a line for some readers: vertical tab, file separators, NEL, U+2028, U+2029.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u2028\u2029]|\r(?!\n)")
# They change what the body is: base64, or several parts, in which a second description can hide (UP-21).
_MAIL_HEADERS = frozenset(["content-type", "content-transfer-encoding", "mime-version"])


def parse_headers(content: bytes, *, what: str, code: str = "metadata_malformed") -> tuple[Headers, str]:
    """Headers and body of ``content``, a file that messages call ``what``; raises ``Refused`` with ``code``."""
    try:
        return _parse(content)
    except _Malformed as error:
        raise refusal(code, f"{what} {error}. Build the distribution again with a current tool.") from None


class _Malformed(Exception):
    """The headers cannot be read; the text says why, to be put behind the file's name."""


def _parse(content: bytes) -> tuple[Headers, str]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _Malformed("is not in UTF-8") from None
    if "\0" in text:
        raise _Malformed("has a NUL character")
    head, body = _split(text)
    if _CONTROL.search(head):
        raise _Malformed("has control characters in its headers")
    headers: Headers = {}
    values: list[str] | None = None
    for number, line in enumerate(head.replace("\r\n", "\n").split("\n")):
        if number > MAX_HEADERS:
            raise _Malformed(f"has more than {MAX_HEADERS} lines of headers")
        if line[:1] in (" ", "\t"):
            if values is None:
                raise _Malformed("begins with a continued line")
            values[-1] += "\n" + line
            continue
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise _Malformed(f"has the line {quoted(line)} among its headers")
        values = headers.setdefault(name.lower(), [])
        values.append(value.lstrip(" \t"))
    if not _MAIL_HEADERS.isdisjoint(headers):
        raise _Malformed("has mail headers such as Content-Type")
    return headers, body


def _split(text: str) -> tuple[str, str]:
    end = _END_OF_HEADERS.search(text)
    if end:
        return text[: end.start()].removesuffix("\r"), text[end.end() :]
    return text.removesuffix("\n").removesuffix("\r"), ""
