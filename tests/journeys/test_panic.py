"""A real mail, one press in a browser without script, and a thief's token that publishes nothing any more."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.artifacts.building import build_wheel
from tests.journeys.residents import PASSWORD, register
from tests.support.browser import running_browser
from tests.support.clients import twine_upload
from tests.support.patience import MILLISECONDS
from tests.support.server import Server, text_of_mail

pytestmark = pytest.mark.journey


def link_in_mail(server: Server, path: str, *, subject: str = "") -> str:
    found = re.search(rf"\S+{path}\S+", text_of_mail(server.next_mail("alice@example.org", subject=subject)))
    assert found, f"no link to {path}"
    return found[0]


def page_of(browser: Browser, server: Server, *, script: bool = True) -> Page:
    context = browser.new_context(
        base_url=server.base_url,
        java_script_enabled=script,
        viewport={"width": 320, "height": 700},
        color_scheme="dark",
        reduced_motion="reduce",
    )
    context.set_default_timeout(MILLISECONDS)
    return context.new_page()


def make_token(page: Page) -> str:
    page.goto("/manage/account/token/")
    page.get_by_label("Token name").fill("Laptop")
    page.get_by_role("button", name="Make the token").click()
    return page.locator("#token").inner_text().strip()


def assert_fit_for_everybody(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_one_press_stops_a_thief_and_an_operator_helps_whoever_has_no_other_factor(
    server: Server, tmp_path: Path
) -> None:
    with running_browser() as browser:
        home = page_of(browser, server)
        register(home, "alice")
        home.goto(link_in_mail(server, "/account/verify-email/"))
        home.get_by_role("button", name="Verify").press("Enter")
        token = make_token(home)
        link = link_in_mail(server, "/account/panic/", subject="API token made")

        looking = page_of(browser, server)
        looking.goto(link)
        assert_fit_for_everybody(looking)
        wheel = build_wheel(tmp_path)
        assert twine_upload(server.base_url, wheel, username="__token__", password=token).returncode == 0

        plain = page_of(browser, server, script=False)
        plain.goto(link)
        plain.get_by_role("button", name="It was not me").press("Enter")
        expect(plain.get_by_role("heading", level=1)).to_contain_text("alice is frozen")
        looking.reload()
        assert_fit_for_everybody(looking)

        second = build_wheel(tmp_path, version="2.0")
        refused = twine_upload(server.base_url, second, username="__token__", password=token)
        assert (refused.returncode, "403" in refused.stdout + refused.stderr) == (1, True)
        home.goto("/manage/account/")
        expect(home).to_have_url(re.compile("/account/login/"))

        home.get_by_label("Username").fill("alice")
        home.get_by_label("Password", exact=True).fill(PASSWORD)
        home.get_by_role("button", name="Log in", exact=True).click()
        home.goto("/manage/account/")
        expect(home.get_by_role("complementary", name="Your account is frozen")).to_be_visible()
        assert_fit_for_everybody(home)
        home.get_by_role("button", name="Undo the freeze").press("Enter")
        expect(home.get_by_role("main")).to_contain_text("has had for longer")

        thawed = server.run("user", "thaw", "alice", "--yes")
        assert (thawed.returncode, "no longer frozen" in thawed.stdout) == (0, True)
        assert "no longer frozen" in str(
            server.next_mail("alice@example.org", subject="no longer frozen")["subject"]
        )
