"""Virtual authenticators of Chromium, plugged into a page by the DevTools protocol; and the ways through the pages with them.

An authenticator stays plugged in while its page is open, whatever the page shows.
"""

import re
from typing import Any, TypedDict

from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.journeys.residents import PASSWORD, keep_codes, register
from tests.support.server import Server, text_of_mail


class Credential(TypedDict, total=False):
    """What ``WebAuthn.getCredentials`` tells of a credential; with its private key, all that a copy needs."""

    credentialId: str
    isResidentCredential: bool
    rpId: str
    privateKey: str
    userHandle: str
    signCount: int


class Device:
    """A virtual authenticator. ``u2f`` makes it one of the U2F era; ``verifies`` gives it a PIN or a finger to ask for, and
    room for passkeys, which Chromium keeps on no other.

    ``touched`` says whether somebody is there to touch it when it blinks; without, it goes on blinking.
    """

    def __init__(
        self,
        page: Page,
        *,
        u2f: bool = False,
        verifies: bool = True,
        built_in: bool = False,
        touched: bool = True,
    ) -> None:
        self._line: CDPSession = page.context.new_cdp_session(page)
        self._line.send("WebAuthn.enable", {"enableUI": False})
        options: dict[str, Any] = {
            "protocol": "u2f" if u2f else "ctap2",
            "transport": "internal" if built_in else "usb",
            "hasResidentKey": verifies and not u2f,
            "hasUserVerification": verifies and not u2f,
            "isUserVerified": True,
            "automaticPresenceSimulation": touched,
        }
        self.id = self._line.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def _send(self, command: str, **values: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._line.send(
            f"WebAuthn.{command}", {"authenticatorId": self.id, **values}
        )
        return answer

    @property
    def credentials(self) -> list[Credential]:
        """The credentials on it, with their private keys and counts."""
        found: list[Credential] = self._send("getCredentials")["credentials"]
        return found

    def put(self, credential: Credential) -> None:
        """Put a credential on it, as somebody does who has copied it."""
        self._send("addCredential", credential=credential)

    def touch(self, touched: bool) -> None:
        """Whether somebody is there from now on."""
        self._send("setAutomaticPresenceSimulation", enabled=touched)

    def recognize(self, recognized: bool) -> None:
        """Whether the PIN or finger is right from now on."""
        self._send("setUserVerified", isUserVerified=recognized)

    def unplug(self) -> None:
        """Take it away."""
        self._send("removeVirtualAuthenticator")


def settle(page: Page, server: Server, username: str) -> None:
    """An account with a verified address, signed in."""
    register(page, username)
    mail = text_of_mail(server.next_mail(f"{username}@example.org", subject="email address"))
    link = next(line for line in mail.splitlines() if "/account/verify-email/" in line)
    page.goto(link.strip())
    page.get_by_role("button", name="Verify").click()
    page.wait_for_url("**/manage/account/")


def add_key(page: Page, name: str) -> None:
    """Add the key that is plugged in; ends where the site leads to."""
    page.goto("/manage/account/webauthn-provision/")
    page.get_by_label("Security key name").fill(name)
    page.get_by_role("button", name="Add the key").click()


def add_first_key(page: Page, name: str) -> list[str]:
    """The same where it is the first factor: recovery codes come with it."""
    add_key(page, name)
    return keep_codes(page)


def log_out(page: Page) -> None:
    """End the session."""
    page.goto("/")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()


def close_list(page: Page) -> None:
    """A browser that offers no passkeys beside the username: where it does, a virtual one is taken by itself."""
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")


def enter_password(page: Page, username: str) -> None:
    """Username and password; ends at the second factor, where the key is asked for at once."""
    close_list(page)
    page.goto("/account/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def log_in(page: Page, username: str) -> None:
    """Password, then the key that is plugged in."""
    enter_password(page, username)
    page.wait_for_url("**/manage/account/")


def prompt(page: Page) -> Locator:
    """What the page says about the key."""
    return page.get_by_role("status").filter(has_text=re.compile("."))


def assert_is_out(page: Page) -> None:
    """Nobody is signed in here."""
    page.goto("/manage/account/")
    expect(page.get_by_role("heading", name="Log in", level=1)).to_be_visible()


def refused(page: Page) -> str:
    """Wait for the reason code on the page."""
    shown = page.locator("[data-refused]").first
    shown.wait_for(state="attached")
    return shown.get_attribute("data-refused") or ""
