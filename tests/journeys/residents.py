"""Somebody who lives on a running server: an account with a second factor, a token, and published projects."""

import re
from collections.abc import Sequence
from pathlib import Path

import httpx
import pyotp
from playwright.sync_api import Page

from tests.support.clients import twine_upload
from tests.support.patience import SECONDS
from tests.support.server import Server, text_of_mail

# This module knows nothing of Django, so that a script can use it as well as a test.
PASSWORD = "granite umbrella parsnip orbit"


def register(page: Page, username: str) -> None:
    """Make an account, as a newcomer does; its address is not verified yet."""
    page.goto("/account/register/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Email address").fill(f"{username}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Confirm password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/manage/account/")


def move_in(page: Page, server: Server, files: Sequence[Path], *, username: str = "alice") -> None:
    """Register, verify, turn on two-factor sign-in, make a token, publish ``files`` with it; stays signed in."""
    register(page, username)
    link = re.search(r"/account/verify-email/\S+", text_of_mail(server.next_mail(f"{username}@example.org")))
    assert link
    page.goto(link[0])
    page.get_by_role("button", name="Verify").click()
    page.wait_for_url("**/manage/account/")
    _add_app(page, "Phone")
    page.goto("/manage/account/token/")
    page.get_by_label("Token name").fill("Laptop")
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#token").inner_text().strip()
    if files:
        uploaded = twine_upload(server.base_url, *files, username="__token__", password=secret)
        assert uploaded.returncode == 0, uploaded.stdout + uploaded.stderr


def take_office(page: Page, server: Server) -> None:
    """Become the first operator by the link in the server's log, add an identity provider, and begin a recovery for mallory,
    who lives there, too."""
    link = re.search(r"http\S+/operate/setup/\?token=\S+", server.log)
    assert link
    page.goto(link[0])
    page.get_by_role("button", name="Become operator").click()
    page.goto("/operate/issuers/")
    page.get_by_role("link", name="Jenkins").click()
    page.get_by_label("Issuer").fill("https://build.example.org/oidc")
    page.get_by_label("Name", exact=True).fill("Build server of the physics department")
    page.get_by_role("button", name="Believe this provider").click()
    page.get_by_role("link", name="Remove Build server of the physics department").wait_for()
    page.goto("/operate/recoveries/")
    page.get_by_label("Username").fill("mallory")
    page.get_by_label("Reason").fill("She came to my desk and showed her badge.")
    page.get_by_role("button", name="Begin the recovery").click()
    page.get_by_role("button", name="Stop mallory").wait_for()


def code_of_waiting_program(server: Server) -> str:
    """The code that a program shows which asks for an API token, and waits (RFC 8628)."""
    asked = {"client_id": "strongroom login", "host": "laptop"}
    answer = httpx.post(f"{server.base_url}/_/device/code", data=asked, trust_env=False, timeout=SECONDS)
    return str(answer.raise_for_status().json()["user_code"])


def _add_app(page: Page, name: str) -> None:
    page.goto("/manage/account/totp-provision/")
    secret = page.locator("#totp-secret").inner_text().replace(" ", "")
    page.get_by_label("Name of this app").fill(name)
    page.get_by_label("Authentication code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Verify").click()
    keep_codes(page)


def keep_codes(page: Page) -> list[str]:
    """Make recovery codes and type one back, on the page that follows a first factor; two-factor is on then."""
    page.wait_for_url("**/manage/account/recovery-codes/")
    page.get_by_role("button", name="Make recovery codes").click()
    codes = page.locator("#codes").inner_text().split()
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Verify").click()
    page.wait_for_url("**/manage/account/#two-factor")
    return codes
