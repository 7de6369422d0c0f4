"""When nobody touches the key, without a mouse, and without script."""

import json
import re
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from strongroom.kernel import clock
from tests.journeys.keyring import (
    Device,
    add_first_key,
    close_list,
    enter_password,
    log_out,
    prompt,
    settle,
)
from tests.journeys.residents import PASSWORD, keep_codes
from tests.support.browser import browser_without_script
from tests.support.server import Server

pytestmark = pytest.mark.journey

NOTHING_SENT = "the prompt was closed, or took too long. Press the button to try again."


OPTIONS = "**/options/"


def hurry(route: Route) -> None:
    """Let the browser wait so long that one can read what the page says, and not for five minutes."""
    answer = route.fetch()
    route.fulfill(response=answer, body=json.dumps({**answer.json(), "timeout": 4000}))


def test_a_prompt_that_took_too_long_is_told_and_can_be_tried_again(page: Page, house: Server) -> None:
    settle(page, house, "alice-too-long")
    device = Device(page, touched=False)
    page.route(OPTIONS, hurry)
    page.goto("/manage/account/webauthn-provision/")
    page.get_by_label("Security key name").fill("Key ring")
    page.get_by_role("button", name="Add the key").click()
    expect(prompt(page)).to_contain_text("touch the key")
    expect(prompt(page)).to_contain_text(NOTHING_SENT)
    assert not device.credentials
    page.unroute(OPTIONS)
    device.touch(True)
    page.get_by_role("button", name="Add the key").click()
    keep_codes(page)
    log_out(page)

    page.route(OPTIONS, hurry)
    device.touch(False)
    enter_password(page, "alice-too-long")
    expect(prompt(page)).to_contain_text(NOTHING_SENT)
    page.unroute(OPTIONS)
    device.touch(True)
    page.get_by_role("button", name="Use your security key").click()
    page.wait_for_url("**/manage/account/")


def test_a_prompt_that_is_closed_is_told_and_can_be_tried_again(page: Page, house: Server) -> None:
    settle(page, house, "alice-closed")
    device = Device(page)
    add_first_key(page, "Laptop")
    log_out(page)

    device.recognize(False)  # a finger that is not recognized ends the prompt
    enter_password(page, "alice-closed")
    expect(prompt(page)).to_contain_text(NOTHING_SENT)
    expect(page.get_by_role("link", name="Use a recovery code")).to_be_visible()
    device.recognize(True)
    page.get_by_role("button", name="Use your security key").click()
    page.wait_for_url("**/manage/account/")


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus is called so."""
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).innerText || ''")
        if re.fullmatch(words, name.strip()):
            return
    raise AssertionError(f"Tab never leads to {words!r}")


def test_adding_a_key_and_logging_in_with_it_take_no_mouse(page: Page, house: Server) -> None:
    settle(page, house, "alice-keyboard")
    device = Device(page)
    page.goto("/manage/account/")
    tab_to(page, "Turn on with a security key")
    page.keyboard.press("Enter")
    page.wait_for_url("**/webauthn-provision/")
    tab_to(page, "Security key name")
    page.keyboard.type("Key ring")
    tab_to(page, "Add the key")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recovery-codes/")
    tab_to(page, "Make recovery codes")
    page.keyboard.press("Enter")
    code = page.locator("#codes").inner_text().split()[0]
    tab_to(page, "Recovery code")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/manage/account/#two-factor")
    log_out(page)

    device.recognize(False)
    close_list(page)
    page.goto("/account/login/")
    tab_to(page, "Username")
    page.keyboard.type("alice-keyboard")
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(prompt(page)).to_contain_text(NOTHING_SENT)
    device.recognize(True)
    tab_to(page, "Use your security key")
    page.keyboard.press("Enter")
    page.wait_for_url("**/manage/account/")


def test_without_script_the_page_says_what_needs_it_and_offers_the_other_factors(
    page: Page, browser: Browser, house: Server, tmp_path: Path
) -> None:
    settle(page, house, "alice-no-script")
    Device(page)
    codes = add_first_key(page, "Key ring")
    page.goto("/manage/account/totp-provision/")
    app = pyotp.TOTP(page.locator("#totp-secret").inner_text().replace(" ", ""))
    page.get_by_label("Name of this app").fill("Phone")
    page.get_by_label("Authentication code").fill(app.at(clock.now()))
    page.get_by_role("button", name="Verify").click()
    page.wait_for_url("**/manage/account/#two-factor")
    page.context.storage_state(path=tmp_path / "alice-no-script.json")

    with browser_without_script(beside=browser) as plain_browser:
        look_without_script(plain_browser, house, tmp_path / "alice-no-script.json")
        for way, label, code in (
            ("Use an authenticator app", "Authentication code", app.at(clock.now(), counter_offset=1)),
            ("Use a recovery code", "Recovery code", codes[1]),
        ):
            plain = plain_browser.new_page(base_url=house.base_url)
            enter_password(plain, "alice-no-script")
            plain.wait_for_url("**/account/two-factor/")
            expect(plain.locator("noscript p")).to_contain_text("need JavaScript")
            expect(plain.get_by_role("button", name="Use your security key")).to_be_hidden()
            plain.get_by_role("link", name=way).click()
            plain.get_by_label(label).fill(code)
            plain.get_by_role("button", name="Verify").click()
            plain.wait_for_url("**/manage/account/")


def look_without_script(browser: Browser, house: Server, state: Path) -> None:
    plain = browser.new_page(base_url=house.base_url, storage_state=state)
    plain.goto("/manage/account/webauthn-provision/")
    expect(plain.locator("noscript p")).to_be_visible()
    expect(plain.locator("noscript p")).to_contain_text("need JavaScript")
    expect(plain.get_by_role("button", name="Add the key")).to_be_hidden()
