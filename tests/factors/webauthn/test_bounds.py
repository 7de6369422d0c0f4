"""Few bytes cannot ask for much time, memory or depth."""

import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType

import pytest

from strongroom.factors.webauthn import assertion, cbor, registration
from strongroom.kernel.refused import Refused
from tests.factors.webauthn.ceremonies import (
    assertion_text,
    changed,
    enrolled,
    refused_registration,
    registration_text,
    spelled,
    verify_registration,
)
from tests.support.authenticator import Answer, Authenticator, Bend
from tests.support.plain_cbor import encode, head

MOST_CALLS = 4000  # a millisecond or so

BOMBS = {
    "arrays in arrays": b"\x81" * 10_000 + b"\0",
    "maps in maps": b"\xa1\0" * 10_000 + b"\0",
    "arrays that never end": b"\x9f" * 10_000,
    "a map that announces a million entries": b"\xba\x00\x0f\x42\x40" + b"\0\0" * 10,
    "a map of many entries": head(5, 16_000) + b"".join(head(0, number) + b"\0" for number in range(16_000))[:40_000],
    "an array of many numbers": head(4, 30_000) + bytes(30_000),
    "wide and deep": b"\x98\xff" * 6 + bytes(20_000),
    "a string of 2^63 bytes": b"\xa1\x63fmt\x5b\x80" + bytes(7),
    "a text of 2^64 - 1 bytes": b"\xa1\x63fmt\x7b" + b"\xff" * 8,
    "an array of 2^63 items": b"\xa1\x63fmt\x9b\x80" + bytes(7),
    "a map of 2^64 - 1 entries": b"\xbb" + b"\xff" * 8,
    "a map of 2^63 entries": b"\xbb\x80" + bytes(7),
    "the same key twice": b"\xa2\x63fmt\x60\x63fmt\x60",
    "the same key in two spellings": b"\xa2\x00\x00\x18\x00\x00",
    "pieces of a string": b"\xa1\x63fmt\x7f\x61x\x61y\xff",
    "pieces without end": b"\xa1\x63fmt\x5f" + b"\x40" * 10_000,
    "a big number": b"\xa1\x63fmt\xc2\x59\x40\x00" + b"\xff" * 0x4000,
    "a decimal with a huge exponent": b"\xa1\x63fmt\xc4\x82\x1b\x7f" + b"\xff" * 7 + b"\x01",
    "a regular expression": b"\xa1\x63fmt\xd8\x23\x6a(a+)+$aaaa",
    "a shared value that holds itself": b"\xd8\x1c\x81\xd8\x1d\0",
    "a date": b"\xa1\x63fmt\xc1\x1b" + b"\xff" * 8,
}  # fmt: skip


def replacing_the_object(bomb: bytes) -> Bend:
    def bend(answer: Answer) -> None:
        answer.attestation_object = bomb

    return bend


def replacing_the_key(bomb: bytes) -> Bend:
    def bend(answer: Answer) -> None:
        answer.public_key = bomb

    return bend


