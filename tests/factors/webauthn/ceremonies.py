"""Registrations and assertions at one site, whole or bent, and what came of them."""

import base64
import json
from typing import Any

import pytest

from strongroom.factors.webauthn import assertion, options, registration
from strongroom.factors.webauthn.assertion import StoredCredential, VerifiedAssertion
from strongroom.factors.webauthn.registration import NewCredential
from strongroom.factors.webauthn.relying_party import RelyingParty
from strongroom.kernel.refused import Refused
from tests.support.authenticator import Authenticator, Bend

ORIGIN = "https://index.example"
RP = RelyingParty("index.example", "Strongroom", (ORIGIN, "https://www.index.example"))
CHALLENGE = bytes(range(32))
USER_HANDLE = b"alice's random handle, 32 bytes."


def registration_options(*exclude: options.Known) -> dict[str, Any]:
    return options.for_registration(
        RP, challenge=CHALLENGE, user_handle=USER_HANDLE, username="alice", exclude=exclude
    )


def assertion_options(*allow: options.Known) -> dict[str, Any]:
    return options.for_assertion(RP, challenge=CHALLENGE, allow=allow, user_verification="preferred")


def registration_text(authenticator: Authenticator, bend: Bend | None = None, *, origin: str = ORIGIN) -> str:
    return authenticator.register(registration_options(), origin=origin, bend=bend)


def assertion_text(
    authenticator: Authenticator, bend: Bend | None = None, *, origin: str = ORIGIN, user_handle: bool = False
) -> str:
    """Signed by the newest credential of ``authenticator``."""
    newest = options.Known(authenticator.credentials[-1].id, ("usb",))
    return authenticator.sign_in(assertion_options(newest), origin=origin, user_handle=user_handle, bend=bend)


def verify_registration(text: str, *, user_verification_required: bool = False) -> NewCredential:
    return registration.verify(
        registration.read(text),
        challenge=CHALLENGE,
        rp=RP,
        user_verification_required=user_verification_required,
    )


def verify_assertion(
    text: str, credential: StoredCredential, *, user_verification_required: bool = False
) -> VerifiedAssertion:
    return assertion.verify(
        assertion.read(text),
        challenge=CHALLENGE,
        rp=RP,
        credential=credential,
        user_verification_required=user_verification_required,
    )


def enrolled(authenticator: Authenticator) -> StoredCredential:
    """What is on record after ``authenticator`` was registered."""
    new = verify_registration(registration_text(authenticator))
    return StoredCredential(new.credential_id, new.public_key, new.backup_eligible)


def refused_registration(text: str, *, user_verification_required: bool = False) -> str:
    """The code of the refusal."""
    with pytest.raises(Refused) as caught:
        verify_registration(text, user_verification_required=user_verification_required)
    return fit_to_show(caught.value)


def refused_assertion(
    text: str, credential: StoredCredential, *, user_verification_required: bool = False
) -> str:
    """The code of the refusal."""
    with pytest.raises(Refused) as caught:
        verify_assertion(text, credential, user_verification_required=user_verification_required)
    return fit_to_show(caught.value)


def fit_to_show(refused: Refused) -> str:
    """The code of a refusal whose sentence can be shown; it repeats nothing that came."""
    assert refused.code.startswith("webauthn_")
    assert refused.message.endswith(".")
    assert refused.message.isprintable()
    return refused.code


def changed(text: str, path: str, value: Any) -> str:
    """``text`` with the member at ``path`` (``response/signature``) set to ``value``, or removed where it is ``...``."""
    whole = json.loads(text)
    *parents, name = path.split("/")
    holder = whole
    for parent in parents:
        holder = holder[parent]
    if value is ...:
        del holder[name]
    else:
        holder[name] = value
    return json.dumps(whole)


def spelled(raw: bytes) -> str:
    """``raw`` in base64url."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
