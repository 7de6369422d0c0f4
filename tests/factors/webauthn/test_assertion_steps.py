"""W3C WebAuthn §7.2, step by step, as far as it needs no database: each is refused by a code of its own."""

import hashlib
from typing import Any

import pytest

from strongroom.factors.webauthn import assertion
from strongroom.factors.webauthn.assertion import StoredCredential, VerifiedAssertion
from tests.factors.webauthn import hostile_client_data as hostile
from tests.factors.webauthn.ceremonies import (
    USER_HANDLE,
    assertion_text,
    changed,
    enrolled,
    refused_assertion,
    registration_text,
    spelled,
    verify_assertion,
)
from tests.factors.webauthn.hostile_client_data import rewritten, saying
from tests.support.authenticator import AT, BE, BS, ED, UP, UV, Answer, Authenticator, Bend
from tests.support.plain_cbor import encode


def asserted(bend: Bend | None = None, **kind: Any) -> VerifiedAssertion:
    authenticator = Authenticator(**kind)
    stored = enrolled(authenticator)
    return verify_assertion(assertion_text(authenticator, bend), stored)


def refusal(bend: Bend, *, user_verification_required: bool = False, **kind: Any) -> str:
    authenticator = Authenticator(**kind)
    stored = enrolled(authenticator)
    return refused_assertion(
        assertion_text(authenticator, bend), stored, user_verification_required=user_verification_required
    )


def refusal_of_changed(path: str, value: object) -> str:
    authenticator = Authenticator()
    stored = enrolled(authenticator)
    return refused_assertion(changed(assertion_text(authenticator), path, value), stored)


def flags(*, on: int = 0, off: int = 0) -> Bend:
    def bend(answer: Answer) -> None:
        answer.flags = (answer.flags | on) & ~off

    return bend


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_a_sound_assertion_tells_what_the_key_said(algorithm: int) -> None:
    authenticator = Authenticator(algorithm=algorithm, backup_eligible=True, backed_up=True)
    stored = enrolled(authenticator)
    said = verify_assertion(assertion_text(authenticator), stored, user_verification_required=True)
    assert said == VerifiedAssertion(sign_count=2, backed_up=True, user_verified=True)


def test_a_key_of_the_u2f_era_signs_without_verifying_the_user() -> None:
    # WA-41
    assert asserted(u2f=True) == VerifiedAssertion(sign_count=2, backed_up=False, user_verified=False)


def test_a_registration_is_not_an_assertion() -> None:
    # WA-03
    authenticator = Authenticator()
    stored = enrolled(authenticator)
    assert refused_assertion(registration_text(authenticator), stored) == "webauthn_not_an_assertion"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("response", ...), ("response", None), ("response", []), ("response/clientDataJSON", ...),
        ("response/authenticatorData", None), ("response/signature", 7), ("response/userHandle", 7),
        ("response/userHandle", ["x"]), ("id", ...), ("rawId", None),
    ],
)  # fmt: skip
def test_members_that_are_missing_or_of_another_type_are_refused(path: str, value: object) -> None:
    # WA-03
    assert refusal_of_changed(path, value) == "webauthn_malformed"


@pytest.mark.parametrize("value", [..., None, "", "password", 7])
def test_only_public_keys_are_credentials(value: object) -> None:
    # WA-03
    assert refusal_of_changed("type", value) == "webauthn_type"


def test_results_of_extensions_that_nobody_asked_for_are_ignored() -> None:
    # WA-04
    authenticator = Authenticator()
    stored = enrolled(authenticator)
    text = changed(
        assertion_text(authenticator), "clientExtensionResults", {"appid": True, "uvm": [[1, 2, 3]]}
    )
    assert verify_assertion(text, stored)


@pytest.mark.parametrize("handle", [True, False])
def test_the_reader_tells_whose_key_it_claims_to_be(handle: bool) -> None:
    # WA-06
    authenticator = Authenticator()
    stored = enrolled(authenticator)
    response = assertion.read(assertion_text(authenticator, user_handle=handle))
    assert response.user_handle == (USER_HANDLE if handle else None)
    assert response.credential_id == stored.credential_id
    assert response.challenge == bytes(range(32))


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_user_handle_is_none(value: object) -> None:
    # WA-06
    authenticator = Authenticator()
    enrolled(authenticator)
    text = changed(assertion_text(authenticator), "response/userHandle", value)
    assert assertion.read(text).user_handle is None


