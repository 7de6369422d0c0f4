"""The device authorization grant (RFC 8628): how a program without a browser comes to an API token."""

from typing import Final

import msgspec
from django.conf import settings

from strongroom.api import bodies
from strongroom.api.described import FORM, Description
from strongroom.api.endpoint import Call, as_json, headers_of
from strongroom.api.http import Answer
from strongroom.api.refusals import status_of
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.publish import device_tokens
from strongroom.signin import devices
from strongroom.signin.devices import Approval

CODE: Final = "/_/device/code"
TOKEN: Final = "/_/device/token"  # noqa: S105  (a path)
PAGE: Final = "/account/device/"
"""Where people approve."""

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:device_code"

# RFC 8628 §3.5 and RFC 6749 §5.2. What the token was refused for (by the account, a policy) is no more than denied.
_ERRORS = {
    "body_malformed": "invalid_request",
    "body_stalled": "invalid_request",
    "body_too_large": "invalid_request",
    "body_truncated": "invalid_request",
    "content_type_unsupported": "invalid_request",
    "device_name_invalid": "invalid_request",
    "device_grant_unknown": "unsupported_grant_type",
    "device_code_unknown": "invalid_grant",
    "device_code_expired": "expired_token",
    "device_too_early": "slow_down",
    "device_waiting": "authorization_pending",
}
_OTHER = "access_denied"


class Program(msgspec.Struct):
    """What the program calls itself, and the machine that it runs on."""

    client_id: str
    host: str = ""


class Codes(msgspec.Struct, forbid_unknown_fields=True):
    """RFC 8628 §3.2; times are in seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class Grant(msgspec.Struct):
    """RFC 8628 §3.4: `grant_type` is `urn:ietf:params:oauth:grant-type:device_code`."""

    grant_type: str
    device_code: str


class AccessToken(msgspec.Struct, forbid_unknown_fields=True):
    """An API token."""

    access_token: str
    token_type: str


class GrantError(msgspec.Struct, forbid_unknown_fields=True):
    """RFC 6749 §5.2."""

    error: str
    error_description: str


BEGIN: Final = Description(
    id="deviceCode",
    summary="Begin to log a program in that has no browser (RFC 8628)",
    answer=Codes,
    body=Program,
    body_media=FORM,
    refused=GrantError,
    codes=("body_malformed", "content_type_unsupported", "device_name_invalid", "too_many_attempts"),
)
FINISH: Final = Description(
    id="deviceToken",
    summary="Ask for the API token, once somebody has approved (RFC 8628)",
    answer=AccessToken,
    body=Grant,
    body_media=FORM,
    refused=GrantError,
    codes=(
        "account_disabled",
        "account_frozen",
        "body_malformed",
        "content_type_unsupported",
        "device_code_expired",
        "device_code_unknown",
        "device_denied",
        "device_grant_unknown",
        "device_too_early",
        "device_waiting",
        "too_many_attempts",
    ),
)


def begin(call: Call) -> Answer:
    """The two codes, and where to type the short one; ``client_id`` and ``host`` are what the program calls itself."""
    fields = bodies.form(call)
    codes = devices.ask(fields.get("client_id", ""), host=fields.get("host", ""), origin=call.origin)
    page = settings.CONFIG.base_url + PAGE
    return as_json(
        200,
        Codes(
            device_code=str(codes.device_code),
            user_code=codes.user_code,
            verification_uri=page,
            verification_uri_complete=f"{page}?user_code={codes.user_code}",
            expires_in=codes.expires_in,
            interval=codes.interval,
        ),
    )


def finish(call: Call) -> Answer:
    """The token, once somebody has approved; until then an error that says to wait."""
    fields = bodies.form(call)
    if fields.get("grant_type") != GRANT_TYPE:
        raise Refused("device_grant_unknown", f"The grant_type is {GRANT_TYPE}.")
    token = devices.redeem(fields.get("device_code", ""), issue=_issue)
    return as_json(200, AccessToken(access_token=str(token), token_type="bearer"))  # noqa: S106  (a kind)


def refusal(refused: Refused) -> Answer:
    """A refusal as RFC 6749 §5.2 writes it, with status 400 unless the limit is elsewhere."""
    status = status_of(refused)
    status = status if status in {408, 413, 429} else 400
    error = _ERRORS.get(refused.code, _OTHER)
    return as_json(status, {"error": error, "error_description": refused.message}, *headers_of(refused))


def _issue(approval: Approval) -> Secret:
    grant = approval.grant
    made = device_tokens.make(
        approval.user, name=grant.name, projects=grant.projects, days=grant.days, by=approval.by
    )
    return made.secret
