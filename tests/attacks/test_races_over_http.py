"""Sixty-four posts of the same answer at the same moment, to a server of four workers: one opens a session, none breaks."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyotp
import pytest

from strongroom.kernel import clock
from tests.attacks.story import CREDENTIALS, Browser
from tests.support.authenticator import Authenticator
from tests.support.patience import SECONDS
from tests.support.publishing import add_person
from tests.support.server import Server, running_server

pytestmark = pytest.mark.slow

POSTS = 64
ACCOUNT = "/manage/account/"


@pytest.fixture
def server(tmp_path: Path, fresh_database_url: str | None) -> Iterator[Server]:
    """A server of four workers, on the database that the run is about."""
    env = {"STRONGROOM_SERVER__WORKERS": "4"}
    with running_server(tmp_path / "data", database_url=fresh_database_url, env=env) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Owner:
    """Alice, and everything with which she can answer."""

    app: pyotp.TOTP
    device: Authenticator
    codes: list[str]


@pytest.fixture
def alice(server: Server) -> Owner:
    add_person(server)
    home, device = Browser(server), Authenticator()
    home.done("/account/login/", **CREDENTIALS)
    shown = re.search(r'id="totp-secret"[^>]*>([^<]+)<', home.get(f"{ACCOUNT}totp-provision/").text)
    assert shown
    app = pyotp.TOTP(re.sub(r"\s", "", shown[1]))
    home.done(f"{ACCOUNT}totp-provision/", name="Phone", code=app.at(clock.now(), counter_offset=0))
    made = re.search(r'<code id="codes">([^<]+)<', home.submit(f"{ACCOUNT}recovery-codes/").text)
    assert made
    place = f"{ACCOUNT}webauthn-provision/"
    options = home.submit(f"{place}options/", at=place).json()
    home.done(place, name="Key", credential=device.register(options, origin=server.base_url))
    return Owner(app, device, made[1].split())


def answers_at_once(
    browser: Browser, path: str, fields: dict[str, str], *, at: str = ""
) -> list[httpx.Response]:
    """Post the form 64 times from one browser, each on a connection of its own, all at the same moment."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(at or path).text)
    assert token
    form, lined_up = {**fields, "csrfmiddlewaretoken": token[1]}, threading.Barrier(POSTS)

    def post() -> httpx.Response:
        with httpx.Client(
            base_url=browser.client.base_url, cookies=browser.client.cookies, trust_env=False, timeout=SECONDS
        ) as client:
            lined_up.wait(timeout=SECONDS)
            return client.post(path, data=form)

    with ThreadPoolExecutor(POSTS) as pool:
        return [future.result() for future in [pool.submit(post) for _ in range(POSTS)]]


def assert_one_got_in(heard: list[httpx.Response], *, server: Server) -> None:
    """One session, which is a real one; every other answer is a refusal."""
    let_in = [answer for answer in heard if any("session" in name for name in answer.cookies)]
    statuses = Counter(answer.status_code for answer in heard)
    assert len(let_in) == 1, statuses
    assert max(statuses) < 500, statuses
    assert let_in[0].headers["Location"].startswith(ACCOUNT)
    page = httpx.get(
        f"{server.base_url}{ACCOUNT}", cookies=let_in[0].cookies, trust_env=False, timeout=SECONDS
    )
    assert page.status_code == 200
    assert sum(answer.headers.get("Location", "").startswith(ACCOUNT) for answer in heard) == 1


def test_an_app_code_posted_by_many_opens_one_session(server: Server, alice: Owner) -> None:
    # LT-04, CC-05
    browser = Browser(server)
    browser.done("/account/login/", **CREDENTIALS)
    code = alice.app.at(clock.now(), counter_offset=1)
    heard = answers_at_once(browser, "/account/two-factor/", {"with": "totp", "code": code})
    assert_one_got_in(heard, server=server)


def test_a_recovery_code_posted_by_many_opens_one_session(server: Server, alice: Owner) -> None:
    # RC-02, CC-05
    browser = Browser(server)
    browser.done("/account/login/", **CREDENTIALS)
    answer = {"with": "recovery", "code": alice.codes[0]}
    assert_one_got_in(answers_at_once(browser, "/account/recovery-code/", answer), server=server)


def test_an_assertion_posted_by_many_opens_one_session(server: Server, alice: Owner) -> None:
    # WA-31, CC-05
    browser = Browser(server)
    browser.done("/account/login/", **CREDENTIALS)
    options = browser.submit("/account/two-factor/options/", at="/account/two-factor/").json()
    signed = alice.device.sign_in(options, origin=server.base_url)
    answer = {"with": "key", "credential": signed}
    assert_one_got_in(answers_at_once(browser, "/account/two-factor/", answer), server=server)


def test_a_passkeys_assertion_posted_by_many_opens_one_session(server: Server, alice: Owner) -> None:
    # WA-31, CC-05
    browser = Browser(server)
    options = browser.submit("/account/login/passkey-options/", at="/account/login/").json()
    signed = alice.device.sign_in(options, origin=server.base_url)
    heard = answers_at_once(browser, "/account/login/passkey/", {"credential": signed}, at="/account/login/")
    assert_one_got_in(heard, server=server)
