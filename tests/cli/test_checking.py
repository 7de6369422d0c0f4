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
