"""W3C WebAuthn §7.1, step by step, as far as it needs no database: each is refused by a code of its own."""

import dataclasses
import hashlib
import json
from typing import Any

import pytest

from strongroom.factors.webauthn import registration
from strongroom.factors.webauthn.registration import NewCredential
from tests.factors.webauthn import hostile_client_data as hostile
from tests.factors.webauthn.ceremonies import (
    assertion_text,
    changed,
    enrolled,
    refused_registration,
    registration_text,
    spelled,
    verify_registration,
)
from tests.factors.webauthn.hostile_client_data import rewritten, saying
from tests.support.authenticator import AT, BE, BS, ED, UP, UV, Answer, Authenticator, Bend
from tests.support.plain_cbor import encode, head


def registered(bend: Bend | None = None, **kind: Any) -> NewCredential:
    return verify_registration(registration_text(Authenticator(**kind), bend))


def refusal(bend: Bend, *, user_verification_required: bool = False, **kind: Any) -> str:
    return refused_registration(
        registration_text(Authenticator(**kind), bend), user_verification_required=user_verification_required
    )


def setting(**fields: Any) -> Bend:
    """Fields of the answer set before it is signed."""

    def bend(answer: Answer) -> None:
        for name, value in fields.items():
            setattr(answer, name, value)

    return bend


def flags(*, on: int = 0, off: int = 0) -> Bend:
    def bend(answer: Answer) -> None:
        answer.flags = (answer.flags | on) & ~off

    return bend


def object_of(change: Any) -> Bend:
    """The attestation object made by ``change`` of its three members, or of its bytes."""

    def bend(answer: Answer) -> None:
        whole = {"fmt": "none", "attStmt": {}, "authData": answer.authenticator_data_bytes()}
        made = change(whole)
        answer.attestation_object = made if isinstance(made, bytes) else encode(made)

    return bend


def credential_id(value: bytes) -> Bend:
    def bend(answer: Answer) -> None:
        answer.credential_id = value
        answer.members |= {"id": spelled(value), "rawId": spelled(value)}

    return bend


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
@pytest.mark.parametrize("attestation", ["none", "packed", "packed-self"])
def test_a_sound_credential_is_taken_down_as_it_is(algorithm: int, attestation: str) -> None:
    authenticator = Authenticator(
        algorithm=algorithm, attestation=attestation, aaguid=bytes(range(16)), backup_eligible=True
    )
    new = verify_registration(registration_text(authenticator), user_verification_required=True)
    (credential,) = authenticator.credentials
    assert new.credential_id == credential.id
    assert new.public_key == encode(credential.key.cose())
    assert new.algorithm == algorithm
    assert new.sign_count == 1
    assert str(new.aaguid) == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert new.transports == ("internal", "usb")
    assert (new.backup_eligible, new.backed_up, new.user_verified) == (True, False, True)
    assert new.attachment == "platform"


def test_a_key_of_the_u2f_era_is_taken() -> None:
    # WA-41
    new = registered(u2f=True)
    assert (new.algorithm, new.user_verified, new.aaguid.int) == (-7, False, 0)
    assert (new.transports, new.attachment) == (("usb",), "cross-platform")


def test_an_assertion_is_not_a_registration() -> None:
    # WR-03
    authenticator = Authenticator()
    enrolled(authenticator)
    assert refused_registration(assertion_text(authenticator)) == "webauthn_not_a_registration"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("response", ...), ("response", None), ("response", []), ("response", "x"), ("response/clientDataJSON", ...),
        ("response/clientDataJSON", 7), ("response/clientDataJSON", None), ("response/attestationObject", None),
        ("response/attestationObject", {}), ("id", ...), ("rawId", ...), ("id", 7), ("rawId", None),
        ("response/transports", "usb"), ("response/transports", [7]), ("response/transports", None),
    ],
)  # fmt: skip
def test_members_that_are_missing_or_of_another_type_are_refused(path: str, value: object) -> None:
    # WR-03
    assert (
        refused_registration(changed(registration_text(Authenticator()), path, value)) == "webauthn_malformed"
    )


