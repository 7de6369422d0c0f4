"""Identity tokens: what is believed, and the many ways in which others have believed too much."""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from strongroom.kernel import clock
from strongroom.kernel.base64url import decode, encode
from strongroom.trust.jwt import LEEWAY, MAX_AGE, MAX_LENGTH, MAX_LIFETIME, Claims, peek, verify
from tests.support.people import refusal_of
from tests.trust.signing import AUDIENCE, ISSUER, Pen, ec_pen, ed25519_pen, number, pens, rsa_pen, sound

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def verified(text: str, pen: Pen, *, key: Mapping[str, Any] | None = None, **how: Any) -> Claims:
    return verify(text, pen.jwk if key is None else key, issuer=ISSUER, audience=AUDIENCE, **how)


def code_of(text: str, pen: Pen | None = None, *, key: Mapping[str, Any] | None = None) -> str:
    """With what code the token is refused, on the way that every token goes."""

    def both() -> None:
        peek(text)
        verified(text, pen or rsa_pen(), key=key)

    return refusal_of(both)


@pytest.mark.parametrize("pen", pens(), ids=lambda pen: pen.algorithm)
def test_a_token_of_each_algorithm_is_believed(pen: Pen) -> None:
    text = pen.token(sound(repository="acme/widget"))
    unverified = peek(text)
    assert (unverified.issuer, unverified.key_id, unverified.algorithm) == (ISSUER, pen.key_id, pen.algorithm)
    claims = verified(text, pen)
    assert dict(claims) == sound(
        repository="acme/widget", iat=claims["iat"], nbf=claims["nbf"], exp=claims["exp"]
    )
    assert claims.identifier == claims["jti"]
    assert "acme" not in repr(claims)


@pytest.mark.parametrize("pen", pens(), ids=lambda pen: pen.algorithm)
def test_a_changed_token_is_refused(pen: Pen) -> None:
    header, payload, signature = pen.token().split(".")
    other_payload = encode(json.dumps(sound(sub="repo:mallory/widget")).encode())
    other_header = encode(json.dumps(pen.header(kid="other")).encode())
    flipped = bytearray(decode(signature))
    flipped[len(flipped) // 2] ^= 1
    for text in (
        f"{header}.{other_payload}.{signature}",
        f"{other_header}.{payload}.{signature}",
        f"{header}.{payload}.{encode(bytes(flipped))}",
        f"{header}.{payload}.{encode(decode(signature)[:-1])}",
        f"{header}.{payload}.{encode(bytes(len(decode(signature))))}",  # the "psychic" signature, r = s = 0
    ):
        assert code_of(text, pen) == "identity_signature"


def test_a_token_of_another_key_is_refused() -> None:
    assert code_of(rsa_pen("mallory").token(), rsa_pen()) == "identity_signature"


# ---- Algorithms: TP-01 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "HS256", "HS384", "PS256", "RS512", "RS1", "ES256K", "ES512", "Ed448", "rs256", "RS256 ", "dir", "A128KW"])  # fmt: skip
def test_no_other_algorithm_is_taken(algorithm: str) -> None:  # TP-01
    pen = rsa_pen()
    assert code_of(pen.token(header=pen.header(alg=algorithm))) == "identity_algorithm"


@pytest.mark.parametrize("algorithm", [1, True, ["RS256"], {"RS256": 1}, None])
def test_an_algorithm_is_a_text(algorithm: object) -> None:  # TP-01
    header = {"kid": "rsa", "alg": algorithm}
    assert code_of(rsa_pen().token(header=header)) == "identity_algorithm"
    assert code_of(rsa_pen().token(header={"kid": "rsa"})) == "identity_algorithm"


def test_an_unsigned_token_is_refused() -> None:  # TP-01
    header = encode(json.dumps({"alg": "none", "kid": "rsa"}).encode())
    payload = encode(json.dumps(sound()).encode())
    assert code_of(f"{header}.{payload}.") == "identity_malformed"
    assert code_of(f"{header}.{payload}") == "identity_malformed"
    assert code_of(f"{header}.{payload}.AAAA") == "identity_algorithm"
    signed_header = encode(json.dumps(rsa_pen().header()).encode())
    assert code_of(f"{signed_header}.{payload}.") == "identity_malformed"


def test_the_public_key_is_no_shared_secret() -> None:  # TP-01
    private = rsa.generate_private_key(65537, 2048)
    public = private.public_key()
    numbers = public.public_numbers()
    jwk = {"kty": "RSA", "kid": "rsa", "n": number(numbers.n), "e": number(numbers.e)}
    secrets = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        decode(jwk["n"]),
        json.dumps(jwk).encode(),
    ]
    for secret in secrets:
        pen = Pen("HS256", jwk, lambda signed, secret=secret: hmac.digest(secret, signed, "sha256"))
        assert code_of(pen.token(), pen) == "identity_algorithm"
        assert code_of(pen.token(header=pen.header(alg="RS256")), pen) == "identity_signature"


