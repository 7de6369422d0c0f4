"""``POST /_/yank``: yank a release or one of its files, or undo that, with the credentials of an upload."""

from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec

from strongroom.api import bodies
from strongroom.api.described import BEARER, OWNER_CODES, PASSWORD, TOKEN_CODES, Description
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


class Yanking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to yank (PEP 592), or not to yank any more: a release, or with `filename` one of its files."""

    project: str
    version: str
    yanked: bool
    filename: str = ""
    reason: str = ""


class Yanked(msgspec.Struct, forbid_unknown_fields=True):
    """The serial of the change in the index, or where nothing had to be changed that of the project."""

    serial: int


_DESCRIBED: Final = Description(
    id="yank",
    summary="Yank a release or a file, or undo that",
    answer=Yanked,
    body=Yanking,
    credentials=(*BEARER, PASSWORD),
    codes=(
        *TOKEN_CODES,
        *OWNER_CODES,
        "body_malformed",
        "credentials_wrong",
        "file_unknown",
        "passwords_refused",
        "project_not_yours",
        "release_unknown",
        "token_action",
        "token_file",
        "token_version",
        "tokens_refused",
        "too_many_attempts",
        "yank_malformed",
        "yank_reason_invalid",
    ),
)


def endpoint(heard: Callable[[int], None]) -> Endpoint:
    """The endpoint; ``heard`` is told the journal's serial before the answer, so that this process serves it from then on."""
    answer = partial(_answer, heard=heard)
    return Endpoint(answer=answer, refusal=refusal, max_body=_MAX_BODY, described=_DESCRIBED)


def _answer(call: Call, *, heard: Callable[[int], None]) -> Answer:
    """Who asks comes first: nobody learns from strangers' bodies what there is."""
    identity = identify(call.header("authorization"), origin=call.origin)
    order = _order(call)
    serial = yank_with(order, by=identity)
    if serial is None:
        serial = journal.newest_of(normalize(order.project))
    else:
        heard(serial)
    return as_json(200, Yanked(serial))


def _order(call: Call) -> Order:
    try:
        asked = msgspec.convert(bodies.json_object(call), Yanking)
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
