"""Looking for an event with the keyboard alone, and without script."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.residents import move_in
from tests.support.browser import browser_without_script
from tests.support.server import Server

pytestmark = pytest.mark.journey

HISTORY = "/manage/account/history/"


def test_an_event_is_found_and_opened_with_the_keyboard(window: Callable[..., Page], house: Server) -> None:
    page = window(reduced_motion="reduce")
    move_in(page, house, [], username="alice")
    page.goto(HISTORY)
    page.get_by_role("searchbox", name="Find").press_sequentially("token.made")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?what=token.made")
    event = page.locator("li.event").first
    event.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(event.get_by_text("Serial number")).to_be_visible()
    for summary in page.locator("summary").all():
        if summary.is_visible() and summary.evaluate("each => !each.parentElement.open"):
            summary.press("Enter")
    assert Axe().run(page).response["violations"] == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_everything_works_without_script(
    browser: Browser, window: Callable[..., Page], house: Server, tmp_path: Path
) -> None:
    page, state = window(), tmp_path / "bob.json"
    move_in(page, house, [], username="bob")
    page.context.storage_state(path=state)
    with browser_without_script(browser) as scriptless:
        page = scriptless.new_context(base_url=house.base_url, storage_state=state).new_page()
        page.goto(HISTORY)
        page.get_by_text("Filters", exact=True).click()
        page.get_by_label("What", exact=True).select_option(label="Logging in: all of it")
        page.get_by_label("Outcome").select_option("done")
        page.get_by_role("button", name="Apply the filters").click()
        expect(page).to_have_url(re.compile("what=session&outcome=done"))
        expect(page.get_by_role("link", name="What: Logging in: all of it")).to_be_visible()
        expect(page.locator("li.event").first).to_contain_text("bob")
        page.goto(f"{HISTORY}?days=90")
        expect(page.get_by_role("img", name=re.compile("Sign-ins"))).to_be_visible()
        page.get_by_text("The same in numbers").click()
        expect(page.get_by_role("rowheader")).to_have_count(13)
