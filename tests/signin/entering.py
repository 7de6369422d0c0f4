"""Sign-ins with every kind of second factor, and what stands in the audit trail afterwards."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from strongroom.accounts.models import User
from strongroom.audit.models import Entry
from strongroom.factors.methods import KEY, RECOVERY
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.kernel.secrets import Secret
from strongroom.signin import session, steps
from strongroom.signin.models import Session
from strongroom.signin.second import Answer
from strongroom.signin.session import Opened
from strongroom.signin.steps import Pending
from tests.support.authenticator import Authenticator, Bend
from tests.support.people import (
    BROWSER,
    PASSWORD,
    Phone,
    person,
    signed_in,
    visitor,
    with_codes,
    with_key,
    with_phone,
)

EARLIER = timedelta(minutes=-5)  # so long ago that the codes of then are none of now


def has_key(username: str = "alice", *devices: Authenticator) -> User:
    """An account with ``devices`` as its keys and nothing open; earlier mails are on their way."""
    user = person(username)
    opened = signed_in(user)
    for number, device in enumerate(devices or (Authenticator(),), start=1):
        opened = with_key(opened, device, name=f"key {number}")
    Session.objects.all().delete()
    return user


def has_phone_and_codes(username: str = "alice", *, ago: timedelta = -EARLIER) -> tuple[Phone, list[Secret]]:
    """An account with an app and recovery codes, both made some time ``ago``, and nothing open."""
    with clock.shifted(-ago):
        opened, phone = with_phone(signed_in(person(username)))
        codes = with_codes(opened)
    Session.objects.all().delete()
    return phone, codes


def ticket_of(login: str = "alice", *, by: Actor | None = None) -> Secret:
    """The ticket after the right password."""
    pending = steps.start(login, PASSWORD, by=by or visitor())
    assert isinstance(pending, Pending)
    return pending.ticket


def signed(ticket: str, device: Authenticator, *, bend: Bend | None = None) -> Answer:
    """What ``device`` answers to the question of a sign-in."""
    return Answer(KEY, device.sign_in(steps.begin_key(ticket), bend=bend))


def answered(ticket: str, answer: Answer, *, remember: bool = False, by: Actor | None = None) -> Opened:
    """The session that an answer opens at once."""
    opened = steps.answer(ticket, answer, remember=remember, by=by or visitor())
    assert isinstance(opened, Opened)
    return opened


def by_key(device: Authenticator, login: str = "alice", *, bend: Bend | None = None) -> Opened:
    """A whole sign-in with password and key."""
    ticket = ticket_of(login)
    return answered(ticket, signed(ticket, device, bend=bend))


def by_code(code: str, login: str = "alice") -> Opened:
    """A whole sign-in with password and recovery code."""
    return answered(ticket_of(login), Answer(RECOVERY, code))


def tried(ticket: str, answer: Answer, *, by: Actor | None = None) -> Callable[[], Any]:
    """A call that answers, for ``refusal_of``."""
    return lambda: steps.answer(ticket, answer, remember=False, by=by or visitor())


def author(opened: Opened) -> Actor:
    """Whoever acts in a session."""
    return session.actor_of(opened.session, BROWSER)


def elsewhere(actor: Actor, client: str) -> Actor:
    """The same, but with another browser, by what it calls itself."""
    return replace(actor, origin=replace(actor.origin, client=client))


def entry(tag: str, **values: Any) -> Entry:
    """The one audit entry of this kind."""
    return Entry.objects.get(tag=tag, **values)


def whose(found: Entry) -> tuple[Any, ...]:
    """Who did it and how it ended: everything in an audit entry but its time, subject and details."""
    return (
        found.outcome,
        found.reason,
        found.actor_kind,
        found.actor_id,
        found.actor_name,
        found.authenticated,
        found.credential,
        found.address,
        found.client,
        found.request_id,
    )


def done_by(opened: Opened, *, credential: str | None = None) -> tuple[Any, ...]:
    """What ``whose`` says of something done in this session; ``credential`` where it has another cookie since."""
    row = opened.session
    shown = row.digest[:8] if credential is None else credential
    who = ("user", row.user_id, row.user.username, row.method, shown)
    return ("done", "", *who, BROWSER.address, BROWSER.client, BROWSER.request_id)


def refused_to_a_stranger(code: str) -> tuple[Any, ...]:
    """What ``whose`` says of something that somebody who had not signed in was refused."""
    return ("refused", code, "anonymous", None, "", "", "", BROWSER.address, BROWSER.client, "test")
