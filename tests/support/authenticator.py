"""A software authenticator with its browser: security keys and passkeys for tests, on `cryptography` alone.

``register`` and ``sign_in`` take the options that the site sends and give the JSON that a browser sends back
(``PublicKeyCredential.toJSON()``). ``bend`` damages one answer before it is signed, for tests of refusals.
"""

import base64
import copy
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.credential_keys import CredentialKey, certificate_for, new_key
from tests.support.plain_cbor import encode

UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
ORIGIN = "http://localhost:8000"


@dataclass(slots=True)
class Answer:
    """One answer in the making, for ``bend`` to change; what is left None is made from the rest.

    ``client_data`` becomes the JSON that is signed. ``authenticator_data`` (bytes) is made of the fields above it.
    ``members`` and ``response`` overwrite what the browser sends, after everything was signed.
    """

    client_data: dict[str, Any]
    rp_id_hash: bytes
    flags: int
    sign_count: int
    aaguid: bytes
    credential_id: bytes
    public_key: bytes = b""
    extensions: bytes = b""
    client_data_json: bytes | None = None
    authenticator_data: bytes | None = None
    format: str = "none"
    statement: dict[str, Any] | None = None
    attestation_object: bytes | None = None
    signature: bytes | None = None
    members: dict[str, Any] = field(default_factory=dict)
    response: dict[str, Any] = field(default_factory=dict)

    def client_data_bytes(self) -> bytes:
        """What the browser says about itself, encoded."""
        if self.client_data_json is not None:
            return self.client_data_json
        return json.dumps(self.client_data, separators=(",", ":")).encode()

    def authenticator_data_bytes(self) -> bytes:
        """What the authenticator says, encoded (W3C WebAuthn §6.1)."""
        if self.authenticator_data is not None:
            return self.authenticator_data
        said = self.rp_id_hash + bytes([self.flags]) + self.sign_count.to_bytes(4, "big")
        if self.flags & AT:
            said += self.aaguid + len(self.credential_id).to_bytes(2, "big") + self.credential_id
            said += self.public_key
        return said + self.extensions

    def to_sign(self) -> bytes:
        """What a signature is over: authenticator data, hash of the client data."""
        return self.authenticator_data_bytes() + hashlib.sha256(self.client_data_bytes()).digest()


Bend = Callable[[Answer], None]


@dataclass(slots=True)
class Credential:
    """A credential that the authenticator keeps."""

    id: bytes
    rp_id: str
    user_handle: bytes
    key: CredentialKey


