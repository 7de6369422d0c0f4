"""Trusted publishing as publishing tools ask for it: the audience, the exchange, and where both are (PEP 807, a draft)."""

from typing import Any, Final

from django.conf import settings

from strongroom.api import bodies
from strongroom.api import trusted_shapes as shapes
from strongroom.api.endpoint import Call, as_json, headers_of
from strongroom.api.http import Answer
from strongroom.api.refusals import status_of
from strongroom.api.upload import PATH as UPLOAD
from strongroom.kernel.actor import Actor
from strongroom.kernel.refused import Refused
from strongroom.publish import credentials
from strongroom.trust import exchange, identity
from strongroom.trust.refusals import LEGACY_CODES, LEGACY_DEFAULT

AUDIENCE: Final = "/_/oidc/audience"
MINT: Final = "/_/oidc/mint-token"
MINT_GITHUB: Final = "/_/oidc/github/mint-token"
"""Where tools asked before there were other providers than GitHub; it takes what ``MINT`` takes."""
BURN: Final = "/_/oidc/burn-token"
"""Where tools give a token back that they do not need any more."""
DISCOVER: Final = "/.well-known/pytp"

SINGLE_USE: Final = "single-use-token"
MULTI_USE: Final = "multi-use-token"

_PROBLEM = b"application/problem+json"  # RFC 9457
_ACCEPTABLE = frozenset({"application/vnd.pypi.pytp.v1+json", "application/json", "application/*", "*/*"})
_DIRECT = {408, 413, 429}  # statuses that mean the same to every client
_OF_THE_REQUEST = {
    "body_malformed",
    "body_too_large",
    "body_stalled",
    "body_truncated",
    "mint_features",
    "mint_malformed",
}


def audience(call: Call) -> Answer:
    """What identity tokens for this site must say they are for."""
    identity.require_on()
    return as_json(200, shapes.Audience(identity.audience()))


def mint(call: Call) -> Answer:
    """A token of 15 minutes for an identity token; may wait for its issuer."""
    identity.require_on()
    asked = bodies.json_object(call)
    unverified = asked.get("token")
    if not isinstance(unverified, str):
        raise Refused("mint_malformed", "Send a JSON object with the identity token as its 'token'.")
    single_use = _is_single_use(asked.get("features", []))
    exchanged = exchange.exchange(unverified, origin=call.origin, single_use=single_use)
    return as_json(
        200,
        shapes.MintedToken(
            success=True, token=str(exchanged.secret), expires=int(exchanged.expires.timestamp())
        ),
    )


def burn(call: Call) -> Answer:
    """The end of a trusted publisher's token before its time; whether there was any is not told."""
    text = bodies.json_object(call).get("token")
    if not isinstance(text, str):
        raise Refused("mint_malformed", "Send a JSON object with the token as its 'token'.")
    credentials.burn_minted(text, by=Actor.anonymous(call.origin))
    return as_json(202, shapes.Accepted("Accepted"))


def discover(call: Call) -> Answer:
    """Where to ask for both, for whoever publishes to our upload address.

    All is under the configured address, whatever ``Host`` says (TP-30).
    """
    asked = {kind.partition(";")[0].strip() for kind in call.header("accept").lower().split(",")}
    if not asked & (_ACCEPTABLE | {""}):
        raise Refused("format_unknown", "This is there as application/vnd.pypi.pytp.v1+json alone.")
    if bodies.query(call).get("discover") != UPLOAD or not identity.is_on():
        raise Refused("discovery_unknown", "Nothing that takes trusted publishers is at this upload address.")
    base = settings.CONFIG.base_url
    return as_json(
        200,
        shapes.Discovery(
            audience_endpoint=base + AUDIENCE,
            token_mint_endpoint=base + MINT,
            features=[SINGLE_USE, MULTI_USE],
            default_features=[MULTI_USE],
        ),
    )


def refusal(refused: Refused) -> Answer:
    """A refusal as the public index writes it, with the members of RFC 9457 beside: 422, unless the limit is elsewhere."""
    status = status_of(refused)
    status = status if status in _DIRECT else 422
    error = {"code": _legacy(refused.code), "description": refused.message}
    document = {"message": "Token request failed", "errors": [error], **_problem(refused, status)}
    return as_json(status, document, *headers_of(refused))


def problem(refused: Refused) -> Answer:
    """A refusal as PEP 807 wants it (RFC 9457), with the message where older tools look for it."""
    status = status_of(refused)
    given = as_json(status, {"message": refused.message, **_problem(refused, status)}, *headers_of(refused))
    return Answer(given.status, given.body, given.headers, _PROBLEM)


def _problem(refused: Refused, status: int) -> dict[str, Any]:
    return {"title": refused.message, "status": status, "detail": refused.message, "refusal": refused.code}


def _legacy(code: str) -> str:
    """The code of the public index, which tools print."""
    return "invalid-payload" if code in _OF_THE_REQUEST else LEGACY_CODES.get(code, LEGACY_DEFAULT)


def _is_single_use(features: object) -> bool:
    """Whether the token is to be good for one file (PEP 807, "Feature Negotiation")."""
    if not isinstance(features, list) or not all(isinstance(feature, str) for feature in features):
        raise Refused("mint_malformed", "The 'features' are a list of their names.")
    asked = set(features)
    if asked - {SINGLE_USE, MULTI_USE} or len(asked) > 1:
        raise Refused("mint_features", f"Ask for one of the features {SINGLE_USE} and {MULTI_USE}.")
    return SINGLE_USE in asked
