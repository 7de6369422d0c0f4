"""Real Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserType, expect, sync_playwright

from tests.support.patience import MILLISECONDS

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Playwright's own switch leaves <noscript> out of the page.
_NO_SCRIPT = "--blink-settings=scriptEnabled=false"


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Debian's Chromium without a screen."""
    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright, _launched(playwright.chromium) as browser:
        yield browser


@contextmanager
def browser_without_script(beside: Browser) -> Iterator[Browser]:
    """Another one, in which no page runs script, and ``<noscript>`` is shown."""
    with _launched(beside.browser_type, _NO_SCRIPT) as browser:
        yield browser


@contextmanager
def _launched(kind: BrowserType, *flags: str) -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "Chromium is not installed; `make test` installs it on Debian and Ubuntu"
    browser = kind.launch(executable_path=chromium, args=[*_FLAGS, *flags], timeout=2 * MILLISECONDS)
    try:
        yield browser
    finally:
        browser.close()
