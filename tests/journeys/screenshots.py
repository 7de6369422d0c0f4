"""Takes the pictures in ``docs/screenshots``: ``python -m tests.journeys.screenshots``.

A real server with real projects from PyPI on it, seen in light, in dark and at 320 pixels. A provider of our own signs what
GitHub Actions would, with keys that the server takes for GitHub's; a receiver of our own takes what a webhook sends.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.residents import code_of_waiting_program, move_in, take_office
from tests.support.browser import running_browser
from tests.support.clients import download_from_pypi, said, twine_upload
from tests.support.console import console_of
from tests.support.openid.provider import Provider, running_provider
from tests.support.patience import SECONDS
from tests.support.postgresql import free_port
from tests.support.runs import in_github
from tests.support.server import Server, running_server
from tests.support.taker import running_taker

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screenshots"
PROJECTS = (
    "attrs==25.3.0",
    "click==8.3.0",
    "idna==3.11",
    "rich==14.2.0",
    "packaging==25.0",
    "iniconfig==2.3.0",
)
GITHUB, RUN = "https://token.actions.githubusercontent.com", in_github("attrs")
BUILT = "attrs==25.4.0"  # by a trusted publisher
PUBLIC = {
    "home": "/",
    "register": "/account/register/",
    "sign-in": "/account/login/",
    "project": "/project/attrs/",
}
TRY = "/manage/project/attrs/publishing/try/"
OWN = {
    "account": "/manage/account/",
    "two-factor": "/manage/account/totp-provision/",
    "security-key": "/manage/account/webauthn-provision/",
    "recovery-codes": "/manage/account/recovery-codes/",
    "token": "/manage/account/token/",
    "publishing": "/manage/project/attrs/publishing/",
    "published": "/manage/project/attrs/publishing/#published",
    "history": "/manage/account/history/",
    "project-history": "/manage/project/attrs/history/",
    "webhooks": "/manage/account/webhooks/",
    "webhook-add": "/manage/account/webhooks/add/",
    "data": "/manage/account/data/",
}
OF_OPERATORS = {
    "audit": "/operate/audit/",
    "audit-search": "/operate/audit/?what=session&outcome=refused",
    "downloads": "/operate/audit/downloads/",
}
PRIVATE_NETWORKS = {"STRONGROOM_AUDIT__WEBHOOK_NETWORKS": "127.0.0.0/8"}
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
        built = download_from_pypi(Path(folder) / "built", BUILT)
        with (
            running_server(Path(folder) / "data", env=PRIVATE_NETWORKS) as server,
            running_provider(Path(folder) / "provider") as provider,
        ):
            alice, bob = Path(folder) / "alice.json", Path(folder) / "bob.json"
            webhook = _move_in_all(browser, server, files, alice=alice, bob=bob)
            _publish_from_github(server, provider, built)
            own = {**_own(server), "webhook": webhook}
            for look in LOOKS:
                _take(_context(browser, server, look), look, PUBLIC)
                _take(_context(browser, server, look, state=alice), look, own)
                _take(_context(browser, server, look, state=bob), look, OF_OPERATORS)
                _take_event(_context(browser, server, look, state=alice), look)
                _take_dry_run(_context(browser, server, look, state=alice), look, _identity(server, provider))


def _move_in_all(browser: Browser, server: Server, files: Sequence[Path], *, alice: Path, bob: Path) -> str:
    """Mallory, bob, who operates the site, and alice, who has a past; returns the address of her webhook."""
    for username in ("mallory", "bob"):
        context = browser.new_context(base_url=server.base_url)
        move_in(context.new_page(), server, [], username=username)
        if username == "bob":
            take_office(context.pages[0], server)
            context.storage_state(path=bob)
        context.close()
    context = browser.new_context(base_url=server.base_url)
    page = context.new_page()
    move_in(page, server, files)
    with console_of(server) as console:
        console("weeks", username="alice", days=29)
    webhook = _add_webhook(page)
    context.storage_state(path=alice)
    context.close()
    return webhook


def _add_webhook(page: Page) -> str:
    """Its receiver is away at first."""
    port = free_port()
    page.goto("/manage/account/webhooks/add/")
    page.get_by_label("Address", exact=True).fill(f"http://127.0.0.1:{port}/strongroom")
    page.get_by_role("button", name="Add the webhook").click()
    page.get_by_role("link", name="I have copied it").click()
    detail = page.url
    _look_again(page, detail, "failed")
    with running_taker(port):
        page.get_by_role("button", name="Send a test message").click()
        _look_again(page, detail, "test_")
        _look_again(page, detail, "Nothing waits for it.")
    return detail


def _look_again(page: Page, path: str, text: str) -> None:
    for _number in range(240):
        page.goto(path)
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"nothing says {text!r}: {page.inner_text('main')}")


def _own(server: Server) -> dict[str, str]:
    return {**OWN, "device": f"/account/device/?user_code={code_of_waiting_program(server)}"}


def _publish_from_github(server: Server, provider: Provider, files: Sequence[Path]) -> None:
    """Alice adds a publisher to attrs, and its run publishes a release."""
    with console_of(server) as console:
        console("keep_keys", issuer=GITHUB, jwks=provider.keys())
        console("publisher", username="alice", project="attrs", issuer=GITHUB, wanted=RUN.wanted)
    identity = {"token": _identity(server, provider)}
    minted = httpx.post(
        f"{server.base_url}/_/oidc/mint-token", json=identity, trust_env=False, timeout=SECONDS
    )
    done = twine_upload(server.base_url, *files, password=minted.raise_for_status().json()["token"])
    assert done.returncode == 0, said(done)


def _identity(server: Server, provider: Provider) -> str:
    return provider.token(audience=server.base_url, **RUN.claims, iss=GITHUB)


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


def _take_event(context: BrowserContext, look: str) -> None:
    page = context.new_page()
    page.goto("/manage/account/history/?what=token.made")
    page.locator("li.event summary").first.click()
    page.screenshot(path=FOLDER / f"event-{look}.png")
    page.get_by_role("link", name="This was not me").first.click()
    page.screenshot(path=FOLDER / f"not-me-{look}.png")
    context.close()


def _take_dry_run(context: BrowserContext, look: str, identity: str) -> None:
    page = context.new_page()
    page.goto(TRY)
    page.get_by_label("Identity token").fill(identity)
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("heading", name="Try another").wait_for()
    page.screenshot(path=FOLDER / f"dry-run-{look}.png")
    context.close()


if __name__ == "__main__":
    main()
