"""A private site in a browser: whoever is signed in downloads what the pages link to, and others log in first."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.artifacts.building import build_wheel
from tests.journeys.residents import PASSWORD
from tests.support.clients import twine_upload
from tests.support.patience import MILLISECONDS, SECONDS
from tests.support.publishing import add_person, make_token
from tests.support.server import Server, running_server

pytestmark = pytest.mark.journey

FILENAME = "demo-1.0-py3-none-any.whl"
PROVENANCE = f"/integrity/demo/1.0/{FILENAME}/provenance"


@dataclass(frozen=True)
class Vault:
    """A private server with a file of alice's, on which bob has an account."""

    server: Server
    sha256: str

    @property
    def file(self) -> str:
        """The path of the file."""
        return f"/files/{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256[4:]}/{FILENAME}"


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    folder = tmp_path_factory.mktemp("vault")
    with running_server(folder / "data", env={"STRONGROOM_SITE__ACCESS": "private"}) as server:
        for username in ("alice", "bob"):
            add_person(server, username)
        wheel = build_wheel(folder, name="demo", version="1.0")
        published = twine_upload(
            server.base_url, wheel, username="__token__", password=make_token(server, "alice")
        )
        assert published.returncode == 0, published.stdout
        yield Vault(server, hashlib.sha256(wheel.read_bytes()).hexdigest())


@pytest.fixture
def page(browser: Browser, vault: Vault) -> Iterator[Page]:
    context = browser.new_context(base_url=vault.server.base_url)
    context.set_default_timeout(MILLISECONDS)
    yield context.new_page()
    context.close()


def enter(page: Page) -> None:
    """Fill in the page to log in, as bob."""
    page.get_by_label("Username").fill("bob")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()


def digest_of(downloaded: Path) -> str:
    return hashlib.sha256(downloaded.read_bytes()).hexdigest()


def test_whoever_is_signed_in_downloads_the_file_that_the_page_links_to(page: Page, vault: Vault) -> None:
    page.goto("/project/demo/")
    enter(page)
    page.wait_for_url("**/project/demo/")
    with page.expect_download() as download:
        page.get_by_role("link", name=FILENAME, exact=True).click()
    assert (download.value.suggested_filename, digest_of(download.value.path())) == (FILENAME, vault.sha256)
    page.goto("/simple/")
    page.get_by_role("link", name="demo", exact=True).click()
    expect(page.get_by_role("link", name=FILENAME)).to_be_visible()
    answer = page.goto(PROVENANCE)
    assert answer is not None
    assert (answer.status, answer.json()) == (404, {"message": f"No provenance available for {FILENAME}"})


def test_whoever_is_not_logs_in_and_gets_the_file_that_they_asked_for(page: Page, vault: Vault) -> None:
    # IX-01
    for path in (f"/files/aa/bb/{'c' * 60}/{FILENAME}", PROVENANCE, vault.file):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    with page.expect_download() as download:
        enter(page)
    assert digest_of(download.value.path()) == vault.sha256


def test_nothing_is_read_any_more_after_logging_out(page: Page, vault: Vault) -> None:
    # SS-03, SS-16
    page.goto("/account/login/?next=/simple/demo/")
    enter(page)
    page.wait_for_url("**/simple/demo/")
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}  # type: ignore[typeddict-item]
    address = f"{vault.server.base_url}{vault.file}"
    assert httpx.get(address, cookies=cookies, trust_env=False, timeout=SECONDS).status_code == 200
    page.goto("/")
    page.get_by_role("button", name="Log out").first.click()
    page.wait_for_url("**/account/login/**")
    page.wait_for_timeout(1_000)  # for so long a worker may believe what it was told before
    page.goto(vault.file)
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    replayed = httpx.get(address, cookies=cookies, trust_env=False, timeout=SECONDS)
    assert (replayed.status_code, replayed.headers["strongroom-refusal"]) == (401, "credentials_missing")
