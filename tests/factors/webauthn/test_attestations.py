"""Attestation statements under the policy "none": sound or left unread, never shown as verified."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.factors.webauthn.ceremonies import refused_registration, registration_text, verify_registration
from tests.support.authenticator import Answer, Authenticator, Bend
from tests.support.credential_keys import CredentialKey, certificate_for, new_key
from tests.support.plain_cbor import encode

Change = Callable[[dict[str, Any]], dict[str, Any]]


def stating(authenticator: Authenticator, change: Change) -> Bend:
    """The statement changed after it was signed."""

    def bend(answer: Answer) -> None:
        credential = authenticator.credentials[-1]
        answer.statement = change(authenticator.statement(answer, credential))

    return bend


def refusal(attestation: str, change: Change) -> str:
    authenticator = Authenticator(attestation=attestation, u2f=attestation == "fido-u2f")
    return refused_registration(registration_text(authenticator, stating(authenticator, change)))


@pytest.mark.parametrize("content", [{"sig": b""}, {"x": 1}, {"x5c": []}, {"alg": -7}, {1: 2}])
def test_none_states_nothing(content: dict[str, Any]) -> None:
    # WR-22
    assert refusal("none", lambda _empty: content) == "webauthn_attestation"


@pytest.mark.parametrize("attestation", ["packed", "packed-self", "fido-u2f"])
@pytest.mark.parametrize(
    "change",
    [
        lambda stated: stated | {"sig": stated["sig"][:-1]},
        lambda stated: stated | {"sig": stated["sig"] + b"\0"},
        lambda stated: stated | {"sig": stated["sig"][:-1] + bytes([stated["sig"][-1] ^ 1])},
        lambda stated: stated | {"sig": b""},
        lambda stated: stated | {"sig": stated["sig"].hex()},
        lambda stated: stated | {"sig": None},
        lambda stated: {name: value for name, value in stated.items() if name != "sig"},
        lambda stated: stated | {"x5c": []},
        lambda stated: stated | {"x5c": [b""]},
        lambda stated: stated | {"x5c": [b"not a certificate"]},
        lambda stated: stated | {"x5c": b"x"},
        lambda stated: stated | {"x5c": ["text"]},
        lambda stated: stated | {"x5c": None},
        lambda stated: stated | {"x5c": [certificate_for(new_key(-7))]},
        lambda stated: stated | {"x5c": [certificate_for(new_key(-257))]},
        lambda stated: stated | {"ecdaaKeyId": b"x"},
        lambda stated: stated | {"ver": "2.0"},
        lambda _stated: {},
    ],
)
def test_statements_that_do_not_hold_are_refused(attestation: str, change: Change) -> None:
    # WR-22
    assert refusal(attestation, change) == "webauthn_attestation"


@pytest.mark.parametrize("attestation", ["packed", "packed-self"])
@pytest.mark.parametrize("algorithm", [-8, -257, -65535, 0, "ES256", None, True])
def test_packed_names_the_algorithm_that_signed(attestation: str, algorithm: object) -> None:
    # WR-22
    assert refusal(attestation, lambda stated: stated | {"alg": algorithm}) == "webauthn_attestation"


@pytest.mark.parametrize("algorithm", ["EdDSA", True, None, b""])
def test_the_algorithm_is_a_number_also_where_the_certificate_needs_none(algorithm: object) -> None:
    # WR-22
    maker = new_key(-8)

    def bend(answer: Answer) -> None:
        answer.statement = {
            "alg": algorithm,
            "sig": maker.sign(answer.to_sign()),
            "x5c": [certificate_for(maker)],
        }

    authenticator = Authenticator(attestation="packed")
    assert refused_registration(registration_text(authenticator, bend)) == "webauthn_attestation"


def test_u2f_has_one_certificate() -> None:
    # WR-22
    assert refusal("fido-u2f", lambda stated: stated | {"x5c": stated["x5c"] * 2}) == "webauthn_attestation"


def test_u2f_knows_no_models() -> None:
    # WR-22
    authenticator = Authenticator(attestation="fido-u2f", aaguid=bytes(15) + b"\1")
    assert refused_registration(registration_text(authenticator)) == "webauthn_attestation"


@pytest.mark.parametrize("algorithm", [-8, -257])
def test_u2f_has_keys_of_p256_alone(algorithm: int) -> None:
    # WR-22
    def bend(answer: Answer) -> None:
        answer.public_key = encode(new_key(algorithm).cose())

    authenticator = Authenticator(u2f=True)
    assert refused_registration(registration_text(authenticator, bend)) == "webauthn_attestation"


@pytest.mark.parametrize("fmt", ["tpm", "android-key", "apple"])
@pytest.mark.parametrize("statement", [{}, {"x5c": [b"junk"]}, {"sig": b"x", "alg": -7, "ver": "2.0"}])
def test_statements_that_only_a_vendors_root_could_judge_are_left_unread(
    fmt: str, statement: dict[str, Any]
) -> None:
    # WR-23, WR-45
    def bend(answer: Answer) -> None:
        answer.format, answer.statement = fmt, statement

    authenticator = Authenticator()
    new = verify_registration(registration_text(authenticator, bend))
    assert new.credential_id == authenticator.credentials[-1].id


@pytest.mark.parametrize("trouble", ["expired", "unknown critical extension"])
def test_certificates_out_of_date_or_with_unknown_extensions_are_ignored(trouble: str) -> None:
    # WR-45
    maker = new_key(-7)

    def bend(answer: Answer) -> None:
        answer.statement = {
            "alg": -7,
            "sig": maker.sign(answer.to_sign()),
            "x5c": [odd_certificate(maker, trouble)],
        }

    authenticator = Authenticator(attestation="packed")
    assert verify_registration(registration_text(authenticator, bend))


def odd_certificate(maker: CredentialKey, trouble: str) -> bytes:
    name = x509.Name.from_rfc4514_string("CN=Test")
    year = 2001 if trouble == "expired" else 2120
    assert isinstance(maker.private, ec.EllipticCurvePrivateKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(maker.private.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(year, 1, 1, tzinfo=datetime.UTC))
    )
    if trouble != "expired":
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\0")
        builder = builder.add_extension(unknown, critical=True)
    return builder.sign(maker.private, hashes.SHA256()).public_bytes(Encoding.DER)
