"""The questions to the browser: complete, and telling nothing about the person."""

import json

import pytest
from webauthn.helpers import parse_authentication_options_json, parse_registration_options_json

from strongroom.factors.webauthn import options
from tests.factors.webauthn.ceremonies import (
    CHALLENGE,
    ORIGIN,
    RP,
    USER_HANDLE,
    assertion_options,
    enrolled,
    registration_options,
)
from tests.support.authenticator import Authenticator

KNOWN = options.Known(b"first", ("internal", "usb")), options.Known(b"second", ())


def test_a_registration_asks_for_the_offered_algorithms_and_no_attestation() -> None:
    # WR-01
    asked = registration_options(*KNOWN)
    assert asked["rp"] == {"id": RP.id, "name": RP.name}
    assert asked["pubKeyCredParams"] == [{"type": "public-key", "alg": alg} for alg in (-7, -8, -257)]
    assert asked["attestation"] == "none"
    assert asked["timeout"] == 300_000
    assert asked["authenticatorSelection"] == {
        "residentKey": "preferred",
        "requireResidentKey": False,
        "userVerification": "preferred",
    }


def test_the_user_is_told_to_the_authenticator_by_handle_and_username_alone() -> None:
    # WR-01
    asked = registration_options()
    assert asked["user"] == {
        "id": "YWxpY2UncyByYW5kb20gaGFuZGxlLCAzMiBieXRlcy4",
        "name": "alice",
        "displayName": "alice",
    }
    assert parse_registration_options_json(json.dumps(asked)).user.id == USER_HANDLE


def test_other_readers_find_the_same_in_the_options_of_a_registration() -> None:
    # WR-02
    parsed = parse_registration_options_json(json.dumps(registration_options(*KNOWN)))
    assert parsed.challenge == CHALLENGE
    assert [descriptor.id for descriptor in parsed.exclude_credentials or []] == [b"first", b"second"]


def test_an_authenticator_that_is_known_is_not_added_again() -> None:
    # WR-02
    authenticator = Authenticator()
    stored = enrolled(authenticator)
    with pytest.raises(LookupError):
        authenticator.register(
            registration_options(options.Known(stored.credential_id, ("usb",))), origin=ORIGIN
        )


def test_other_readers_find_the_same_in_the_options_of_an_assertion() -> None:
    # WA-01
    asked = options.for_assertion(RP, challenge=CHALLENGE, allow=KNOWN, user_verification="required")
    parsed = parse_authentication_options_json(json.dumps(asked))
    assert (parsed.challenge, parsed.rp_id, parsed.timeout) == (CHALLENGE, RP.id, 300_000)
    assert parsed.user_verification == "required"
    assert [descriptor.id for descriptor in parsed.allow_credentials or []] == [b"first", b"second"]
    assert asked["allowCredentials"][0]["transports"] == ["internal", "usb"]  # type: ignore[index]


def test_a_passkey_is_asked_for_by_naming_none() -> None:
    # WA-02
    authenticator = Authenticator()
    enrolled(authenticator)
    assert assertion_options()["allowCredentials"] == []
    answer = json.loads(authenticator.sign_in(assertion_options(), origin=ORIGIN))
    assert answer["response"]["userHandle"] == "YWxpY2UncyByYW5kb20gaGFuZGxlLCAzMiBieXRlcy4"
