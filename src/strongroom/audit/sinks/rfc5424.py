"""One entry as a syslog message (RFC 5424): the facts as structured data, what it says as the text."""

import re
from typing import Any, Final

import orjson

from strongroom.audit.document import document
from strongroom.audit.search import EVERYTHING
from strongroom.audit.sinks.sink import Said
from strongroom.audit.trail import printable

SD_ID: Final = "event@32473"
"""32473 is the private enterprise number for documentation (RFC 5612): Strongroom has none of its own."""

_AUDIT: Final = 13  # facility "log audit" (RFC 5424 §6.2.1)
_NOTICE, _WARNING = 5, 4
_VERSION: Final = 1
_NIL: Final = "-"
_APP_NAME: Final = "strongroom"
_BOM: Final = b"\xef\xbb\xbf"
_MAX_HOSTNAME, _MAX_MSGID = 255, 32

# "A backslash ('\') ... MUST be escaped", and so must '"' and ']' (RFC 5424 §6.3.3).
_ESCAPED: Final = re.compile(r'(["\\\]])')
_NOT_IN_HEADER: Final = re.compile(r"[^\x21-\x7e]")

_LEFT_OUT: Final = ("details", "client", "actorName")
"""What goes first where a message would be too long; all other parameters are short."""


def encode(said: Said, *, hostname: str, limit: int) -> bytes:
    """The message, in at most ``limit`` bytes (at least 1,024); it never holds a control character (AU-07).

    Where it would be longer, long parameters go, ``truncated`` says so, and then the text is cut (§6.1).
    """
    entry = said.entry
    severity = _WARNING if entry.outcome == "refused" else _NOTICE
    parameters = _parameters(document(entry, EVERYTHING))
    header = (
        f"<{8 * _AUDIT + severity}>{_VERSION} {parameters['time']} {_header(hostname, _MAX_HOSTNAME)} {_APP_NAME}"
        f" {_NIL} {_header(entry.tag, _MAX_MSGID)} "
    )
    text = _BOM + printable(said.sentence).encode("utf-8", "replace")
    structured = _element(parameters)
    for name in _LEFT_OUT:
        if len(header) + len(structured) + 1 + len(text) <= limit:
            break
        parameters = {key: value for key, value in parameters.items() if key != name} | {"truncated": "yes"}
        structured = _element(parameters)
    return header.encode() + structured + b" " + _cut(text, limit - len(header) - len(structured) - 1)


def _parameters(found: dict[str, Any]) -> dict[str, str]:
    """What is empty is left out."""
    values = {
        "serial": found["serial"],
        "time": found["time"],
        "tag": found["tag"],
        "outcome": found["outcome"],
        "reason": found["reason"],
        "actorKind": found["actor"]["kind"],
        "actorId": found["actor"]["id"],
        "actorName": found["actor"]["name"],
        "subject": found["subject"],
        "project": found["project"],
        "authenticated": found["authenticated"],
        "credential": found["credential"],
        "address": found["address"],
        "addressPseudonym": found["address_pseudonym"],
        "client": found["client"],
        "requestId": found["request_id"],
        "details": orjson.dumps(found["details"], option=orjson.OPT_SORT_KEYS).decode()
        if found["details"]
        else "",
    }
    return {name: str(value) for name, value in values.items() if value not in (None, "")}


def _element(parameters: dict[str, str]) -> bytes:
    """SD-ELEMENT: ``[SD-ID name="value" …]``, values in UTF-8."""
    pairs = (f' {name}="{_escaped(value)}"' for name, value in parameters.items())
    return f"[{SD_ID}{''.join(pairs)}]".encode()


def _escaped(value: str) -> str:
    return _ESCAPED.sub(r"\\\1", printable(value))


def _header(value: str, most: int) -> str:
    """PRINTUSASCII (§6): no spaces, nothing beyond ASCII."""
    return _NOT_IN_HEADER.sub("?", value)[:most] or _NIL


def _cut(text: bytes, length: int) -> bytes:
    """Never in the middle of a character."""
    return text[: max(length, len(_BOM))].decode("utf-8", "ignore").encode()
