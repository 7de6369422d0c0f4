"""What other libraries say of an answer: py_webauthn by itself, and python-fido2."""

import json
from collections.abc import Callable

from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import AttestedCredentialData, PublicKeyCredentialRpEntity
from webauthn import verify_authentication_response, verify_registration_response

from strongroom.factors.webauthn.assertion import StoredCredential
from tests.factors.webauthn.ceremonies import CHALLENGE, RP, spelled

_FIDO2 = Fido2Server(
    PublicKeyCredentialRpEntity(id=RP.id, name=RP.name), verify_origin=RP.origins.__contains__
)
_SIGNED = {"clientDataJSON", "attestationObject", "authenticatorData", "signature"}
_STATE = {"challenge": spelled(CHALLENGE), "user_verification": None}


def who_takes_registration(text: str) -> set[str]:
    """The libraries that accept ``text``, which are called with what the site would know."""
    text = _what_counts(text)
    return _takers(
        lambda: verify_registration_response(
            credential=text,
            expected_challenge=CHALLENGE,
            expected_rp_id=RP.id,
            expected_origin=list(RP.origins),
        ),
        lambda: _FIDO2.register_complete(_STATE, json.loads(text)),
    )


def who_takes_assertion(text: str, stored: StoredCredential) -> set[str]:
    """The libraries that accept ``text`` as signed by the key on record."""
    text = _what_counts(text)
    return _takers(
        lambda: verify_authentication_response(
            credential=text,
            expected_challenge=CHALLENGE,
            expected_rp_id=RP.id,
            expected_origin=list(RP.origins),
            credential_public_key=stored.public_key,
            credential_current_sign_count=0,
        ),
        lambda: _FIDO2.authenticate_complete(_STATE, [_known(stored)], json.loads(text)),
    )


def _what_counts(text: str) -> str:
    """Without what W3C WebAuthn tells to ignore where it is unknown, which the libraries refuse or trip over."""
    members = json.loads(text)
    counting = {name: members[name] for name in ("id", "rawId", "type")}
    response = {
        name: value for name, value in members["response"].items() if name in _SIGNED or "user" in name
    }
    return json.dumps(counting | {"response": response})


def _takers(py_webauthn: Callable[[], object], fido2: Callable[[], object]) -> set[str]:
    takers = set()
    for name, verify in (("py_webauthn", py_webauthn), ("fido2", fido2)):
        try:
            verify()
        except Exception:  # each has its own ways to say no
            continue
        takers.add(name)
    return takers


def _known(stored: StoredCredential) -> AttestedCredentialData:
    key = CoseKey.parse(cbor.decode(stored.public_key))  # type: ignore[arg-type]
    return AttestedCredentialData.create(bytes(16), stored.credential_id, key)
