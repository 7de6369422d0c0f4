"""A webhook in a real browser: added, sent a signed event by the running server, seen in its log, and sent again."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.artifacts.building import build_wheel
from tests.journeys.residents import move_in
from tests.support.browser import browser_without_script
from tests.support.patience import until
from tests.support.server import Server, running_server

if TYPE_CHECKING:
    from tests.webhooks.receiving import Receiver

pytestmark = pytest.mark.journey
ACCOUNT = "/manage/account/webhooks/"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may send to this machine."""
    networks = {"STRONGROOM_AUDIT__WEBHOOK_NETWORKS": "127.0.0.0/8"}
    with running_server(tmp_path_factory.mktemp("house") / "data", env=networks) as server:
        yield server


@pytest.fixture
def post() -> "Iterator[Receiver]":
    from tests.webhooks.receiving import receiver

    with receiver() as running:
        yield running


def assert_fit_for_everybody(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def add(page: Page, path: str, url: str, *, only: str = "") -> tuple[str, str]:
    """Add a webhook; returns its secret, and the address of its page, which is open then."""
    page.goto(path)
    page.get_by_role("link", name="Add a webhook").press("Enter")
    page.get_by_label("Address", exact=True).fill(url)
    if only:
        page.get_by_label("Only these").check()
        page.get_by_label(only, exact=True).check()
    assert_fit_for_everybody(page)
    page.get_by_role("button", name="Add the webhook").press("Enter")
    secret = page.locator("#secret").inner_text().strip()
    assert_fit_for_everybody(page)
    page.get_by_role("link", name="I have copied it").press("Enter")
    page.wait_for_url(re.compile("/webhooks/[0-9a-f-]{36}/$"))
    return secret, page.url


def wait_for(page: Page, detail: str, text: str) -> None:
    """Look again until the page of a webhook says so, as somebody does who waits for a delivery."""

    def says_so() -> bool:
        page.goto(detail)
        return page.get_by_text(text).count() > 0

    until(says_so, pause=0.5)


def visit_all(page: Page, detail: str) -> None:
    for path in ("", "change/", "secret/", "replay/?first=1", "replay/?first=x", "remove/"):
        page.goto(f"{detail}{path}")
        assert_fit_for_everybody(page)


def test_an_event_arrives_signed_and_stands_in_the_log(
    window: Callable[..., Page], house: Server, post: "Receiver"
) -> None:
    from strongroom.kernel.secrets import Secret

    page = window(viewport={"width": 320, "height": 800}, color_scheme="dark", reduced_motion="reduce")
    move_in(page, house, [], username="alice")
    secret, detail = add(page, ACCOUNT, post.url, only="Webhooks")
    wait_for(page, detail, "alice added a webhook to")
    assert post.got[0].verify(Secret(secret))["type"] == "webhook.added"
    serial = post.got[0].message["data"]["serial"]

    page.get_by_role("button", name="Send a test message").press("Enter")
    expect(page.get_by_text("A test message is on its way.")).to_be_visible()
    wait_for(page, detail, "test_")  # its id, in the log
    assert "webhook.test" in [received.message["type"] for received in post.got]

    page.get_by_role("link", name="alice added a webhook to").first.press("Enter")
    expect(page).to_have_url(re.compile(rf"/manage/account/history/\?serial={serial}$"))
    page.goto(detail)
    page.get_by_role("link", name=f"Send again from number {serial} on").press("Enter")
    expect(page.get_by_role("heading", name="This sends")).to_be_visible()
    before = post.ids.count(f"evt_{serial}")
    page.get_by_role("button", name="Send them again").press("Enter")
    expect(page.get_by_text(f"Events from number {serial} on are sent again.")).to_be_visible()
    until(lambda: post.ids.count(f"evt_{serial}") > before)
    assert post.ids.count(f"evt_{serial}") == before + 1
    visit_all(page, detail)


def test_a_failure_is_told_and_tried_again(
    window: Callable[..., Page], house: Server, post: "Receiver"
) -> None:
    page = window(color_scheme="light", reduced_motion="reduce")
    move_in(page, house, [], username="bob")
    post.says(500, b"<script>document.title = 'forged'</script>")
    _secret, detail = add(page, ACCOUNT, post.url)
    wait_for(page, detail, "It answered with status 500.")
    expect(page.get_by_text("Next attempt:")).to_be_visible()
    assert_fit_for_everybody(page)
    page.goto(ACCOUNT)
    assert_fit_for_everybody(page)
    page.get_by_role("link", name="Open").click()
    post.says(204)
    page.get_by_role("button", name="Try again now").click()
    expect(page.get_by_text("The webhook goes on")).to_be_visible()
    wait_for(page, detail, "Nothing waits for it.")
    expect(page.get_by_text("active", exact=True)).to_be_visible()


def test_owners_and_operators_have_theirs(
    window: Callable[..., Page], house: Server, post: "Receiver", tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = window(color_scheme="dark", reduced_motion="reduce")
    move_in(page, house, [build_wheel(tmp_path_factory.mktemp("files"), version="1.0")], username="owner")
    link = re.search(r"http\S+/operate/setup/\?token=\S+", house.log)
    assert link
    page.goto(link[0])
    page.get_by_role("button", name="Become operator").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Operate")
    post.says(500, b"<script>document.title = 'forged'</script>")
    for path in ("/manage/project/demo/webhooks/", "/operate/webhooks/"):
        page.goto(path)
        assert_fit_for_everybody(page)
        _secret, detail = add(page, path, post.url)
        wait_for(page, detail, "It answered with status 500.")
        visit_all(page, detail)
    page.goto(detail)
    page.get_by_text("What it answered").first.press("Enter")
    expect(page.get_by_text("<script>document.title = 'forged'</script>").first).to_be_visible()
    assert_fit_for_everybody(page)


def test_all_of_it_works_without_script(
    window: Callable[..., Page], browser: Browser, house: Server, post: "Receiver"
) -> None:
    home = window()
    move_in(home, house, [], username="plain")
    with browser_without_script(browser) as plain:
        context = plain.new_context(base_url=house.base_url, storage_state=home.context.storage_state())
        page = context.new_page()
        page.goto(f"{ACCOUNT}add/")
        page.get_by_label("Address", exact=True).fill(post.url)
        page.get_by_label("Only these").check()
        page.locator("details", has_text="Releases").locator("summary").press("Enter")
        page.get_by_label("release.yanked").check()
        page.get_by_role("button", name="Add the webhook").press("Enter")
        expect(page.locator("#secret")).to_contain_text("whsec_")
        page.get_by_role("link", name="I have copied it").press("Enter")
        page.get_by_role("link", name="Make a new secret").press("Enter")
        page.get_by_role("button", name="Make a new secret").press("Enter")
        expect(page.locator("#secret")).to_contain_text("whsec_")
        page.get_by_role("link", name="I have copied it").press("Enter")
        page.get_by_role("link", name="Remove").press("Enter")
        page.get_by_role("button", name="Remove").press("Enter")
        expect(page.get_by_text("The webhook is removed.")).to_be_visible()
        context.close()
