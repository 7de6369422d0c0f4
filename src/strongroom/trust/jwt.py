"""Identity tokens: the one door to JWTs (RFC 7519), narrower than the RFC wherever an attack has gone through it.

Nothing of a token is believed before its signature has been verified: ``peek`` tells which key to look for, and
``verify`` reads everything again. Keys, certificates and addresses of keys that stand in a token are not looked at.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import jwt
from django.utils.translation import gettext as _

from strongroom.kernel import base64url, clock, strict_json
from strongroom.kernel.refused import Refused
from strongroom.trust import jwk
from strongroom.trust.jwk import Jwk

MAX_LENGTH = 16 * 1024  # characters; the longest of real providers have about 4 KiB
MAX_ISSUER = 400  # characters
MAX_IDENTIFIER = 255  # characters
LEEWAY = 30  # seconds that clocks may differ
MAX_AGE = 3600  # seconds from ``iat``: a token is to be used at once, whatever its ``exp`` says
MAX_LIFETIME = 24 * 3600  # seconds from ``iat`` to ``exp``; GitLab's last as long as the job may
_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z

# RFC 8725 §3.11: a token that says to be of another type is for another purpose. ``cty`` stands in nested tokens alone
# (RFC 7519 §5.2), ``zip`` and ``enc`` in encrypted ones; of ``crit`` we understand nothing (RFC 7515 §4.1.11).
_NEVER_IN_HEADERS = frozenset({"crit", "b64", "cty", "zip", "enc"})
_TYPES = frozenset({"jwt"})

_signatures = jwt.PyJWS(algorithms=list(jwk.ALGORITHMS), options={"enforce_minimum_key_length": True})

SingleUse = Literal["jti", "digest"]
"""What a token is known by once used: its ``jti``, or a digest of what is signed, for issuers that set no ``jti``."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """Who a token says it is from, and which key it says to be signed with. Good for looking that key up, no more."""

    issuer: str
    key_id: str
    algorithm: str


class Claims(Mapping[str, object]):
    """What a verified token says: its claims by name, as JSON values, read-only.

    ``identifier`` is the one by which its use is remembered. From second ``expires`` on (since 1970, leeway included)
    no verification accepts the token any more, so that its use may be forgotten.
    """

    __slots__ = ("_values", "expires", "identifier")

    def __init__(self, values: Mapping[str, object], *, identifier: str, expires: int) -> None:
        self._values = dict(values)
        self.identifier = identifier
        self.expires = expires

    def __getitem__(self, name: str) -> object:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return "Claims(…)"  # they name people


@dataclass(frozen=True, slots=True)
class _Parts:
    """A token taken apart: read, and not verified."""

    header: Mapping[str, object]
    claims: Mapping[str, object]
    signed: str


def peek(text: str) -> Unverified:
    """Read who a token says it is from. Raises ``Refused`` for what is no token of an algorithm that is taken here."""
    parts = _take_apart(text)
    key_id, algorithm = _check_header(parts.header)
    issuer = parts.claims.get("iss")
    if not isinstance(issuer, str) or not 1 <= len(issuer) <= MAX_ISSUER:  # W26
        raise _unknown_issuer()
    return Unverified(issuer, key_id, algorithm)


def verify(text: str, key: Jwk, *, issuer: str, audience: str, single_use: SingleUse = "jti") -> Claims:
    """What a token says, once it is proven to be signed with ``key`` by ``issuer``, for ``audience``, and for now.

    Raises ``Refused``. Whether it was used before is for the caller to find out, by ``Claims.identifier``.
    """
    parts = _take_apart(text)
    _key_id, algorithm = _check_header(parts.header)
    _check_signature(text, key, algorithm)
    if parts.claims.get("iss") != issuer:
        raise _unknown_issuer()
    _check_audience(parts.claims, audience)
    expires = _check_times(parts.claims)
    return Claims(parts.claims, identifier=_identifier(parts, single_use), expires=expires + LEEWAY)


def _take_apart(text: str) -> _Parts:
    """RFC 7515 §7.1, in one spelling: no padding, no white space, no other alphabet."""
    segments = text.split(".") if len(text) <= MAX_LENGTH and text.isascii() else []
    try:
        header, payload, signature = (base64url.decode(segment) for segment in segments)
        if not signature:
            raise ValueError("not signed")
        parts = _Parts(_object(header), _object(payload), text.rpartition(".")[0])
    except ValueError:
        raise Refused(
            "identity_malformed",
            _(
                "This is no identity token: three parts in base64url, separated by dots, of which two are JSON objects."
            ),
        ) from None
    if any(_is_unspeakable(found) for found in _texts(parts.header)):
        raise _bad_header()
    if any(_is_unspeakable(found) for found in _texts(parts.claims)):
        raise _bad_claims(_("a claim holds what is no text"))
    return parts


def _object(raw: bytes) -> dict[str, object]:
    """Raises ``ValueError``; ``UnicodeDecodeError`` is one."""
    return strict_json.parse_object(raw.decode("utf-8"))


def _texts(value: object) -> Iterator[str]:
    """All texts and names within a JSON value, of which there is a bounded depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _is_unspeakable(text: str) -> bool:
    """NUL, which PostgreSQL does not store, and lone surrogates, which nothing encodes (TP-29)."""
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


