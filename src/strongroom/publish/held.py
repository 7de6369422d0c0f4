"""What a token may do, told to whoever holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from strongroom.kernel.actor import Origin
from strongroom.publish.identity import identify, token_in
from strongroom.tokens import macaroon, uses
from strongroom.tokens.caveats import Expiration
from strongroom.tokens.spelling import FOR_EVER
from strongroom.tokens.verify import VerifiedToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One token for its bearer's eyes: an account's (``owner``, its username) or a trusted ``publisher``'s (a snapshot).

    ``caveats`` are all that stand in it, as JSON, those that its bearer added included. ``expires`` is the earliest end,
    ``uses_left`` the smallest number; ``None`` where it has neither.
    """

    short_id: str
    name: str
    owner: str | None
    publisher: Mapping[str, Any] | None
    caveats: list[Any]
    expires: datetime | None
    uses_left: int | None


def look(authorization: str, *, origin: Origin) -> Held:
    """The token in the value of an Authorization header; raises ``Refused`` as ``identity.identify``, and ``token_missing``."""
    text = token_in(authorization)
    token = identify(authorization, origin=origin).token
    assert token is not None  # noqa: S101  (``token_in`` has found one)
    return Held(
        short_id=token.short_id,
        name=token.name,
        owner=token.owner.username if token.owner else None,
        publisher=token.publisher,
        caveats=[orjson.loads(caveat) for caveat in macaroon.load(text.strip()).caveats],
        expires=_end(token),
        uses_left=uses.left(token.id, token.allowances),
    )


def _end(token: VerifiedToken) -> datetime | None:
    ends = [caveat.not_after for caveat in token.caveats if isinstance(caveat, Expiration)]
    end = min(ends, default=FOR_EVER)
    return datetime.fromtimestamp(end, UTC) if end < FOR_EVER else None
