"""The one table from refusal codes to HTTP statuses of pages, and what pages say in words of their own."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from strongroom.kernel.refused import Refused

DEFAULT = 422  # what was sent is understood and not acceptable (RFC 9110 §15.5.21)

STATUS = {
    "account_disabled": 403,
    "account_frozen": 403,
    "account_in_recovery": 409,
    "account_missing": 403,
    "account_not_frozen": 409,
    "account_unknown": 410,
    "act_expired": 410,
    "browser_differs": 403,
    "credentials_wrong": 403,
    "device_code_unknown": 404,
    "email_already_added": 409,
    "email_changed_lately": 409,
    "email_still_undoable": 409,
    "email_unknown": 404,
    "email_unverified": 403,
    "enrollment_expired": 409,
    "event_too_old": 410,
    "event_unknown": 404,
    "event_unprovable": 409,
    "event_unsealed": 409,
    "factor_missing": 409,
    "factor_name_taken": 409,
    "factor_needed": 409,
    "factor_too_new": 403,
    "factor_unknown": 404,
    "issuer_is_preset": 409,
    "issuer_keys_pending": 409,
    "issuer_taken": 409,
    "issuer_unknown": 404,
    "issuer_unreachable": 409,
    "file_unknown": 404,
    "last_operator": 409,
    "link_invalid": 410,
    "link_of_somebody_else": 403,
    "not_operator": 403,
    "only_owner": 409,
    "passkey_refused": 403,
    "password_wrong": 403,
    "pending_publishers_too_many": 409,
    "project_name_taken": 409,
    "project_not_owned": 403,
    "project_not_yours": 403,
    "proof_needed": 403,
    "proof_too_weak": 403,
    "publisher_changed": 409,
    "publisher_missing": 404,
    "publisher_taken": 409,
    "publishers_too_many": 409,
    "recovery_address_gone": 410,
    "recovery_expired": 410,
    "recovery_finished": 410,
    "recovery_incomplete": 409,
    "recovery_of_yourself": 403,
    "recovery_open": 409,
    "recovery_proof_given": 409,
    "recovery_ready": 409,
    "recovery_same_person": 403,
    "recovery_stopped": 410,
    "recovery_unknown": 404,
    "recovery_used": 403,
    "recovery_waiting": 409,
    "recovery_wrong": 403,
    "registration_closed": 403,
    "release_unknown": 404,
    "session_ended": 403,
    "ticket_invalid": 410,
    "token_name_taken": 409,
    "token_unknown": 404,
    "too_many_attempts": 429,
    "totp_clock_off": 403,
    "totp_reused": 403,
    "totp_wrong": 403,
    "trusted_publishing_off": 404,
    "two_factor_needed": 403,
    "username_taken": 409,
    "webauthn_challenge_expired": 410,
    "webauthn_challenge_unknown": 403,
    "webauthn_key_copied": 403,
    "webauthn_key_registered": 409,
    "webauthn_key_unknown": 403,
    "webauthn_off": 404,
    "webauthn_user_handle_missing": 403,
    "webauthn_user_handle_wrong": 403,
    "webhook_missing": 404,
    "webhooks_too_many": 409,
}


# What the kernel refuses, which knows no translations: its own sentences are for programs.
_OF_THE_KERNEL: Final[Mapping[str, Promise]] = {
    "project_name_invalid": gettext_lazy(
        "A project name consists of ASCII letters, digits, '.', '_' and '-', begins and ends with a letter or digit, and is "
        "not longer than 100 characters."
    ),
    "project_name_stdlib": gettext_lazy(
        "This is the name of a module of Python's standard library. Choose another name."
    ),
}


def message_of(refusal: Refused) -> str:
    """The sentence of ``refusal`` for people, in their language."""
    return str(_OF_THE_KERNEL.get(refusal.code, refusal.message))


def status_of(refusal: Refused) -> int:
    """The status of a page or form that shows ``refusal``."""
    return STATUS.get(refusal.code, DEFAULT)