@pytest.mark.parametrize("pen", pens(), ids=lambda pen: pen.algorithm)
@pytest.mark.parametrize("other", pens(), ids=lambda pen: f"key-{pen.algorithm}")
def test_an_algorithm_fits_one_type_of_key(pen: Pen, other: Pen) -> None:  # TP-01
    if pen is not other:
        assert code_of(pen.token(), pen, key=other.jwk) == "identity_algorithm"


def test_a_signature_with_pss_padding_is_no_rs256() -> None:  # TP-01
    private = rsa.generate_private_key(65537, 2048)
    numbers = private.public_key().public_numbers()
    jwk = {"kty": "RSA", "kid": "rsa", "n": number(numbers.n), "e": number(numbers.e)}
    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH)
    pen = Pen("RS256", jwk, lambda signed: private.sign(signed, pss, SHA256()))
    assert code_of(pen.token(), pen) == "identity_signature"
    assert code_of(pen.token(header=pen.header(alg="PS256")), pen) == "identity_algorithm"


def test_a_signature_in_der_is_refused() -> None:
    pen = ec_pen()
    header, payload, signature = pen.token().split(".")
    raw = decode(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    assert code_of(f"{header}.{payload}.{encode(der)}", pen) == "identity_signature"


@pytest.mark.parametrize("changes", [{"alg": "PS256"}, {"alg": "RS512"}, {"alg": None}, {"use": "enc"}, {"use": ""}, {"use": ["sig"]}, {"key_ops": ["sign"]}, {"key_ops": "verify"}, {"key_ops": []}, {"kty": "oct", "k": "AAAA"}, {"kty": "EC"}, {"kty": ["RSA"]}, {"n": 1}, {"n": ""}, {"n": "A" * 100_000}, {"e": number(1)}, {"e": number(4)}, {"e": ""}, {"e": number(2**64 + 1)}, {"n": "*"}])  # fmt: skip
def test_a_key_for_something_else_or_broken_is_not_used(changes: dict[str, object]) -> None:  # TP-01
    assert code_of(rsa_pen().token(), key={**rsa_pen().jwk, **changes}) == "identity_algorithm"


def test_a_key_may_say_that_it_is_for_this() -> None:
    key = {**rsa_pen().jwk, "use": "sig", "key_ops": ["verify"], "x5c": ["MIIB"], "x5t": "a"}
    assert verified(rsa_pen().token(), rsa_pen(), key=key)


def test_a_short_rsa_key_is_not_used() -> None:  # TP-01
    pen = rsa_pen("short", bits=1024)
    assert code_of(pen.token(), pen) == "identity_algorithm"


@pytest.mark.parametrize(("pen", "changes"), [
    (ec_pen(), {"x": number(1, 32)}),  # not on the curve
    (ec_pen(), {"crv": "P-384"}),
    (ec_pen(), {"crv": "secp256k1"}),
    (ec_pen(), {"crv": None}),
    (ec_pen(), {"y": number(1, 31)}),
    (ed25519_pen(), {"crv": "Ed448"}),
    (ed25519_pen(), {"x": number(1, 33)}),
])  # fmt: skip
def test_a_point_that_is_not_on_its_curve_is_no_key(pen: Pen, changes: dict[str, object]) -> None:
    assert code_of(pen.token(), pen, key={**pen.jwk, **changes}) == "identity_algorithm"


# ---- Shape: TP-02, TP-03 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [
    lambda text: text + "=", lambda text: text.replace(".", "=.", 1), lambda text: text + "\n", lambda text: " " + text,
    lambda text: text.replace(".", ". "), lambda text: text + ".", lambda text: "." + text, lambda text: text + ".AAAA",
    lambda text: text.replace(".", "..", 1), lambda text: "", lambda text: "..", lambda text: ".", lambda text: "a.b.c",
    lambda text: text.replace("e", "\N{CYRILLIC SMALL LETTER IE}"), lambda text: text + "\0", lambda text: f"Bearer {text}",
    lambda text: text + "A" * (4 - len(text.rpartition(".")[2]) % 4 + 1), lambda text: "A" * 1_000_000, lambda text: "." * 16_000,
    lambda text: f'{{"payload": "{text.split(".")[1]}"}}', lambda text: "\ud800", lambda text: text.replace("-", "+").replace("_", "/") + "+",
])  # fmt: skip
def test_a_token_has_one_spelling(change: Any) -> None:  # TP-02
    assert code_of(change(rsa_pen().token())) == "identity_malformed"


