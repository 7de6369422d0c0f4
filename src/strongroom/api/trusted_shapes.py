"""What trusted publishing takes and answers, as the OpenAPI document tells it."""

from typing import Final

import msgspec

from strongroom.api.described import Description, Parameter
from strongroom.trust.refusals import LEGACY_CODES

_IDENTITY: Final = (
    *LEGACY_CODES,
    "identity_algorithm",
    "identity_audience",
    "identity_expired",
    "identity_header",
    "identity_not_yet_valid",
    "identity_signature",
    "identity_too_old",
    "issuer_key_unknown",
    "issuer_keys_pending",
    "issuer_unreachable",
)


class Discovery(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """Where to ask (PEP 807, a draft)."""

    audience_endpoint: str
    token_mint_endpoint: str
    features: list[str]
    default_features: list[str]


class Audience(msgspec.Struct, forbid_unknown_fields=True):
    """What identity tokens for this site must say they are for."""

    audience: str


class IdentityToken(msgspec.Struct):
    """An identity token of a build service; `features`: `single-use-token` or `multi-use-token`."""

    token: str
    features: list[str] = []


class MintedToken(msgspec.Struct, forbid_unknown_fields=True):
    """A token for uploading; `expires` is in seconds since 1970."""

    success: bool
    token: str
    expires: int


class TokenToBurn(msgspec.Struct):
    """A token that was minted here."""

    token: str


class Accepted(msgspec.Struct, forbid_unknown_fields=True):
    """It is done; whether there was anything to do is not told."""

    message: str


class MintError(msgspec.Struct, forbid_unknown_fields=True):
    """`code` is that of the public index."""

    code: str
    description: str


class MintRefusal(msgspec.Struct, forbid_unknown_fields=True):
    """A refusal as the public index writes it, with the members of RFC 9457; `refusal` is our own code."""

    message: str
    errors: list[MintError]
    title: str
    status: int
    detail: str
    refusal: str


class Problem(msgspec.Struct, forbid_unknown_fields=True):
    """A refusal as RFC 9457 writes it; `refusal` is our own code."""

    message: str
    title: str
    status: int
    detail: str
    refusal: str


DISCOVER: Final = Description(
    id="discoverTrustedPublishing",
    summary="Find where identity tokens are exchanged (PEP 807, a draft)",
    answer=Discovery,
    media="application/json",
    refused=Problem,
    codes=("body_malformed", "discovery_unknown", "format_unknown"),
    parameters=(
        Parameter(
            name="discover",
            meaning="The path at which is uploaded: /legacy/.",
            schema={"type": "string"},
            required=True,
        ),
    ),
)
AUDIENCE: Final = Description(
    id="audience",
    summary="Read the audience of identity tokens",
    answer=Audience,
    codes=("trusted_publishing_off",),
)
MINT: Final = Description(
    id="mintToken",
    summary="Exchange an identity token for an API token of 15 minutes",
    answer=MintedToken,
    body=IdentityToken,
    refused=MintRefusal,
    codes=(*_IDENTITY, "body_malformed", "mint_features", "mint_malformed", "too_many_attempts"),
)
MINT_GITHUB: Final = Description(
    id="mintTokenGithub",
    summary="The same, where tools asked before there were other providers than GitHub",
    answer=MINT.answer,
    body=MINT.body,
    refused=MINT.refused,
    codes=MINT.codes,
)
BURN: Final = Description(
    id="burnToken",
    summary="Give a minted token back",
    status=202,
    answer=Accepted,
    body=TokenToBurn,
    refused=MintRefusal,
    codes=("body_malformed", "mint_malformed"),
)
