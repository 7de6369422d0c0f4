"""A browser without a screen for the pages: Django's test client, signed in as one of the cast, and what it sees."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client

from strongroom.accounts.models import User
from strongroom.accounts.register import make_operator
from strongroom.factors.methods import PASSWORD
from strongroom.kernel import clock
from strongroom.kernel.actor import Actor
from strongroom.signin.models import Session
from strongroom.signin.proof import BY_PASSWORD
from strongroom.signin.session import Opened, SignedInBy, open_session
from tests.support.people import person, visitor

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"


def nobody(**choices: Any) -> Client:
    """Somebody who is not signed in."""
    return Client(headers={"User-Agent": WINDOWS}, **choices)


def browser_of(user: User, *, fresh: bool = True, **choices: Any) -> Client:
    """A browser in which ``user``, who has no second factor, is signed in; ``fresh``: within the last 10 minutes."""
    with transaction.atomic():
        opened = open_session(user, SignedInBy(method=PASSWORD, proof=BY_PASSWORD, told=True), by=visitor())
    if not fresh:
        proven = clock.now() - timedelta(minutes=11)
        Session.objects.filter(pk=opened.session.pk).update(proven=proven)
    return holding(opened, **choices)


def holding(opened: Opened, **choices: Any) -> Client:
    """A browser that holds the cookie of a session."""
    client = nobody(**choices)
    client.cookies[settings.SESSION_COOKIE] = opened.secret
    return client


def operator(username: str = "olga") -> User:
    """An account with the operator's rights."""
    user = person(username)
    make_operator(user, by=Actor.console())
    user.refresh_from_db()
    return user


def text_of(response: HttpResponseBase) -> str:
    """The page as text."""
    content = getattr(response, "content", b"")
    return str(content.decode())


def refused_in(response: HttpResponseBase) -> str:
    """The stable reason code that the page shows; empty where nothing was refused."""
    found = re.search(r'data-refused="([^"]*)"', text_of(response))
    return found[1] if found else ""


def main_of(response: HttpResponseBase) -> str:
    """What stands in the page's main part, unescaped."""
    found = re.search(r"<main.*</main>", text_of(response), re.DOTALL)
    return unescape(found[0]) if found else ""


def location_of(response: HttpResponseBase) -> str:
    """Where the answer redirects to; empty where it does not."""
    return str(response.headers.get("Location", ""))


def session_cookie(response: HttpResponseBase) -> str | None:
    """The value that the answer gives the session cookie; ``None`` where it leaves it alone."""
    morsel = response.cookies.get(settings.SESSION_COOKIE)
    return morsel.value if morsel else None
