"""The questions to the browser, as ``PublicKeyCredential.parse…OptionsFromJSON()`` reads them (W3C WebAuthn §5.1.8, §5.1.9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from strongroom.factors.webauthn.algorithms import OFFERED
from strongroom.factors.webauthn.relying_party import RelyingParty
from strongroom.kernel import base64url

TIMEOUT: Final = 300_000  # milliseconds, as long as a challenge is good for


@dataclass(frozen=True, slots=True)
class Known:
    """A credential on record, for the browser to look for, and how to reach its authenticator."""

    credential_id: bytes
    transports: tuple[str, ...]


def for_registration(
    rp: RelyingParty, *, challenge: bytes, user_handle: bytes, username: str, exclude: Iterable[Known]
) -> dict[str, object]:
    """Ask for a new credential: discoverable and with user verification where the authenticator can; unattested.

    ``user_handle`` is 1 to 64 random bytes that tell nothing about the person (§14.6.1). ``exclude`` are all of the user's
    credentials, so that no authenticator is added twice.
    """
    return {
        "rp": {"id": rp.id, "name": rp.name},
        "user": {"id": base64url.encode(user_handle), "name": username, "displayName": username},
        "challenge": base64url.encode(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in OFFERED],
        "timeout": TIMEOUT,
        "excludeCredentials": [_descriptor(known) for known in exclude],
        "authenticatorSelection": {
            "residentKey": "preferred",
            "requireResidentKey": False,
            "userVerification": "preferred",
        },
        "attestation": "none",
    }


def for_assertion(
    rp: RelyingParty, *, challenge: bytes, allow: Iterable[Known], user_verification: str
) -> dict[str, object]:
    """Ask for a signature by one of ``allow``; an empty list asks for any passkey of this site.

    ``user_verification`` is ``required``, ``preferred`` or ``discouraged``.
    """
    return {
        "challenge": base64url.encode(challenge),
        "timeout": TIMEOUT,
        "rpId": rp.id,
        "allowCredentials": [_descriptor(known) for known in allow],
        "userVerification": user_verification,
    }


def _descriptor(known: Known) -> dict[str, object]:
    return {
        "type": "public-key",
        "id": base64url.encode(known.credential_id),
        "transports": list(known.transports),
    }
