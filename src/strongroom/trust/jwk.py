"""The public keys of issuers: which are fit for use, and for which algorithm (RFC 7517, RFC 7518 §6, RFC 8037 §2)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from strongroom.kernel import base64url

MAX_KEYS = 100  # of one issuer; the rest is not looked at
MAX_KEY_ID = 200  # characters
_MIN_MODULUS, _MAX_MODULUS = 2048, 8192  # bits
_MAX_EXPONENT = 32  # bits; a longer one only makes the work longer

Jwk = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Type:
    """``kty``, ``crv`` where the type has curves, and the public members with their length in bytes, if it is fixed."""

    kty: str
    crv: str | None
    members: Mapping[str, int | None]


# RFC 7518 §3.1, RFC 8037 §3.1. No "none", no HS* (the key would be a secret), no PS* (nobody signs with it).
ALGORITHMS: Mapping[str, _Type] = {
    "RS256": _Type("RSA", None, {"n": None, "e": None}),
    "ES256": _Type("EC", "P-256", {"x": 32, "y": 32}),
    "ES384": _Type("EC", "P-384", {"x": 48, "y": 48}),
    "EdDSA": _Type("OKP", "Ed25519", {"x": 32}),
}


def public_key(key: object, algorithm: str) -> dict[str, str]:
    """The public members of ``key`` as a JWK for ``algorithm`` alone; raises ``ValueError`` where it is not fit for that.

    What the key says about itself (``alg``, ``use``, ``key_ops``) must allow it.
    """
    kind = ALGORITHMS.get(algorithm)
    if kind is None or not isinstance(key, Mapping):
        raise ValueError("no such algorithm")
    if key.get("kty") != kind.kty or (kind.crv and key.get("crv") != kind.crv):
        raise ValueError("another type of key")
    if key.get("alg", algorithm) != algorithm or key.get("use", "sig") != "sig":
        raise ValueError("a key for something else")
    operations = key.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise ValueError("a key for something else")
    members = {name: _member(key, name, length) for name, length in kind.members.items()}
    if kind.kty == "RSA":
        _check_size(members)
    return {"kty": kind.kty, "alg": algorithm} | ({"crv": kind.crv} if kind.crv else {}) | members


def keys_in(document: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """The usable keys of a JWK Set (RFC 7517 §5) by ``kid``, public members only; raises ``ValueError`` where it is none.

    What is broken, symmetric, too short, for encryption, or has no ``kid`` is passed over, and so are keys that share a
    ``kid``: nobody could say which one is meant.
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise ValueError("the document has no list of keys")  # noqa: TRY004  # one kind of error for whoever reads
    usable = [(kid, key) for kid, key in _usable(listed[:MAX_KEYS])]
    often = Counter(kid for kid, _ in usable)
    return {kid: key for kid, key in usable if often[kid] == 1}


def _usable(keys: Iterable[object]) -> Iterable[tuple[str, dict[str, str]]]:
    for key in keys:
        kid = key.get("kid") if isinstance(key, Mapping) else None
        if not isinstance(kid, str) or not 1 <= len(kid) <= MAX_KEY_ID or not kid.isprintable():
            continue
        for algorithm in ALGORITHMS:
            try:
                yield kid, public_key(key, algorithm)
            except ValueError:
                continue


def _member(key: Jwk, name: str, length: int | None) -> str:
    text = key.get(name)
    if not isinstance(text, str) or len(text) > _MAX_MODULUS:
        raise ValueError(f"{name} is missing")
    raw = base64url.decode(text)
    if length is not None and len(raw) != length:
        raise ValueError(f"{name} has the wrong length")
    return text


def _check_size(members: Mapping[str, str]) -> None:
    modulus, exponent = (int.from_bytes(base64url.decode(members[name])) for name in ("n", "e"))
    if not _MIN_MODULUS <= modulus.bit_length() <= _MAX_MODULUS:
        raise ValueError("the modulus has the wrong length")
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > _MAX_EXPONENT:
        raise ValueError("the exponent is not one")
