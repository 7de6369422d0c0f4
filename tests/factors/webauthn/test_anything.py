"""Whatever the text is: a credential that other libraries accept as well, or a refusal; never another exception."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.factors.webauthn import (
    assertion,
    attestation,
    authenticator_data,
    cbor,
    client_data,
    public_key,
    registration,
)
from strongroom.kernel import base64url, strict_json
from strongroom.kernel.refused import Refused
from tests.factors.webauthn import damage, fuzz
from tests.factors.webauthn.ceremonies import fit_to_show, spelled
from tests.support.plain_cbor import encode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
BYTES = st.binary(max_size=200).map(spelled)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just("AAAA") | BYTES | JSON,
        "rawId": st.just("AAAA") | BYTES | JSON,
        "type": st.just("public-key") | JSON,
        "authenticatorAttachment": JSON,
        "response": JSON
        | st.fixed_dictionaries(
            {"clientDataJSON": BYTES | JSON},
            optional={
                "attestationObject": BYTES | JSON,
                "authenticatorData": BYTES | JSON,
                "signature": BYTES | JSON,
                "userHandle": BYTES | JSON,
                "transports": JSON,
            },
        ),
    },
).map(json.dumps)
CBOR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(-9, 9) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=8,
)
READERS = [registration.read, assertion.read]


@pytest.mark.parametrize("name", ["registration", "assertion"])
def test_damaged_answers_are_refused_or_accepted_by_others_as_well(name: str) -> None:
    # WR-47
    answers = fuzz.run(fuzz.groups()[name], inputs=3_000, seed=20_260_101)
    assert answers.total() == 3_000
    assert answers["accepted"] > 20
    assert len(answers) > 18, "the damage reaches few of the checks"


@pytest.mark.parametrize("cases", [damage.registrations, damage.assertions])
def test_what_is_damaged_was_sound(cases: Any) -> None:
    # WR-47
    name = "registration" if cases is damage.registrations else "assertion"
    _cases, _kinds, answer = fuzz.groups()[name]
    for case in cases():
        assert answer(case, lambda case, _chance: case.text, None) == "accepted"  # type: ignore[arg-type]


@pytest.mark.parametrize("read", READERS)
@settings(max_examples=300)
@given(text=st.one_of(st.text(), NEARLY, JSON.map(json.dumps)))
def test_any_text_is_refused(read: Any, text: str) -> None:
    # WR-38
    with pytest.raises(Refused) as caught:
        read(text)
    fit_to_show(caught.value)


@settings(max_examples=300)
@given(
    content=st.one_of(
        st.binary(max_size=400), CBOR.map(encode), st.binary(max_size=80).map(lambda raw: b"\xa3" + raw)
    )
)
def test_any_bytes_are_taken_apart_or_refused(content: bytes) -> None:
    # WR-37
    for take_apart in (attestation.read, authenticator_data.read, client_data.read, public_key.algorithm_of):
        try:
            take_apart(content)
        except Refused as refused:
            fit_to_show(refused)


@settings(max_examples=300)
@given(value=CBOR)
def test_the_walk_ends_where_the_writer_stopped(value: Any) -> None:
    encoded = encode(value)
    assert cbor.end_of(encoded + b"\0", 0) == len(encoded)


@settings(max_examples=300)
@given(raw=st.binary(max_size=100), text=st.text(alphabet="AZaz09-_=+/ \n", max_size=12))
def test_every_value_has_one_spelling(raw: bytes, text: str) -> None:
    assert base64url.decode(base64url.encode(raw)) == raw
    try:
        decoded = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(decoded) == text


@settings(max_examples=300)
@given(text=st.one_of(st.text(), JSON.map(json.dumps)))
def test_what_is_read_from_json_others_read_alike(text: str) -> None:
    try:
        parsed = strict_json.parse_object(text)
    except ValueError:
        return
    assert json.loads(text) == parsed
