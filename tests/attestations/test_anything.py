"""Whatever the field is: a provenance that others confirm, or a documented refusal; never another exception."""

import base64
import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pypi_attestations import Attestation, Provenance

from strongroom.kernel.refused import Refused
from tests.attestations.refusing import checked, verified
from tests.attestations.samples import ALL, Sample, base64_of

SEEDS = st.integers(min_value=0, max_value=2**64)
SAMPLES = st.sampled_from(ALL)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
STRANGE = [
    None, True, 0, -1, 1e308, 2**64, "", "0", "-1", "9" * 5000, "=", "\0", "\ud800", [], {}, [[]], [{}], {"": {}},
]  # fmt: skip


def _answer(sample: Sample, text: str) -> str:
    try:
        answer = verified(sample, text)
    except Refused as refused:
        return checked(refused).code
    _assert_only_the_signed_is_passed_on(sample, answer.document)
    return "verified"


def _assert_only_the_signed_is_passed_on(sample: Sample, document: str) -> None:
    """Damage that verification does not notice must not reach readers: statements are those that were signed."""
    [bundle] = Provenance.model_validate_json(document).attestation_bundles
    signed = {Attestation.model_validate(each).envelope.statement for each in sample.objects()}
    assert {each.envelope.statement for each in bundle.attestations} <= signed


@settings(max_examples=200)
@given(sample=SAMPLES, text=st.text() | JSON.map(json.dumps) | st.lists(JSON).map(json.dumps))
def test_any_text_is_refused(sample: Sample, text: str) -> None:
    assert _answer(sample, text) in {"attestation_malformed", "attestation_empty", "attestation_too_large"}


@settings(max_examples=300)
@given(sample=SAMPLES, seed=SEEDS)
def test_damaged_text_is_refused_or_means_the_same(sample: Sample, seed: int) -> None:
    # TP-32
    chance = random.Random(seed)
    text = sample.text
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        text = (
            text[:at]
            + chance.choice(["", "x", '"', "\\u0000", "{", "]", "1", "="])
            + text[at + chance.randint(0, 3) :]
        )
    assert _answer(sample, text)


@settings(max_examples=400)
@given(sample=SAMPLES, seed=SEEDS)
def test_objects_with_a_strange_member_are_refused_or_mean_the_same(sample: Sample, seed: int) -> None:
    # TP-32
    chance = random.Random(seed)
    attestations = sample.objects()
    parent: Any = attestations
    key: Any = 0
    places = list(_places(attestations))
    parent, key = chance.choice(places)
    parent[key] = chance.choice(STRANGE)
    assert _answer(sample, json.dumps(attestations))


@settings(max_examples=400)
@given(sample=SAMPLES, seed=SEEDS, more=st.text(max_size=3) | st.sampled_from(["\ud800", "\n\ud800\n", "\0"]))
def test_objects_with_longer_text_are_refused_or_mean_the_same(sample: Sample, seed: int, more: str) -> None:
    attestations = sample.objects()
    places = [each for each in _places(attestations) if isinstance(each[0][each[1]], str)]
    parent, key = random.Random(seed).choice(places)
    parent[key] += more
    assert _answer(sample, json.dumps(attestations))


@settings(max_examples=600)
@given(sample=SAMPLES, seed=SEEDS)
def test_objects_with_damaged_bytes_are_refused_or_mean_the_same(sample: Sample, seed: int) -> None:
    # TP-32
    chance = random.Random(seed)
    attestations = sample.objects()
    places = [each for each in _places(attestations) if _is_base64(each[0][each[1]])]
    parent, key = chance.choice(places)
    content = bytearray(base64.b64decode(parent[key]))
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(content) + 1)
        content[at : at + chance.randint(0, 2)] = chance.choice(
            [b"", b"\0", b"\x80", b"\xff", b"\x30\x84", b"{["]
        )
    parent[key] = base64_of(bytes(content))
    assert _answer(sample, json.dumps(attestations))


def _places(value: Any) -> Any:
    """Every place in ``value`` that something stands in: its container and its key there."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in list(members):
        yield value, key
        if isinstance(member, dict | list):
            yield from _places(member)


def _is_base64(value: object) -> bool:
    if not isinstance(value, str) or len(value) < 20:
        return False
    try:
        base64.b64decode(value, validate=True)
    except ValueError:
        return False
    return True
