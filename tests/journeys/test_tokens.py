"""API tokens in a real browser: by keyboard, without script, in narrow windows, and as real clients take them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.artifacts.building import build_wheel
from tests.journeys.residents import move_in
from tests.support.clients import run, twine_upload
from tests.support.patience import MILLISECONDS
from tests.support.server import Server, running_server

pytestmark = pytest.mark.journey

TOKEN = "/manage/account/token/"
LOOKS = [
    {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    {"color_scheme": "dark", "viewport": {"width": 320, "height": 640}},
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[Server, str]]:
    """A private site on which alice has published a project, and the file that holds her cookies."""
    folder = tmp_path_factory.mktemp("site")
    with running_server(folder / "data", env={"STRONGROOM_SITE__ACCESS": "private"}) as server:
        context = browser.new_context(base_url=server.base_url)
        move_in(context.new_page(), server, [build_wheel(folder, version="1.0")])
        context.storage_state(path=folder / "alice.json")
        context.close()
        yield server, str(folder / "alice.json")


def opened(browser: Browser, site: tuple[Server, str], **choices: object) -> Page:
    server, alice = site
    context = browser.new_context(
        base_url=server.base_url,
        storage_state=alice,
        reduced_motion="reduce",
        **choices,  # type: ignore[arg-type]
    )
    context.set_default_timeout(MILLISECONDS)
    return context.new_page()


def require_sound_page(page: Page) -> None:
    """For everybody: axe finds nothing, and nothing sticks out."""
    found = Axe().run(page).response["violations"]
    assert [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark-and-narrow"])
def test_every_page_of_a_token_is_for_everybody(
    browser: Browser, site: tuple[Server, str], look: dict[str, object]
) -> None:
    page = opened(browser, site, **look)
    page.goto(TOKEN)
    page.get_by_label("Token name").fill(f"Token {look['color_scheme']}")
    page.get_by_label("Only these").check()
    page.get_by_text("More limits").click()
    page.get_by_label("Networks").fill("nowhere")
    page.get_by_label("Number of uses").fill("once")
    page.get_by_label("Files").fill("abc")
    require_sound_page(page)
    page.get_by_role("button", name="Make the token").click()
    require_sound_page(page)
    page.get_by_role("alert").get_by_role("link", name="is no network").click()
    expect(page.get_by_label("Networks")).to_be_focused()
    page.get_by_label("Networks").fill("127.0.0.0/8 ::1")
    page.get_by_label("Number of uses").fill("5")
    page.get_by_label("Files").fill("")
    page.get_by_role("checkbox", name="demo").check()
    page.get_by_role("checkbox", name="Read", exact=True).check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#token")).to_contain_text("strongroom-")
    require_sound_page(page)
    page.goto("/manage/account/")
    require_sound_page(page)
    page.get_by_role("link", name=f"Revoke Token {look['color_scheme']}").click()
    require_sound_page(page)
    page.context.close()


def test_a_token_is_made_without_a_mouse_and_holds_its_client_to_what_was_chosen(
    browser: Browser, site: tuple[Server, str], tmp_path: Path
) -> None:
    page = opened(browser, site)
    page.goto(TOKEN)
    page.get_by_label("Token name").focus()
    page.keyboard.type("Keyboard")
    page.keyboard.press("Tab")
    expect(page.get_by_label("All of my projects, and those to come")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_role("checkbox", name="demo")).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_label("Expires").focus()
    page.keyboard.press("Shift+Tab")  # back to the last of the actions
    expect(page.get_by_role("checkbox", name="Read the audit trail")).to_be_focused()
    page.locator("summary", has_text="More limits").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Version").focus()
    page.keyboard.type("2.0")
    page.keyboard.press("Enter")
    secret = page.locator("#token").inner_text()
    page.context.close()
    server, _alice = site
    for version, taken in (("3.0", False), ("2.0", True)):
        wheel = build_wheel(tmp_path, version=version)
        done = twine_upload(server.base_url, wheel, username="__token__", password=secret)
        assert (done.returncode == 0) == taken, done.stdout + done.stderr


def test_a_token_is_chosen_and_made_without_script(browser: Browser, site: tuple[Server, str]) -> None:
    page = opened(browser, site, java_script_enabled=False)
    page.goto(TOKEN)
    expect(page.get_by_label("Names")).to_be_hidden()
    page.get_by_label("Only these").check()
    page.get_by_label("Names").fill("acme-*")
    page.get_by_label("Token name").fill("Without script")
    page.get_by_label("All of my projects, and those to come").check()  # hidden now, and still filled in
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose one of the two.")
    expect(page.get_by_label("Names")).to_have_value("acme-*")
    page.get_by_label("Only these").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("main")).to_contain_text("with the name acme-*")
    page.context.close()


def test_half_a_date_is_not_taken_for_none(browser: Browser, site: tuple[Server, str]) -> None:
    page = opened(browser, site)
    page.goto(TOKEN)
    page.get_by_label("Token name").fill("Half a date")
    page.get_by_text("More limits").click()
    page.get_by_label("Not before").focus()
    page.keyboard.type("12")  # the month alone, which the browser sends as nothing
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#token")).to_have_count(0)
    page.goto("/manage/account/")
    expect(page.get_by_text("Half a date")).to_have_count(0)
    page.context.close()


def test_what_a_private_site_shows_for_pip_installs_from_it(
    browser: Browser, site: tuple[Server, str], tmp_path: Path
) -> None:
    page = opened(browser, site)
    page.goto(TOKEN)
    page.get_by_label("Token name").fill("Installer")
    page.get_by_role("checkbox", name="Upload").uncheck()
    page.get_by_role("checkbox", name="Read", exact=True).check()
    page.get_by_role("button", name="Make the token").click()
    shown = page.get_by_text("export PIP_INDEX_URL=").inner_text()
    netrc = page.get_by_text("login __token__").inner_text()
    page.context.close()
    command = [
        "python3",
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--disable-pip-version-check",
        "--no-cache-dir",
    ]
    by_environment = run([*command, "demo"], cwd=tmp_path, PIP_INDEX_URL=shown.partition("=")[2])
    assert by_environment.returncode == 0, by_environment.stdout + by_environment.stderr
    (tmp_path / ".netrc").write_text(f"{netrc}\n")
    (tmp_path / ".netrc").chmod(0o600)
    (tmp_path / "again").mkdir()
    index = f"{site[0].base_url}/simple/"
    by_netrc = run([*command, "--index-url", index, "demo"], cwd=tmp_path / "again", HOME=str(tmp_path))
    assert by_netrc.returncode == 0, by_netrc.stdout + by_netrc.stderr
    nobody = run([*command, "--no-input", "--index-url", index, "demo"], cwd=tmp_path)
    assert nobody.returncode != 0
