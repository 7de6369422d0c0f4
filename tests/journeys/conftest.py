"""One browser for the journeys, one server for those of a file that bring their own people, and a fresh window for each."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.browser import running_browser
from tests.support.patience import MILLISECONDS
from tests.support.server import Server, running_server

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which many people can live, each in their own test."""
    with running_server(tmp_path_factory.mktemp("house") / "data") as server:
        yield server


@pytest.fixture
def window(browser: Browser, house: Server) -> "Iterator[Callable[..., Page]]":
    """Opens a page in a browser of its own, without cookies; takes the choices of ``Browser.new_context``."""
    opened: list[BrowserContext] = []

    def open_window(**choices: object) -> Page:
        context = browser.new_context(base_url=house.base_url, **choices)  # type: ignore[arg-type]
        context.set_default_timeout(MILLISECONDS)
        opened.append(context)
        return context.new_page()

    yield open_window
    for context in opened:
        context.close()


@pytest.fixture
def page(window: "Callable[..., Page]") -> Page:
    return window()
