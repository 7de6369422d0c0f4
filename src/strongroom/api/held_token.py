"""``/_/token``: what the token that somebody holds may do, and its end."""

from typing import Any, Final

import msgspec

from strongroom.api.described import BEARER, OWNER_CODES, TOKEN_CODES, Description
from strongroom.api.endpoint import NO_STORE, Call, as_json
from strongroom.api.http import Answer
from strongroom.kernel.actor import Actor
from strongroom.publish import credentials, held
from strongroom.publish.identity import token_in

PATH: Final = "/_/token"


class HeldToken(msgspec.Struct, forbid_unknown_fields=True):
    """A token: an account's (`owner`) or a trusted publisher's. `caveats` are all that it is held to; null: without end, or bound."""

    id: str
    name: str
    owner: str | None
    publisher: dict[str, Any] | None
    caveats: list[Any]
    expires: str | None
    uses_left: int | None


SHOW: Final = Description(
    id="showToken",
    summary="Read what the token that is sent may do",
    answer=HeldToken,
    credentials=BEARER,
    codes=(*TOKEN_CODES, *OWNER_CODES, "token_missing"),
)
REVOKE: Final = Description(
    id="revokeToken",
    summary="Revoke the token that is sent, and all copies of it",
    status=204,
    answer=None,
    credentials=BEARER,
    codes=("credentials_malformed", "credentials_missing", "token_invalid", "token_missing"),
)


def show(call: Call) -> Answer:
    """What the token may do, for whoever wonders why an upload was refused; refused as the upload would be."""
    found = held.look(call.header("authorization"), origin=call.origin)
    return as_json(
        200,
        HeldToken(
            id=found.short_id,
            name=found.name,
            owner=found.owner,
            publisher=dict(found.publisher) if found.publisher is not None else None,
            caveats=found.caveats,
            expires=found.expires.isoformat() if found.expires else None,
            uses_left=found.uses_left,
        ),
    )


def revoke(call: Call) -> Answer:
    """Revoke the token, whatever it may do: that is for whoever holds it to say."""
    credentials.revoke_held(token_in(call.header("authorization")), by=Actor.anonymous(call.origin))
    return Answer(204, b"", (NO_STORE,))