def test_user_handles_are_bounded() -> None:
    # WA-06
    assert refusal_of_changed("response/userHandle", spelled(bytes(66))) == "webauthn_too_large"


@pytest.mark.parametrize("bend", hostile.NOT_UTF8)
def test_client_data_that_is_not_utf8_is_refused(bend: Bend) -> None:
    # WA-08
    assert refusal(bend) == "webauthn_client_data_encoding"


def test_a_byte_order_mark_is_passed_over() -> None:
    # WA-08
    assert asserted(rewritten(lambda encoded: b"\xef\xbb\xbf" + encoded))


@pytest.mark.parametrize("bend", hostile.NOT_JSON)
def test_client_data_that_is_not_one_object_is_refused(bend: Bend) -> None:
    # WA-09
    assert refusal(bend) == "webauthn_client_data_json"


@pytest.mark.parametrize(
    "path", ["id", "response/clientDataJSON", "response/authenticatorData", "response/signature"]
)
def test_bytes_have_one_spelling(path: str) -> None:
    # WA-07
    authenticator = Authenticator()
    stored = enrolled(authenticator)
    text = assertion_text(authenticator)
    value = "AA=="
    text = changed(text, path, value)
    if path == "id":
        text = changed(text, "rawId", value)
    assert refused_assertion(text, stored) == "webauthn_encoding"


@pytest.mark.parametrize("value", [..., None, 7, "webauthn.create", "Webauthn.get", "payment.get"])
def test_the_client_data_is_of_this_ceremony(value: object) -> None:
    # WA-10
    assert refusal(saying(type=value)) == "webauthn_ceremony"


@pytest.mark.parametrize("bend", hostile.OTHER_CHALLENGES)
def test_only_the_challenge_that_was_sent_is_answered(bend: Bend) -> None:
    # WA-11
    assert refusal(bend) == "webauthn_challenge"


@pytest.mark.parametrize("bend", hostile.OTHER_ORIGINS)
def test_the_origin_is_one_of_ours_letter_by_letter(bend: Bend) -> None:
    # WA-12
    assert refusal(bend) == "webauthn_origin"


@pytest.mark.parametrize(("bend", "code"), hostile.FRAMED)
def test_use_inside_another_sites_page_is_refused(bend: Bend, code: str) -> None:
    # WA-13
    assert refusal(bend) == code


@pytest.mark.parametrize("bend", hostile.TOP_ORIGINS)
def test_a_page_above_ours_is_refused(bend: Bend) -> None:
    # WA-14
    assert refusal(bend) == "webauthn_top_origin"


@pytest.mark.parametrize("site", [b"evil.example", b"https://index.example", b""])
def test_the_authenticator_answers_for_this_site(site: bytes) -> None:
    # WA-15
    def bend(answer: Answer) -> None:
        answer.rp_id_hash = hashlib.sha256(site).digest()

    assert refusal(bend) == "webauthn_rp_id"


def test_somebody_touches_the_key() -> None:
    # WA-16
    assert refusal(flags(off=UP)) == "webauthn_user_absent"


def test_the_user_is_verified_where_that_is_required() -> None:
    # WA-17, WA-30
    assert refusal(flags(off=UV), user_verification_required=True) == "webauthn_user_not_verified"
    assert not asserted(flags(off=UV)).user_verified


def test_what_cannot_be_backed_up_is_not_backed_up() -> None:
    # WA-18
    assert refusal(flags(on=BS)) == "webauthn_backup_flags"


def test_backup_eligibility_never_changes() -> None:
    # WA-19, WA-42
    assert refusal(flags(on=BE)) == "webauthn_backup_eligibility"
    assert refusal(flags(off=BE), backup_eligible=True) == "webauthn_backup_eligibility"


