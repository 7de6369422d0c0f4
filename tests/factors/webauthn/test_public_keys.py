"""Public keys: of the offered algorithms, in their one form, and such that a signature proves something."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519 as library

from strongroom.factors.webauthn import ed25519, public_key
from strongroom.kernel.refused import Refused
from tests.factors.webauthn.ceremonies import fit_to_show, refused_registration, registration_text
from tests.support.authenticator import Answer, Authenticator
from tests.support.credential_keys import new_key
from tests.support.plain_cbor import encode

P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
Y_OF_ZERO = pow(P256_B, (P256 + 1) // 4, P256)  # (0, y) lies on the curve
EC: dict[Any, Any] = dict(new_key(-7).cose())
OKP: dict[Any, Any] = dict(new_key(-8).cose())
RSA: dict[Any, Any] = dict(new_key(-257).cose())
MODULUS = int.from_bytes(RSA[-1], "big")
FIELD = 2**255 - 19

# The points of order 1, 2, 4 and 8, and further spellings of some, as published with RFC 8032's discussion of cofactors.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


def refusal(encoded: bytes) -> str:
    """Of the key by itself, and of a registration that brings it."""

    def bend(answer: Answer) -> None:
        answer.public_key = encoded

    with pytest.raises(Refused) as caught:
        public_key.algorithm_of(encoded)
    assert refused_registration(registration_text(Authenticator(), bend)) == caught.value.code
    return fit_to_show(caught.value)


@pytest.mark.parametrize("key", [EC, OKP, RSA])
def test_a_sound_key_tells_its_algorithm(key: dict[int, int | bytes]) -> None:
    assert public_key.algorithm_of(encode(key)) == key[3]


@pytest.mark.parametrize(
    "algorithm",
    [
        -35,
        -36,
        -37,
        -38,
        -39,
        -47,
        -48,
        -53,
        -258,
        -65535,
        -9,
        -19,
        0,
        7,
        257,
        2**63,
        None,
        "-7",
        b"\xf9",
        True,
    ],
)
def test_algorithms_that_are_not_offered_are_refused(algorithm: object) -> None:
    # WR-20
    assert refusal(encode(EC | {3: algorithm})) == "webauthn_algorithm"


def test_a_key_names_its_algorithm() -> None:
    # WR-20
    assert refusal(encode({name: value for name, value in EC.items() if name != 3})) == "webauthn_algorithm"


@pytest.mark.parametrize(
    "key",
    [
        EC | {3: -257}, EC | {3: -8}, RSA | {3: -7}, OKP | {3: -7}, RSA | {3: -8}, OKP | {3: -257},
        EC | {1: 3}, EC | {1: 1}, EC | {1: True}, EC | {-1: True}, OKP | {1: True}, EC | {1: None}, EC | {-1: 2}, EC | {-1: 3}, EC | {-1: 8},
        OKP | {-1: 7}, OKP | {-1: 4}, OKP | {-1: 1}, EC | {-3: True}, EC | {-3: 7}, EC | {-2: "x" * 32}, RSA | {-2: 65537},
        EC | {2: b"kid"}, EC | {4: [2]}, EC | {-4: b"the private key"}, OKP | {-4: bytes(32)}, RSA | {-3: b"d"},
        EC | {"x": 1}, {name: value for name, value in EC.items() if name != -3}, {3: -7},
        {True: 2, 3: -7, -1: 1, -2: EC[-2], -3: EC[-3]},
    ],
)  # fmt: skip
def test_a_key_has_exactly_the_parameters_of_its_algorithm(key: dict[object, object]) -> None:
    # WR-20
    assert refusal(encode(key)) == "webauthn_key_mismatch"


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (bytes(32), bytes(32)), (bytes(32), b"\x01" * 32), (EC[-2], EC[-2]), (b"\xff" * 32, EC[-3]),
        (EC[-2][:31], EC[-3]), (EC[-2], EC[-3] + b"\0"), (b"\0" + EC[-2], EC[-3]), (b"", b""), (EC[-2], b""),
        (P256.to_bytes(32, "big"), Y_OF_ZERO.to_bytes(32, "big")),
        (b"\x04" + EC[-2] + EC[-3], b""),
    ],
)  # fmt: skip
def test_a_point_that_is_not_on_the_curve_or_not_spelled_as_it_is_is_refused(x: bytes, y: bytes) -> None:
    # WR-39
    assert refusal(encode(EC | {-2: x, -3: y})) == "webauthn_key_unsound"


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [
        ((1 << 511) + 1, 65537), ((1 << 1023) + 1, 65537), ((1 << 2046) + 1, 65537), ((1 << 4096) + 1, 65537),
        (MODULUS + 1, 65537), (MODULUS, 1), (MODULUS, 3), (MODULUS, 0), (MODULUS, 65536), (MODULUS, 65538),
        (MODULUS, (1 << 32) + 1), (MODULUS, MODULUS), (0, 0),
    ],
)  # fmt: skip
def test_rsa_keys_that_are_too_weak_or_too_slow_are_refused(modulus: int, exponent: int) -> None:
    # WR-39
    n, e = (value.to_bytes((value.bit_length() + 7) // 8, "big") for value in (modulus, exponent))
    assert refusal(encode(RSA | {-1: n, -2: e})) == "webauthn_key_unsound"


@pytest.mark.parametrize("size", [0, 31, 33, 57, 64])
def test_ed25519_keys_have_32_bytes(size: int) -> None:
    # WR-39
    assert refusal(encode(OKP | {-2: b"\x07" * size})) == "webauthn_key_unsound"


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_points_of_small_order_are_refused(point: str) -> None:
    # WR-20, WR-39
    assert refusal(encode(OKP | {-2: bytes.fromhex(point)})) == "webauthn_key_unsound"


def test_points_of_small_order_are_refused_for_their_order() -> None:
    # WR-39
    for point in SMALL_ORDER[:10]:
        with pytest.raises(ValueError, match="small order"):
            ed25519.check_point(bytes.fromhex(point))


@pytest.mark.parametrize("y", [FIELD, FIELD + 2, FIELD + 18])
def test_numbers_beyond_the_field_are_no_spelling_of_a_point(y: int) -> None:
    # WR-39
    with pytest.raises(ValueError, match="spelling"):
        ed25519.check_point(y.to_bytes(32, "little"))


def test_half_of_all_numbers_are_no_points() -> None:
    # WR-39
    verdicts = []
    for y in range(2, 66):
        try:
            ed25519.check_point(y.to_bytes(32, "little"))
        except ValueError as error:
            verdicts.append(str(error))
    assert set(verdicts) == {"not on the curve"}
    assert 20 < len(verdicts) < 44


def test_keys_that_are_in_use_are_points() -> None:
    for _ in range(64):
        ed25519.check_point(library.Ed25519PrivateKey.generate().public_key().public_bytes_raw())


@pytest.mark.parametrize(
    "encoded",
    [
        encode([EC]), encode(7), b"\xa2\x03\x26\x03\x26", b"\xa1\x03\xfb" + bytes(8), b"\xd8\x18" + encode(EC),
        encode({3: {3: {3: {3: {3: {3: {3: -7}}}}}}}),
    ],
)  # fmt: skip
def test_what_is_not_one_plain_map_is_no_key(encoded: bytes) -> None:
    # WR-39
    with pytest.raises(Refused) as caught:
        public_key.algorithm_of(encoded)
    assert fit_to_show(caught.value) == "webauthn_key_unsound"