@pytest.mark.parametrize("value", [..., None, "", "Public-Key", "public-key ", "password", 7, ["public-key"]])
def test_only_public_keys_are_credentials(value: object) -> None:
    # WR-03
    assert refused_registration(changed(registration_text(Authenticator()), "type", value)) == "webauthn_type"


@pytest.mark.parametrize(
    "results", [{}, {"appid": True}, {"prf": {"results": {"first": "x"}}}, [1], None, ...]
)
def test_results_of_extensions_that_nobody_asked_for_are_ignored(results: object) -> None:
    # WR-04
    assert verify_registration(changed(registration_text(Authenticator()), "clientExtensionResults", results))


@pytest.mark.parametrize("bend", hostile.NOT_UTF8)
def test_client_data_that_is_not_utf8_is_refused(bend: Bend) -> None:
    # WR-05
    assert refusal(bend) == "webauthn_client_data_encoding"


def test_a_byte_order_mark_is_passed_over() -> None:
    # WR-05
    assert registered(rewritten(lambda encoded: b"\xef\xbb\xbf" + encoded), attestation="packed-self")


@pytest.mark.parametrize("bend", hostile.NOT_JSON)
def test_client_data_that_is_not_one_object_is_refused(bend: Bend) -> None:
    # WR-06, WR-38
    assert refusal(bend) == "webauthn_client_data_json"


@pytest.mark.parametrize(
    "value", [..., None, "", 7, "webauthn.get", "Webauthn.create", "webauthn.create ", ["webauthn.create"]]
)
def test_the_client_data_is_of_this_ceremony(value: object) -> None:
    # WR-07, WR-34
    assert refusal(saying(type=value)) == "webauthn_ceremony"


@pytest.mark.parametrize("bend", hostile.OTHER_CHALLENGES)
def test_only_the_challenge_that_was_sent_is_answered(bend: Bend) -> None:
    # WR-08
    assert refusal(bend) == "webauthn_challenge"


@pytest.mark.parametrize("bend", hostile.OTHER_ORIGINS)
def test_the_origin_is_one_of_ours_letter_by_letter(bend: Bend) -> None:
    # WR-09, WR-43
    assert refusal(bend) == "webauthn_origin"


def test_each_configured_origin_is_taken() -> None:
    # WR-09
    assert registered(saying(origin="https://www.index.example"))


@pytest.mark.parametrize(("bend", "code"), hostile.FRAMED)
def test_use_inside_another_sites_page_is_refused(bend: Bend, code: str) -> None:
    # WR-10
    assert refusal(bend) == code


def test_old_browsers_say_nothing_about_frames() -> None:
    # WR-10
    assert registered(saying(crossOrigin=...))


@pytest.mark.parametrize("bend", hostile.TOP_ORIGINS)
def test_a_page_above_ours_is_refused(bend: Bend) -> None:
    # WR-11
    assert refusal(bend) == "webauthn_top_origin"


@pytest.mark.parametrize(
    "change",
    [
        lambda _whole: b"", lambda _whole: b"\xa0\xa0", lambda whole: [whole], lambda _whole: 7, lambda _whole: "x",
        lambda whole: b"\xbf" + encode(whole)[1:] + b"\xff", lambda whole: encode(whole) + b"\0",
        lambda whole: b"\xa4" + encode({"fmt": "none"})[1:] + encode(whole)[1:], lambda whole: encode(whole)[:-1],
        lambda whole: b"\xd9\xd9\xf7" + encode(whole), lambda whole: whole | {"x": {"y": {"z": [[[[]]]]}}},
        lambda whole: b"\xa4" + encode(whole)[1:] + b"\x61x\xfb" + bytes(8), lambda _whole: b"\xf6",
        lambda whole: b"\xa4" + encode(whole)[1:] + b"\x61\xff\0", lambda _whole: b"\xbb" + b"\xff" * 8,
        lambda _whole: b"\xa1\x63fmt\x5b" + b"\xff" * 8, lambda _whole: b"\x1c", lambda _whole: b"\xa1",
    ],
)  # fmt: skip
def test_what_is_not_one_plain_map_is_refused(change: object) -> None:
    # WR-13
    assert refusal(object_of(change)) == "webauthn_cbor"


