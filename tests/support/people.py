"""The cast: alice owns, bob helps, mallory has no right. Real accounts, made through the verbs."""

import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pyotp
from django.db import connections

from strongroom.accounts import register
from strongroom.accounts.models import User
from strongroom.factors.methods import TOTP
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor, ActorKind, Origin
from strongroom.kernel.refused import Refused
from strongroom.kernel.secrets import Secret
from strongroom.notices.queue import deliver_due
from strongroom.signin import browsers, factors, session, steps
from strongroom.signin.confirmations import Waiting
from strongroom.signin.models import Session
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from tests.support.authenticator import Authenticator
from tests.support.patience import SECONDS

PASSWORD = "granite umbrella parsnip orbit"
BROWSER = Origin(address="203.0.113.7", client="Firefox on Linux", request_id="test")

T = TypeVar("T")


def visitor(address: str = "203.0.113.7", *, browser: str = "") -> Actor:
    """Somebody who has not signed in, from ``address``, with the cookie of a ``browser`` that is known."""
    origin = Origin(address=address, client="Firefox on Linux", request_id="test", browser=Secret(browser))
    return Actor.anonymous(origin)


def person(username: str = "alice", *, verified: bool = True) -> User:
    """An account with the password ``PASSWORD``."""
    if verified:
        return register.add_verified(username, f"{username}@example.org", PASSWORD, by=Actor.console())
    return register.register(username, f"{username}@example.org", PASSWORD, by=visitor())


def as_user(user: User) -> Actor:
    """The author of what ``user`` does after signing in with a password."""
    return Actor(
        kind=ActorKind.USER, origin=BROWSER, user_id=user.pk, username=user.username, authenticated="password"
    )


def signed_in(user: User) -> Opened:
    """A session of an account that has no second factor, in a browser that it has used before."""
    known = browsers.know(user, told=True, by=visitor())
    opened = steps.start(user.username, PASSWORD, by=visitor(browser=known))
    assert isinstance(opened, Opened)
    return opened


class Phone:
    """An authenticator app, of another maker than the server's code (pyotp)."""

    def __init__(self, uri: str) -> None:
        app = pyotp.parse_uri(uri)
        assert isinstance(app, pyotp.TOTP)
        self.app = app

    def code(self, *, steps: int = 0) -> str:
        """The code that it shows ``steps`` time steps from now."""
        return self.app.at(clock.now(), counter_offset=steps)


def with_phone(opened: Opened, *, name: str = "phone") -> tuple[Opened, Phone]:
    """Turn an authenticator app on in this session; returns the renewed session and the app."""
    phone = Phone(factors.begin_totp(opened.session).uri)
    actor = session.actor_of(opened.session, BROWSER)
    return factors.confirm_totp(opened.session, name=name, code=phone.code(), by=actor), phone


def enter_code(ticket: str, code: str, *, by: Actor) -> Opened | Waiting:
    """The second step of a sign-in, with the code of an authenticator app."""
    return steps.answer(ticket, Answer(TOTP, code), remember=False, by=by)


def with_codes(opened: Opened) -> list[Secret]:
    """Make recovery codes in this session and type one back, so that two-factor is on."""
    actor = session.actor_of(opened.session, BROWSER)
    codes = factors.make_codes(opened.session, by=actor)
    factors.acknowledge_codes(opened.session, codes[0], by=actor)
    return codes


def with_key(opened: Opened, authenticator: Authenticator, *, name: str = "key") -> Opened:
    """Register ``authenticator`` in this session; returns the renewed session."""
    actor = session.actor_of(opened.session, BROWSER)
    answer = authenticator.register(factors.begin_key(opened.session))
    return factors.add_key(opened.session, name=name, credential=answer, by=actor)


def again(opened: Opened) -> Session:
    """The row of a session as it is now."""
    return Session.objects.select_related("user").get(pk=opened.session.pk)


def refusal_of(call: Callable[[], Any]) -> str:
    """The reason code with which ``call`` is refused."""
    try:
        call()
    except Refused as refusal:
        return refusal.code
    raise AssertionError("this should have been refused")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Refused]:
    """Run all ``calls`` in threads of their own that start together; their results or refusals, in order."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Refused:
        barrier.wait(timeout=SECONDS)
        try:
            return call()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def link_in(text: str, path: str) -> str:
    """The token of the link to ``path`` in a mail's text."""
    found = re.search(re.escape(path) + r"\?token=([\w-]+)", text)
    assert found, f"no link to {path} in the mail"
    return found[1]


def mails(mailoutbox: list[Any]) -> list[Any]:
    """Deliver what is queued; the mails so far."""
    deliver_due(limit=1000)
    return mailoutbox
