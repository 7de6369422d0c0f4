"""Security keys in a real browser: old and new ones, with and without PIN, two at a time, removed."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.keyring import (
    Device,
    add_first_key,
    add_key,
    assert_is_out,
    close_list,
    enter_password,
    log_in,
    log_out,
    prompt,
    refused,
    settle,
)
from tests.support.server import Server

pytestmark = pytest.mark.journey

CANCELLED = "Press the button to try again"


def remove(page: Page, name: str) -> None:
    page.goto("/manage/account/")
    page.get_by_role("link", name=f"Remove {name}").click()
    page.get_by_role("main").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The security key is removed.")).to_be_visible()


def test_a_key_of_the_u2f_era_over_usb_is_a_second_factor(page: Page, house: Server) -> None:
    # WA-41
    settle(page, house, "alice-u2f")
    device = Device(page, u2f=True)
    add_first_key(page, "Old key")
    (credential,) = device.credentials
    assert not credential["isResidentCredential"]
    expect(page.get_by_role("region", name="Two-factor", exact=True)).to_contain_text("Old key")
    log_out(page)

    log_in(page, "alice-u2f")
    assert device.credentials[0]["signCount"] > credential["signCount"]
    expect(page.get_by_role("region", name="Two-factor", exact=True)).to_contain_text("last used")


def test_a_key_without_a_pin_is_a_second_factor_and_no_passkey(page: Page, house: Server) -> None:
    # WA-30
    settle(page, house, "alice-no-pin")
    Device(page, verifies=False)
    add_first_key(page, "Bare key")
    log_out(page)
    log_in(page, "alice-no-pin")
    log_out(page)

    close_list(page)
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(prompt(page)).to_contain_text(CANCELLED)
    assert_is_out(page)


def test_a_key_that_has_verified_its_user_asks_for_the_pin_again(page: Page, house: Server) -> None:
    # WA-17: not less than the key has shown before
    settle(page, house, "alice-pin")
    device = Device(page)
    add_first_key(page, "Key with a PIN")
    log_out(page)

    device.recognize(False)  # whoever holds the key does not know its PIN
    enter_password(page, "alice-pin")
    expect(prompt(page)).to_contain_text(CANCELLED)
    expect(page).to_have_url(f"{house.base_url}/account/two-factor/")
    device.recognize(True)
    page.get_by_role("button", name="Use your security key").click()
    page.wait_for_url("**/manage/account/")


def test_either_of_two_keys_logs_in(page: Page, house: Server) -> None:
    settle(page, house, "alice-two-keys")
    ring = Device(page)
    add_first_key(page, "Key ring")
    ring.touch(False)
    laptop = Device(page, built_in=True)
    add_key(page, "Laptop")
    page.wait_for_url("**/manage/account/#two-factor")
    for device, other in ((ring, laptop), (laptop, ring)):
        log_out(page)
        before = device.credentials[0]["signCount"]
        other.touch(False)
        device.touch(True)
        log_in(page, "alice-two-keys")
        assert device.credentials[0]["signCount"] > before


def test_a_key_is_not_added_twice(page: Page, house: Server) -> None:
    settle(page, house, "alice-same-key")
    device = Device(page)
    add_first_key(page, "Key ring")
    add_key(page, "Key ring again")
    expect(prompt(page)).to_contain_text("registered for your account already")
    assert len(device.credentials) == 1
    page.goto("/manage/account/")
    expect(page.get_by_role("link", name="Remove Key ring")).to_have_count(1)


def test_two_keys_have_two_names(page: Page, house: Server) -> None:
    settle(page, house, "alice-names")
    first = Device(page)
    add_first_key(page, "Key")
    first.touch(False)
    second = Device(page, built_in=True)
    add_key(page, "Key")
    assert refused(page) == "factor_name_taken"
    page.get_by_label("Security key name").fill("Laptop")
    page.get_by_role("button", name="Add the key").click()
    page.wait_for_url("**/manage/account/#two-factor")
    page.get_by_role("link", name="Rename Laptop").click()
    page.get_by_label("Security key name").fill("Work laptop")
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("link", name="Remove Work laptop")).to_be_visible()
    assert second.credentials


def test_a_removed_key_opens_nothing(page: Page, house: Server) -> None:
    # WA-37: neither beside the password nor alone
    settle(page, house, "alice-removed")
    lost = Device(page)
    add_first_key(page, "Lost key")
    lost.touch(False)
    kept = Device(page, built_in=True)
    add_key(page, "Laptop")
    page.wait_for_url("**/manage/account/#two-factor")
    remove(page, "Lost key")
    mail = house.next_mail("alice-removed@example.org", subject="security key")
    assert mail["subject"]
    log_out(page)
    kept.unplug()

    lost.touch(True)
    enter_password(page, "alice-removed")
    page.wait_for_url("**/account/two-factor/")
    expect(prompt(page)).to_contain_text("touch the key")  # which it does in vain: another one is asked for

    close_list(page)
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()  # the key still offers what it holds
    assert refused(page) == "webauthn_key_unknown"
    assert_is_out(page)
