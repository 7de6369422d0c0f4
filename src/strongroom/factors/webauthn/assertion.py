"""Using a security key or passkey: W3C WebAuthn §7.2.

Steps 5 and 6 (whose key), 22 (counter) and 24 to 27 (the row) need the database, and are ``factors.keys``'s.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from webauthn import verify_authentication_response
from webauthn.helpers.structs import AuthenticationCredential, AuthenticatorAssertionResponse

from strongroom.factors.webauthn import authenticator_data, client_data, envelope
from strongroom.factors.webauthn.authenticator_data import AuthenticatorData
from strongroom.factors.webauthn.client_data import ClientData
from strongroom.factors.webauthn.envelope import Envelope
from strongroom.factors.webauthn.relying_party import RelyingParty
from strongroom.kernel import base64url
from strongroom.kernel.refused import Refused

_MAX_AUTHENTICATOR_DATA = 4096  # bytes
_MAX_SIGNATURE = 1024  # bytes
_MAX_USER_HANDLE = 64  # bytes; §4, "user handle"


@dataclass(frozen=True, slots=True)
class AssertionResponse:
    """What a browser sent, read and not yet verified.

    ``credential_id`` and ``user_handle`` (None where the key told none) say whose key it claims to be.
    """

    credential_id: bytes
    user_handle: bytes | None
    client_data: ClientData
    authenticator_data: AuthenticatorData
    signed: bytes
    signature: bytes

    @property
    def challenge(self) -> bytes:
        """The challenge of the client data, to look up which ceremony this answers."""
        return self.client_data.challenge


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """What is on record about the key that the response names."""

    credential_id: bytes
    public_key: bytes
    backup_eligible: bool


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """What a verified key said this time."""

    sign_count: int
    backed_up: bool
    user_verified: bool


def read(text: str) -> AssertionResponse:
    """Read the JSON that a browser made of an assertion; steps 3, 4, 7 to 9 and 23. Raises ``Refused``."""
    opened = envelope.unpack(text)
    if "authenticatorData" not in opened.response or "signature" not in opened.response:
        raise Refused(
            "webauthn_not_an_assertion", _("The browser added a key instead of using one. Start again.")
        )
    signed = opened.raw("authenticatorData", limit=_MAX_AUTHENTICATOR_DATA)
    return AssertionResponse(
        credential_id=opened.credential_id,
        user_handle=_user_handle(opened),
        client_data=client_data.read(opened.raw("clientDataJSON", limit=client_data.MAX_BYTES)),
        authenticator_data=authenticator_data.read(signed),
        signed=signed,
        signature=opened.raw("signature", limit=_MAX_SIGNATURE),
    )


def verify(
    response: AssertionResponse,
    *,
    challenge: bytes,
    rp: RelyingParty,
    credential: StoredCredential,
    user_verification_required: bool,
) -> VerifiedAssertion:
    """Verify that ``credential`` signed ``challenge`` for ``rp``; the counter is the caller's. Raises ``Refused``."""
    if response.credential_id != credential.credential_id:
        raise envelope.id_mismatch()
    client_data.check(response.client_data, ceremony=client_data.GET, challenge=challenge, rp=rp)
    found = response.authenticator_data
    authenticator_data.check(found, rp=rp, user_verification_required=user_verification_required)
    _check_unchanged(found, credential)
    _check_signature(response, challenge=challenge, rp=rp, public_key=credential.public_key)
    return VerifiedAssertion(found.sign_count, found.backed_up, found.user_verified)


def _user_handle(opened: Envelope) -> bytes | None:
    """The user handle; null, empty and missing are one to browsers."""
    value = opened.response.get("userHandle")
    if value is None or value == "":
        return None
    return envelope.raw(value, limit=_MAX_USER_HANDLE)


def _check_unchanged(found: AuthenticatorData, credential: StoredCredential) -> None:
    """Step 19, and §6.3.3: an assertion holds no new credential."""
    if found.attested is not None:
        raise Refused(
            "webauthn_unasked_credential",
            _("The security key made a new credential instead of using its own."),
        )
    if found.backup_eligible != credential.backup_eligible:
        raise Refused(
            "webauthn_backup_eligibility",
            _(
                "The security key says otherwise than before whether it is backed up. Use another, and remove it."
            ),
        )


def _check_signature(
    response: AssertionResponse, *, challenge: bytes, rp: RelyingParty, public_key: bytes
) -> None:
    """Steps 20 and 21, with the key on record, and all of §7.2 once more by py_webauthn."""
    try:
        verify_authentication_response(
            credential=AuthenticationCredential(
                id=base64url.encode(response.credential_id),
                raw_id=response.credential_id,
                response=AuthenticatorAssertionResponse(
                    client_data_json=response.client_data.raw,
                    authenticator_data=response.signed,
                    signature=response.signature,
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=rp.id,
            expected_origin=list(rp.origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,  # any counter passes: the row's decides, after the signature
        )
    except Exception:  # keys and signatures fail in many ways, each of them a refusal
        raise Refused(
            "webauthn_signature",
            _("The security key's signature is not right. Try again, or use another key."),
        ) from None
