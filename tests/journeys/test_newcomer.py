"""A newcomer's whole way: start, account, two-factor, token, publish, install, look at it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.residents import keep_codes
from tests.support.browser import running_browser
from tests.support.clients import download_from_pypi, pip_install, run, twine_upload, uv_install, uv_publish
from tests.support.patience import MILLISECONDS
from tests.support.people import PASSWORD, link_in
from tests.support.server import Server, text_of_mail

pytestmark = pytest.mark.journey

WHEELS = ["django==5.2.8", "asgiref==3.10.0", "sqlparse==0.5.3", "requests==2.32.5"]
SDISTS = ["idna==3.11", "six==1.17.0", "iniconfig==2.3.0"]
FIVE_MEGABYTES = 5 * 1000**2


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(base_url=server.base_url)
    context.set_default_timeout(MILLISECONDS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Seven real distributions from PyPI: wheels and sdists, one over 5 MB."""
    folder = tmp_path_factory.mktemp("dists")
    files = download_from_pypi(folder / "wheels", *WHEELS) + download_from_pypi(
        folder / "sdists", *SDISTS, sdists=True
    )
    assert len(files) == 7
    assert max(file.stat().st_size for file in files) > FIVE_MEGABYTES
    return files


def test_from_the_first_page_to_an_installed_package(
    server: Server, page: Page, distributions: list[Path], tmp_path: Path
) -> None:
    assert f"{server.base_url}/" in server.log
    setup_link = re.search(r"http\S+/operate/setup/\?token=\S+", server.log)
    assert setup_link

    create_account(page, server)
    phone = turn_on_two_factor(page)
    log_out_and_in(page, phone)
    become_operator(page, setup_link[0])
    token = make_token(page)

    publish(server, distributions, token)
    install(server, tmp_path)
    look_at_the_project(page, server)
    switch_password_uploads_off(page, server, distributions[0])


def create_account(page: Page, server: Server) -> None:
    """Step 2: the account, the banner until the address is verified, the link from the outbox."""
    page.goto("/")
    page.get_by_role("link", name="Create account").first.click()
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Email address").fill("alice@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Confirm password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    for path in ("/", "/manage/account/", "/manage/projects/", "/help/"):
        page.goto(path)
        expect(page.get_by_text("alice@example.org is not verified")).to_be_visible()

    page.goto("/manage/account/totp-provision/")  # step 3: not before the address is verified
    expect(page.locator("#totp-secret")).to_have_count(0)
    expect(page.get_by_role("main").get_by_role("button", name="Send the mail again")).to_be_visible()

    token = link_in(text_of_mail(server.next_mail("alice@example.org")), "/account/verify-email/")
    page.goto(f"/account/verify-email/?token={token}")
    page.get_by_role("button", name="Verify").click()
    page.goto("/manage/account/")
    expect(page.get_by_text("is not verified")).to_have_count(0)


def turn_on_two_factor(page: Page) -> pyotp.TOTP:
    """Step 3: the picture, the secret as text, one code, then the recovery codes."""
    page.goto("/manage/account/#two-factor")
    page.get_by_role("link", name="Turn on with an authenticator app").click()
    expect(page.locator("svg").filter(has=page.locator("path")).last).to_be_visible()
    secret = page.locator("#totp-secret").inner_text().replace(" ", "")
    phone = pyotp.TOTP(secret)
    page.get_by_label("Name of this app").fill("Phone")
    page.get_by_label("Authentication code").fill(phone.now())
    page.get_by_role("button", name="Verify").click()
    keep_codes(page)
    expect(page.get_by_role("link", name="Remove Phone")).to_be_visible()
    return phone


