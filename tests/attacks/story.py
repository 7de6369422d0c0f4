"""One person's whole way through a real server: everything secret on it, and nothing cleared up at its end."""

import base64
import hashlib
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pyotp

from strongroom.kernel import clock
from strongroom.tokens import macaroon
from strongroom.tokens.narrow import Narrowing, narrow
from tests.artifacts.building import build_wheel
from tests.attacks.mailbox import Mailbox
from tests.support.authenticator import Authenticator
from tests.support.patience import SECONDS
from tests.support.people import PASSWORD
from tests.support.server import Server

NEW_PASSWORD = "walnut harbor tricycle meadow"
CREDENTIALS = {"username": "alice", "password": PASSWORD}
COOKIES = ("session", "sign-in", "browser", "passkey")


class Browser:
    """Pages and forms over HTTP, with cookies; ``secrets`` are all values that the secret ones have had."""

    def __init__(self, server: Server) -> None:
        self.client = httpx.Client(
            base_url=server.base_url,
            trust_env=False,
            timeout=SECONDS,
            limits=httpx.Limits(max_keepalive_connections=0),  # leaves nothing open
        )
        self.secrets: set[str] = set()

    def get(self, path: str) -> httpx.Response:
        return self._seen(self.client.get(path))

    def submit(self, path: str, *, at: str = "", **fields: str) -> httpx.Response:
        """Fill in the form at ``path``, or the one that stands on the page ``at``, and send it."""
        page = self.get(at or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, page.text
        form = {**fields, "csrfmiddlewaretoken": token[1]}
        return self._seen(self.client.post(path.partition("?")[0], data=form))

    def done(self, path: str, *, at: str = "", **fields: str) -> str:
        """The same, where it must succeed; returns the path to go on at."""
        answer = self.submit(path, at=at, **fields)
        assert answer.status_code == 303, (answer.status_code, refused(answer), answer.text)
        return answer.headers["Location"].partition("?")[0]

    def cookie(self, word: str) -> tuple[str, str]:
        """Name and value of the cookie whose name has this word."""
        return next((name, value) for name, value in self.client.cookies.items() if word in name)

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        self.secrets |= {
            value for name, value in answer.cookies.items() if value and any(word in name for word in COOKIES)
        }
        return answer


@dataclass
class Story:
    """What is left after the person has gone: what was secret on the way, by what it was, and what came of replays."""

    server: Server
    database_url: str | None
    device: Authenticator
    secrets: dict[str, set[str]] = field(default_factory=dict)
    replayed: tuple[str, ...] = ()
    session: tuple[str, str] = ("", "")
    waiting: tuple[str, str] = ("", "")
    asked: dict[str, str] = field(default_factory=dict)  # the options that a passkey is to answer

    def note(self, kind: str, *values: str) -> None:
        self.secrets.setdefault(kind, set()).update(values)


def play(server: Server, mailbox: Mailbox, *, database_url: str | None) -> Story:
    """Settle in, come back in another browser, be attacked, and leave much half done, the last mails in the queue."""
    story = Story(server, database_url, Authenticator())
    story.note("password", PASSWORD, NEW_PASSWORD)
    home, office = Browser(server), Browser(server)
    _register(home, mailbox)
    phone = _add_app(story, home)
    codes = _keep_codes(story, home)
    _add_key(story, home)
    _make_token(story, home)
    now, later = (phone.at(clock.now(), counter_offset=offset) for offset in (0, 1))
    _come_back(office, mailbox, code=later)
    story.session = office.cookie("session")
    server.restart()
    assert office.get("/manage/account/").status_code == 200
    _replay(story, (later, f" {later[:3]} {later[3:]}", now))
    _reset_with_used_code(story, mailbox, later)
    mailbox.is_open = False
    _leave_half_done(story, home, code=codes[0])
    story.note("cookie", *home.secrets, *office.secrets)
    story.note("link", *mailbox.links())
    return story


def _register(browser: Browser, mailbox: Mailbox) -> None:
    whole = {"username": "alice", "email": "alice@example.org", "password": PASSWORD, "confirm": PASSWORD}
    browser.done("/account/register/", **whole)
    link = mailbox.link("/account/verify-email/")
    browser.done(f"/account/verify-email/?token={link}", token=link)


def _seed_on(page: httpx.Response) -> str:
    found = re.search(r'id="totp-secret"[^>]*>([A-Z2-7\s]+)<', page.text)
    assert found, page.text
    return re.sub(r"\s", "", found[1])


def _add_app(story: Story, browser: Browser) -> pyotp.TOTP:
    seed = _seed_on(browser.get("/manage/account/totp-provision/"))
    story.note("seed", seed)
    phone = pyotp.TOTP(seed)
    code = phone.at(clock.now())
    onward = browser.done("/manage/account/totp-provision/", name="Phone", code=code)
    assert onward == "/manage/account/recovery-codes/"
    return phone


def _keep_codes(story: Story, browser: Browser) -> list[str]:
    shown = browser.submit("/manage/account/recovery-codes/").text
    found = re.search(r'<code id="codes">([^<]+)</code>', shown)
    assert found, shown
    codes = found[1].split()
    story.note("code", *codes)
    browser.done("/manage/account/recovery-codes/check/", at="/manage/account/recovery-codes/", code=codes[0])
    return codes


def _add_key(story: Story, browser: Browser) -> None:
    place = "/manage/account/webauthn-provision/"
    options = browser.submit(f"{place}options/", at=place).json()
    story.note("challenge", options["challenge"])
    credential = story.device.register(options, origin=story.server.base_url)
    browser.done(place, name="Key ring", credential=credential)


def _make_token(story: Story, browser: Browser) -> None:
    made = browser.submit("/manage/account/token/", name="Laptop", scope="all", actions="upload")
    token = re.search(r"strongroom-[\w-]{40,}", made.text)
    assert token, made.text
    _publish_once(story, token[0])


def _publish_once(story: Story, text: str) -> None:
    """With a copy that is narrowed to one use, which is counted."""
    copy = narrow(text, Narrowing(uses=1))
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder))
        answer = httpx.post(
            f"{story.server.base_url}/legacy/",
            data={
                ":action": "file_upload",
                "protocol_version": "1",
                "metadata_version": "2.1",
                "name": "demo",
                "version": "1.0",
                "filetype": "bdist_wheel",
                "pyversion": "py3",
                "sha256_digest": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            },
            files={"content": (wheel.name, wheel.read_bytes())},
            auth=("__token__", copy),
            timeout=SECONDS,
            trust_env=False,
        )
    assert answer.status_code == 200, answer.text
    for token in (text, copy):
        story.note("token", token, token.removeprefix("strongroom-"))
        signature = macaroon.load(token).signature
        story.note("signature", base64.urlsafe_b64encode(signature).decode().rstrip("="))


