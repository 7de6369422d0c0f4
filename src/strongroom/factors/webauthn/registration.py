"""Adding a security key or passkey: W3C WebAuthn §7.1.

Steps 26 (registered to nobody) and 27 (the row) need the database, and are ``factors.keys``'s.
"""

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _
from webauthn import verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import AuthenticatorAttestationResponse, RegistrationCredential

from strongroom.factors.webauthn import (
    attestation,
    authenticator_data,
    client_data,
    envelope,
    public_key,
)
from strongroom.factors.webauthn.algorithms import OFFERED
from strongroom.factors.webauthn.attestation import AttestationObject
from strongroom.factors.webauthn.authenticator_data import Attested, AuthenticatorData
from strongroom.factors.webauthn.client_data import ClientData
from strongroom.factors.webauthn.relying_party import RelyingParty
from strongroom.kernel import base64url
from strongroom.kernel.refused import Refused

TRANSPORTS = ("ble", "hybrid", "internal", "nfc", "smart-card", "usb")
ATTACHMENTS = ("platform", "cross-platform")
_MAX_OBJECT = 48 * 1024  # bytes; a TPM's certificates take about 4 KiB


@dataclass(frozen=True, slots=True)
class RegistrationResponse:
    """What a browser sent, read and not yet verified. ``challenge`` is what it says that it answers."""

    credential_id: bytes
    client_data: ClientData
    attestation: AttestationObject
    authenticator_data: AuthenticatorData
    transports: tuple[str, ...]
    attachment: str

    @property
    def challenge(self) -> bytes:
        """The challenge of the client data, to look up which ceremony this answers."""
        return self.client_data.challenge


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A verified credential, unattested: ``aaguid`` is what it says about itself.

    ``public_key`` is a COSE key, encoded; ``algorithm`` its COSE number. ``transports`` are sorted; ``attachment`` is
    ``platform``, ``cross-platform`` or ``""``.
    """

    credential_id: bytes
    public_key: bytes
    algorithm: int
    sign_count: int
    aaguid: uuid.UUID
    transports: tuple[str, ...]
    backup_eligible: bool
    backed_up: bool
    user_verified: bool
    attachment: str


def read(text: str) -> RegistrationResponse:
    """Read the JSON that a browser made of a new credential; steps 3 to 6, 12, 13 and 28. Raises ``Refused``."""
    opened = envelope.unpack(text)
    if "attestationObject" not in opened.response:
        raise Refused(
            "webauthn_not_a_registration", _("The browser used a key instead of adding one. Start again.")
        )
    found = attestation.read(opened.raw("attestationObject", limit=_MAX_OBJECT))
    attachment = opened.text("authenticatorAttachment")
    return RegistrationResponse(
        credential_id=opened.credential_id,
        client_data=client_data.read(opened.raw("clientDataJSON", limit=client_data.MAX_BYTES)),
        attestation=found,
        authenticator_data=authenticator_data.read(found.authenticator_data),
        transports=_transports(opened.response.get("transports", [])),
        attachment=attachment if attachment in ATTACHMENTS else "",
    )


def verify(
    response: RegistrationResponse, *, challenge: bytes, rp: RelyingParty, user_verification_required: bool
) -> NewCredential:
    """Verify that ``response`` answers ``challenge`` with a sound credential for ``rp``. Raises ``Refused``."""
    client_data.check(response.client_data, ceremony=client_data.CREATE, challenge=challenge, rp=rp)
    found = response.authenticator_data
    authenticator_data.check(found, rp=rp, user_verification_required=user_verification_required)
    attested = _attested(response)
    algorithm = public_key.algorithm_of(attested.public_key)
    attestation.check(response.attestation)
    _check_by_library(response, challenge=challenge, rp=rp, public_key=attested.public_key)
    return NewCredential(
        credential_id=attested.credential_id,
        public_key=attested.public_key,
        algorithm=algorithm,
        sign_count=found.sign_count,
        aaguid=uuid.UUID(bytes=attested.aaguid),
        transports=response.transports,
        backup_eligible=found.backup_eligible,
        backed_up=found.backed_up,
        user_verified=found.user_verified,
        attachment=response.attachment,
    )


def _transports(value: object) -> tuple[str, ...]:
    """The known ones among what the browser says, sorted (§5.8.4: unknown ones are to be ignored)."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise envelope.malformed()
    return tuple(transport for transport in TRANSPORTS if transport in value)


def _attested(response: RegistrationResponse) -> Attested:
    """The credential that the authenticator made, which must be the one that the browser names (step 25)."""
    attested = response.authenticator_data.attested
    if attested is None:
        raise Refused("webauthn_no_credential", _("The security key made no credential. Try again."))
    envelope.check_id_length(attested.credential_id)
    if attested.credential_id != response.credential_id:
        raise envelope.id_mismatch()
    return attested


def _check_by_library(
    response: RegistrationResponse, *, challenge: bytes, rp: RelyingParty, public_key: bytes
) -> None:
    """The whole of §7.1 once more by py_webauthn, and the attestation's signature (step 22)."""
    try:
        verified = verify_registration_response(
            credential=RegistrationCredential(
                id=base64url.encode(response.credential_id),
                raw_id=response.credential_id,
                response=AuthenticatorAttestationResponse(
                    client_data_json=response.client_data.raw,
                    attestation_object=attestation.to_verify(response.attestation),
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=rp.id,
            expected_origin=list(rp.origins),
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in OFFERED],
        )
    except Exception:  # certificates fail in many ways, each of them a refusal
        raise attestation.unsound() from None
    if verified.credential_public_key != public_key or verified.credential_id != response.credential_id:
        raise attestation.unsound()
