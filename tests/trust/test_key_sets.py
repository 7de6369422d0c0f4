"""What issuers and operators publish as keys: the usable ones are used, and nothing else."""

import json

import pytest

from strongroom.trust.issuer_keys import key_for, read_static
from strongroom.trust.jwk import MAX_KEYS
from strongroom.trust.models import IssuerKeys
from tests.trust.serving import (
    Known,
    Site,
    code_of,
    document,
    publish,
)
from tests.trust.signing import ec_pen, ed25519_pen, rsa_pen

pytestmark = pytest.mark.django_db


def test_what_is_no_usable_key_is_passed_over(there: Site, known: Known) -> None:  # TP-01, TP-26
    sound_keys = [dict(rsa_pen().jwk), dict(ec_pen().jwk), dict(ed25519_pen().jwk)]
    rsa, ec, _ = sound_keys
    bad: list[object] = [
        None, 1, "key", [], {}, {"kty": "RSA"}, {**rsa, "kid": None}, {**rsa, "kid": 1}, {**rsa, "kid": ""},
        {**rsa, "kid": "x" * 201}, {**rsa, "kid": "a\0"}, {"kty": "oct", "kid": "oct", "k": "c2VjcmV0"},
        {"kty": "oct", "kid": "hs", "k": "c2VjcmV0", "alg": "HS256"}, {**rsa, "kid": "enc", "use": "enc"},
        {**rsa, "kid": "other", "alg": "RSA-OAEP"}, {**ec, "kid": "curve", "crv": "P-521"}, {**rsa, "kid": "n", "n": None},
        {**dict(rsa_pen("short", bits=1024).jwk), "kid": "short"}, {**rsa, "kid": "ops", "key_ops": ["encrypt"]},
    ]  # fmt: skip
    there.answers["/jwks"] = document({"keys": [*bad, *sound_keys]})
    assert {
        code_of(known, kid) for kid in ("oct", "hs", "enc", "other", "curve", "n", "short", "ops", "")
    } == {"issuer_key_unknown"}
    for key in sound_keys:
        assert key_for(known, str(key["kid"]))
    stored = json.loads(IssuerKeys.objects.get().jwks)
    assert [key["kid"] for key in stored["keys"]] == [key["kid"] for key in sound_keys]


def test_a_private_key_is_not_kept(there: Site, known: Known) -> None:
    there.answers["/jwks"] = document({"keys": [{**rsa_pen().jwk, "d": "c2VjcmV0", "p": "c2VjcmV0"}]})
    assert key_for(known, "rsa").keys() == {"kty", "alg", "n", "e"}
    assert "c2VjcmV0" not in IssuerKeys.objects.get().jwks


def test_keys_that_share_an_id_are_all_unknown(there: Site, known: Known) -> None:
    publish(there, rsa_pen(), ec_pen())
    there.answers["/jwks"] = document(
        {"keys": [dict(rsa_pen().jwk), {**ec_pen().jwk, "kid": "rsa"}, dict(ec_pen().jwk)]}
    )
    assert code_of(known, "rsa") == "issuer_key_unknown"
    assert key_for(known, "ES256")


def test_a_key_set_is_read_up_to_a_limit(there: Site, known: Known) -> None:
    keys = [{**ed25519_pen().jwk, "kid": f"key-{number}"} for number in range(2000)]
    there.answers["/jwks"] = document({"keys": keys})
    assert key_for(known, f"key-{MAX_KEYS - 1}")
    assert code_of(known, f"key-{MAX_KEYS}") == "issuer_key_unknown"
    assert len(IssuerKeys.objects.get().jwks) < 20_000


# ---- Keys given by operators ----------------------------------------------------------------------------------------


def test_given_keys_are_used_and_nobody_is_asked(there: Site) -> None:
    given = Known(there.origin, json.dumps({"keys": [dict(ec_pen().jwk)]}))
    assert key_for(given, "ES256")["crv"] == "P-256"
    assert code_of(given, "rsa") == "issuer_key_unknown"
    assert there.asked == []
    assert not IssuerKeys.objects.exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": []}', '{"keys": [{"kty": "oct", "kid": "a", "k": "AAAA"}]}', "keys", "\0"])  # fmt: skip
def test_given_keys_must_be_a_key_set(text: str) -> None:
    with pytest.raises(ValueError):
        read_static(text)


def test_given_keys_are_told_apart() -> None:
    assert set(read_static(json.dumps({"keys": [dict(rsa_pen().jwk), dict(ec_pen().jwk)]}))) == {
        "rsa",
        "ES256",
    }
