"""The pages that only somebody with a key sees, and those half-way through logging in: axe finds nothing, 320 px are enough."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.keyring import (
    Device,
    add_first_key,
    add_key,
    close_list,
    enter_password,
    log_out,
    prompt,
    settle,
)
from tests.support.patience import MILLISECONDS
from tests.support.server import Server, running_server

pytestmark = pytest.mark.journey

Check = Callable[[Page], None]


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, house: Server) -> Iterator[Page]:
    """As narrow as it gets, in both schemes."""
    context = browser.new_context(
        base_url=house.base_url,
        color_scheme=request.param,
        viewport={"width": 320, "height": 640},
        reduced_motion="reduce",
    )
    context.set_default_timeout(MILLISECONDS)
    yield context.new_page()
    context.close()


def name_for(page: Page) -> str:
    """Somebody new for each scheme."""
    return (
        "alice-dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "alice-light"
    )


def assert_fit_for_everybody(page: Page) -> None:
    """Axe finds nothing, nothing sticks out, and what is pressed is as high as a thumb."""
    found = Axe().run(page).response["violations"]
    assert [f"{page.url}: {rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    small = (
        "[...document.querySelectorAll('main button')].filter(it => it.offsetParent && it.offsetHeight < 43)"
    )
    assert page.evaluate(f"{small}.map(it => it.outerHTML)") == [], page.url


def test_every_page_on_the_way_of_somebody_with_a_key(page: Page, house: Server) -> None:
    username = name_for(page)
    settle(page, house, username)
    device = Device(page)
    device.recognize(False)
    add_key(page, "Key ring")
    expect(prompt(page)).to_contain_text("Nothing was sent")
    assert_fit_for_everybody(page)

    device.recognize(True)
    page.get_by_role("button", name="Add the key").click()
    page.wait_for_url("**/recovery-codes/")
    assert_fit_for_everybody(page)
    page.get_by_role("button", name="Make recovery codes").click()
    codes = page.locator("#codes").inner_text().split()
    assert_fit_for_everybody(page)
    page.get_by_label("Recovery code").fill("wrong")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_fit_for_everybody(page)
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Verify").click()
    page.wait_for_url("**/manage/account/#two-factor")
    assert_fit_for_everybody(page)

    for link in ("Rename Key ring", "Remove Key ring", "Add another security key", "Make new recovery codes"):
        page.goto("/manage/account/")
        page.goto(page.get_by_role("link", name=link).first.get_attribute("href") or "")
        assert_fit_for_everybody(page)
    device.recognize(False)
    page.goto("/account/reauthenticate/")
    expect(prompt(page)).to_contain_text("Nothing was sent")
    assert_fit_for_everybody(page)
    log_out(page)

    enter_password(page, username)
    expect(prompt(page)).to_contain_text("Nothing was sent")
    assert_fit_for_everybody(page)
    page.get_by_role("link", name="Use a recovery code").click()
    page.wait_for_url("**/account/recovery-code/**")
    assert_fit_for_everybody(page)
    page.get_by_label("Recovery code").fill(codes[1])
    page.get_by_role("button", name="Verify").click()
    page.wait_for_url("**/manage/account/")
    assert_fit_for_everybody(page)


def test_a_copied_key_is_told_so_that_everybody_can_read_it(page: Page, house: Server) -> None:
    username = f"{name_for(page)}-2"
    settle(page, house, username)
    device = Device(page)
    add_first_key(page, "Key ring")
    old = device.credentials[0]
    log_out(page)
    enter_password(page, username)
    page.wait_for_url("**/manage/account/")
    log_out(page)

    twin = Device(page)
    twin.put(old)
    device.touch(False)
    close_list(page)
    enter_password(page, username)
    expect(page.get_by_role("alert")).to_be_visible()
    assert_fit_for_everybody(page)
    device.touch(True)
    twin.unplug()
    page.get_by_role("button", name="Use your security key").click()
    page.wait_for_url("**/manage/account/")
    expect(page.get_by_text("maybe copied")).to_be_visible()
    assert_fit_for_everybody(page)


@pytest.fixture
def beta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which security keys are a beta, and two-factor sign-in is to come for everybody."""
    env = {
        "STRONGROOM_FEATURES__WEBAUTHN": "beta",
        "STRONGROOM_FEATURES__FEEDBACK": "https://feedback.example",
        "STRONGROOM_SIGN_IN__TWO_FACTOR": "everyone",
        "STRONGROOM_SIGN_IN__TWO_FACTOR_FROM": "2099-01-01",
    }
    with running_server(tmp_path_factory.mktemp("beta") / "data", env=env) as server:
        yield server


def test_what_is_a_beta_and_what_is_to_come_is_fit_for_everybody(browser: Browser, beta: Server) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(
            base_url=beta.base_url, color_scheme=scheme, viewport={"width": 320, "height": 640}
        )
        page = context.new_page()
        settle(page, beta, f"alice-{scheme}")
        for path in ("/manage/account/", "/manage/account/webauthn-provision/"):
            page.goto(path)
            expect(page.get_by_role("complementary", name="Two-factor sign-in")).to_contain_text("2099")
            expect(
                page.get_by_role("main").get_by_role("link", name="Tell us how they work for you").first
            ).to_be_visible()
            assert_fit_for_everybody(page)
        context.close()