@pytest.mark.parametrize("name", ["fmt", "attStmt", "authData"])
@pytest.mark.parametrize("value", [..., None, 7, []])
def test_the_three_members_are_there_and_of_their_type(name: str, value: object) -> None:
    # WR-13
    def change(whole: dict[str, Any]) -> dict[str, Any]:
        others = {key: old for key, old in whole.items() if key != name}
        return others if value is ... else others | {name: value}

    assert refusal(object_of(change)) == "webauthn_attestation_object"


@pytest.mark.parametrize(
    ("name", "value"), [("attStmt", "text"), ("attStmt", b""), ("authData", "text"), ("fmt", b"none")]
)
def test_text_bytes_and_maps_are_not_taken_for_each_other(name: str, value: object) -> None:
    # WR-13
    assert refusal(object_of(lambda whole: whole | {name: value})) == "webauthn_attestation_object"


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_the_statement_is_over_the_hash_of_the_client_data_that_came(algorithm: int) -> None:
    # WR-12
    text = registration_text(Authenticator(algorithm=algorithm, attestation="packed-self"))
    client_data = registration.read(text).client_data.raw
    other = changed(text, "response/clientDataJSON", spelled(client_data.replace(b"{", b"{ ", 1)))
    assert refused_registration(other) == "webauthn_attestation"


@pytest.mark.parametrize("size", [0, 36, 37 + 17, 37 + 18 + 31, 37 + 18 + 32, 37 + 18 + 32 + 70])
def test_authenticator_data_that_is_cut_short_is_refused(size: int) -> None:
    # WR-13
    def bend(answer: Answer) -> None:
        answer.authenticator_data = answer.authenticator_data_bytes()[:size]

    assert refusal(bend) == "webauthn_authenticator_data"


@pytest.mark.parametrize(
    "site", [b"evil.example", b"https://index.example", b"", b"INDEX.example", b"example"]
)
def test_the_authenticator_answers_for_this_site(site: bytes) -> None:
    # WR-14
    assert refusal(setting(rp_id_hash=hashlib.sha256(site).digest())) == "webauthn_rp_id"


def test_somebody_touches_the_key() -> None:
    # WR-15
    assert refusal(flags(off=UP)) == "webauthn_user_absent"


def test_the_user_is_verified_where_that_is_required() -> None:
    # WR-16
    assert refusal(flags(off=UV), user_verification_required=True) == "webauthn_user_not_verified"
    assert not registered(flags(off=UV)).user_verified


def test_what_cannot_be_backed_up_is_not_backed_up() -> None:
    # WR-17
    assert refusal(flags(on=BS)) == "webauthn_backup_flags"


@pytest.mark.parametrize(
    ("on", "expected"), [(0, (False, False)), (BE, (True, False)), (BE | BS, (True, True))]
)
def test_backup_eligibility_and_state_are_taken_down(on: int, expected: tuple[bool, bool]) -> None:
    # WR-18, WR-19
    new = registered(flags(on=on))
    assert (new.backup_eligible, new.backed_up) == expected


@pytest.mark.parametrize(
    "fmt", ["Packed", "NONE", "none ", "", "fido-u2F", "android-safetynet", "compound", "x"]
)
def test_formats_are_known_and_spelled_so(fmt: str) -> None:
    # WR-21
    assert refusal(setting(format=fmt, statement={})) == "webauthn_attestation_format"


