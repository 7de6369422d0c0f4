"""An identity provider's pen: real keys, and tokens put together by hand, so that they can be put together wrongly."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from strongroom.kernel import clock
from strongroom.kernel.base64url import encode

ISSUER = "https://issuer.example"
AUDIENCE = "https://index.example"


@dataclass(frozen=True)
class Pen:
    """A private key, its public half as a JWK, and how it signs."""

    algorithm: str
    jwk: Mapping[str, Any]
    write: Callable[[bytes], bytes]

    @property
    def key_id(self) -> str:
        return str(self.jwk["kid"])

    def header(self, **changes: object) -> dict[str, object]:
        """The header of a sound token; ``None`` leaves a parameter out."""
        return changed({"typ": "JWT", "alg": self.algorithm, "kid": self.key_id}, changes)

    def token(self, claims: object = None, *, header: object = None) -> str:
        """A token, signed. Both parts may be anything: bytes are taken as they are, the rest becomes JSON."""
        parts = [self.header() if header is None else header, sound() if claims is None else claims]
        signed = ".".join(
            encode(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in parts
        )
        return f"{signed}.{encode(self.write(signed.encode()))}"


def sound(**changes: object) -> dict[str, object]:
    """The claims of a token issued now; ``None`` leaves a claim out."""
    now = int(clock.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "repo:acme/widget:environment:release",
        "jti": "0d1b7f5c-8a3f-4a38-9a5f-1f0f6f1d2c3b",
        "iat": now,
        "nbf": now,
        "exp": now + 300,
    }
    return changed(claims, changes)


def changed(values: dict[str, Any], changes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in (values | dict(changes)).items() if value is not None}


def number(value: int, length: int | None = None) -> str:
    """A whole number as JWKs write it (RFC 7518 §2, Base64urlUInt)."""
    return encode(value.to_bytes(length or (value.bit_length() + 7) // 8))


@cache
def rsa_pen(kid: str = "rsa", *, bits: int = 2048) -> Pen:
    private = rsa.generate_private_key(65537, bits)
    numbers = private.public_key().public_numbers()
    jwk = {
        "kty": "RSA",
        "kid": kid,
        "use": "sig",
        "alg": "RS256",
        "n": number(numbers.n),
        "e": number(numbers.e),
    }
    return Pen("RS256", jwk, lambda signed: private.sign(signed, padding.PKCS1v15(), SHA256()))


@cache
def ec_pen(algorithm: str = "ES256") -> Pen:
    curve, name, length, digest = {
        "ES256": (ec.SECP256R1(), "P-256", 32, SHA256()),
        "ES384": (ec.SECP384R1(), "P-384", 48, SHA384()),
    }[algorithm]
    private = ec.generate_private_key(curve)
    point = private.public_key().public_numbers()
    jwk = {
        "kty": "EC",
        "crv": name,
        "kid": algorithm,
        "x": number(point.x, length),
        "y": number(point.y, length),
    }

    def write(signed: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(signed, ec.ECDSA(digest)))
        return r.to_bytes(length) + s.to_bytes(length)

    return Pen(algorithm, jwk, write)


@cache
def ed25519_pen() -> Pen:
    private = ed25519.Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Pen("EdDSA", {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": encode(raw)}, private.sign)


def pens() -> list[Pen]:
    """One for each algorithm."""
    return [rsa_pen(), ec_pen("ES256"), ec_pen("ES384"), ed25519_pen()]