def log_out_and_in(page: Page, phone: pyotp.TOTP) -> None:
    """Step 4: without the code there is no session."""
    page.get_by_role("button", name="Log out").click()
    page.goto("/account/login/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile("/account/two-factor/"))
    page.goto("/manage/account/")
    expect(page).to_have_url(re.compile("/account/login/"))
    page.goto("/account/two-factor/")
    page.get_by_label("Authentication code").fill(next_code(phone))
    page.get_by_role("button", name="Verify").click()
    page.wait_for_url("**/manage/account/")


def next_code(phone: pyotp.TOTP) -> str:
    """The code of the next time step, which is accepted already: the present one was used to turn it on."""
    from datetime import UTC, datetime

    return phone.at(datetime.now(UTC), counter_offset=1)  # noqa: TID251  (the phone has a clock of its own)


def become_operator(page: Page, link: str) -> None:
    """The one-time link of step 1 makes whoever is signed in the first operator."""
    page.goto(link)
    page.get_by_role("main").get_by_role("button").click()
    page.goto("/operate/")
    expect(page.get_by_text("alice").first).to_be_visible()


def make_token(page: Page) -> str:
    """Step 5: shown once."""
    page.goto("/manage/account/#api-tokens")
    page.goto("/manage/account/token/")
    page.get_by_label("Token name").fill("Laptop")
    page.get_by_role("button", name="Make the token").click()
    token = page.locator("#token").inner_text().strip()
    assert token.startswith("strongroom-")
    page.goto("/manage/account/")
    expect(page.get_by_text("Laptop").first).to_be_visible()
    assert token not in page.content()
    return token


def publish(server: Server, distributions: list[Path], token: str) -> None:
    """Step 6: twine with a token and with a password, uv, and again what is there already."""
    by_token, by_password, by_uv = distributions[:3], distributions[3:5], distributions[5:]
    uploaded = twine_upload(server.base_url, *by_token, username="__token__", password=token)
    assert uploaded.returncode == 0, uploaded.stdout + uploaded.stderr
    uploaded = twine_upload(server.base_url, *by_password, username="alice", password=PASSWORD)
    assert uploaded.returncode == 0, uploaded.stdout + uploaded.stderr
    uploaded = uv_publish(server.base_url, *by_uv, token=token)
    assert uploaded.returncode == 0, uploaded.stdout + uploaded.stderr
    again = twine_upload(server.base_url, *distributions, username="__token__", password=token)
    assert again.returncode == 0, again.stdout + again.stderr
    wrong = twine_upload(server.base_url, distributions[0], username="__token__", password=f"{token}x")
    assert wrong.returncode != 0
    assert "403" in wrong.stdout + wrong.stderr


def install(server: Server, tmp_path: Path) -> None:
    """Step 7: pip and uv, into fresh environments, with dependencies, from here alone."""
    for client in (pip_install, uv_install):
        python = client(server.base_url, "django", folder=tmp_path / client.__name__)
        versions = run(
            [
                python,
                "-c",
                "import django, asgiref, sqlparse; print(django.__version__, sqlparse.__version__)",
            ],
            cwd=tmp_path,
        )
        assert versions.stdout.split() == ["5.2.8", "0.5.3"], versions.stderr


def look_at_the_project(page: Page, server: Server) -> None:
    """Step 8: description, files with hashes, metadata, how to install; home; one's own projects."""
    page.goto("/project/django/")
    expect(page.get_by_role("heading", name="Django 5.2.8")).to_be_visible()
    expect(page.get_by_text(f"{server.base_url}/simple/").first).to_be_visible()
    expect(page.get_by_text("BSD-3-Clause").first).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("high-level Python web framework")
    page.get_by_role("link", name=re.compile("Files|files")).first.click()
    expect(page.get_by_role("main")).to_contain_text("django-5.2.8-py3-none-any.whl")
    expect(page.get_by_role("main")).to_contain_text(re.compile("[0-9a-f]{64}"))
    for path in ("/", "/manage/projects/", "/user/alice/"):
        page.goto(path)
        expect(page.get_by_role("main")).to_contain_text(re.compile("django", re.IGNORECASE))
    page.goto("/search/?q=sqlparse")
    expect(page.get_by_role("main").get_by_role("link", name="sqlparse").first).to_be_visible()


def switch_password_uploads_off(page: Page, server: Server, file: Path) -> None:
    """The account can refuse uploads with its password."""
    page.goto("/manage/account/#may-publish")
    page.get_by_role("radio", name="API tokens and trusted publishers (recommended)").check()
    page.locator("#may-publish").get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("What may publish with your account: API tokens")
    refused = twine_upload(server.base_url, file, username="alice", password=PASSWORD)
    assert refused.returncode != 0
    assert "403" in refused.stdout + refused.stderr