def test_a_maker_that_nobody_knows_is_no_reason_to_refuse_and_is_not_shown_as_verified() -> None:
    # WR-23, WR-24, WR-45
    assert registered(attestation="packed")
    assert {field.name for field in dataclasses.fields(NewCredential)} == {
        "credential_id", "public_key", "algorithm", "sign_count", "aaguid", "transports", "backup_eligible",
        "backed_up", "user_verified", "attachment",
    }  # fmt: skip


@pytest.mark.parametrize("size", [0, 1024])
def test_credential_ids_have_1_to_1023_bytes(size: int) -> None:
    # WR-25
    assert refusal(credential_id(bytes(size))) == "webauthn_credential_id_length"


@pytest.mark.parametrize("size", [1, 1023])
def test_the_shortest_and_longest_credential_ids_are_taken(size: int) -> None:
    # WR-25
    assert registered(credential_id(bytes(size))).credential_id == bytes(size)


def test_the_attested_id_is_bounded_as_well() -> None:
    # WR-25
    assert refusal(setting(credential_id=bytes(1024))) == "webauthn_credential_id_length"


@pytest.mark.parametrize("names", [["id"], ["rawId"], ["id", "rawId"]])
def test_the_credential_goes_by_one_id(names: list[str]) -> None:
    # WR-27
    text = registration_text(Authenticator())
    for name in names:
        text = changed(text, name, spelled(b"another credential"))
    assert refused_registration(text) == "webauthn_id_mismatch"


@pytest.mark.parametrize(
    "value", ["A", "AB==", "AB", "A B", "AA+A", "AA/A", "ÄÄÄÄ", "AA\n", "AAA\n", "\ud800"]
)
def test_ids_have_one_spelling(value: str) -> None:
    # WR-27
    text = changed(changed(registration_text(Authenticator()), "id", value), "rawId", value)
    assert refused_registration(text) == "webauthn_encoding"


@pytest.mark.parametrize(
    ("extensions", "on", "code"),
    [
        (b"", ED, "webauthn_extensions"), (b"\x80", ED, "webauthn_extensions"), (b"\xa1\x61x", ED, "webauthn_extensions"),
        (b"\xa0\xa0", ED, "webauthn_extensions"), (b"\xa2\x61x\x01\x61x\x01", ED, "webauthn_extensions"),
        (b"\xa0", 0, "webauthn_leftover_bytes"), (b"\0", 0, "webauthn_leftover_bytes"),
        (encode({"credProtect": 2}), 0, "webauthn_leftover_bytes"),
    ],
)  # fmt: skip
def test_extensions_are_a_map_exactly_where_they_are_announced(extensions: bytes, on: int, code: str) -> None:
    # WR-28
    def bend(answer: Answer) -> None:
        answer.extensions = extensions
        answer.flags |= on

    assert refusal(bend) == code


def test_extensions_that_nobody_asked_for_are_ignored() -> None:
    # WR-28
    def bend(answer: Answer) -> None:
        answer.extensions = encode({"credProtect": 2, "hmac-secret": True})
        answer.flags |= ED

    assert registered(bend)


def test_a_registration_holds_a_credential() -> None:
    # WR-20
    assert refusal(flags(off=AT)) == "webauthn_no_credential"


def test_lengths_may_be_spelled_with_more_bytes_than_they_take() -> None:
    """Some browsers' own CBOR writers do so in the object around the authenticator data."""

    def bend(answer: Answer) -> None:
        said = answer.authenticator_data_bytes()
        assert head(2, len(said))[0] == 0x58
        around = encode({"fmt": "none", "attStmt": {}})[1:] + encode("authData")
        answer.attestation_object = b"\xa3" + around + b"\x59" + len(said).to_bytes(2, "big") + said

    assert registered(bend)


def test_the_whole_answer_is_bounded() -> None:
    # WR-38
    text = registration_text(Authenticator())
    padded = changed(text, "clientExtensionResults", "x" * 2**16)
    assert refused_registration(padded) == "webauthn_too_large"
    assert refused_registration(json.dumps({"x": "y" * 2**20})) == "webauthn_too_large"
    assert refusal(saying(x="y" * 4096)) == "webauthn_too_large"
