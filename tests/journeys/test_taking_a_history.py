"""A history taken away in a real browser: with progress, cancelled, and without script; and “this was not me” by keyboard."""

import csv
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.residents import register
from tests.support.browser import browser_without_script
from tests.support.patience import MILLISECONDS, SECONDS
from tests.support.server import Server

pytestmark = pytest.mark.journey
EVENTS = 60_000
HISTORY = "/manage/account/history/"

# Each like the account's first event, but for its serial.
_MANY = """
    WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {count})
    INSERT INTO audit_entry ({columns}) SELECT {columns} FROM audit_entry, counted
    WHERE serial = (SELECT min(serial) FROM audit_entry WHERE tag = 'account.created')
"""


def live_long(server: Server) -> None:
    """Many events, as of years, put into the database as it stands."""
    (database,) = server.data.glob("*.sqlite3")
    with sqlite3.connect(database, timeout=SECONDS) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(audit_entry)")]
        names = ", ".join(f'"{name}"' for name in columns if name != "serial")
        connection.execute(_MANY.format(count=EVENTS, columns=names))
    connection.close()


def open_downloads(page: Page) -> None:
    page.goto(HISTORY)
    page.get_by_text("Download, or prove an event").press("Enter")


def assert_fit_for_everybody(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_long_history_comes_with_progress_and_can_be_cancelled(
    house: Server, window: Callable[..., Page], tmp_path: Path
) -> None:
    page = window(viewport={"width": 320, "height": 800}, color_scheme="dark", reduced_motion="reduce")
    register(page, "alice")
    live_long(house)

    open_downloads(page)
    assert_fit_for_everybody(page)
    page.get_by_role("link", name="Download as JSON Lines").press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Cancelled. Nothing was saved.")
    expect(page.get_by_role("link", name="Download as JSON Lines")).to_be_focused()

    with page.expect_download(timeout=2 * MILLISECONDS) as downloading:
        page.get_by_role("link", name="Download as CSV").press("Enter")
        expect(page.locator("#takeout-progress")).to_contain_text(
            re.compile(r"[\d,]+ of about [\d,]+ events")
        )
        assert_fit_for_everybody(page)
    saved = tmp_path / "history.csv"
    downloading.value.save_as(saved)
    expect(page.get_by_role("status")).to_contain_text("Done:")
    assert re.fullmatch(r"strongroom-account-alice-[\d-]{10}\.csv", downloading.value.suggested_filename)
    with saved.open(newline="", encoding="utf-8") as file:
        assert sum(row["tag"] == "account.created" for row in csv.DictReader(file)) == EVENTS + 1


def test_without_script_the_browser_downloads_it(
    house: Server, window: Callable[..., Page], browser: Browser, tmp_path: Path
) -> None:
    home = window()
    register(home, "bob")
    with browser_without_script(browser) as plain:
        context = plain.new_context(base_url=house.base_url, storage_state=home.context.storage_state())
        page = context.new_page()
        open_downloads(page)
        with page.expect_download() as downloading:
            page.get_by_role("link", name="Download as CSV").click()
        downloading.value.save_as(tmp_path / "history.csv")
        assert "bob" in (tmp_path / "history.csv").read_text(encoding="utf-8")

        page.goto(HISTORY)
        page.locator("li.event summary").first.press("Enter")
        page.get_by_role("link", name="This was not me").first.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Was this not you?")
        page.get_by_role("button", name="It was not me: stop everything").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("bob is frozen")
        page.goto("/manage/account/")
        expect(page).to_have_url(re.compile("/account/login/"))
        context.close()
