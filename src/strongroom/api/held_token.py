"""``/_/token``: what the token that somebody holds may do, and its end."""

from typing import Final

from strongroom.api.endpoint import NO_STORE, Call, as_json
from strongroom.api.http import Answer
from strongroom.kernel.actor import Actor
from strongroom.publish import credentials, held
from strongroom.publish.identity import token_in

PATH: Final = "/_/token"


def show(call: Call) -> Answer:
    """What the token may do, for whoever wonders why an upload was refused; refused as the upload would be."""
    found = held.look(call.header("authorization"), origin=call.origin)
    return as_json(
        200,
        {
            "id": found.short_id,
            "name": found.name,
            "owner": found.owner,
            "publisher": found.publisher,
            "caveats": found.caveats,
            "expires": found.expires.isoformat() if found.expires else None,
            "uses_left": found.uses_left,
        },
    )


def revoke(call: Call) -> Answer:
    """Revoke the token, whatever it may do: that is for whoever holds it to say."""
    credentials.revoke_held(token_in(call.header("authorization")), by=Actor.anonymous(call.origin))
    return Answer(204, b"", (NO_STORE,))
