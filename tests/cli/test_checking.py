"""``strongroom check`` explains what will not work."""

from pathlib import Path

import pytest

from tests.support.clients import run
from tests.support.server import STRONGROOM


def check(folder: Path, **settings: str) -> str:
    """What the command prints about a configuration in the environment."""
    program = run([STRONGROOM, "check"], cwd=folder, **settings)
    assert program.returncode == 0, program.stderr
    return program.stdout


@pytest.mark.parametrize(
    ("base_url", "reason"),
    [
        ("http://127.0.0.1:8000", "names an IP address"),
        ("https://192.0.2.7", "names an IP address"),
        ("https://[2001:db8::7]", "names an IP address"),
        ("http://index.example", "plain HTTP beyond localhost"),
    ],
)
def test_an_address_under_which_keys_cannot_work_is_explained(
    tmp_path: Path, base_url: str, reason: str
) -> None:
    printed = check(tmp_path, STRONGROOM_SITE__BASE_URL=base_url)
    (line,) = [line for line in printed.splitlines() if "security keys" in line]
    assert reason in line
    assert "cannot work" in line
    assert "features.webauthn" in line


@pytest.mark.parametrize(
    "base_url",
    [
        "http://localhost:8000",
        "http://index.localhost:8000",
        "https://index.example",
        "https://intranet",
        "https://index.example:8443",
    ],
)
def test_an_address_under_which_keys_work_is_let_be(tmp_path: Path, base_url: str) -> None:
    assert "security keys" not in check(tmp_path, STRONGROOM_SITE__BASE_URL=base_url)


def test_a_site_without_keys_hears_nothing_of_them(tmp_path: Path) -> None:
    printed = check(
        tmp_path, STRONGROOM_SITE__BASE_URL="http://127.0.0.1:8000", STRONGROOM_FEATURES__WEBAUTHN="off"
    )
    assert "security keys" not in printed


def test_what_does_not_leave_the_machine_is_not_called_in_the_clear(tmp_path: Path) -> None:
    assert "in the clear" not in check(tmp_path, STRONGROOM_SITE__BASE_URL="http://127.0.0.1:8000")
    assert "in the clear" in check(tmp_path, STRONGROOM_SITE__BASE_URL="http://192.0.2.7:8000")


@pytest.mark.parametrize(
    ("access", "registration", "told"),
    [("private", "open", True), ("private", "closed", False), ("public", "open", False)],
)
def test_a_private_site_that_anybody_may_join_is_told(
    tmp_path: Path, access: str, registration: str, told: bool
) -> None:
    printed = check(tmp_path, STRONGROOM_SITE__ACCESS=access, STRONGROOM_ACCOUNTS__REGISTRATION=registration)
    assert ("whoever makes an account reads everything" in printed) is told


def test_a_trust_root_that_cannot_be_used_is_a_mistake(tmp_path: Path) -> None:
    program = run(
        [STRONGROOM, "check"], cwd=tmp_path, STRONGROOM_TRUSTED_PUBLISHING__TRUST_ROOT=str(tmp_path / "none")
    )
    assert program.returncode == 2
    assert "trusted_publishing.trust_root: " in program.stderr


def test_confirmations_that_nobody_gets_and_a_beta_that_nobody_can_write_about_are_told(
    tmp_path: Path,
) -> None:
    asked = {"STRONGROOM_SIGN_IN__CONFIRM_NEW_BROWSERS": "on", "STRONGROOM_FEATURES__WEBAUTHN": "beta"}
    printed = check(tmp_path, **asked)
    assert "sign_in.confirm_new_browsers is on without a mail server" in printed
    assert "features.feedback is empty" in printed
    printed = check(
        tmp_path,
        **asked,
        STRONGROOM_MAIL__HOST="smtp.index.example",
        STRONGROOM_FEATURES__FEEDBACK="keys@index.example",
    )
    assert "confirm_new_browsers" not in printed
    assert "features.feedback" not in printed


@pytest.mark.parametrize(
    ("variable", "mistake"),
    [
        ("STRONGROOM_FEATURES__WEBAUTHN", "features.webauthn: Expected one of `on`, `beta`, `off`."),
        (
            "STRONGROOM_SIGN_IN__CONFIRM_NEW_BROWSERS",
            "sign_in.confirm_new_browsers: Expected one of `auto`, `on`, `off`.",
        ),
        (
            "STRONGROOM_SIGN_IN__TWO_FACTOR",
            "sign_in.two_factor: Expected one of `optional`, `owners`, `everyone`.",
        ),
        (
            "STRONGROOM_FEATURES__FEEDBACK",
            "features.feedback: must be an email address or begin with https://.",
        ),
        (
            "STRONGROOM_SITE__SECURITY_CONTACT",
            "site.security_contact: must be an email address or begin with https://.",
        ),
    ],
)
def test_a_mistake_says_what_may_stand_there(tmp_path: Path, variable: str, mistake: str) -> None:
    program = run([STRONGROOM, "check"], cwd=tmp_path, **{variable: "javascript:alert(1)"})
    assert program.returncode == 2
    assert f"Mistake: {mistake}" in program.stderr
