"""What ``/api/audit/`` takes and answers, as the OpenAPI document tells it."""

from typing import Any, Final

import msgspec

from strongroom.api.described import BEARER, OWNER_CODES, TOKEN_CODES, Description, Parameter
from strongroom.audit.query import MAX_LIMIT
from strongroom.audit.search import Outcome
from strongroom.publish.auditing import ACCOUNT, SCOPES

DEFAULT_LIMIT: Final = 100
"""Events or seals in an answer."""


class Author(msgspec.Struct, forbid_unknown_fields=True):
    """Who did it. `id` is that of the account, if there is one; `name` is empty where it was erased, or nobody is known."""

    kind: str
    id: int | None
    name: str


class Event(msgspec.Struct, forbid_unknown_fields=True):
    """An event; docs/events.md tells what its `tag` means and which fields are in `details`.

    `time` is RFC 3339, UTC, with six decimals. `subject` is the id of the account that it is about, `reason` the code of a
    refusal. The last six are empty where the reader may not know them, or where they have been forgotten.
    """

    serial: int
    time: str
    tag: str
    outcome: str
    reason: str
    actor: Author
    subject: int | None
    project: str
    details: dict[str, Any]
    authenticated: str
    credential: str
    address: str
    address_pseudonym: str
    client: str
    request_id: str


class Events(msgspec.Struct, forbid_unknown_fields=True):
    """A page of events.

    Oldest first (`after`): `next` is the cursor to go on with, always. Newest first: the serial to send as `before`, null
    at the end. `horizon` is the serial up to which no further event can appear.
    """

    events: list[Event]
    next: int | None
    horizon: int


class SignedSeal(msgspec.Struct, forbid_unknown_fields=True):
    """The signed statement that these events and no others lie between two serials; see docs/api.md."""

    number: int
    first: int
    last: int
    count: int
    root: str
    previous: str
    time: str
    key: str
    format: str
    signature: str


class Seals(msgspec.Struct, forbid_unknown_fields=True):
    """Seals by number; `next` is the number to send as `after`, always."""

    seals: list[SignedSeal]
    next: int


class Head(msgspec.Struct, forbid_unknown_fields=True):
    """The newest seal, null while there is none. Whoever keeps it notices when the trail before it is written anew."""

    seal: SignedSeal | None


class Key(msgspec.Struct, forbid_unknown_fields=True):
    """The public key of the seals, 64 hex digits."""

    algorithm: str
    key: str


class Mistake(msgspec.Struct, forbid_unknown_fields=True):
    """What is wrong with one parameter."""

    field: str
    code: str
    message: str


class RefusedQuery(msgspec.Struct, forbid_unknown_fields=True):
    """What was refused. `errors` names each parameter that is wrong; `code` and `message` are then those of the first."""

    message: str
    code: str
    errors: list[Mistake] = []


_TEXT: Final = {"type": "string"}
_SERIAL: Final = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
_LIMIT: Final = Parameter(
    name="limit",
    meaning="How many at most.",
    schema={"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
)
_CODES: Final = (*TOKEN_CODES, *OWNER_CODES, "token_missing", "token_action", "body_malformed")
_PARAMETERS: Final = ("audit_filter_unknown", "audit_serial_invalid", "audit_limit_invalid")


def _text(name: str, meaning: str) -> Parameter:
    return Parameter(name=name, meaning=meaning, schema=_TEXT)


EVENTS: Final = Description(
    id="auditEvents",
    summary="Read the audit trail, newest first or from a cursor",
    detail="Newest first, unless `after` is given. With `after`, oldest first and only what is settled: whoever sends the "
    "`next` of one answer as the `after` of the following one, with the same filters, gets every event once. Begin with "
    "`after=0`, or with the `horizon` of any answer for what is still to come.",
    answer=Events,
    refused=RefusedQuery,
    credentials=BEARER,
    codes=(
        *_CODES,
        *_PARAMETERS,
        "audit_address_invalid",
        "audit_kind_unknown",
        "audit_outcome_unknown",
        "audit_person_unknown",
        "audit_project_invalid",
        "audit_project_missing",
        "audit_reason_invalid",
        "audit_request_id_invalid",
        "audit_scope_unknown",
        "audit_tag_unknown",
        "audit_time_invalid",
        "audit_times_reversed",
        "not_operator",
        "project_not_owned",
        "project_not_yours",
    ),
    parameters=(
        Parameter(
            name="scope",
            meaning="Whose trail: that of the token's account, of a project that it owns (then `project` names it), or, for "
            "operators, all of it.",
            schema={"type": "string", "enum": list(SCOPES), "default": ACCOUNT},
        ),
        _text("project", "The project, in any spelling."),
        _text("actor", "Who did it: a username, or anonymous, console, publisher or system."),
        _text("subject", "To whom it was done: a username (scope all)."),
        _text("person", "By whom or to whom it was done: a username (scope all)."),
        _text("kind", "The tag up to the dot, such as session."),
        _text("tag", "One event, such as token.made."),
        Parameter(
            name="outcome",
            meaning="How it ended.",
            schema={"type": "string", "enum": [outcome.value for outcome in Outcome]},
        ),
        _text("reason", "The code of a refusal."),
        _text("address", "The IP address that it came from, of IPv6 its /64 (scopes account and all)."),
        _text("request_id", "The id of its request (scopes account and all)."),
        Parameter(name="serial", meaning="One event, by its serial.", schema=_SERIAL),
        _text("since", "A date or a time (RFC 3339): from there on."),
        _text("until", "A date, to its end, or a time: before that."),
        Parameter(name="after", meaning="The cursor: what comes behind this serial.", schema=_SERIAL),
        Parameter(name="before", meaning="What comes before this serial, newest first.", schema=_SERIAL),
        _LIMIT,
    ),
)
SEALS: Final = Description(
    id="auditSeals",
    summary="Read the seals of the audit trail, from a cursor",
    detail="For operators. Statements hold nothing about anybody: they can be kept, and published, to hold the site to them.",
    answer=Seals,
    refused=RefusedQuery,
    credentials=BEARER,
    codes=(*_CODES, *_PARAMETERS, "not_operator"),
    parameters=(
        Parameter(name="after", meaning="The number behind which to begin; 0 for the first.", schema=_SERIAL),
        _LIMIT,
    ),
)
HEAD: Final = Description(
    id="auditHead",
    summary="Read the newest seal, to pin the trail",
    answer=Head,
    refused=RefusedQuery,
    credentials=BEARER,
    codes=_CODES,
)
KEY: Final = Description(
    id="auditKey",
    summary="Read the public key with which seals are checked",
    answer=Key,
    codes=(),
)
