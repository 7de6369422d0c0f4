"""``POST /_/yank``: yank a release or one of its files, or undo that, with the credentials of an upload."""

from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec

from strongroom.api import bodies
from strongroom.api.endpoint import Call, Endpoint, as_json, refusal
from strongroom.api.http import Answer
from strongroom.kernel.names import normalize
from strongroom.kernel.refused import Refused
from strongroom.projects import journal
from strongroom.projects.yank import Order
from strongroom.publish.identity import identify
from strongroom.publish.yanking import yank_with

PATH: Final = "/_/yank"
_MAX_BODY: Final = 8 * 1024  # bytes


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body."""

    project: str
    version: str
    yanked: bool
    filename: str = ""
    reason: str = ""


def endpoint(heard: Callable[[int], None]) -> Endpoint:
    """The endpoint; ``heard`` is told the journal's serial before the answer, so that this process serves it from then on."""
    return Endpoint(answer=partial(_answer, heard=heard), refusal=refusal, max_body=_MAX_BODY)


def _answer(call: Call, *, heard: Callable[[int], None]) -> Answer:
    """Who asks comes first: nobody learns from strangers' bodies what there is."""
    identity = identify(call.header("authorization"), origin=call.origin)
    order = _order(call)
    serial = yank_with(order, by=identity)
    if serial is None:
        serial = journal.newest_of(normalize(order.project))
    else:
        heard(serial)
    return as_json(200, {"serial": serial})


def _order(call: Call) -> Order:
    try:
        asked = msgspec.convert(bodies.json_object(call), _Asked)
    except msgspec.ValidationError:
        raise Refused(
            "yank_malformed",
            "Send a JSON object with 'project', 'version' and 'yanked' (true or false), and 'filename' or 'reason' if "
            "you like.",
        ) from None
    return Order(
        project=asked.project,
        version=asked.version,
        filename=asked.filename,
        reason=asked.reason,
        yanked=asked.yanked,
    )
