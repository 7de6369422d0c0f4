"""Whether a token's text is genuine, and what it lets its bearer do."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from strongroom.kernel import clock
from strongroom.kernel.names import NormalizedName
from strongroom.kernel.refused import Refused
from strongroom.prepared.query import Query, Row
from strongroom.tokens import macaroon
from strongroom.tokens.caveats import (
    Caveat,
    Expiration,
    ProjectID,
    ProjectName,
    RequestUser,
    UnknownCaveat,
    parse,
)
from strongroom.tokens.keys import key_of
from strongroom.tokens.models import Token, short_id

_USED_PRECISION = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The account of a token, as it is now."""

    id: int
    public_id: uuid.UUID
    username: str
    disabled: bool
    frozen: datetime | None
    must_enroll: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedToken:
    """A genuine token, with every caveat met that does not depend on a project.

    ``short_id`` is enough of its identifier to tell it in the audit trail.
    """

    id: int
    short_id: str
    owner: Owner
    last_used: datetime | None
    caveats: tuple[Caveat, ...]

    def require_project(self, name: NormalizedName, *, public_id: uuid.UUID | None) -> None:
        """Raises ``Refused`` (``token_scope``) unless it is good for this project; ``None`` is one that is to be made.

        A token for given projects makes no new one, whatever its name (TK-06).
        """
        if not all(_includes(caveat, name, public_id) for caveat in self.caveats):
            raise Refused("token_scope", f"This API token is not for the project '{name}'.")


def verify(text: str) -> VerifiedToken:
    """The token of ``text``, found by one indexed lookup together with its owner; raises ``Refused``.

    Codes: ``token_invalid`` (unknown, revoked, malformed or changed: nobody learns which), and for whoever holds a
    genuine one ``token_expired``, ``token_not_yet_valid``, ``token_restriction_unknown``, ``token_scope``.
    """
    try:
        genuine = macaroon.load(text.strip())
        identifier = uuid.UUID(genuine.identifier.decode("ascii"))
    except (macaroon.Malformed, ValueError):
        raise _invalid() from None
    row = _TOKEN.first(identifier=identifier)
    if row is None or not macaroon.is_genuine(genuine, key=key_of(identifier, row[1])):
        raise _invalid()
    verified = _verified(row, identifier, caveats=tuple(map(_understood, genuine.caveats)))
    for caveat in verified.caveats:
        _require(caveat, verified.owner)
    return verified


def still_stands(token: VerifiedToken) -> bool:
    """Whether the token has not been revoked since, nor its account disabled or frozen (TK-10)."""
    return _STANDING.first(token=token.id) is not None


def note_use(token: VerifiedToken) -> None:
    """Note that a token was used, to the minute, so that parallel uploads do not queue for the row (TK-19)."""
    now = clock.now()
    stale = now - _USED_PRECISION
    if token.last_used is None or token.last_used < stale:
        unnoted = Q(last_used=None) | Q(last_used__lt=stale)
        Token.objects.filter(unnoted, pk=token.id).update(last_used=now)


def _verified(row: Row, identifier: uuid.UUID, *, caveats: tuple[Caveat, ...]) -> VerifiedToken:
    token_id, _nonce, last_used, owner_id, public_id, username, disabled, frozen, must_enroll = row
    owner = Owner(
        id=owner_id,
        public_id=public_id,
        username=username,
        disabled=disabled,
        frozen=frozen,
        must_enroll=must_enroll,
    )
    return VerifiedToken(
        id=token_id, short_id=short_id(identifier), owner=owner, last_used=last_used, caveats=caveats
    )


def _understood(caveat: bytes) -> Caveat:
    try:
        return parse(caveat)
    except UnknownCaveat:
        raise Refused(
            "token_restriction_unknown", "This API token holds a restriction that this site does not know."
        ) from None


def _require(caveat: Caveat, owner: Owner) -> None:
    now = int(clock.timestamp())
    match caveat:
        case Expiration(not_after=not_after) if now >= not_after:
            raise Refused(
                "token_expired", "This API token has expired. Make a new one in the account settings."
            )
        case Expiration(not_before=not_before) if now < not_before:
            raise Refused("token_not_yet_valid", "This API token is not valid yet.")
        case RequestUser(user_id=user_id) if user_id != str(owner.public_id):
            raise Refused("token_scope", "This API token is for another account.")


def _includes(caveat: Caveat, name: NormalizedName, public_id: uuid.UUID | None) -> bool:
    match caveat:
        case ProjectName(names=names):
            return name in names and public_id is not None
        case ProjectID(ids=ids):
            return str(public_id) in ids
    return True


def _invalid() -> Refused:
    return Refused("token_invalid", "Invalid or non-existent authentication information.")


def _token(identifier: uuid.UUID) -> QuerySet[Token, Row]:
    owner = ("public_id", "username", "disabled", "frozen", "must_enroll")
    return Token.objects.filter(identifier=identifier).values_list(
        "pk", "nonce", "last_used", "user_id", *(f"user__{field}" for field in owner)
    )


def _standing(token: int) -> QuerySet[Token, Row]:
    return Token.objects.filter(pk=token, user__disabled=False, user__frozen=None).values_list("pk")


_TOKEN = Query(_token, identifier=uuid.UUID)
_STANDING = Query(_standing, token=int)
