"""The public keys of new credentials: COSE keys (RFC 9053) of the offered algorithms, in the one form of §6.5.1.1."""

from django.utils.translation import gettext as _
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

from strongroom.factors.webauthn import cbor, ed25519
from strongroom.factors.webauthn.algorithms import EDDSA, ES256, OFFERED, RS256
from strongroom.kernel.refused import Refused

_KTY, _ALG, _CRV, _X, _Y = 1, 3, -1, -2, -3
_N, _E = -1, -2
_OKP, _EC2, _RSA = 1, 2, 3
_P256, _ED25519 = 1, 6
_COORDINATE = 32  # bytes
_P256_FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1
_MODULUS = range(2048, 4097)  # bits
_EXPONENT = range(65537, 1 << 32)  # what a TPM can hold

# Names and fixed values of each algorithm's key. §6.5.1.1: alg, and no other optional parameter.
_FIXED = {ES256: {_KTY: _EC2, _CRV: _P256}, EDDSA: {_KTY: _OKP, _CRV: _ED25519}, RS256: {_KTY: _RSA}}
_MATERIAL = {ES256: (_X, _Y), EDDSA: (_X,), RS256: (_N, _E)}


def algorithm_of(encoded: bytes) -> int:
    """The COSE number of the algorithm of a sound key; §7.1 step 20. Raises ``Refused``."""
    try:
        key = cbor.decode_map(encoded)
    except ValueError:
        raise _unsound() from None
    algorithm = key.get(_ALG)
    if not isinstance(algorithm, int) or algorithm not in OFFERED:
        raise Refused(
            "webauthn_algorithm",
            _("The security key signs in a way that this site did not ask for. Use another key."),
        )
    _check_shape(key, algorithm)
    try:
        _check_material(encoded, key, algorithm)
    except ValueError:
        raise _unsound() from None
    return algorithm


def _check_shape(key: dict[object, object], algorithm: int) -> None:
    """Exactly the parameters of the algorithm; 1, 1.0 and True are one key to Python, not here."""
    fixed = _FIXED[algorithm]
    names = {_ALG, *fixed, *_MATERIAL[algorithm]}
    if (
        key.keys() != names
        or not all(type(name) is int for name in key)
        or any(type(key[name]) is not int or key[name] != value for name, value in fixed.items())
        or not all(isinstance(key[name], bytes) for name in _MATERIAL[algorithm])
    ):
        raise Refused(
            "webauthn_key_mismatch",
            _("The security key's public key is not one of the kind that it says. Use another key."),
        )


def _check_material(encoded: bytes, key: dict[object, object], algorithm: int) -> None:
    """A key that a signature proves something about; raises ``ValueError``."""
    material = [bytes(value) for name in _MATERIAL[algorithm] if isinstance(value := key[name], bytes)]
    if algorithm == RS256:
        _check_rsa(*(int.from_bytes(value, "big") for value in material))
    elif any(len(value) != _COORDINATE for value in material):
        raise ValueError("a coordinate of the wrong length")
    if algorithm == EDDSA:
        ed25519.check_point(material[0])
    if algorithm == ES256 and any(int.from_bytes(value, "big") >= _P256_FIELD for value in material):
        raise ValueError("a coordinate that OpenSSL would reduce")
    # A point off the curve, and an RSA key that OpenSSL does not take, fail here.
    decoded_public_key_to_cryptography(decode_credential_public_key(encoded))


def _check_rsa(modulus: int, exponent: int) -> None:
    if modulus.bit_length() not in _MODULUS or not modulus & 1:
        raise ValueError("a modulus that is too short, too long or even")
    if exponent not in _EXPONENT or not exponent & 1:
        raise ValueError("an exponent that is too small, too large or even")


def _unsound() -> Refused:
    return Refused(
        "webauthn_key_unsound", _("The security key's public key cannot be relied on. Use another key.")
    )
