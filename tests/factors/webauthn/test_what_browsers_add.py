"""What the browser says beside the signed bytes: taken down where it is known, passed over where not."""

import pytest

from strongroom.factors.webauthn import registration
from tests.factors.webauthn.ceremonies import changed, registration_text, verify_registration
from tests.support.authenticator import Authenticator


@pytest.mark.parametrize("attachment", ["platform", "cross-platform"])
def test_the_known_attachments_are_taken_down(attachment: str) -> None:
    text = changed(registration_text(Authenticator()), "authenticatorAttachment", attachment)
    assert verify_registration(text).attachment == attachment


@pytest.mark.parametrize("attachment", ["glued", "", None, 7, ..., ["platform"]])
def test_unknown_attachments_are_none(attachment: object) -> None:
    text = changed(registration_text(Authenticator()), "authenticatorAttachment", attachment)
    assert verify_registration(text).attachment == ""


def test_unknown_transports_are_passed_over() -> None:
    text = changed(
        registration_text(Authenticator()), "response/transports", ["telepathy", "usb", "nfc", "usb", ""]
    )
    assert verify_registration(text).transports == ("nfc", "usb")


def test_old_browsers_say_nothing_about_transports() -> None:
    assert (
        verify_registration(
            changed(registration_text(Authenticator()), "response/transports", ...)
        ).transports
        == ()
    )


def test_the_reader_tells_which_challenge_is_answered() -> None:
    assert registration.read(registration_text(Authenticator())).challenge == bytes(range(32))
