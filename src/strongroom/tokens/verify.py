"""Whether a token's text is genuine, and what it lets its bearer do."""

import ipaddress
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet
from packaging.version import InvalidVersion, Version

from strongroom.kernel import clock
from strongroom.kernel.actor import Origin
from strongroom.kernel.names import NormalizedName
from strongroom.kernel.refused import Refused
from strongroom.prepared.query import Query, Row
from strongroom.tokens import macaroon, uses
from strongroom.tokens.caveats import (
    Actions,
    Caveat,
    Digests,
    ExactVersion,
    Expiration,
    Networks,
    ProjectID,
    ProjectName,
    Projects,
    RequestUser,
    UnknownCaveat,
    Uses,
    fits,
    parse,
    understood,
)
from strongroom.tokens.keys import key_of
from strongroom.tokens.models import Token, short_id
from strongroom.tokens.uses import Allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The account of a token, as it is now. ``email_verified`` is about the primary address."""

    id: int
    public_id: uuid.UUID
    username: str
    disabled: bool
    frozen: datetime | None
    must_enroll: bool
    may_publish: str
    email_verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LastUse:
    """When a token was last used, and from which network (``""``: never)."""

    time: datetime | None
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedToken:
    """A genuine token. When and where it is used, and what for, must be asked, each by its method.

    It is an ``owner``'s, or a trusted ``publisher``'s (what its row holds). ``short_id`` is enough of its identifier to tell
    it in the audit trail.
    """

    id: int
    short_id: str
    name: str
    owner: Owner | None
    publisher: Mapping[str, Any] | None
    last_use: LastUse
    caveats: tuple[Caveat, ...]
    allowances: tuple[Allowance, ...]

    def require_here(self, origin: Origin) -> None:
        """Raises ``Refused`` unless it is good now, from ``origin``, and in its owner's hands.

        Codes: ``token_expired``, ``token_not_yet_valid``, ``token_network``, ``token_scope``, ``token_used_up``.
        """
        for caveat in self.caveats:
            _require(caveat, self.owner, origin)
        uses.require_left(self.id, self.allowances)

    def require_action(self, action: str) -> None:
        """Raises ``Refused`` (``token_action``) unless it is good for this (see ``caveats.UNNAMED``).

        For all others of ``caveats.ACTIONS`` it must have been made: ``require_made_to``.
        """
        if any(isinstance(caveat, Actions) and action not in caveat.names for caveat in self.caveats):
            raise not_made_to(action)

    def require_project(self, name: NormalizedName, *, public_id: uuid.UUID | None) -> None:
        """Raises ``Refused`` (``token_scope``) unless it is good for this project; ``None`` is one that is to be made.

        A token for given projects makes no new one, whatever its name (TK-06); one for a pattern may.
        """
        if not all(_includes(caveat, name, public_id) for caveat in self.caveats):
            raise Refused("token_scope", f"This API token is not for the project '{name}'.")

    def require_version(self, version: str) -> None:
        """Raises ``Refused`` (``token_version``) unless it is good for this version."""
        for caveat in self.caveats:
            if isinstance(caveat, ExactVersion) and not _is_version(version, caveat.version):
                raise Refused("token_version", f"This API token is for the version {caveat.version} alone.")

    def require_file(self, sha256: str) -> None:
        """Raises ``Refused`` (``token_file``) unless it is good for a file with this digest (lower-case hex)."""
        if any(isinstance(caveat, Digests) and sha256 not in caveat.sha256 for caveat in self.caveats):
            raise Refused(
                "token_file", f"This API token is not for a file with the SHA-256 digest '{sha256}'."
            )

    def spend(self) -> None:
        """Count this use, in the transaction of what it is for; raises ``Refused`` (``token_used_up``)."""
        uses.spend(self.id, self.allowances)


def verify(text: str, *, origin: Origin) -> VerifiedToken:
    """The token of ``text``, used from ``origin``; one indexed lookup finds it together with its owner. Raises ``Refused``.

    Codes: ``token_invalid`` (unknown, revoked, malformed or changed: nobody learns which), and for whoever holds a
    genuine one ``token_expired``, ``token_not_yet_valid``, ``token_network``, ``token_used_up``,
    ``token_restriction_unknown``, ``token_scope``.
    """
    token = genuine(text)
    token.require_here(origin)
    return token


def genuine(text: str) -> VerifiedToken:
    """The same without asking for time and place, so that what they refuse can be recorded as its owner's affair.

    Raises ``Refused`` (``token_invalid``, ``token_restriction_unknown``).
    """
    held, row, chain = _found(text)
    return _verified(row, caveats=tuple(map(_understood, held.caveats)), chain=chain)


def row_of(text: str) -> int:
    """The row of a genuine token, whatever it may do: to revoke it. Raises ``Refused`` (``token_invalid``)."""
    return int(_found(text)[1][0])


def require_made_to(token: VerifiedToken, action: str) -> None:
    """Raises ``Refused`` (``token_action``) unless the token was made for this by name, and is still good for it.

    ``token_invalid`` where it has been revoked since (TK-10).
    The row tells, since whoever holds a token can write into it that it is for anything: there that only narrows (TK-03).
    """
    token.require_action(action)
    held = Token.objects.filter(pk=token.id).values_list("restrictions", flat=True).first()
    if held is None:
        raise invalid()
    named = [caveat for caveat in map(understood, held) if isinstance(caveat, Actions)]
    if not any(action in caveat.names for caveat in named):
        raise not_made_to(action)


def owner_now(token: VerifiedToken) -> Owner | None:
    """The token's owner as they are by now, ``None`` for a trusted publisher.

    Raises ``Refused`` (``token_invalid``) where the token has been revoked since (TK-10).
    """
    row = _OWNER.first(token=token.id)
    if row is None:
        raise invalid()
    return _owner(*row)


def _found(text: str) -> tuple[macaroon.Macaroon, Row, tuple[bytes, ...]]:
    """The macaroon, its row, and its chain of signatures."""
    try:
        held = macaroon.load(text.strip())
        identifier = uuid.UUID(held.identifier.decode("ascii"))
    except (macaroon.Malformed, ValueError):
        raise invalid() from None
    row = _TOKEN.first(identifier=identifier)
    chain = macaroon.signatures(held, key=key_of(identifier, row[2])) if row is not None else ()
    if row is None or not chain:
        raise invalid()
    return held, row, chain


def _verified(row: Row, *, caveats: tuple[Caveat, ...], chain: tuple[bytes, ...]) -> VerifiedToken:
    token_id, identifier, _nonce, name, publisher, last_used, last_network, *owner = row
    return VerifiedToken(
        id=token_id,
        short_id=short_id(identifier),
        name=name,
        owner=_owner(*owner),
        publisher=publisher,
        last_use=LastUse(time=last_used, network=last_network),
        caveats=caveats,
        allowances=tuple(
            uses.allowance(signature, caveat.count)
            for caveat, signature in zip(caveats, chain[1:], strict=True)
            if isinstance(caveat, Uses)
        ),
    )


def _owner(owner_id: int | None, *values: Any) -> Owner | None:
    if owner_id is None:
        return None
    public_id, username, disabled, frozen, must_enroll, may_publish, verified = values
    return Owner(
        id=owner_id,
        public_id=public_id,
        username=username,
        disabled=disabled,
        frozen=frozen,
        must_enroll=must_enroll,
        may_publish=may_publish,
        email_verified=verified is not None,
    )


def _understood(caveat: bytes) -> Caveat:
    try:
        return parse(caveat)
    except UnknownCaveat:
        raise Refused(
            "token_restriction_unknown",
            "This API token holds a restriction that this site does not know. Narrow the token again without it.",
        ) from None


def _require(caveat: Caveat, owner: Owner | None, origin: Origin) -> None:
    """What does not depend on what the token is used for."""
    now = int(clock.timestamp())
    match caveat:
        case Expiration(not_after=not_after) if now >= not_after:
            raise Refused(
                "token_expired", "This API token has expired. Make a new one in the account settings."
            )
        case Expiration(not_before=not_before) if now < not_before:
            raise Refused(
                "token_not_yet_valid",
                "This API token is not valid yet: it says when it begins. Wait, or use another one.",
            )
        case RequestUser(user_id=user_id) if owner is None or user_id != str(owner.public_id):
            raise Refused("token_scope", "This API token is for another account.")
        case Networks(networks=networks) if not _is_within(origin.address, networks):
            raise Refused(
                "token_network",
                f"This API token is not good from here: its networks do not hold the address '{origin.address}'.",
            )


def _is_within(address: str, networks: tuple[Any, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return any((mapped or found) in network for network in networks)


def _includes(caveat: Caveat, name: NormalizedName, public_id: uuid.UUID | None) -> bool:
    match caveat:
        case ProjectName(names=names):
            return name in names and public_id is not None
        case ProjectID(ids=ids):
            return _names(ids, public_id)
        case Projects(ids=ids, patterns=patterns):
            return _names(ids, public_id) or any(fits(pattern, name) for pattern in patterns)
    return True


def _names(ids: frozenset[str], public_id: uuid.UUID | None) -> bool:
    return public_id is not None and str(public_id) in ids


def _is_version(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except InvalidVersion:
        return False


def not_made_to(action: str) -> Refused:
    """The refusal of a token for something else."""
    return Refused("token_action", f"This API token is not made to {action}. Make another one for that.")


def invalid() -> Refused:
    """The refusal that tells nothing."""
    return Refused(
        "token_invalid",
        "Invalid or non-existent authentication information. This API token is not whole, or it was revoked; make a new "
        "one in the account settings.",
    )


def _token(identifier: uuid.UUID) -> QuerySet[Token, Row]:
    columns = ("pk", "identifier", "nonce", "name", "publisher", "last_used", "last_network")
    return _with_owner(Token.objects.filter(identifier=identifier), *columns)


def _owner_of(token: int) -> QuerySet[Token, Row]:
    return _with_owner(Token.objects.filter(pk=token))


def _with_owner(tokens: QuerySet[Token], *columns: str) -> QuerySet[Token, Row]:
    main_address = FilteredRelation("user__addresses", condition=Q(user__addresses__primary=True))
    owner = ("public_id", "username", "disabled", "frozen", "must_enroll", "may_publish")
    return tokens.annotate(main_address=main_address).values_list(
        *columns, "user_id", *(f"user__{field}" for field in owner), F("main_address__verified")
    )


_TOKEN = Query(_token, identifier=uuid.UUID)
_OWNER = Query(_owner_of, token=int)
