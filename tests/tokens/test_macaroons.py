"""The bytes of tokens: one spelling each, bounded, and read as other macaroon libraries write them."""

import base64
from contextlib import suppress

import pymacaroons
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.tokens import macaroon
from strongroom.tokens.macaroon import Macaroon, Malformed, dump, load, mint, narrow, signatures

KEY = bytes(range(32))
TEXT = dump(mint(b"an-identifier", key=KEY, caveats=[b"[1,2]", b"[3]"]))


def is_genuine(macaroon: Macaroon, *, key: bytes) -> bool:
    return signatures(macaroon, key=key) != ()


def raw_of(text: str) -> bytes:
    encoded = text.removeprefix("strongroom-")
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def text_of(raw: bytes) -> str:
    return "strongroom-" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_token_reads_back_as_it_was_made() -> None:
    made = mint(b"an-identifier", key=KEY, caveats=[b"[1,2]", b"[3]"])
    assert load(TEXT) == made
    assert is_genuine(made, key=KEY)
    assert not is_genuine(made, key=KEY[::-1])


def test_another_library_reads_and_verifies_it() -> None:
    theirs = pymacaroons.Macaroon.deserialize(TEXT.removeprefix("strongroom-"))
    assert theirs.identifier_bytes == b"an-identifier"
    verifier = pymacaroons.Verifier()
    verifier.satisfy_general(lambda predicate: predicate in {"[1,2]", "[3]"})
    assert verifier.verify(theirs, KEY)


def test_a_signature_stands_after_each_caveat_and_the_last_is_the_macaroons() -> None:
    made = load(TEXT)
    chain = signatures(made, key=KEY)
    assert len(chain) == len(made.caveats) + 1
    assert chain[-1] == made.signature
    assert chain[:-1] == signatures(mint(b"an-identifier", key=KEY, caveats=made.caveats[:1]), key=KEY)


def test_whoever_holds_a_macaroon_narrows_it_without_its_key() -> None:
    made = mint(b"an-identifier", key=KEY, caveats=[b"[1,2]"])
    assert narrow(made, b"[3]") == load(TEXT)
    assert signatures(narrow(made, b"[3]"), key=KEY)[:2] == signatures(made, key=KEY)


def test_what_another_library_makes_is_ours_to_the_byte() -> None:
    theirs = pymacaroons.Macaroon(location="strongroom", identifier=b"an-identifier", key=KEY, version=2)
    theirs.add_first_party_caveat("[1,2]")
    theirs.add_first_party_caveat("[3]")
    assert "strongroom-" + theirs.serialize() == TEXT


@pytest.mark.parametrize("position", range(len(TEXT)))
def test_no_character_can_be_another(position: int) -> None:  # TK-01
    other = "A" if TEXT[position] != "A" else "B"
    changed = TEXT[:position] + other + TEXT[position + 1 :]
    with suppress(Malformed):
        assert not is_genuine(load(changed), key=KEY)


@pytest.mark.parametrize("position", range(len(raw_of(TEXT))))
def test_no_bit_can_be_flipped(position: int) -> None:  # TK-01
    for bit in range(8):
        raw = bytearray(raw_of(TEXT))
        raw[position] ^= 1 << bit
        with suppress(Malformed):
            assert not is_genuine(load(text_of(bytes(raw))), key=KEY)


def test_caveats_can_be_neither_removed_nor_reordered_nor_doubled() -> None:  # TK-02
    made = load(TEXT)
    first, second = made.caveats
    for caveats in [
        (),
        (first,),
        (second,),
        (second, first),
        (first, first, second),
        (first, second, second),
    ]:
        assert not is_genuine(Macaroon(made.identifier, caveats, made.signature), key=KEY)


def _padded(text: str) -> str:
    return text + "="


def _non_canonical_base64(text: str) -> str:
    """The last character but for a bit that decoders drop."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]


def test_there_is_one_spelling_in_base64() -> None:  # TK-01
    odd = dump(mint(b"an-identifier1", key=KEY))
    assert len(odd.removeprefix("strongroom-")) % 4 in {2, 3}
    assert raw_of(_non_canonical_base64(odd)) == raw_of(odd)
    for changed in (_padded(odd), _non_canonical_base64(odd), odd + "\n", odd[:20] + " " + odd[20:]):
        with pytest.raises(Malformed):
            load(changed)


def _v1() -> str:
    return "strongroom-" + pymacaroons.Macaroon(location="x", identifier="y", key=KEY, version=1).serialize()


def _third_party() -> str:
    theirs = pymacaroons.Macaroon(location="strongroom", identifier=b"i", key=KEY, version=2)
    theirs.add_third_party_caveat("elsewhere", "a secret key of 32 bytes ......", "caveat id")
    return "strongroom-" + theirs.serialize()


def _many_caveats(count: int) -> str:
    return dump(mint(b"i", key=KEY, caveats=[b"[9]"] * count))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "strongroom-",
        "strongroom-AA",
        "pypi-" + TEXT.removeprefix("strongroom-"),
        TEXT.removeprefix("strongroom-"),
        "strongroom-" + "é" * 10,
        "strongroom-\0\0",
        TEXT + "AAAA",
        TEXT[:-4],
        text_of(b"\x01" + raw_of(TEXT)[1:]),
        text_of(raw_of(TEXT) + b"\0"),
        text_of(b"{" + raw_of(TEXT)[1:]),
        text_of(
            b"\x02\x01\x8a\x00strongroom" + raw_of(TEXT)[13:]
        ),  # a length in two bytes that has room in one
        text_of(b"\x02\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
        _v1(),
        _third_party(),
        _many_caveats(macaroon.MAX_CAVEATS + 1),
        "strongroom-" + "A" * 2**20,
    ],
)
def test_what_is_no_token_of_ours_is_malformed(text: str) -> None:  # TK-04, TK-05
    with pytest.raises(Malformed):
        load(text)


def test_as_many_caveats_as_are_allowed_are_read() -> None:
    assert len(load(_many_caveats(macaroon.MAX_CAVEATS)).caveats) == macaroon.MAX_CAVEATS


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_nothing_else_is_raised(raw: bytes) -> None:  # TK-24
    with pytest.raises(Malformed):
        load(text_of(b"\x02" + raw))


@given(st.text(max_size=100))
def test_whatever_the_text_is_nothing_else_is_raised(text: str) -> None:  # TK-24
    with pytest.raises(Malformed):
        load("strongroom-" + text)


@given(st.binary(max_size=200), st.lists(st.binary(max_size=200), max_size=5))
def test_every_macaroon_reads_back(identifier: bytes, caveats: list[bytes]) -> None:
    made = mint(identifier, key=KEY, caveats=caveats)
    assert load(dump(made)) == made


def test_a_token_shows_nothing_in_a_log() -> None:  # TK-12
    assert TEXT[20:] not in repr(TEXT)
    assert load(TEXT).signature.hex() not in repr(load(TEXT))
