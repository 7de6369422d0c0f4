"""What requests say, in their bodies and queries, read strictly."""

import json
from urllib.parse import parse_qsl

from strongroom.api.endpoint import Call
from strongroom.kernel import strict_json
from strongroom.kernel.refused import Refused

_MAX_FIELDS = 20


def json_object(call: Call) -> dict[str, object]:
    """The body as a JSON object in UTF-8; raises ``Refused`` (``body_malformed``)."""
    try:
        found = strict_json.parse_object(call.body.decode("utf-8"))
        # Half a surrogate pair is JSON, but no text (RFC 8259 §8.2): nothing encodes it, nor does an error that names it.
        json.dumps(found, ensure_ascii=False).encode()
    except ValueError:
        raise Refused("body_malformed", "The body is not a JSON object.") from None
    return found


def form(call: Call) -> dict[str, str]:
    """The body as a form (``application/x-www-form-urlencoded``); raises ``Refused``.

    Codes: ``content_type_unsupported``, ``body_malformed`` (also for a field that stands twice: RFC 6749 §3.2).
    """
    kind = call.header("content-type").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refused("content_type_unsupported", "Send a form (application/x-www-form-urlencoded).")
    return _fields(call.body)


def query(call: Call) -> dict[str, str]:
    """The query of the address; raises ``Refused`` (``body_malformed``)."""
    return _fields(call.query.encode("latin-1"))


def _fields(encoded: bytes) -> dict[str, str]:
    try:
        text = encoded.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        pairs = [("", ""), ("", "")]
    fields = dict(pairs)
    if len(fields) != len(pairs) or any("\0" in value for value in fields.values()):
        raise Refused("body_malformed", "The fields cannot be read, or one of them stands twice.")
    return fields
