"""What the OpenAPI document says of an endpoint: told once, beside the endpoint, in the shapes that it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

TOKEN_CODES: Final = (
    "credentials_missing",
    "credentials_malformed",
    "token_expired",
    "token_invalid",
    "token_network",
    "token_not_yet_valid",
    "token_restriction_unknown",
    "token_scope",
    "token_used_up",
)
"""What a token is refused for, whatever it is used for."""

OWNER_CODES: Final = ("account_disabled", "account_frozen", "email_unverified", "two_factor_required")
"""What it is refused for because of the account that it belongs to."""

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
TOKEN, PASSWORD = "token", "password"
BEARER: Final = (TOKEN, "tokenAsPassword")
"""A token, as bearer or as the password of ``__token__``."""


class Refusal(msgspec.Struct, forbid_unknown_fields=True):
    """What was refused, in words and as a stable code, which also stands in the header `strongroom-refusal`."""

    message: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One of the query; ``schema`` is its JSON Schema."""

    name: str
    meaning: str
    schema: Mapping[str, Any]
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """An operation: ``id`` is its stable name, ``answer`` the shape of a success, ``None`` for one without a body.

    ``credentials`` are the schemes of which one is asked for, none for anybody; ``codes`` what it may be refused for, in
    the shape ``refused``, beside what is refused of every body. ``body`` is the shape of what is sent.
    """

    id: str
    summary: str
    answer: Any
    codes: tuple[str, ...]
    detail: str = ""
    status: int = 200
    media: str = JSON
    credentials: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    body_media: str = JSON
    refused: type[msgspec.Struct] = Refusal
