"""A sigstore of our own: certificate authority, certificate log and transparency log, made anew for each object.

With its trust root, attestations that say anything at all can be signed so that everything about them verifies: RFC 6962
for the logs, Fulcio's extensions for who signed, Rekor's dsse/0.0.1 entries in a log of one entry.
"""

import base64
import datetime
import hashlib
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SIGNED = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
MINUTES = datetime.timedelta(minutes=10)  # as long as Fulcio's certificates live

CI = x509.UniformResourceIdentifier("https://ci.example/")
OLD_ISSUER = "1"  # the issuer once more, as bare text
ISSUER, REPOSITORY, DIGEST, REF, WORKFLOW = "8", "12", "13", "14", "18"  # of 1.3.6.1.4.1.57264.1.
GITHUB = {
    ISSUER: "https://token.actions.githubusercontent.com",
    REPOSITORY: "https://github.com/acme/widget",
    DIGEST: "5" * 40,
    REF: "refs/tags/v1",
    WORKFLOW: "https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1",
}
PUBLISHER = {
    "kind": "github",
    "issuer": "https://token.actions.githubusercontent.com",
    "name": "acme/widget, release.yml",
    "repository": "acme/widget",
    "workflow": "release.yml",
    "environment": "",
}


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Sigstore:
    """Attestations signed by ``attest`` verify against ``trusted_root``."""

    authority: ec.EllipticCurvePrivateKey = field(default_factory=_key)
    certificate_log: ec.EllipticCurvePrivateKey = field(default_factory=_key)
    log: ec.EllipticCurvePrivateKey = field(default_factory=_key)

    def attest(
        self,
        statement: bytes,
        *,
        claims: dict[str, str] | None = None,
        logged: datetime.datetime = SIGNED,
        promise: bool = True,
        without: type[x509.ExtensionType] | None = None,
        name: x509.GeneralName = CI,
    ) -> dict[str, object]:
        """The attestation object (PEP 740) of ``statement``, signed by whom ``claims`` describe and logged at ``logged``.

        ``without`` is an extension to leave out of the certificate, ``name`` whom it is made out to.
        """
        signer = _key()
        extensions = [
            each for each in _extensions_of_a_signer(self.authority, name) if type(each[0]) is not without
        ]
        extensions += [_claim(*each) for each in (GITHUB if claims is None else claims).items()]
        certificate = self._certificate(signer, extensions)
        message = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(statement), statement)
        signature = _sign(signer, message)
        return {
            "version": 1,
            "verification_material": {
                "certificate": _base64(certificate.public_bytes(Encoding.DER)),
                "transparency_entries": [
                    self._entry(statement, signature, certificate=certificate, logged=logged, promise=promise)
                ],
            },
            "envelope": {"statement": _base64(statement), "signature": _base64(signature)},
        }

    def trusted_root(self, folder: Path) -> Path:
        """The ``trusted_root.json`` of this sigstore, written into ``folder``."""
        always = {"start": "2020-01-01T00:00:00Z"}
        root = _root_certificate(self.authority).public_bytes(Encoding.DER)
        logs = [
            {
                "baseUrl": "https://log.example",
                "hashAlgorithm": "SHA2_256",
                "publicKey": {
                    "rawBytes": _base64(_public(key)),
                    "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                    "validFor": always,
                },
                "logId": {"keyId": _base64(_key_id(key))},
            }
            for key in (self.log, self.certificate_log)
        ]
        document = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": logs[:1],
            "certificateAuthorities": [
                {
                    "subject": {"organization": "example", "commonName": "example"},
                    "uri": "https://authority.example",
                    "certChain": {"certificates": [{"rawBytes": _base64(root)}]},
                    "validFor": always,
                }
            ],
            "ctlogs": logs[1:],
            "timestampAuthorities": [],
        }
        path = folder / "trusted_root.json"
        path.write_text(json.dumps(document))
        return path

    def _certificate(
        self, signer: ec.EllipticCurvePrivateKey, extensions: list[tuple[x509.ExtensionType, bool]]
    ) -> x509.Certificate:
        """A certificate with the certificate log's timestamp over itself (RFC 6962 §3.2)."""
        root = _root_certificate(self.authority)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(root.subject)
            .public_key(signer.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(SIGNED - MINUTES / 2)
            .not_valid_after(SIGNED + MINUTES / 2)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        unlogged = builder.sign(self.authority, hashes.SHA256()).tbs_certificate_bytes
        timestamp = x509.UnrecognizedExtension(SCT_LIST, self._timestamp(unlogged))
        return builder.add_extension(timestamp, critical=False).sign(self.authority, hashes.SHA256())

    def _timestamp(self, certificate: bytes) -> bytes:
        milliseconds = int(SIGNED.timestamp() * 1000)
        entry = _key_id(self.authority) + len(certificate).to_bytes(3) + certificate
        signature = _sign(self.certificate_log, struct.pack("!BBQH", 0, 0, milliseconds, 1) + entry + b"\0\0")
        sct = b"\0" + _key_id(self.certificate_log) + milliseconds.to_bytes(8) + b"\0\0"
        sct += b"\4\3" + len(signature).to_bytes(2) + signature
        inner = len(sct).to_bytes(2) + sct
        inner = len(inner).to_bytes(2) + inner
        return _der(4, inner)

    def _entry(
        self,
        statement: bytes,
        signature: bytes,
        *,
        certificate: x509.Certificate,
        logged: datetime.datetime,
        promise: bool,
    ) -> dict[str, object]:
        spec = {
            "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(statement).hexdigest()},
            "signatures": [
                {
                    "signature": _base64(signature),
                    "verifier": _base64(certificate.public_bytes(Encoding.PEM)),
                }
            ],
        }
        body = json.dumps({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}).encode()
        root = hashlib.sha256(b"\0" + body).digest()
        note = f"log.example - 1\n1\n{_base64(root)}\n"
        name = _key_id(self.log)
        signed_note = _base64(name[:4] + _sign(self.log, note.encode()))
        seconds = int(logged.timestamp())
        promised = {
            "body": _base64(body),
            "integratedTime": seconds,
            "logID": name.hex(),
            "logIndex": 0,
        }
        entry: dict[str, object] = {
            "logIndex": "0",
            "logId": {"keyId": _base64(name)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(seconds),
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": _base64(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 log.example {signed_note}\n"},
            },
            "canonicalizedBody": _base64(body),
        }
        if promise:
            canonical = json.dumps(promised, separators=(",", ":"), sort_keys=True).encode()
            entry["inclusionPromise"] = {"signedEntryTimestamp": _base64(_sign(self.log, canonical))}
        return entry


def _root_certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "example"),
            x509.NameAttribute(NameOID.COMMON_NAME, "example"),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(SIGNED - datetime.timedelta(days=365))
        .not_valid_after(SIGNED + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _extensions_of_a_signer(
    authority: ec.EllipticCurvePrivateKey, name: x509.GeneralName
) -> list[tuple[x509.ExtensionType, bool]]:
    """What Fulcio's certificates have besides claims, and whether it is critical."""
    return [
        (_usage(digital_signature=True), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), False),
        (x509.SubjectAlternativeName([name]), True),
    ]


def _claim(number: str, text: str) -> tuple[x509.ExtensionType, bool]:
    oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
    value = text.encode() if number == OLD_ISSUER else _der(12, text.encode())
    return x509.UnrecognizedExtension(oid, value), False


def _usage(*, digital_signature: bool = False, certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    return key.sign(message, ec.ECDSA(hashes.SHA256()))


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _key_id(key: ec.EllipticCurvePrivateKey) -> bytes:
    """RFC 6962 §3.2."""
    return hashlib.sha256(_public(key)).digest()


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    size = bytes([length]) if length < 128 else bytes([130]) + length.to_bytes(2)
    return bytes([tag]) + size + content


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
