"""Passwords out of stolen lists, asked of a service in the form that range services have."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.core.mail import EmailMessage
from pytest_django import Settings

from strongroom.accounts import breached, passwords
from strongroom.audit.models import Entry
from strongroom.signin import steps
from strongroom.signin.models import Session
from strongroom.signin.session import Opened
from tests.support.configuration import changed
from tests.support.people import PASSWORD, mails, person, refusal_of, visitor

pytestmark = pytest.mark.django_db


class RangeService(BaseHTTPRequestHandler):
    """Answers ``/PREFIX`` with the suffixes of the stolen passwords, and padding."""

    stolen: tuple[str, ...] = ()
    asked: list[str]

    def do_GET(self) -> None:
        prefix = self.path.removeprefix("/")
        self.asked.append(prefix)
        digests = [sha1(password) for password in self.stolen]
        lines = [f"{digest[5:]}:3" for digest in digests if digest.startswith(prefix)]
        body = "\r\n".join([*lines, sha1("padding")[5:] + ":0"]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def serving(settings: Settings, *stolen: str) -> Iterator[list[str]]:
    """A service that knows ``stolen``; what it was asked."""
    asked: list[str] = []
    handler = type("Handler", (RangeService,), {"stolen": stolen, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        use(settings, f"http://127.0.0.1:{server.server_address[1]}/")
        yield asked
        server.shutdown()


def use(settings: Settings, url: str) -> None:
    settings.CONFIG = changed("accounts", breached_passwords_url=url)


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest().upper()


def test_a_stolen_password_does_not_sign_in_and_its_owner_is_told(
    settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    # LT-21
    person()
    with serving(settings, PASSWORD):
        assert refusal_of(partial(steps.start, "alice", PASSWORD, by=visitor())) == "password_breached"
    (mail,) = mails(mailoutbox)
    assert mail.subject == "Your password for Strongroom is in a list of stolen passwords"
    assert PASSWORD not in mail.body
    assert not Session.objects.exists()
    entry = Entry.objects.get(tag="session.sign_in")
    assert (entry.outcome, entry.reason) == ("refused", "password_breached")


def test_a_wrong_password_is_not_looked_up(settings: Settings) -> None:
    # LT-21, D17
    person()
    with serving(settings, "wrong") as asked:
        assert refusal_of(partial(steps.start, "alice", "wrong", by=visitor())) == "credentials_wrong"
    assert asked == []


def test_a_stolen_password_can_not_be_chosen(settings: Settings) -> None:
    # PR-09
    with serving(settings, PASSWORD):
        assert refusal_of(partial(passwords.check_new, PASSWORD, about=())) == "password_breached"


def test_the_service_learns_five_digits_of_the_digest(settings: Settings) -> None:
    with serving(settings) as asked:
        assert not breached.is_known(PASSWORD)
        assert not breached.is_known("padding")
    assert asked == [sha1(PASSWORD)[:5], sha1("padding")[:5]]


def test_without_the_service_people_sign_in(settings: Settings) -> None:
    # LT-21
    person()
    use(settings, "http://127.0.0.1:9/")
    assert isinstance(steps.start("alice", PASSWORD, by=visitor()), Opened)
