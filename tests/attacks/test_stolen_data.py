"""One person's whole way, in all its secrets; then what a thief finds in the database, the log and the mail queue."""

import base64
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import httpx
import pyotp
import pytest

from strongroom.kernel import clock
from tests.attacks.mailbox import Mailbox, running_mailbox
from tests.support.people import PASSWORD
from tests.support.server import Server, running_server

pytestmark = pytest.mark.slow

NEW_PASSWORD = "walnut harbor tricycle meadow"


class Browser:
    """Pages and forms over HTTP, with cookies."""

    def __init__(self, server: Server) -> None:
        self.client = httpx.Client(
            base_url=server.base_url,
            trust_env=False,
            timeout=30,
            limits=httpx.Limits(max_keepalive_connections=0),  # leaves nothing open
        )
        self.secrets: set[str] = set()

    def get(self, path: str) -> httpx.Response:
        return self._seen(self.client.get(path))

    def submit(self, path: str, **fields: str) -> httpx.Response:
        """Fill in the form at ``path`` and send it."""
        page = self.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, page.text
        form = {**fields, "csrfmiddlewaretoken": token[1]}
        return self._seen(self.client.post(path.partition("?")[0], data=form))

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        named = ("session", "sign-in")
        self.secrets |= {
            value for name, value in answer.cookies.items() if any(word in name for word in named)
        }
        return answer


@dataclass
class Story:
    """What is left after the person has gone: everything that was secret on the way, by what it was."""

    server: Server
    mailbox: Mailbox
    seed: str
    replayed: tuple[str, ...]
    session: tuple[str, str]
    secrets: dict[str, set[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("stolen")
    with running_mailbox() as mailbox:
        mail = {"HOST": "127.0.0.1", "PORT": str(mailbox.port), "SECURITY": "none"}
        env = {f"STRONGROOM_MAIL__{key}": value for key, value in mail.items()}
        with running_server(folder / "data", env=env) as server:
            yield play(server, mailbox)


def play(server: Server, mailbox: Mailbox) -> Story:
    """Register, verify, add an app, make a token, log out, log in, restart, log in again with the same code, reset."""
    browser, other = Browser(server), Browser(server)
    browser.submit(
        "/account/register/",
        username="alice",
        email="alice@example.org",
        password=PASSWORD,
        confirm=PASSWORD,
    )
    verification = mailbox.link("/account/verify-email/")
    verified = browser.submit(f"/account/verify-email/?token={verification}", token=verification)
    assert verified.status_code == 303
    seed = re.search(
        r'id="totp-secret"[^>]*>([A-Z2-7\s]+)<', browser.get("/manage/account/totp-provision/").text
    )
    assert seed
    phone = pyotp.TOTP(re.sub(r"\s", "", seed[1]))
    codes = [phone.at(clock.now(), counter_offset=offset) for offset in (-1, 0)]
    added = browser.submit("/manage/account/totp-provision/", name="Phone", code=codes[0])
    assert added.status_code == 303, added.text
    made = browser.submit("/manage/account/token/", name="Laptop", scope="")
    token = re.search(r"strongroom-[\w-]{40,}", made.text)
    assert token
    ended = set(browser.secrets)

    sign_in = {"username": "alice", "password": PASSWORD}
    assert other.submit("/account/login/", **sign_in).headers["Location"] == "/account/two-factor/"
    assert other.submit("/account/two-factor/", code=codes[1]).status_code == 303
    session = next((name, value) for name, value in other.client.cookies.items() if "session" in name)
    assert other.get("/manage/account/").status_code == 200

    server.restart()
    assert other.get("/manage/account/").status_code == 200
    thief = Browser(server)
    replayed = []
    for code in (codes[1], f" {codes[1][:3]} {codes[1][3:]}", codes[0]):
        thief.submit("/account/login/", **sign_in)
        answer = thief.submit("/account/two-factor/", code=code)
        replayed.append(_refused(answer))
    assert not any("session" in name for name in thief.client.cookies)

    forgetful = Browser(server)
    forgetful.submit("/account/request-password-reset/", login="alice")
    reset = mailbox.link("/account/reset-password/")
    answer = forgetful.submit(
        f"/account/reset-password/?token={reset}",
        token=reset,
        password=NEW_PASSWORD,
        confirm=NEW_PASSWORD,
        code=codes[1],
    )
    assert _refused(answer) == "totp_reused"
    server.stop()
    return Story(
        server,
        mailbox,
        seed=phone.secret,
        replayed=tuple(replayed),
        session=session,
        secrets={
            "password": {PASSWORD, NEW_PASSWORD},
            "link": {verification, reset},
            "seed": {phone.secret},
            "token": {token[0], token[0].removeprefix("strongroom-")},
            "session": ended | other.secrets | thief.secrets | forgetful.secrets,
        },
    )


def test_a_code_is_used_up_for_good_also_for_workers_started_later(story: Story) -> None:
    # LT-10: after a restart, in another spelling, and an older one
    assert story.replayed == ("totp_reused",) * 3


@pytest.mark.parametrize("kind", ["password", "link", "seed", "token", "session"])
def test_the_database_holds_no_secret_that_can_be_used(story: Story, kind: str) -> None:
    # SS-05, PR-10, TK-11, TK-12: in rows, in rows that were deleted, in the log of the database
    found = b"".join(path.read_bytes() for path in story.server.data.glob("strongroom.sqlite3*"))
    assert b"alice@example.org" in found
    assert story.secrets[kind]
    for secret in story.secrets[kind]:
        for spelled in spellings(secret):
            assert spelled not in found, kind


@pytest.mark.parametrize("kind", ["password", "link", "seed", "token", "session"])
def test_the_log_holds_no_secret(story: Story, kind: str) -> None:
    # PR-10, TK-12
    log = story.server.log.encode()
    assert b"answers at" in log
    assert not [kind for secret in story.secrets[kind] for text in spellings(secret) if text in log]


def test_nothing_else_in_the_data_folder_holds_a_secret(story: Story) -> None:
    # PR-10
    files = [path for path in story.server.data.rglob("*") if path.is_file()]
    assert files
    secrets = [secret for kind in story.secrets.values() for secret in kind]
    leaks = [(path, secret) for path in files for secret in secrets if secret.encode() in path.read_bytes()]
    assert leaks == []


def test_a_digest_out_of_the_database_is_no_cookie_and_no_link(story: Story) -> None:
    # SS-05
    server = story.server
    with closing(sqlite3.connect(server.data / "strongroom.sqlite3")) as database:
        digests = {digest for (digest,) in database.execute("SELECT digest FROM signin_session")}
        links = {digest for (digest,) in database.execute("SELECT digest FROM accounts_maillink")}
    assert digests
    assert links
    server.start()
    name, cookie = story.session
    for value, status in [(cookie, 200), *((digest, 303) for digest in digests)]:
        answer = httpx.get(
            f"{server.base_url}/manage/account/", headers={"Cookie": f"{name}={value}"}, trust_env=False
        )
        assert answer.status_code == status
    for digest in links:
        assert Browser(server).get(f"/account/reset-password/?token={digest}").status_code == 410


def spellings(secret: str) -> set[bytes]:
    """A secret as text, and as the bytes that its text stands for."""
    found = {secret.encode()}
    if re.fullmatch(r"[A-Z2-7]{32}", secret):
        raw = base64.b32decode(secret)
        found |= {raw, raw.hex().encode(), base64.b64encode(raw)}
    return found


def _refused(answer: httpx.Response) -> str:
    found = re.search(r'data-refused="([^"]+)"', answer.text)
    return found[1] if found else ""