def cost_of_refusing(text: str, read: Callable[[str], object]) -> tuple[int, int]:
    """Function calls, which tell the work whatever else the machine does; bytes, at the peak."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    def once() -> None:
        with pytest.raises(Refused):
            read(text)

    once()  # what is loaded or compiled at first is not counted
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        once()
    finally:
        sys.setprofile(before)
    tracemalloc.start()
    try:
        once()
        return calls, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_in_place_of_the_object_costs_next_to_nothing(name: str) -> None:
    # WR-37
    text = registration_text(Authenticator(), replacing_the_object(BOMBS[name]))
    assert refused_registration(text) in {"webauthn_cbor", "webauthn_attestation_object"}
    calls, peak = cost_of_refusing(text, registration.read)
    assert calls < MOST_CALLS
    assert peak < 2**20


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_in_place_of_the_key_costs_next_to_nothing(name: str) -> None:
    # WR-37
    text = registration_text(Authenticator(), replacing_the_key(BOMBS[name]))
    assert refused_registration(text).startswith("webauthn_")
    calls, peak = cost_of_refusing(text, verify_registration)
    assert calls < MOST_CALLS
    assert peak < 2**20


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_in_place_of_the_extensions_costs_next_to_nothing(name: str) -> None:
    # WR-37
    authenticator = Authenticator()
    enrolled(authenticator)

    def bend(answer: Answer) -> None:
        answer.flags |= 0x80
        answer.extensions = BOMBS[name][:3000]

    text = assertion_text(authenticator, bend)
    calls, peak = cost_of_refusing(text, assertion.read)
    assert calls < MOST_CALLS
    assert peak < 2**20


@pytest.mark.parametrize("opening", ["[", '{"x":', "[{"])
@pytest.mark.parametrize("depth", [200, 5_000, 20_000, 100_000])
def test_deep_json_is_refused_before_it_is_parsed(opening: str, depth: int) -> None:
    # WR-38
    code = "webauthn_json" if len(opening) * depth <= 2**16 else "webauthn_too_large"
    for text in (opening * depth, '{"response":' + opening * (depth - 3)):
        assert refused_registration(text) == code
        calls, peak = cost_of_refusing(text, registration.read)
        assert calls < MOST_CALLS
        assert peak < 2**20


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "null", "7", '"x"', "[]", "{", "{}x", "{}{}", '{"x":1,"x":1}', '{"x":{"y":1,"y":1}}', '{"x":NaN}',
        '{"x":Infinity}', '{"x":-Infinity}', "\ufeff{}", "{'x':1}", '{"x":1,}', '{"x":"\n"}', '{"x":' + "9" * 5000 + "}",
        "{}\0", '{"x":"\\ud8"}', "\ud800", "{\u00a0}",
    ],
)  # fmt: skip
def test_what_is_not_one_object_in_json_is_refused(text: str) -> None:
    # WR-03, WR-38
    assert refused_registration(text) == "webauthn_json"


@pytest.mark.parametrize("value", ["\ud800", "\\ud800", "\0", "é", "AAAA" * 12_000])
def test_odd_texts_are_no_bytes(value: str) -> None:
    # WR-38
    text = changed(registration_text(Authenticator()), "response/clientDataJSON", value)
    assert refused_registration(text) in {"webauthn_encoding", "webauthn_too_large"}


def test_the_walk_ends_where_the_item_ends() -> None:
    for value in (
        {"x": [1, -1, b"y", None, True, {"z": "€"}]},
        0,
        23,
        24,
        2**32,
        -(2**64),
        "",
        b"",
        [],
        {},
        [[[[0]]]],
    ):
        encoded = encode(value)
        assert cbor.end_of(b"\0" + encoded + b"\0", 1) == 1 + len(encoded)
        for size in range(len(encoded)):
            with pytest.raises(ValueError, match="cut short"):
                cbor.end_of(encoded[:size], 0)


@pytest.mark.parametrize(
    "item",
    [
        b"\xc0\x60", b"\xc2\x41\0", b"\xd8\x1c\0", b"\xd9\xd9\xf7\0", b"\xf7", b"\xf0", b"\xe0", b"\xf8\x20", b"\xf9\0\0",
        b"\xfa" + bytes(4), b"\xfb" + bytes(8), b"\xff", b"\x5f\xff", b"\x7f\xff", b"\x9f\xff", b"\xbf\xff", b"\x1c", b"\x3d",
        b"\x9e", b"\xdb" + bytes(8) + b"\0",
    ],
)  # fmt: skip
def test_the_walk_stops_at_what_no_authenticator_sends(item: bytes) -> None:
    # WR-37
    for encoded in (item, b"\x82" + item + b"\0\0", b"\xa1\0" + item):
        with pytest.raises(ValueError, match="no place here"):
            cbor.end_of(encoded, 0)


@pytest.mark.parametrize("depth", range(1, 10))
def test_authenticators_nest_to_four_levels_and_a_few_more_are_walked(depth: int) -> None:
    # WR-37
    encoded = b"\x81" * depth + b"\0"
    if depth <= 5:
        assert cbor.end_of(encoded, 0) == len(encoded)
    else:
        with pytest.raises(ValueError, match="deeply"):
            cbor.end_of(encoded, 0)


def test_client_data_of_a_megabyte_is_refused() -> None:
    # WR-38
    text = changed(registration_text(Authenticator()), "response/clientDataJSON", spelled(bytes(2**20)))
    assert refused_registration(text) == "webauthn_too_large"
    assert cost_of_refusing(text, registration.read)[0] < 100
