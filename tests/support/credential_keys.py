"""Key pairs of credentials, as COSE has them, and certificates of makers that nobody knows."""

import datetime
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class CredentialKey:
    """One key pair; ``algorithm`` is its COSE number."""

    algorithm: int
    private: Private

    def sign(self, message: bytes) -> bytes:
        """The signature of ``message``, in the form of W3C WebAuthn §6.5.5."""
        match self.private:
            case ec.EllipticCurvePrivateKey():
                return self.private.sign(message, ec.ECDSA(hashes.SHA256()))
            case ed25519.Ed25519PrivateKey():
                return self.private.sign(message)
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def cose(self) -> dict[int, int | bytes]:
        """The public key in the order of CTAP2's canonical form (RFC 9053 §7)."""
        match self.private:
            case ec.EllipticCurvePrivateKey():
                point = self.point()
                return {1: 2, 3: self.algorithm, -1: 1, -2: point[1:33], -3: point[33:]}
            case ed25519.Ed25519PrivateKey():
                return {1: 1, 3: self.algorithm, -1: 6, -2: self.private.public_key().public_bytes_raw()}
        numbers = self.private.public_key().public_numbers()
        return {1: 3, 3: self.algorithm, -1: _big_endian(numbers.n), -2: _big_endian(numbers.e)}

    def point(self) -> bytes:
        """The public key as U2F sends it: an uncompressed point of P-256."""
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def new_key(algorithm: int) -> CredentialKey:
    """A fresh key for -7 (ES256), -8 (EdDSA) or -257 (RS256)."""
    made: dict[int, Private] = {}
    match algorithm:
        case -7:
            made[algorithm] = ec.generate_private_key(ec.SECP256R1())
        case -8:
            made[algorithm] = ed25519.Ed25519PrivateKey.generate()
        case -257:
            made[algorithm] = rsa.generate_private_key(65537, 2048)
    return CredentialKey(algorithm, made[algorithm])


def certificate_for(key: CredentialKey) -> bytes:
    """A self-signed attestation certificate (DER) as W3C WebAuthn §8.2.1 wants them."""
    parts = [("C", "XX"), ("O", "Test authenticators"), ("OU", "Authenticator Attestation"), ("CN", "Test")]
    name = x509.Name.from_rfc4514_string(",".join(f"{kind}={value}" for kind, value in reversed(parts)))
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.private.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin.replace(year=2120))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key.private, None if key.algorithm == -8 else hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def _big_endian(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
