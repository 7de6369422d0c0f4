"""Every page for everybody: axe finds nothing, nothing sticks out at 320 px, keyboard and copy buttons work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.artifacts.building import build_sdist, build_wheel
from tests.journeys.residents import move_in, register
from tests.support.browser import running_browser
from tests.support.server import Server, running_server

pytestmark = pytest.mark.journey

DESCRIPTION = "# Demo\n\nText with `code`, a [link](https://a.example).\n\n```python\nprint('x' * 200)\n```\n"
PUBLIC = (
    *("/", "/search/?q=demo", "/search/?q=nothing", "/project/demo/", "/project/demo/1.0/", "/user/alice/"),
    *("/help/", "/security/", "/nowhere/", "/account/login/", "/account/register/"),
    *(
        "/account/request-password-reset/",
        "/account/verify-email/?token=x",
        "/account/reset-password/?token=x",
        "/account/recover/",
        "/account/confirm-login/",
        "/account/confirm-login/?token=x",
    ),
)
OWN = (
    *(
        "/manage/account/",
        "/manage/account/password/",
        "/manage/account/totp-provision/",
        "/manage/account/webauthn-provision/",
        "/manage/account/recovery-codes/",
        "/manage/account/token/",
        "/manage/account/token/?project=demo",
    ),
    *("/manage/projects/", "/account/reauthenticate/"),
    *("/manage/project/demo/releases/", "/manage/project/demo/releases/1.0/yank/"),
    *(
        "/manage/account/publishing/?provider=github",
        "/manage/project/demo/publishing/?provider=gitlab",
        "/manage/project/demo/publishing/try/",
    ),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[Server, str]]:
    """A server on which alice lives, and the file that holds her cookies."""
    folder = tmp_path_factory.mktemp("site")
    extra = "Summary: A demonstration\nDescription-Content-Type: text/markdown\nClassifier: Topic :: Security"
    files = [
        build_wheel(folder, version=version, metadata_extra=extra, description=DESCRIPTION)
        for version in ("1.0", "2.0")
    ]
    files.append(build_sdist(folder, name="demo", version="2.0"))
    with running_server(folder / "data", env={"STRONGROOM_SITE__KIND": "test"}) as server:
        context = browser.new_context(base_url=server.base_url)
        move_in(context.new_page(), server, files)
        context.storage_state(path=folder / "alice.json")
        context.close()
        yield server, str(folder / "alice.json")


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def opened(browser: Browser, server: Server, **choices: object) -> Page:
    context = browser.new_context(base_url=server.base_url, **choices)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    return context.new_page()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{page.url}: {rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


def test_axe_finds_nothing_on_any_page(browser: Browser, site: tuple[Server, str], scheme: str) -> None:
    server, alice = site
    for paths, state in ((PUBLIC, None), (OWN, alice)):
        page = opened(browser, server, color_scheme=scheme, storage_state=state, reduced_motion="reduce")
        for path in paths:
            page.goto(path)
            assert violations(page) == []
        page.context.close()


def test_axe_finds_nothing_on_forms_with_mistakes(
    browser: Browser, site: tuple[Server, str], scheme: str
) -> None:
    page = opened(browser, site[0], color_scheme=scheme, reduced_motion="reduce")
    for path in ("/account/login/", "/account/register/", "/account/request-password-reset/"):
        page.goto(path)
        page.get_by_role("main").get_by_role("button").first.click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert violations(page) == []
    page.context.close()


def test_nothing_sticks_out_at_320_pixels(browser: Browser, site: tuple[Server, str]) -> None:
    server, alice = site
    for paths, state in ((PUBLIC, None), (OWN, alice)):
        page = opened(browser, server, storage_state=state, viewport={"width": 320, "height": 640})
        for path in paths:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.context.close()


def test_what_is_pressed_is_44_pixels_high(browser: Browser, site: tuple[Server, str]) -> None:
    server, alice = site
    small = """[...document.querySelectorAll(
        'button, input:not([type=hidden], [type=checkbox], [type=radio], .unseen), select, summary, nav a, a.button, a.primary'
        )]
        .filter(it => it.offsetParent && it.getBoundingClientRect().height < 43.5).map(it => it.outerHTML)"""
    for paths, state in ((PUBLIC, None), (OWN, alice)):
        page = opened(browser, server, storage_state=state)
        for path in paths:
            page.goto(path)
            assert page.evaluate(small) == [], path
        page.context.close()


def test_the_first_tab_leads_past_the_header(browser: Browser, site: tuple[Server, str]) -> None:
    page = opened(browser, site[0])
    page.goto("/help/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.context.close()


def test_the_summary_of_mistakes_leads_to_the_field(browser: Browser, site: tuple[Server, str]) -> None:
    page = opened(browser, site[0])
    page.goto("/account/register/")
    page.get_by_label("Username").fill("a b")
    page.get_by_label("Email address").fill("a@example.org")
    page.get_by_label("Password", exact=True).fill("x")
    page.get_by_label("Confirm password").fill("x")
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.get_by_label("Username")).to_be_focused()
    expect(page.get_by_label("Username")).to_have_attribute("aria-invalid", "true")
    page.context.close()


def test_commands_are_copied_to_the_letter(browser: Browser, site: tuple[Server, str]) -> None:
    server, _alice = site
    page = opened(browser, server, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/project/demo/")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"pip install --index-url {server.base_url}/simple/ demo"
    page.context.close()


def test_everything_works_without_script(browser: Browser, site: tuple[Server, str], tmp_path: Path) -> None:
    page = opened(browser, site[0], java_script_enabled=False)
    register(page, "bob")
    expect(page.get_by_role("heading", level=1)).to_contain_text("bob")
    page.goto("/project/demo/")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.context.close()


def test_no_page_breaks_its_own_content_security_policy(browser: Browser, site: tuple[Server, str]) -> None:
    # SS-15
    server, alice = site
    complaints: list[str] = []
    for paths, state in ((PUBLIC, None), (OWN, alice)):
        page = opened(browser, server, storage_state=state)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for path in paths:
            page.goto(path)
        page.context.close()
    assert [text for text in complaints if "status of 4" not in text] == []