def _check_header(header: Mapping[str, object]) -> tuple[str, str]:
    """The key's id and the algorithm. ``jku``, ``jwk``, ``x5u`` and ``x5c`` are not looked at (TP-02)."""
    kind, key_id, algorithm = header.get("typ", "JWT"), header.get("kid"), header.get("alg")
    if _NEVER_IN_HEADERS & header.keys() or not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise _bad_header()
    if not isinstance(key_id, str) or not 1 <= len(key_id) <= jwk.MAX_KEY_ID:
        raise _bad_header()
    if not isinstance(algorithm, str) or algorithm not in jwk.ALGORITHMS:
        raise _bad_algorithm()
    return key_id, algorithm


def _check_signature(text: str, key: Jwk, algorithm: str) -> None:
    """The key decides what it can be used for; the token only says what it was signed with (RFC 8725 §3.1)."""
    try:
        public = jwt.PyJWK.from_dict(jwk.public_key(key, algorithm), algorithm)
    except (ValueError, jwt.PyJWTError):
        raise _bad_algorithm() from None
    try:
        _signatures.decode_complete(text, public, algorithms=[algorithm])
    except jwt.PyJWTError:
        raise Refused(
            "identity_signature",
            _(
                "The identity token's signature is not its issuer's. Ask the identity provider for a new token."
            ),
        ) from None


def _check_audience(claims: Mapping[str, object], audience: str) -> None:
    """Ours and nobody else's: whoever shares a token with others lets them publish (TP-05)."""
    if claims.get("aud") not in (audience, [audience]):
        raise Refused(
            "identity_audience",
            _(
                "The identity token is not for this index. Ask the identity provider for one with the audience '%s'."
            )
            % audience,
        )


def _check_times(claims: Mapping[str, object]) -> int:
    """``exp``, after ``iat``, ``nbf`` and ``exp`` have been held against the clock (TP-07)."""
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    not_before = _seconds(claims, "nbf") if "nbf" in claims else issued
    if not 0 < expires - issued <= MAX_LIFETIME:
        raise _bad_claims(_("it is valid for longer than a day, or never"))
    now = clock.timestamp()
    if now >= expires + LEEWAY:
        raise Refused(
            "identity_expired",
            _("The identity token has expired. Ask the identity provider for a new one and use it at once."),
        )
    if now < max(issued, not_before) - LEEWAY:
        raise Refused(
            "identity_not_yet_valid",
            _(
                "The identity token is not valid yet. Set the clock of the identity provider, or of this index."
            ),
        )
    if now > issued + MAX_AGE:
        raise Refused(
            "identity_too_old",
            _(
                "The identity token was issued more than an hour ago. Ask the identity provider for a new one."
            ),
        )
    return expires


def _seconds(claims: Mapping[str, object], name: str) -> int:
    """RFC 7519 §2 allows fractions of seconds; nobody sends them, and a float has more than one reading."""
    seconds = claims.get(name)
    if type(seconds) is not int or not 0 <= seconds <= _LAST_SECOND:  # ``bool`` is an ``int`` as well
        raise _bad_claims(_("'%s' is missing, or no number of seconds") % name)
    return seconds


def _identifier(parts: _Parts, single_use: SingleUse) -> str:
    """The signature is left out of the digest: an ECDSA signature can be written in a second way by anybody."""
    if single_use == "digest":
        return hashlib.sha256(parts.signed.encode("ascii")).hexdigest()
    identifier = parts.claims.get("jti")
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= MAX_IDENTIFIER:  # TP-08
        raise _bad_claims(_("'jti' is missing, or no text of 1 to 255 characters"))
    return identifier


def _bad_header() -> Refused:
    return Refused(
        "identity_header",
        _("The identity token's header asks for what is not taken here, or has no text as 'kid'."),
    )


def _bad_algorithm() -> Refused:
    return Refused(
        "identity_algorithm",
        _(
            "The identity token is signed with an algorithm that is not taken here, or that its key is not for."
        ),
    )


def _bad_claims(why: str) -> Refused:
    return Refused("identity_claims", _("The identity token cannot be used: %s.") % why)


def _unknown_issuer() -> Refused:
    return Refused(
        "identity_issuer_unknown",
        _("The identity token is not from an identity provider that this index knows."),
    )
