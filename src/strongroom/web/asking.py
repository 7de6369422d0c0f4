"""What a request knows once ``web.middleware`` has looked at it."""

from django.http import HttpRequest

from strongroom.accounts.models import User
from strongroom.kernel.actor import Actor
from strongroom.signin.models import Session


class Request(HttpRequest):
    """A request whose author is known: ``actor`` always, ``signed_in`` where there is a session."""

    actor: Actor
    signed_in: Session | None


def session_of(request: Request) -> Session:
    """The session, on a page that its route opens to signed-in people alone."""
    if request.signed_in is None:
        raise LookupError("This page's route lets in people who are not signed in.")
    return request.signed_in


def user_of(request: Request) -> User:
    """The user of ``session_of``."""
    return session_of(request).user
