"""Whatever is sent as a token is refused with a documented code, or is one of the site's own, narrowed at most."""

import json
import random
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom.tokens import macaroon
from strongroom.tokens.caveats import UnknownCaveat, parse
from tests.tokens.fuzz import DAMAGES, Made, answer, make, run

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
TAGS = st.sampled_from([0, 1, 2, 3, "actions", "projects", "networks", "uses", "version", "sha256"])


@pytest.fixture
def made(db: None) -> Made:
    return make()


def test_the_fuzzer_finds_every_way_out(made: Made) -> None:  # TK-24
    found = run(made, count=8_000, seed=20_260_101)
    codes = {code for _damage, code in found}
    assert codes >= {
        *("accepted", "token_invalid", "token_restriction_unknown", "token_scope", "token_action"),
        *("token_expired", "token_not_yet_valid", "token_network", "token_version", "token_file"),
    }
    assert {damage for damage, _code in found} == {damage.__name__ for damage in DAMAGES}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=300)
@given(st.integers(0, 2**64), st.sampled_from(DAMAGES))
def test_a_damaged_token_is_refused_with_a_code(made: Made, seed: int, damage: object) -> None:  # TK-24
    answer(damage, made, random.Random(seed))


@given(st.binary(max_size=300))
def test_of_any_bytes_a_caveat_is_understood_or_unknown(raw: bytes) -> None:  # TK-24
    _parsed(raw)


@given(TAGS, st.lists(ANY_JSON, max_size=3))
def test_of_any_arguments_a_caveat_is_understood_or_unknown(tag: int | str, arguments: list) -> None:  # TK-24
    _parsed(json.dumps([tag, *arguments]).encode())


def _parsed(raw: bytes) -> None:
    with suppress(UnknownCaveat):
        assert parse(raw) is not None


@given(st.text(alphabet=st.characters(), max_size=200))
def test_of_any_text_a_macaroon_is_read_or_malformed(text: str) -> None:  # TK-24
    for whole in (text, macaroon.PREFIX + text):
        with pytest.raises(macaroon.Malformed):
            macaroon.load(whole)
