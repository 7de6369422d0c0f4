"""Recovery codes, proving it again, remembered browsers, and a site that asks for two-factor sign-in."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from strongroom.kernel import clock
from tests.journeys.keyring import (
    Device,
    add_first_key,
    add_key,
    enter_password,
    log_in,
    log_out,
    refused,
    settle,
)
from tests.journeys.residents import keep_codes
from tests.support.server import Server, running_server, text_of_mail

pytestmark = pytest.mark.journey


def use_code(page: Page, username: str, code: str) -> None:
    enter_password(page, username)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Verify").click()


def test_recovery_codes_are_shown_once_and_can_be_kept_in_every_way(
    page: Page, house: Server, tmp_path: Path
) -> None:
    # RC-11, WR-44
    settle(page, house, "alice-codes")
    Device(page)
    add_key(page, "Key ring")
    page.wait_for_url("**/manage/account/recovery-codes/")
    page.goto("/manage/account/")
    expect(page.get_by_role("note").filter(has_text="Half done")).to_be_visible()
    page.get_by_role("link", name="To the recovery codes").click()
    page.get_by_role("button", name="Make recovery codes").click()
    codes = page.locator("#codes").inner_text().split()
    assert len(set(codes)) == 8
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}", code) for code in codes)

    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    kept = Path(download.value.path()).read_text()
    assert set(codes) <= set(kept.split())
    assert "alice-codes" in kept
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")

    page.get_by_label("Recovery code").fill("0000-0000-0000-0000")
    page.get_by_role("button", name="Verify").click()
    assert refused(page) == "recovery_wrong"
    assert not any(code in page.content() for code in codes)  # not shown again
    page.get_by_label("Recovery code").fill(codes[3].lower().replace("-", " "))
    page.get_by_role("button", name="Verify").click()
    page.wait_for_url("**/manage/account/#two-factor")
    expect(page.get_by_role("note").filter(has_text="Half done")).to_have_count(0)
    expect(page.get_by_role("region", name="How your account stands")).to_contain_text(
        "Two-factor sign-in on"
    )


def test_a_recovery_code_logs_in_once(page: Page, window: Callable[..., Page], house: Server) -> None:
    # RC-01, RC-10, RC-12
    settle(page, house, "alice-code-once")
    Device(page)
    codes = add_first_key(page, "Lost key")

    elsewhere = window()
    Device(elsewhere, touched=False)  # another one: what is asked for is not there
    use_code(elsewhere, "alice-code-once", codes[0].replace("-", "").lower())
    elsewhere.wait_for_url("**/manage/account/")
    expect(elsewhere.get_by_text("You used a recovery code; 7 are left.")).to_be_visible()
    mail = text_of_mail(house.next_mail("alice-code-once@example.org", subject="A recovery code"))
    assert "7" in mail
    log_out(elsewhere)

    use_code(elsewhere, "alice-code-once", codes[0])
    assert refused(elsewhere) == "recovery_used"
    elsewhere.get_by_label("Recovery code").fill(codes[1])
    elsewhere.get_by_role("button", name="Verify").click()
    elsewhere.wait_for_url("**/manage/account/")
    expect(elsewhere.get_by_text("You used a recovery code; 6 are left.")).to_be_visible()


def test_a_remembered_browser_skips_the_key_until_something_sensitive_asks_for_it(
    page: Page, house: Server
) -> None:
    # SS-18, SU-02: the password alone opens the door, not the safe
    settle(page, house, "alice-remembered")
    device = Device(page)
    add_first_key(page, "Key ring")
    log_out(page)

    device.touch(False)
    enter_password(page, "alice-remembered")
    page.get_by_label("Remember this browser for 30 days").check()
    device.touch(True)
    page.get_by_role("button", name="Use your security key").click()
    page.wait_for_url("**/manage/account/")
    known = page.get_by_role("region", name="Known browsers")
    expect(known).to_contain_text("remembered")
    house.next_mail("alice-remembered@example.org", subject="without a code")
    log_out(page)

    before = device.credentials[0]["signCount"]
    enter_password(page, "alice-remembered")
    page.wait_for_url("**/manage/account/")
    assert device.credentials[0]["signCount"] == before  # it was not asked

    device.recognize(False)
    page.goto("/manage/account/token/")
    page.wait_for_url("**/account/reauthenticate/**")
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_have_count(0)
    device.recognize(True)
    page.get_by_role("button", name="Use your security key").click()
    page.get_by_label("Token name").fill("Laptop")
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#token")).to_be_visible()
    assert device.credentials[0]["signCount"] > before

    page.goto("/manage/account/")
    known.get_by_role("button", name="Forget").first.click()
    log_out(page)
    log_in(page, "alice-remembered")  # the key is asked for again
    assert device.credentials[0]["signCount"] > before + 1


@pytest.fixture
def strict(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that asks everybody for two-factor sign-in, from a day on or now."""
    when = {"STRONGROOM_SIGN_IN__TWO_FACTOR_FROM": request.param} if request.param else {}
    env = {"STRONGROOM_SIGN_IN__TWO_FACTOR": "everyone", **when}
    with running_server(tmp_path / "strict", env=env) as server:
        yield server


NEXT_WEEK = (clock.now().astimezone(UTC) + timedelta(days=7)).date()


@pytest.mark.parametrize("strict", [NEXT_WEEK.isoformat()], indirect=True)
def test_a_site_announces_from_when_on_it_asks_for_two_factor_sign_in(
    browser: Browser, strict: Server
) -> None:
    context = browser.new_context(base_url=strict.base_url)
    page = context.new_page()
    settle(page, strict, "alice")
    banner = page.get_by_role("complementary", name="Two-factor sign-in")
    for path in ("/", "/manage/projects/", "/manage/account/"):
        page.goto(path)
        expect(banner).to_contain_text(str(NEXT_WEEK.year))
        expect(page).to_have_url(f"{strict.base_url}{path}")
    banner.get_by_role("link", name="Turn it on").click()
    Device(page)
    add_first_key(page, "Key ring")
    expect(banner).to_have_count(0)
    context.close()


@pytest.mark.parametrize("strict", [""], indirect=True)
def test_a_site_that_asks_for_two_factor_sign_in_opens_nothing_before(
    browser: Browser, strict: Server
) -> None:
    # LT-29, SU-07
    context = browser.new_context(base_url=strict.base_url)
    page = context.new_page()
    settle(page, strict, "alice")
    page.goto("/manage/projects/")
    expect(page).to_have_url(re.compile("/manage/account/"))
    expect(page.get_by_role("note").filter(has_text="This site asks your account for")).to_be_visible()
    Device(page)
    add_key(page, "Key ring")
    keep_codes(page)
    page.goto("/manage/projects/")
    expect(page.get_by_role("heading", name="Your projects", level=1)).to_be_visible()

    page.goto("/manage/account/")
    page.get_by_role("link", name="Remove Key ring").click()
    expect(page.locator("[data-refused=factor_needed]")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button", name="Remove")).to_have_count(0)
    context.close()
