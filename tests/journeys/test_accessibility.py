"""Every page for everybody: axe finds nothing, nothing sticks out at 320 px, keyboard and copy buttons work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.artifacts.building import build_sdist, build_wheel
from tests.journeys.residents import code_of_waiting_program, move_in, register, take_office
from tests.support.browser import running_browser
from tests.support.patience import MILLISECONDS
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
OF_OPERATORS = (
    "/operate/",
    "/operate/audit/?days=90",
    "/operate/audit/?what=session&since=soon",
    "/operate/audit/?q=demo",
    "/operate/audit/downloads/",
    "/operate/webhooks/",
    "/operate/webhooks/add/",
    "/operate/issuers/?like=jenkins",
    "/operate/issuers/1/remove/",
    "/operate/recoveries/",
)
OWN = (
    *(
        "/manage/account/",
        "/manage/account/data/",
        "/manage/account/data/delete/",
        "/manage/account/password/",
        "/manage/account/totp-provision/",
        "/manage/account/webauthn-provision/",
        "/manage/account/recovery-codes/",
        "/manage/account/token/",
        "/manage/account/token/?project=demo",
    ),
    *("/manage/account/history/?days=365", "/manage/account/history/?outcome=refused"),
    *("/manage/project/demo/history/", "/manage/project/demo/history/?q=nothing"),
    *("/manage/account/webhooks/", "/manage/account/webhooks/add/", "/manage/project/demo/webhooks/add/"),
    *("/manage/projects/", "/account/reauthenticate/", "/account/device/", "/account/device/?user_code=x"),
    *("/manage/project/demo/releases/", "/manage/project/demo/releases/1.0/yank/"),
    *(
        "/manage/account/publishing/?provider=github",
        "/manage/project/demo/publishing/?provider=gitlab",
        "/manage/project/demo/publishing/try/",
    ),
)
TRAILS = ("/manage/account/history/", "/manage/project/demo/history/", "/operate/audit/")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as chromium:
        yield chromium


@dataclass(frozen=True, slots=True)
class Site:
    """A server on which alice lives, and bob, who operates it; the files hold their cookies."""

    server: Server
    alice: str
    bob: str

    @property
    def visits(self) -> Sequence[tuple[Sequence[str], str | None]]:
        """Pages, and who looks at them. On one of alice's a program waits."""
        waiting = f"/account/device/?user_code={code_of_waiting_program(self.server)}"
        return ((PUBLIC, None), ((*OWN, waiting), self.alice), (OF_OPERATORS, self.bob))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    extra = "Summary: A demonstration\nDescription-Content-Type: text/markdown\nClassifier: Topic :: Security"
    files = [
        build_wheel(folder, version=version, metadata_extra=extra, description=DESCRIPTION)
        for version in ("1.0", "2.0")
    ]
    files.append(build_sdist(folder, name="demo", version="2.0"))
    with running_server(folder / "data", env={"STRONGROOM_SITE__KIND": "test"}) as server:
        for username, published in (("mallory", []), ("alice", files), ("bob", [])):
            context = browser.new_context(base_url=server.base_url)
            page = context.new_page()
            move_in(page, server, published, username=username)
            if username == "bob":
                take_office(page, server)
            context.storage_state(path=folder / f"{username}.json")
            context.close()
        yield Site(server, str(folder / "alice.json"), str(folder / "bob.json"))


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def opened(browser: Browser, server: Server, **choices: object) -> Page:
    context = browser.new_context(base_url=server.base_url, **choices)  # type: ignore[arg-type]
    context.set_default_timeout(MILLISECONDS)
    return context.new_page()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{page.url}: {rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


def test_axe_finds_nothing_on_any_page(browser: Browser, site: Site, scheme: str) -> None:
    for paths, state in site.visits:
        page = opened(browser, site.server, color_scheme=scheme, storage_state=state, reduced_motion="reduce")
        for path in paths:
            page.goto(path)
            assert violations(page) == []
        page.context.close()


def test_axe_finds_nothing_on_forms_with_mistakes(browser: Browser, site: Site, scheme: str) -> None:
    page = opened(browser, site.server, color_scheme=scheme, reduced_motion="reduce")
    for path in ("/account/login/", "/account/register/", "/account/request-password-reset/"):
        page.goto(path)
        page.get_by_role("main").get_by_role("button").first.click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert violations(page) == []
    page.context.close()


def test_axe_finds_nothing_where_a_program_was_approved_with_mistakes(
    browser: Browser, site: Site, scheme: str
) -> None:
    page = opened(
        browser, site.server, color_scheme=scheme, storage_state=site.alice, reduced_motion="reduce"
    )
    page.goto(f"/account/device/?user_code={code_of_waiting_program(site.server)}")
    expect(page.get_by_text("It calls itself")).to_be_visible()
    page.get_by_label("Only these").check()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert")).to_contain_text("Name at least one project.")
    assert violations(page) == []
    page.context.close()


def test_histories_are_as_good_with_everything_open(browser: Browser, site: Site, scheme: str) -> None:
    for path in TRAILS:
        state = site.bob if path.startswith("/operate/") else site.alice
        page = opened(browser, site.server, color_scheme=scheme, storage_state=state, reduced_motion="reduce")
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert violations(page) == []
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.context.close()


def test_this_was_not_me_stands_beside_each_event_of_one_s_own(
    browser: Browser, site: Site, scheme: str
) -> None:
    page = opened(
        browser, site.server, color_scheme=scheme, storage_state=site.alice, reduced_motion="reduce"
    )
    page.goto("/manage/account/history/")
    links = page.get_by_role("link", name="This was not me")
    expect(links).to_have_count(page.locator("li.event").count())
    expect(links.first).to_be_visible()
    links.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Was this not you?")
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()


def test_nothing_sticks_out_at_320_pixels(browser: Browser, site: Site) -> None:
    for paths, state in site.visits:
        page = opened(browser, site.server, storage_state=state, viewport={"width": 320, "height": 640})
        for path in paths:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.context.close()


def test_what_is_pressed_is_44_pixels_high(browser: Browser, site: Site) -> None:
    small = """[...document.querySelectorAll(
        'button, input:not([type=hidden], [type=checkbox], [type=radio], .unseen), select, summary, nav a, a.button, a.primary'
        )]
        .filter(it => it.offsetParent && it.getBoundingClientRect().height < 43.5).map(it => it.outerHTML)"""
    for paths, state in site.visits:
        page = opened(browser, site.server, storage_state=state)
        for path in paths:
            page.goto(path)
            assert page.evaluate(small) == [], path
        page.context.close()


def test_the_first_tab_leads_past_the_header(browser: Browser, site: Site) -> None:
    page = opened(browser, site.server)
    page.goto("/help/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.context.close()


def test_the_summary_of_mistakes_leads_to_the_field(browser: Browser, site: Site) -> None:
    page = opened(browser, site.server)
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


def test_commands_are_copied_to_the_letter(browser: Browser, site: Site) -> None:
    page = opened(browser, site.server, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/project/demo/")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"pip install --index-url {site.server.base_url}/simple/ demo"
    page.context.close()


def test_everything_works_without_script(browser: Browser, site: Site, tmp_path: Path) -> None:
    page = opened(browser, site.server, java_script_enabled=False)
    register(page, "newcomer")
    expect(page.get_by_role("heading", level=1)).to_contain_text("newcomer")
    page.goto("/project/demo/")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.context.close()


def test_no_page_breaks_its_own_content_security_policy(browser: Browser, site: Site) -> None:
    # SS-15
    complaints: list[str] = []
    for paths, state in site.visits:
        page = opened(browser, site.server, storage_state=state)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for path in paths:
            page.goto(path)
        page.context.close()
    assert [text for text in complaints if "status of 4" not in text] == []