def test_bits_that_say_nothing_are_refused() -> None:  # TP-02
    text = ed25519_pen().token()  # 64 bytes end in a letter of which two bits say something
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(text[-1])
    others = [letter for letter in "BCDEFGHIJKLMNOP" if letter != text[-1]]
    assert last % 16 == 0
    for letter in others:
        assert code_of(text[:-1] + letter, ed25519_pen()) == "identity_malformed"


@pytest.mark.parametrize("part", [b"", b"null", b"[]", b'"text"', b"1", b"{", b"{}{}", b'{"a":1,"a":1}', b'{"a":{"b":1,"b":2}}', b'{"a":NaN}', b'{"a":1e999}', b'{"a":-Infinity}', b"\xff{}", b"\xef\xbb\xbf{}", b'{"a":"\xed\xa0\x80"}', b"[" * 5000, b'{"a":' * 200 + b"1" + b"}" * 200, b"{'a':1}", b'{"a":1,}', '{"a":1}'.encode("utf-16"), b'{"a":' + b"9" * 5000 + b"}"])  # fmt: skip
def test_both_parts_are_objects_that_everybody_reads_alike(part: bytes) -> None:  # TP-02
    assert code_of(rsa_pen().token(part)) == "identity_malformed"
    assert code_of(rsa_pen().token(header=part)) == "identity_malformed"


def test_a_name_in_two_spellings_is_one_name() -> None:  # TP-02
    payload = json.dumps(sound())[:-1] + ', "\\u0061ud": "https://other.example"}'
    assert code_of(rsa_pen().token(payload.encode())) == "identity_malformed"


