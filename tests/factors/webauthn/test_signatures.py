"""Signatures in forms that a careless verifier takes."""

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from strongroom.factors.webauthn import assertion
from tests.factors.webauthn.ceremonies import (
    assertion_text,
    changed,
    enrolled,
    refused_assertion,
    spelled,
    verify_assertion,
)
from tests.support.authenticator import Authenticator

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def der(*numbers: bytes) -> bytes:
    """A sequence of integers, whose contents are given as they are."""
    inside = b"".join(b"\x02" + bytes([len(number)]) + number for number in numbers)
    return b"\x30" + bytes([len(inside)]) + inside


def minimal(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def answers(algorithm: int = -7) -> tuple[str, assertion.StoredCredential, bytes]:
    authenticator = Authenticator(algorithm=algorithm)
    stored = enrolled(authenticator)
    text = assertion_text(authenticator)
    return text, stored, assertion.read(text).signature


def test_either_of_the_two_values_of_s_is_good() -> None:
    # WA-20
    text, stored, signature = answers()
    r, s = decode_dss_signature(signature)
    for value in (s, P256_ORDER - s):
        other = encode_dss_signature(r, value)
        assert verify_assertion(changed(text, "response/signature", spelled(other)), stored)


@pytest.mark.parametrize("form", range(21))
def test_ecdsa_signatures_have_one_form_and_range(form: int) -> None:
    # WA-40
    text, stored, signature = answers()
    r, s = decode_dss_signature(signature)
    assert der(minimal(r), minimal(s)) == signature
    bad = [
        signature + b"\0", signature[:-1], b"", der(minimal(r)), der(minimal(r), minimal(s), b"\0"),
        der(b"\0" + minimal(r), minimal(s)), der(minimal(r), b"\0\0" + minimal(s)),
        der(minimal(-r), minimal(s)), der(minimal(r), minimal(-s)), der(minimal(r - P256_ORDER), minimal(s)),
        der(b"\0", minimal(s)), der(minimal(r), b"\0"), der(b"\0", b"\0"), der(b"", b""),
        der(minimal(r + P256_ORDER), minimal(s)), der(minimal(r), minimal(s + P256_ORDER)),
        der(minimal(P256_ORDER), minimal(s)), der(minimal(r), minimal(P256_ORDER)),
        b"\x30\x81" + signature[1:], b"\x30\x80" + signature[2:] + b"\0\0", r.to_bytes(32, "big") + s.to_bytes(32, "big"),
    ]  # fmt: skip
    assert len(bad) == 21
    text = changed(text, "response/signature", spelled(bad[form]))
    assert refused_assertion(text, stored) == "webauthn_signature"


@pytest.mark.parametrize("times", [1, 2, 7])
def test_ed25519_signatures_have_one_value_of_s(times: int) -> None:
    # WA-40
    text, stored, signature = answers(-8)
    s = int.from_bytes(signature[32:], "little") + times * ED25519_ORDER
    other = signature[:32] + s.to_bytes(32, "little")
    assert (
        refused_assertion(changed(text, "response/signature", spelled(other)), stored) == "webauthn_signature"
    )


@pytest.mark.parametrize("algorithm", [-8, -257])
def test_nothing_stands_before_or_behind_a_signature(algorithm: int) -> None:
    # WA-40
    text, stored, signature = answers(algorithm)
    for other in (signature + b"\0", b"\0" + signature, signature[:-1], b""):
        assert (
            refused_assertion(changed(text, "response/signature", spelled(other)), stored)
            == "webauthn_signature"
        )


def test_signatures_are_bounded() -> None:
    # WA-40
    text, stored, _signature = answers()
    assert (
        refused_assertion(changed(text, "response/signature", spelled(bytes(1100))), stored)
        == "webauthn_too_large"
    )