def test_a_key_that_is_backed_up_later_says_so() -> None:
    # WA-42
    assert asserted(flags(on=BS), backup_eligible=True).backed_up


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_no_bit_of_a_signature_can_be_flipped(algorithm: int) -> None:
    # WA-20
    authenticator = Authenticator(algorithm=algorithm)
    stored = enrolled(authenticator)
    text = assertion_text(authenticator)
    for flipped in with_a_bit_flipped(assertion.read(text).signature):
        assert refused_assertion(changed(text, "response/signature", flipped), stored) == "webauthn_signature"
    assert verify_assertion(text, stored)


@pytest.mark.parametrize("path", ["response/authenticatorData", "response/clientDataJSON"])
def test_no_bit_of_what_is_signed_can_be_flipped(path: str) -> None:
    # WA-20, WA-21
    authenticator = Authenticator()
    stored = enrolled(authenticator)
    text = assertion_text(authenticator)
    response = assertion.read(text)
    signed = response.signed if path == "response/authenticatorData" else response.client_data.raw
    codes = {
        refused_assertion(changed(text, path, flipped), stored) for flipped in with_a_bit_flipped(signed)
    }
    assert "webauthn_signature" in codes
    assert verify_assertion(text, stored)


def with_a_bit_flipped(part: bytes) -> list[str]:
    return [spelled(part[:at] + bytes([part[at] ^ 1 << at % 8]) + part[at + 1 :]) for at in range(len(part))]


def test_the_counter_is_signed() -> None:
    # WA-20, WA-22
    def bend(answer: Answer) -> None:
        answer.sign_count = 0xFFFFFFFF

    assert asserted(bend).sign_count == 0xFFFFFFFF


@pytest.mark.parametrize("sign_count", [0, 1, 2])
def test_any_counter_is_told_and_left_to_the_row_to_judge(sign_count: int) -> None:
    # WA-22
    def bend(answer: Answer) -> None:
        answer.sign_count = sign_count

    assert asserted(bend).sign_count == sign_count


def test_the_key_on_record_verifies_and_no_other() -> None:
    # WA-20, WA-26, WA-27
    mine, other = Authenticator(), Authenticator()
    stored, foreign = enrolled(mine), enrolled(other)
    text = changed(
        changed(assertion_text(other), "id", spelled(stored.credential_id)),
        "rawId",
        spelled(stored.credential_id),
    )
    assert refused_assertion(text, stored) == "webauthn_signature"
    assert refused_assertion(assertion_text(other), stored) == "webauthn_id_mismatch"
    swapped = StoredCredential(stored.credential_id, foreign.public_key, backup_eligible=False)
    assert refused_assertion(assertion_text(mine), swapped) == "webauthn_signature"


@pytest.mark.parametrize(
    ("extensions", "on", "code"),
    [
        (b"", ED, "webauthn_extensions"), (b"\x01", ED, "webauthn_extensions"), (b"\xa0\0", ED, "webauthn_extensions"),
        (b"\xa0", 0, "webauthn_leftover_bytes"), (bytes(77), 0, "webauthn_leftover_bytes"),
    ],
)  # fmt: skip
def test_extensions_are_a_map_exactly_where_they_are_announced(extensions: bytes, on: int, code: str) -> None:
    # WA-23
    def bend(answer: Answer) -> None:
        answer.extensions = extensions
        answer.flags |= on

    assert refusal(bend) == code


def test_extensions_that_nobody_asked_for_are_ignored() -> None:
    # WA-23
    def bend(answer: Answer) -> None:
        answer.extensions = encode({"hmac-secret": bytes(48)})
        answer.flags |= ED

    assert asserted(bend)


def test_an_assertion_holds_no_new_credential() -> None:
    # WA-23
    def bend(answer: Answer) -> None:
        answer.flags |= AT
        answer.public_key = encode({1: 2})

    assert refusal(bend) == "webauthn_unasked_credential"


@pytest.mark.parametrize("size", [0, 36])
def test_authenticator_data_that_is_cut_short_is_refused(size: int) -> None:
    # WA-07
    def bend(answer: Answer) -> None:
        answer.authenticator_data = answer.authenticator_data_bytes()[:size]

    assert refusal(bend) == "webauthn_authenticator_data"