def test_a_long_token_is_refused_unread() -> None:
    longest = MAX_LENGTH - len(rsa_pen().token(sound(filler="")))
    assert verified(rsa_pen().token(sound(filler="x" * (longest * 3 // 4 - 2))), rsa_pen())
    assert code_of(rsa_pen().token(sound(filler="x" * longest))) == "identity_malformed"


@pytest.mark.parametrize("changes", [{"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"crit": []}, {"crit": None}, {"b64": False}, {"b64": True}, {"cty": "JWT"}, {"cty": ""}, {"zip": "DEF"}, {"enc": "A256GCM"}, {"typ": "at+jwt"}, {"typ": "logout+jwt"}, {"typ": "JOSE"}, {"typ": ["JWT"]}, {"typ": None}, {"typ": ""}])  # fmt: skip
def test_headers_that_change_what_a_token_means_are_refused(changes: dict[str, object]) -> None:  # TP-02
    assert code_of(rsa_pen().token(header={**rsa_pen().header(), **changes})) == "identity_header"


@pytest.mark.parametrize("typ", ["JWT", "jwt", None])
def test_the_type_may_be_said(typ: str | None) -> None:
    assert verified(rsa_pen().token(header=rsa_pen().header(typ=typ)), rsa_pen())


def test_keys_that_a_token_brings_along_are_not_looked_at() -> None:  # TP-02
    mallory = rsa_pen("mallory")
    brought = {
        "jwk": dict(mallory.jwk),
        "jku": "http://127.0.0.1:9/jwks",
        "x5u": "http://127.0.0.1:9/x",
        "x5c": ["MIIB"],
    }
    assert code_of(mallory.token(header={**rsa_pen().header(), **brought})) == "identity_signature"
    assert verified(rsa_pen().token(header={**rsa_pen().header(), **brought}), rsa_pen())


def test_a_token_within_a_token_is_refused() -> None:  # TP-02
    inner = rsa_pen().token()
    assert code_of(rsa_pen().token(inner.encode())) == "identity_malformed"
    assert (
        code_of(rsa_pen().token(inner.encode(), header=rsa_pen().header(cty="JWT"))) == "identity_malformed"
    )


@pytest.mark.parametrize("kid", ["", "x" * 201, "x" * 10_000, 1, 1.5, True, None, ["rsa"], {"kid": "rsa"}, "rsa\0", "\ud800"])  # fmt: skip
def test_a_key_id_is_a_short_text(kid: object) -> None:  # TP-03
    assert code_of(rsa_pen().token(header={"alg": "RS256", "kid": kid})) == "identity_header"


@pytest.mark.parametrize(
    "kid", ["../../../../dev/null", "' OR 1=1 --", "file:///etc/passwd", "x" * 200, "\N{SNOWMAN}"]
)
def test_a_key_id_is_only_compared(kid: str) -> None:  # TP-03
    assert peek(rsa_pen().token(header=rsa_pen().header(kid=kid))).key_id == kid


def test_a_token_without_a_key_id_is_refused() -> None:  # TP-03
    assert code_of(rsa_pen().token(header={"alg": "RS256"})) == "identity_header"


# ---- Issuer and audience: TP-04 to TP-06 ----------------------------------------------------------------------------


@pytest.mark.parametrize("issuer", [[ISSUER], {ISSUER: 1}, 1, True, None, "", f"{ISSUER}/", ISSUER.upper(), ISSUER.replace("https", "http"), f"{ISSUER}:443", f" {ISSUER}", f"{ISSUER}#", f"{ISSUER}?", "https://issuer.example.mallory.example", "https://\N{CYRILLIC SMALL LETTER I}ssuer.example", "https://issuer\N{FULLWIDTH FULL STOP}example", "x" * 401, "x" * 10_000, []])  # fmt: skip
def test_an_issuer_is_exactly_this_text(issuer: object) -> None:  # TP-04, TP-06, W26
    assert code_of(rsa_pen().token({**sound(), "iss": issuer})) == "identity_issuer_unknown"


def test_a_token_without_an_issuer_is_refused() -> None:  # TP-04
    assert code_of(rsa_pen().token(sound(iss=None))) == "identity_issuer_unknown"


@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE]])
def test_our_audience_may_be_a_list_of_one(audience: object) -> None:
    assert verified(rsa_pen().token(sound(aud=audience)), rsa_pen())


@pytest.mark.parametrize("audience", [[AUDIENCE, "https://other.example"], ["https://other.example", AUDIENCE], [AUDIENCE, AUDIENCE], "https://other.example", AUDIENCE + "/", AUDIENCE[:-1], AUDIENCE + ".mallory.example", AUDIENCE.upper(), "", [], {}, {AUDIENCE: 1}, 1, True, None, [[AUDIENCE]], "*", f"{AUDIENCE} https://other.example"])  # fmt: skip
def test_a_token_for_others_as_well_is_refused(audience: object) -> None:  # TP-05
    assert code_of(rsa_pen().token({**sound(), "aud": audience})) == "identity_audience"
    assert code_of(rsa_pen().token(sound(aud=None))) == "identity_audience"


# ---- Times: TP-07 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("claims", "ago", "code"), [
    ({"exp": 300}, 300 + LEEWAY - 1, None),
    ({"exp": 300}, 300 + LEEWAY, "identity_expired"),
    ({"exp": 300}, 300 + LEEWAY + 1, "identity_expired"),
    ({"exp": 300}, 299, None),
    ({"exp": 300}, 301, None),
    ({"nbf": 60}, 60 - LEEWAY, None),
    ({"nbf": 60}, 60 - LEEWAY - 1, "identity_not_yet_valid"),
    ({"nbf": -3600}, 0, None),
    ({}, -LEEWAY, None),
    ({}, -LEEWAY - 1, "identity_not_yet_valid"),
    ({"exp": 7200}, MAX_AGE, None),
    ({"exp": 7200}, MAX_AGE + 1, "identity_too_old"),
    ({"exp": MAX_LIFETIME}, 0, None),
    ({"exp": MAX_LIFETIME + 1}, 0, "identity_claims"),
    ({"exp": 0}, 0, "identity_claims"),
    ({"exp": -1}, 0, "identity_claims"),
])  # fmt: skip
def test_a_token_has_its_time(claims: dict[str, int], ago: int, code: str | None) -> None:  # TP-07
    """``claims`` in seconds after ``iat``, ``ago`` since ``iat``."""
    with clock.frozen(NOON):
        issued = int(NOON.timestamp())
        text = rsa_pen().token(
            sound(**({"nbf": None} | {name: issued + after for name, after in claims.items()}))
        )
    with clock.frozen(datetime.fromtimestamp(issued + ago, UTC)):
        if code:
            assert code_of(text) == code
        else:
            assert verified(text, rsa_pen())


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", ["1777896000", 1777896000.0, 1777896000.5, True, None, [1777896000], {}, 10**30, -1, 2**63, "", 10**400, 253402300800])  # fmt: skip
def test_times_are_whole_numbers(name: str, value: object) -> None:  # TP-07
    with clock.frozen(NOON):
        assert code_of(rsa_pen().token({**sound(), name: value})) == "identity_claims"


@pytest.mark.parametrize("name", ["exp", "iat"])
def test_a_token_says_when_it_was_issued_and_when_it_expires(name: str) -> None:  # TP-07
    assert code_of(rsa_pen().token(sound(**{name: None}))) == "identity_claims"


def test_a_token_need_not_say_from_when_on_it_is_valid() -> None:
    assert verified(rsa_pen().token(sound(nbf=None)), rsa_pen())


def test_nothing_is_said_about_the_claims_of_an_unsigned_token() -> None:
    """Whoever has no token learns nothing from the order of the checks."""
    claims = sound(exp=1, aud="other")
    assert code_of(rsa_pen("mallory").token(claims), rsa_pen()) == "identity_signature"


# ---- What it is known by: TP-08, TP-09 -------------------------------------------------------------------------------


@pytest.mark.parametrize("jti", ["", "x" * 256, "x" * 10_000, 1, 0, True, None, ["a"], {"a": 1}, 1.5])
def test_an_identifier_is_a_short_text(jti: object) -> None:  # TP-08
    assert code_of(rsa_pen().token({**sound(), "jti": jti})) == "identity_claims"
    assert code_of(rsa_pen().token(sound(jti=None))) == "identity_claims"


def test_the_longest_identifier_is_taken() -> None:
    assert verified(rsa_pen().token(sound(jti="x" * 255)), rsa_pen()).identifier == "x" * 255


def test_a_token_is_remembered_for_as_long_as_it_is_believed() -> None:  # TP-09
    with clock.frozen(NOON):
        claims = verified(rsa_pen().token(), rsa_pen())
        text = rsa_pen().token()
    with clock.frozen(datetime.fromtimestamp(claims.expires - 1, UTC)):
        assert verified(text, rsa_pen())
    with clock.frozen(datetime.fromtimestamp(claims.expires, UTC)):
        assert code_of(text) == "identity_expired"


def test_without_an_identifier_a_token_is_known_by_what_is_signed() -> None:
    pen = ec_pen()
    text = pen.token(sound(jti=None))
    again = f"{text.rpartition('.')[0]}.{encode(pen.write(text.rpartition('.')[0].encode()))}"
    assert again != text  # ECDSA signs in many ways
    known = {verified(written, pen, single_use="digest").identifier for written in (text, again)}
    (identifier,) = known
    assert len(identifier) == 64
    other = verified(pen.token(sound(jti=None, sub="other")), pen, single_use="digest")
    assert other.identifier not in known


def test_where_identifiers_are_digests_a_token_cannot_choose_its_own() -> None:
    pen = rsa_pen()
    claims = verified(pen.token(sound(jti="a" * 64)), pen, single_use="digest")
    assert claims.identifier != "a" * 64


# ---- Claims: TP-29 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["a\0b", "\ud800", "x\udfff", ["a", ["\0"]], {"a": {"\0": 1}}, {"\udc00": 1}]
)
def test_claims_hold_text_that_can_be_stored(value: object) -> None:  # TP-29
    assert code_of(rsa_pen().token(sound(repository=value))) == "identity_claims"
    assert refusal_of(partial(peek, rsa_pen().token(sound(repository=value)))) == "identity_claims"


def test_other_claims_are_handed_on_as_they_are() -> None:  # TP-29
    odd: dict[str, Any] = {"list": [1, None, "\N{PILE OF POO}"], "object": {"a": True}, "confusable": "\N{CYRILLIC SMALL LETTER A}cme"}  # fmt: skip
    claims = verified(rsa_pen().token({**sound(), **odd, "nothing": None}), rsa_pen())
    assert {name: claims[name] for name in odd} == odd
    assert claims["nothing"] is None
    with pytest.raises(TypeError):
        claims["list"] = []  # type: ignore[index]
