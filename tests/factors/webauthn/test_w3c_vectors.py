"""The test vectors of W3C WebAuthn Level 3 §16, all fifteen: what is offered here passes, the rest is refused for a reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from strongroom.factors.webauthn import assertion, registration
from strongroom.factors.webauthn.assertion import StoredCredential
from strongroom.factors.webauthn.relying_party import RelyingParty
from strongroom.kernel.refused import Refused
from tests.factors.webauthn.ceremonies import fit_to_show, spelled

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("w3c_vectors.json").read_text(encoding="utf-8"))
RP = RelyingParty("example.org", "Example", ("https://example.org",))
POLICY = {
    "none-es256": "taken",
    "packed-self-es256": "taken",
    "none-es256-crossOrigin": "webauthn_cross_origin",
    "none-es256-topOrigin": "webauthn_cross_origin",
    "none-es256-long-credential-id": "taken",
    "packed-es256": "taken",
    "packed-es384": "webauthn_algorithm",
    "packed-es512": "webauthn_algorithm",
    "packed-rs256": "taken",
    "packed-eddsa": "taken",
    "packed-ed448": "webauthn_algorithm",
    "tpm-es256": "taken",
    "android-key-es256": "taken",
    "apple-es256": "taken",
    "fido-u2f-es256": "webauthn_attestation",  # U2F knows no AAGUID: CTAP2 makes it zero, the vector does not
}
TAKEN = [name for name, policy in POLICY.items() if policy == "taken"]


def registration_of(name: str, **changes: str) -> registration.NewCredential:
    vector = VECTORS[name]["registration"] | changes
    return registration.verify(
        registration.read(envelope(name, vector, "clientDataJSON", "attestationObject")),
        challenge=bytes.fromhex(vector["challenge"]),
        rp=RP,
        user_verification_required=False,
    )


def assertion_of(name: str, stored: StoredCredential) -> assertion.VerifiedAssertion:
    vector = VECTORS[name]["authentication"]
    return assertion.verify(
        assertion.read(envelope(name, vector, "clientDataJSON", "authenticatorData", "signature")),
        challenge=bytes.fromhex(vector["challenge"]),
        rp=RP,
        credential=stored,
        user_verification_required=False,
    )


def envelope(name: str, vector: dict[str, str], *members: str) -> str:
    credential_id = spelled(bytes.fromhex(VECTORS[name]["registration"]["credential_id"]))
    response = {member: spelled(bytes.fromhex(vector[member])) for member in members}
    return json.dumps(
        {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": response}
    )


def test_every_vector_has_a_policy() -> None:
    # WR-46
    assert set(VECTORS) == set(POLICY)
    assert len(VECTORS) == 15


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_offered_registers_and_signs_in(name: str) -> None:
    # WR-46
    new = registration_of(name)
    assert new.credential_id.hex() == VECTORS[name]["registration"]["credential_id"]
    stored = StoredCredential(new.credential_id, new.public_key, new.backup_eligible)
    said = assertion_of(name, stored)
    assert said.sign_count == 0
    flags = bytes.fromhex(VECTORS[name]["authentication"]["authenticatorData"])[32]
    assert (said.user_verified, said.backed_up) == (bool(flags & 4), bool(flags & 16))


@pytest.mark.parametrize("name", [name for name in POLICY if name not in TAKEN])
def test_what_is_not_offered_is_refused_for_its_reason(name: str) -> None:
    # WR-46
    with pytest.raises(Refused) as caught:
        registration_of(name)
    assert fit_to_show(caught.value) == POLICY[name]


@pytest.mark.parametrize(("name", "code"), [
    ("none-es256-crossOrigin", "webauthn_cross_origin"), ("none-es256-topOrigin", "webauthn_cross_origin"),
])  # fmt: skip
def test_framed_assertions_are_refused_whatever_the_key(name: str, code: str) -> None:
    # WR-46
    new = registration_of("none-es256")
    identified = bytes.fromhex(VECTORS[name]["registration"]["credential_id"])
    with pytest.raises(Refused) as caught:
        assertion_of(name, StoredCredential(identified, new.public_key, new.backup_eligible))
    assert fit_to_show(caught.value) == code


def test_the_vector_of_u2f_is_refused_for_its_aaguid_alone() -> None:
    # WR-46
    registered = VECTORS["fido-u2f-es256"]["registration"]
    at = registered["attestationObject"].index(registered["credential_id"]) - 4 - 32
    as_u2f = registered["attestationObject"][:at] + "0" * 32 + registered["attestationObject"][at + 32 :]
    new = registration_of("fido-u2f-es256", attestationObject=as_u2f)
    stored = StoredCredential(new.credential_id, new.public_key, new.backup_eligible)
    assert assertion_of("fido-u2f-es256", stored).sign_count == 0


@pytest.mark.parametrize("name", TAKEN)
def test_no_vector_answers_for_another_site(name: str) -> None:
    # WR-46
    vector = VECTORS[name]["registration"]
    response = registration.read(envelope(name, vector, "clientDataJSON", "attestationObject"))
    other = RelyingParty("example.com", "Example", ("https://example.org",))
    with pytest.raises(Refused) as caught:
        registration.verify(
            response, challenge=bytes.fromhex(vector["challenge"]), rp=other, user_verification_required=False
        )
    assert fit_to_show(caught.value) == "webauthn_rp_id"


@pytest.mark.parametrize("name", ["packed-self-es256", "packed-es256", "packed-rs256", "packed-eddsa"])
def test_statements_that_are_checked_are_spoiled_by_one_bit(name: str) -> None:
    # WR-46
    whole = VECTORS[name]["registration"]["attestationObject"]
    at = whole.index("63736967") + 8 + 16  # behind "sig", inside the signature
    spoiled = whole[:at] + ("0" if whole[at] != "0" else "1") + whole[at + 1 :]
    with pytest.raises(Refused) as caught:
        registration_of(name, attestationObject=spoiled)
    assert fit_to_show(caught.value) == "webauthn_attestation"
