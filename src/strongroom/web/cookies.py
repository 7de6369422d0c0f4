"""The cookies of a session, of a sign-in that is half done, and of a browser: HttpOnly, SameSite=Lax, Secure over HTTPS, no Domain."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from strongroom.factors import challenges
from strongroom.kernel.secrets import Secret
from strongroom.signin import browsers, confirmations, tickets
from strongroom.signin.session import Opened
from strongroom.web.asking import Request


def opened(request: Request, response: HttpResponse, new: Opened) -> HttpResponse:
    """Let the browser hold a session that was opened, or the new value of one that was renewed."""
    hours = settings.CONFIG.accounts.session_hours
    _set(response, settings.SESSION_COOKIE, value=new.secret, seconds=hours * 3600)
    _forget(response, settings.TICKET_COOKIE)
    if new.browser is not None:
        known(response, new.browser)
    rotate_token(request)
    return response


def known(response: HttpResponse, browser: str) -> HttpResponse:
    """Let the browser hold the value by which it is known again."""
    _set(response, settings.BROWSER_COOKIE, value=browser, seconds=_seconds(browsers.KNOWN))
    return response


def pending(response: HttpResponse, ticket_secret: str) -> HttpResponse:
    """Let the browser hold the ticket that goes with the second factor."""
    _set(response, settings.TICKET_COOKIE, value=ticket_secret, seconds=_seconds(tickets.LIFETIME))
    return response


def waiting(response: HttpResponse, secret: str) -> HttpResponse:
    """Let the browser hold, in place of the ticket, the secret that goes with the mailed confirmation."""
    _set(response, settings.TICKET_COOKIE, value=secret, seconds=_seconds(confirmations.LIFETIME))
    return response


def asked_for_passkey(response: HttpResponse, secret: str) -> HttpResponse:
    """Let the browser hold the secret that goes with the answer of a passkey."""
    _set(response, settings.PASSKEY_COOKIE, value=secret, seconds=_seconds(challenges.LIFETIME))
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


def passkey(request: Request) -> str:
    """The value of the passkey's cookie; empty where there is none."""
    return request.COOKIES.get(settings.PASSKEY_COOKIE, "")


def browser(request: HttpRequest) -> Secret:
    """The value of the cookie by which this browser is known; empty where there is none."""
    return Secret(request.COOKIES.get(settings.BROWSER_COOKIE, ""))


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())


def _set(response: HttpResponse, name: str, *, value: str, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=settings.CONFIG.is_https, httponly=True, samesite="Lax"
    )


def _forget(response: HttpResponse, name: str) -> None:
    response.set_cookie(
        name, "", max_age=0, path="/", secure=settings.CONFIG.is_https, httponly=True, samesite="Lax"
    )
