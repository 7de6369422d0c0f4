"""The cast of a recovery: alice has lost her phone, bob maintains her project with her, olga is an operator."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from strongroom.accounts.models import User
from strongroom.accounts.register import make_operator
from strongroom.audit.models import Entry
from strongroom.factors.methods import TOTP
from strongroom.factors.models import RecoveryCode, Totp
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.projects.models import Project, Role
from strongroom.publish import credentials
from strongroom.recovery import begin, proofs
from strongroom.recovery.models import Recovery
from strongroom.signin import session as sessions
from strongroom.signin.models import Session
from strongroom.signin.proof import Proof
from strongroom.signin.session import Opened, SignedInBy
from tests.support.people import (
    BROWSER,
    again,
    as_user,
    link_in,
    mails,
    person,
    signed_in,
    visitor,
    with_codes,
    with_phone,
)
from tests.web.content import publish

START, STOP, FINISH = (f"/account/recover/{step}/" for step in ("start", "stop", "finish"))
NEW = "walnut teapot gravel monsoon"
WAIT = timedelta(hours=72)
REASON = "Video call on Monday, passport seen"


@dataclass(frozen=True)
class Cast:
    """Alice and bob have an authenticator app and recovery codes for a day; alice has an API token."""

    alice: User
    bob: User
    olga: User
    project: Project


def cast() -> Cast:
    """Everybody, with an empty outbox to come."""
    with clock.shifted(timedelta(days=-1)):
        alice, bob = protected("alice"), protected("bob")
        credentials.make_token(alice, name="Laptop", by=as_user(alice))
        project = publish(alice)
        Role.objects.create(project=project, user=bob, kind=Role.Kind.MAINTAINER)
    olga = person("olga")
    make_operator(olga, by=Actor.console())
    for user in (alice, bob, olga):
        user.refresh_from_db()
    return Cast(alice, bob, olga, project)


def protected(username: str) -> User:
    """An account with two-factor sign-in by a phone."""
    opened, _phone = with_phone(signed_in(person(username)))
    with_codes(opened)
    return opened.session.user


def proven_now(user: User) -> Session:
    """A session of ``user`` just proved with the phone."""
    return again(opened_by_phone(user))


def opened_by_phone(user: User) -> Opened:
    """The same, with its cookie; the sign-in itself has tests of its own."""
    user.refresh_from_db()
    since = Totp.objects.filter(user=user).earliest("created").created
    with transaction.atomic():
        how = SignedInBy(method="password+totp", proof=Proof(TOTP, since), told=True)
        return sessions.open_session(user, how, by=visitor())


def as_operator(user: User) -> Actor:
    """The author of what an operator does."""
    return sessions.actor_of(Session(user=user, method="password", digest="0" * 64), BROWSER)


def start_link(mailoutbox: list[Any], login: str = "alice") -> str:
    """The token of the link that begins a recovery, from the mail."""
    begin.request(login, by=visitor())
    return link_in(mails(mailoutbox)[-1].body, START)


def begun_by_mail(mailoutbox: list[Any]) -> Recovery:
    """A recovery of alice with the proof of the mail."""
    return begin.begin(start_link(mailoutbox), by=visitor())


def vouched(recovery: Recovery, bob: User) -> Recovery:
    """With the word of bob."""
    session = proven_now(bob)
    return proofs.vouch(session, recovery.pk, by=sessions.actor_of(session, BROWSER))


def complete(mailoutbox: list[Any], everybody: Cast) -> Recovery:
    """A recovery of alice that has its two proofs and waits."""
    return vouched(begun_by_mail(mailoutbox), everybody.bob)


def mail_to(mailoutbox: list[Any], address: str, path: str) -> str:
    """The token of the newest link to ``path`` that was mailed to ``address``."""
    for mail in reversed(mails(mailoutbox)):
        if mail.to == [address] and path in mail.body:
            return link_in(mail.body, path)
    raise AssertionError(f"no mail to {address} with a link to {path}")


def untouched(user: User) -> bool:
    """Whether password epoch, factors, codes and tokens of ``user`` are as ``cast`` made them."""
    before = user.auth_epoch, user.password
    user.refresh_from_db()
    return (
        before == (user.auth_epoch, user.password)
        and not user.must_enroll
        and Totp.objects.filter(user=user).count() == 1
        and RecoveryCode.objects.filter(user=user, used=None).count() == 8
        and len(credentials.tokens_of(user)) == 1
    )


def refused(tag: str) -> list[str]:
    """The reasons for which events of ``tag`` were recorded as refused, oldest first."""
    rows = Entry.objects.filter(tag=tag, outcome="refused").order_by("serial")
    return list(rows.values_list("reason", flat=True))