def _come_back(browser: Browser, mailbox: Mailbox, *, code: str) -> None:
    """In a browser of which nobody knows: it is confirmed by mail, and remembered."""
    assert browser.done("/account/login/", **CREDENTIALS) == "/account/two-factor/"
    proof = {"with": "totp", "code": code, "remember": "on"}
    assert browser.done("/account/two-factor/", **proof) == "/account/confirm-login/"
    link = mailbox.link("/account/confirm-login/")
    browser.done(f"/account/confirm-login/?token={link}", token=link)
    assert browser.get("/manage/account/").status_code == 200


def _replay(story: Story, codes: tuple[str, ...]) -> None:
    thief = Browser(story.server)
    heard = []
    for code in codes:
        thief.done("/account/login/", **CREDENTIALS)
        heard.append(refused(thief.submit("/account/two-factor/", **{"with": "totp", "code": code})))
    assert not any("session" in name for name in thief.client.cookies)
    story.replayed = tuple(heard)
    story.note("cookie", *thief.secrets)


def _reset_with_used_code(story: Story, mailbox: Mailbox, code: str) -> None:
    forgetful = Browser(story.server)
    forgetful.submit("/account/request-password-reset/", login="alice")
    link = mailbox.link("/account/reset-password/")
    new = {"password": NEW_PASSWORD, "confirm": NEW_PASSWORD, "with": "totp", "code": code}
    answer = forgetful.submit(f"/account/reset-password/?token={link}", token=link, **new)
    assert refused(answer) == "totp_reused"


def _leave_half_done(story: Story, home: Browser, *, code: str) -> None:
    """A second app shown, an address unverified, a sign-in unconfirmed, a key and a passkey asked, two links mailed."""
    story.note("seed", _seed_on(home.get("/manage/account/totp-provision/")))
    home.done("/manage/account/email/", at="/manage/account/", email="alice@example.net")

    waiting, asked, passkey, forgetful = (Browser(story.server) for _ in range(4))
    waiting.done("/account/login/", **CREDENTIALS)
    place = "/account/recovery-code/"
    assert waiting.done(place, **{"with": "recovery", "code": code}) == "/account/confirm-login/"
    story.waiting = waiting.cookie("sign-in")

    asked.done("/account/login/", **CREDENTIALS)
    options = asked.submit("/account/two-factor/options/", at="/account/two-factor/").json()
    story.asked = passkey.submit("/account/login/passkey-options/", at="/account/login/").json()
    story.note("challenge", options["challenge"], story.asked["challenge"])

    forgetful.submit("/account/request-password-reset/", login="alice")
    forgetful.submit("/account/recover/", login="alice")
    for browser in (waiting, asked, passkey, forgetful):
        story.note("cookie", *browser.secrets)


def refused(answer: httpx.Response) -> str:
    """The reason code that a page shows; empty where there is none."""
    found = re.search(r'data-refused="([^"]+)"', answer.text)
    return found[1] if found else ""
