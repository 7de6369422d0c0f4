"""The one table from refusal codes to HTTP statuses of the upload and JSON APIs."""

from strongroom.kernel.refused import Refused

DEFAULT = 400  # what publishing tools expect of anything that is wrong with a form or a file

STATUS = {
    "account_disabled": 403,
    "account_frozen": 403,
    "account_unknown": 403,
    "action_gone": 410,
    "body_stalled": 408,
    "body_too_large": 413,
    "content_type_unsupported": 415,
    "credentials_malformed": 403,
    "credentials_missing": 401,
    "credentials_wrong": 403,
    "discovery_unknown": 404,
    "email_unverified": 403,
    "file_too_large": 413,
    "file_unknown": 404,
    "form_too_large": 413,
    "format_unknown": 406,
    "not_operator": 403,
    "passwords_refused": 403,
    "project_not_owned": 403,
    "project_not_yours": 403,
    "release_unknown": 404,
    "report_key_unknown": 403,
    "report_keys_pending": 403,
    "report_keys_unreachable": 403,
    "report_replayed": 403,
    "report_unsigned": 403,
    "reports_off": 404,
    "token_action": 403,
    "token_expired": 403,
    "token_file": 403,
    "token_invalid": 403,
    "token_missing": 403,
    "token_network": 403,
    "token_not_yet_valid": 403,
    "token_restriction_unknown": 403,
    "token_scope": 403,
    "token_used_up": 403,
    "token_version": 403,
    "tokens_refused": 403,
    "too_many_attempts": 429,
    "trusted_publishing_off": 403,
    "two_factor_required": 403,
}


def status_of(refusal: Refused) -> int:
    """The status of the answer to a request that was refused; never one of 5xx, which would blame the server."""
    return STATUS.get(refusal.code, DEFAULT)