class Authenticator:
    """One authenticator. ``u2f`` makes it one of the U2F era: user presence only, no AAGUID, no passkeys.

    ``algorithm`` is a COSE number (-7, -8, -257) that the options must offer. ``attestation`` is ``none``, ``packed``
    (certificate), ``packed-self`` or ``fido-u2f``; by default U2F keys send ``fido-u2f`` and others ``none``.
    ``counts=False`` leaves the signature counter at zero, as synced passkeys do.
    """

    def __init__(
        self,
        *,
        algorithm: int = -7,
        user_verification: bool = True,
        backup_eligible: bool = False,
        backed_up: bool = False,
        counts: bool = True,
        u2f: bool = False,
        aaguid: bytes = bytes(16),
        attestation: str = "",
    ) -> None:
        self.algorithm = algorithm
        self.user_verification = user_verification and not u2f
        self.backup_eligible = backup_eligible
        self.backed_up = backed_up
        self.counts = counts
        self.u2f = u2f
        self.aaguid = aaguid
        self.attestation = attestation or ("fido-u2f" if u2f else "none")
        self.sign_count = 0
        self.credentials: list[Credential] = []

    def clone(self) -> "Authenticator":
        """A copy that knows the same keys and counts for itself from now on."""
        twin = copy.copy(self)
        twin.credentials = list(self.credentials)
        return twin

    def register(self, options: Mapping[str, Any], *, origin: str = ORIGIN, bend: Bend | None = None) -> str:
        """Make a credential as ``options`` (``for_registration``) ask; the JSON of the browser's answer.

        Raises ``LookupError`` if an excluded credential is already here, or no offered algorithm fits.
        """
        excluded = {_decode(known["id"]) for known in options.get("excludeCredentials", [])}
        if any(credential.id in excluded for credential in self.credentials):
            raise LookupError("this authenticator is registered already")
        if self.algorithm not in {offered["alg"] for offered in options["pubKeyCredParams"]}:
            raise LookupError("no offered algorithm fits")
        credential = Credential(
            secrets.token_bytes(32),
            options["rp"]["id"],
            _decode(options["user"]["id"]),
            new_key(self.algorithm),
        )
        self.credentials.append(credential)
        answer = self._answer("webauthn.create", options, credential, origin)
        answer.flags |= AT
        answer.public_key = encode(credential.key.cose())
        answer.format = self.attestation.removesuffix("-self")
        return self._finish(answer, credential, bend, _registration)

    def sign_in(
        self,
        options: Mapping[str, Any],
        *,
        origin: str = ORIGIN,
        user_handle: bool | None = None,
        bend: Bend | None = None,
    ) -> str:
        """Sign as ``options`` (``for_assertion``) ask; the JSON of the browser's answer.

        ``user_handle`` says whether the answer names the user; by default it does where no credentials are listed.
        Raises ``LookupError`` if no credential fits.
        """
        allowed = [_decode(known["id"]) for known in options.get("allowCredentials", [])]
        credential = self._find(options["rpId"], allowed)
        answer = self._answer("webauthn.get", options, credential, origin)
        if user_handle if user_handle is not None else not allowed:
            answer.response["userHandle"] = _encode(credential.user_handle)
        return self._finish(answer, credential, bend, _assertion)

    def statement(self, answer: Answer, credential: Credential) -> dict[str, Any]:
        """The attestation statement (W3C WebAuthn §8.2, §8.6, §8.7); the maker's certificate is made on the spot."""
        maker = new_key(-7)
        match self.attestation:
            case "packed-self":
                return {"alg": credential.key.algorithm, "sig": credential.key.sign(answer.to_sign())}
            case "packed":
                return {"alg": -7, "sig": maker.sign(answer.to_sign()), "x5c": [certificate_for(maker)]}
            case "fido-u2f":
                client_data_hash = hashlib.sha256(answer.client_data_bytes()).digest()
                said = b"\0" + answer.rp_id_hash + client_data_hash + answer.credential_id
                return {"sig": maker.sign(said + credential.key.point()), "x5c": [certificate_for(maker)]}
            case _:
                return {}

    def _find(self, rp_id: str, allowed: list[bytes]) -> Credential:
        for credential in reversed(self.credentials):
            if credential.rp_id == rp_id and (credential.id in allowed or not (allowed or self.u2f)):
                return credential
        raise LookupError("no credential fits")

    def _answer(
        self, ceremony: str, options: Mapping[str, Any], credential: Credential, origin: str
    ) -> Answer:
        self.sign_count += self.counts
        return Answer(
            client_data={
                "type": ceremony,
                "challenge": options["challenge"],
                "origin": origin,
                "crossOrigin": False,
            },
            rp_id_hash=hashlib.sha256(credential.rp_id.encode()).digest(),
            flags=self._flags(),
            sign_count=self.sign_count,
            aaguid=self.aaguid,
            credential_id=credential.id,
        )

    def _flags(self) -> int:
        return (
            UP
            | (UV if self.user_verification else 0)
            | (BE if self.backup_eligible else 0)
            | (BS if self.backed_up else 0)
        )

    def _finish(
        self,
        answer: Answer,
        credential: Credential,
        bend: Bend | None,
        respond: "Callable[[Authenticator, Answer, Credential], dict[str, Any]]",
    ) -> str:
        if bend is not None:
            bend(answer)
        response = respond(self, answer, credential) | {"clientDataJSON": _encode(answer.client_data_bytes())}
        members = {
            "id": _encode(credential.id),
            "rawId": _encode(credential.id),
            "type": "public-key",
            "authenticatorAttachment": "cross-platform"
            if self.u2f or not self.backup_eligible
            else "platform",
            "clientExtensionResults": {},
            "response": response | answer.response,
        }
        return json.dumps(members | answer.members)


def _registration(authenticator: Authenticator, answer: Answer, credential: Credential) -> dict[str, Any]:
    if answer.statement is None:
        answer.statement = authenticator.statement(answer, credential)
    whole = {"fmt": answer.format, "attStmt": answer.statement, "authData": answer.authenticator_data_bytes()}
    raw = answer.attestation_object if answer.attestation_object is not None else encode(whole)
    return {
        "attestationObject": _encode(raw),
        "authenticatorData": _encode(answer.authenticator_data_bytes()),
        "publicKeyAlgorithm": credential.key.algorithm,
        "transports": ["usb"] if authenticator.u2f else ["usb", "internal"],
    }


def _assertion(_authenticator: Authenticator, answer: Answer, credential: Credential) -> dict[str, Any]:
    signature = answer.signature if answer.signature is not None else credential.key.sign(answer.to_sign())
    return {
        "authenticatorData": _encode(answer.authenticator_data_bytes()),
        "signature": _encode(signature),
    }


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
