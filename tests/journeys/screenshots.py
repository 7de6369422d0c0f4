"""Takes the pictures in ``docs/screenshots``: ``python -m tests.journeys.screenshots``.

A real server with real projects from PyPI on it, seen in light, in dark and at 320 pixels.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from tests.journeys.residents import move_in
from tests.support.browser import running_browser
from tests.support.clients import download_from_pypi
from tests.support.server import Server, running_server

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screenshots"
PROJECTS = (
    "attrs==25.4.0",
    "click==8.3.0",
    "idna==3.11",
    "rich==14.2.0",
    "packaging==25.0",
    "iniconfig==2.3.0",
)
PUBLIC = {
    "home": "/",
    "register": "/account/register/",
    "sign-in": "/account/login/",
    "project": "/project/attrs/",
}
OWN = {
    "account": "/manage/account/",
    "two-factor": "/manage/account/totp-provision/",
    "security-key": "/manage/account/webauthn-provision/",
    "recovery-codes": "/manage/account/recovery-codes/",
}
WIDE, NARROW = {"width": 1280, "height": 960}, {"width": 320, "height": 960}
LOOKS = {
    "light": {"color_scheme": "light", "viewport": WIDE},
    "dark": {"color_scheme": "dark", "viewport": WIDE},
    "320": {"color_scheme": "light", "viewport": NARROW},
}


def main() -> None:
    """Take every picture anew."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        files = download_from_pypi(Path(folder) / "files", *PROJECTS)
        with running_server(Path(folder) / "data") as server:
            alice = Path(folder) / "alice.json"
            context = browser.new_context(base_url=server.base_url)
            move_in(context.new_page(), server, files)
            context.storage_state(path=alice)
            for look in LOOKS:
                _take(_context(browser, server, look), look, PUBLIC)
                _take(_context(browser, server, look, state=alice), look, OWN)


def _context(browser: Browser, server: Server, look: str, *, state: Path | None = None) -> BrowserContext:
    return browser.new_context(
        base_url=server.base_url,
        storage_state=state,
        reduced_motion="reduce",
        **LOOKS[look],  # type: ignore[arg-type]
    )


def _take(context: BrowserContext, look: str, paths: dict[str, str]) -> None:
    page = context.new_page()
    for name, path in paths.items():
        page.goto(path)
        page.screenshot(path=FOLDER / f"{name}-{look}.png")
    context.close()


if __name__ == "__main__":
    main()
