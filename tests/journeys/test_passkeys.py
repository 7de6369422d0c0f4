"""Passkeys in a real browser: alone, by a button or from the browser's own list, and a copy of one."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.keyring import (
    Device,
    add_first_key,
    assert_is_out,
    close_list,
    enter_password,
    log_in,
    log_out,
    refused,
    settle,
)
from tests.support.server import Server, text_of_mail

pytestmark = pytest.mark.journey


def use_passkey(page: Page) -> None:
    close_list(page)
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()


def test_a_passkey_logs_in_alone_at_the_press_of_a_button(page: Page, house: Server) -> None:
    settle(page, house, "alice-button")
    device = Device(page)
    add_first_key(page, "Key with a PIN")
    assert device.credentials[0]["isResidentCredential"]
    log_out(page)

    close_list(page)
    page.goto("/account/login/?next=/manage/projects/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{house.base_url}/manage/projects/")
    page.goto("/manage/account/token/")  # it proves both factors: nothing more is asked
    expect(page.get_by_label("Token name")).to_be_visible()
    house.next_mail("alice-button@example.org", subject="security key")


def test_a_passkey_is_offered_among_the_usernames(page: Page, house: Server) -> None:
    """Chromium takes a passkey of a virtual authenticator as if it had been chosen from its list."""
    settle(page, house, "alice-list")
    device = Device(page, built_in=True)
    add_first_key(page, "Laptop")
    log_out(page)

    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
    before = device.credentials[0]["signCount"]
    page.goto("/account/login/")
    page.wait_for_url("**/manage/account/")
    assert device.credentials[0]["signCount"] > before


def test_a_passkey_that_knows_nobody_here_is_refused(
    page: Page, window: Callable[..., Page], house: Server
) -> None:
    # WA-28: of an account on a server whose data are gone, say
    settle(page, house, "alice-unknown")
    device = Device(page, built_in=True)
    add_first_key(page, "Laptop")
    stranger = window()
    copied = device.credentials[0] | {"credentialId": "bm9ib2R5IGhhcyByZWdpc3RlcmVkIHRoaXM="}
    Device(stranger, built_in=True).put(copied)  # type: ignore[arg-type]
    use_passkey(stranger)
    assert refused(stranger) == "webauthn_key_unknown"
    expect(stranger.get_by_label("Username")).to_be_visible()


def test_a_copied_key_is_refused_and_its_owner_hears_of_it(
    page: Page, window: Callable[..., Page], house: Server
) -> None:
    # WA-33
    settle(page, house, "alice-copied")
    device = Device(page)
    add_first_key(page, "Key ring")
    log_out(page)
    stolen = device.credentials[0]
    log_in(page, "alice-copied")
    log_out(page)
    log_in(page, "alice-copied")

    thief = window()
    twin = Device(thief)
    twin.put(stolen)
    enter_password(thief, "alice-copied")
    assert refused(thief) == "webauthn_key_copied"
    assert_is_out(thief)

    mail = text_of_mail(house.next_mail("alice-copied@example.org", subject="copy of your security key"))
    assert "Key ring" in mail
    page.goto("/manage/account/")
    factors = page.get_by_role("region", name="Two-factor", exact=True)
    expect(factors).to_contain_text("maybe copied")
    expect(factors).to_contain_text("answered as a copy of it would")
    log_out(page)
    log_in(page, "alice-copied")  # the owner's own goes on counting


def test_a_copied_passkey_is_refused_where_it_logs_in_alone(
    page: Page, window: Callable[..., Page], house: Server
) -> None:
    # WA-33
    settle(page, house, "alice-copied-passkey")
    device = Device(page, built_in=True)
    add_first_key(page, "Laptop")
    stolen = device.credentials[0]
    log_out(page)
    log_in(page, "alice-copied-passkey")
    log_out(page)
    log_in(page, "alice-copied-passkey")

    thief = window()
    Device(thief, built_in=True).put(stolen)
    use_passkey(thief)
    assert refused(thief) == "webauthn_key_copied"
    house.next_mail("alice-copied-passkey@example.org", subject="copy of your security key")
