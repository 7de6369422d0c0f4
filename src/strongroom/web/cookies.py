"""The cookies of a session and of a sign-in that is half done: HttpOnly, SameSite=Lax, Secure over HTTPS, no Domain."""

from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import rotate_token

from strongroom.signin import tickets
from strongroom.signin.session import Opened
from strongroom.web.asking import Request


def opened(request: Request, response: HttpResponse, new: Opened) -> HttpResponse:
    """Let the browser hold a session that was opened, or the new value of one that was renewed."""
    hours = settings.CONFIG.accounts.session_hours
    _set(response, settings.SESSION_COOKIE, value=new.secret, seconds=hours * 3600)
    _forget(response, settings.TICKET_COOKIE)
    rotate_token(request)
    return response


def pending(response: HttpResponse, ticket_secret: str) -> HttpResponse:
    """Let the browser hold the ticket that goes with the second factor."""
    _set(
        response,
        settings.TICKET_COOKIE,
        value=ticket_secret,
        seconds=int(tickets.LIFETIME.total_seconds()),
    )
    return response


def closed(request: Request, response: HttpResponse) -> HttpResponse:
    """Let the browser forget its session and any half-done sign-in."""
    _forget(response, settings.SESSION_COOKIE)
    _forget(response, settings.TICKET_COOKIE)
    rotate_token(request)
    return response


def session(request: Request) -> str | None:
    """The value of the session's cookie."""
    return request.COOKIES.get(settings.SESSION_COOKIE) or None


def ticket(request: Request) -> str | None:
    """The value of the ticket's cookie."""
    return request.COOKIES.get(settings.TICKET_COOKIE) or None


def _set(response: HttpResponse, name: str, *, value: str, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=settings.CONFIG.is_https, httponly=True, samesite="Lax"
    )


def _forget(response: HttpResponse, name: str) -> None:
    response.set_cookie(
        name, "", max_age=0, path="/", secure=settings.CONFIG.is_https, httponly=True, samesite="Lax"
    )
