"""Takes the pictures in ``docs/screenshots``: ``python -m tests.journeys.screenshots``.

A real server with real projects from PyPI on it, seen in light, in dark and at 320 pixels. A provider of our own signs what
GitHub Actions would, with keys that the server takes for GitHub's.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserContext

from tests.journeys.residents import code_of_waiting_program, move_in
from tests.support.browser import running_browser
from tests.support.clients import download_from_pypi, said, twine_upload
from tests.support.console import console_of
from tests.support.openid.provider import Provider, running_provider
from tests.support.runs import in_github
from tests.support.server import Server, running_server

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
        built = download_from_pypi(Path(folder) / "built", BUILT)
        with (
            running_server(Path(folder) / "data") as server,
            running_provider(Path(folder) / "provider") as provider,
        ):
            alice = Path(folder) / "alice.json"
            context = browser.new_context(base_url=server.base_url)
            move_in(context.new_page(), server, files)
            _publish_from_github(server, provider, built)
            context.storage_state(path=alice)
            for look in LOOKS:
                _take(_context(browser, server, look), look, PUBLIC)
                _take(_context(browser, server, look, state=alice), look, _own(server))
                _take_dry_run(_context(browser, server, look, state=alice), look, _identity(server, provider))


def _own(server: Server) -> dict[str, str]:
    return {**OWN, "device": f"/account/device/?user_code={code_of_waiting_program(server)}"}


def _publish_from_github(server: Server, provider: Provider, files: Sequence[Path]) -> None:
    """Alice adds a publisher to attrs, and its run publishes a release."""
    with console_of(server) as console:
        console("keep_keys", issuer=GITHUB, jwks=provider.keys())
        console("publisher", username="alice", project="attrs", issuer=GITHUB, wanted=RUN.wanted)
    identity = {"token": _identity(server, provider)}
    minted = httpx.post(f"{server.base_url}/_/oidc/mint-token", json=identity, trust_env=False, timeout=30)
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
