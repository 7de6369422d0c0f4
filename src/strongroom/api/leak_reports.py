"""``POST /_/secrets/disclose-token``: reports of leaked tokens, as GitHub's secret scanning sends them to its partners."""

from collections.abc import Mapping
from typing import Any, Final

from strongroom.api.described import Description
from strongroom.api.endpoint import NO_STORE, Call
from strongroom.api.http import Answer
from strongroom.publish import leaks
from strongroom.publish.report_keys import KeysUnreachable
from strongroom.trust import fetch

PATH: Final = "/_/secrets/disclose-token"
MAX_BODY: Final = 1024 * 1024
"""Bytes of a report."""

_KEY_ID = "github-public-key-identifier"
_SIGNATURE = "github-public-key-signature"

DESCRIBED: Final = Description(
    id="discloseTokens",
    summary="Report leaked tokens, as GitHub's secret scanning does",
    detail="The body is signed (ECDSA on P-256, SHA-256) in the header `github-public-key-signature`, by the key that "
    "`github-public-key-identifier` names.",
    status=204,
    answer=None,
    body=list[dict[str, Any]],
    codes=(
        "report_key_unknown",
        "report_keys_pending",
        "report_keys_unreachable",
        "report_malformed",
        "report_replayed",
        "report_unsigned",
        "reports_off",
        "too_many_attempts",
    ),
)


def disclose(call: Call) -> Answer:
    """Revoke what was found; the answer does not tell whether anything was."""
    signature = leaks.Signature(key_id=call.header(_KEY_ID), value=call.header(_SIGNATURE))
    leaks.report(call.body, signature, fetch=_fetch, origin=call.origin)
    return Answer(204, b"", (NO_STORE,))


def _fetch(address: str) -> Mapping[str, object]:
    try:
        return fetch.get_json(address)
    except fetch.Unreachable as error:
        raise KeysUnreachable(error.reason) from error
