"""Whatever the text is: claims that are for us and for now, or a refusal; never another exception."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.kernel.refused import Refused
from strongroom.trust import jwk
from strongroom.trust.jwt import peek, verify
from tests.trust.fuzz import CODES, DAMAGES, answer, assert_is_for_us, documented, run
from tests.trust.signing import AUDIENCE, ISSUER, ed25519_pen, pens, sound

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "jti", "sub"]) | st.text(max_size=5)
HEADERS = st.sampled_from(["alg", "kid", "typ", "crit", "b64", "cty", "jku"]) | st.text(max_size=5)
KEYS = st.sampled_from([dict(pen.jwk) for pen in pens()])
MEMBERS = st.sampled_from(["kty", "crv", "alg", "use", "key_ops", "kid", "n", "e", "x", "y"])


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@settings(max_examples=150)
@given(chance=st.randoms(use_true_random=False), pen=st.sampled_from(pens()))
def test_a_damaged_token_is_refused_with_a_code(damage: Any, chance: Any, pen: Any) -> None:
    assert answer(damage, pen, chance) in CODES | {"accepted"}


@settings(max_examples=300)
@given(text=st.text() | st.text(alphabet="eyJh.-_", max_size=60))
def test_a_text_is_refused_with_a_code(text: str) -> None:
    with pytest.raises(Refused) as caught:
        peek(text)
    assert caught.value.code in CODES


@settings(max_examples=300)
@given(header=st.dictionaries(HEADERS, JSON, max_size=3), claims=st.dictionaries(NAMES, JSON, max_size=3))
def test_whatever_is_signed_is_read_or_refused(header: dict[str, Any], claims: dict[str, Any]) -> None:
    pen = ed25519_pen()
    text = pen.token({**sound(), **claims}, header={**pen.header(), **header})
    try:
        unverified, believed = peek(text), verify(text, pen.jwk, issuer=ISSUER, audience=AUDIENCE)
    except Refused as refused:
        documented(refused)
    else:
        assert_is_for_us(unverified, believed, pen)


@settings(max_examples=300)
@given(
    key=KEYS,
    changes=st.dictionaries(
        MEMBERS, JSON | KEYS.flatmap(lambda key: st.sampled_from(list(key.values()))), max_size=2
    ),
)
def test_whatever_a_key_is_it_verifies_or_is_refused(key: dict[str, Any], changes: dict[str, Any]) -> None:
    for pen in pens():
        try:
            verify(pen.token(), {**key, **changes}, issuer=ISSUER, audience=AUDIENCE)
        except Refused as refused:
            code = documented(refused)
            assert code in {"identity_algorithm", "identity_signature"}
        else:
            assert {**key, **changes}.get("kty") == pen.jwk["kty"]


@settings(max_examples=200)
@given(
    document=st.fixed_dictionaries(
        {
            "keys": st.lists(
                JSON
                | KEYS
                | st.builds(
                    lambda key, more: {**key, **more}, KEYS, st.dictionaries(MEMBERS, JSON, max_size=2)
                ),
                max_size=5,
            )
            | JSON
        }
    )
)
def test_whatever_a_key_set_holds_usable_keys_come_out(document: dict[str, Any]) -> None:
    try:
        keys = jwk.keys_in(document)
    except ValueError:
        assert not isinstance(document["keys"], list)
        return
    assert all(jwk.public_key(key, str(key["alg"])) == key for key in keys.values())
    assert json.dumps(keys)


def test_the_fuzzer_finds_every_way_out() -> None:
    reached = {verdict.partition(": ")[2] for verdict in run(count=3000, seed=0)}
    assert reached == CODES | {"accepted"}
