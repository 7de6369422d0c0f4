"""Logging in and out."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.kernel.refused import Refused
from strongroom.signin import session as sessions
from strongroom.signin import steps
from strongroom.web import cookies, redirects
from strongroom.web.asking import Request, session_of, user_of
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.signin import Login, TwoFactor
from strongroom.web.pages import sent, show_form


def login(request: Request) -> HttpResponse:
    """Username and password; from here to the second factor, or in."""
    form = Login(sent(request))
    if form.is_valid():
        with form.refusals():
            begun = steps.start(as_typed(form, "username"), as_typed(form, "password"), by=request.actor)
            if isinstance(begun, steps.Pending):
                onward = redirects.with_next("two-factor", redirects.next_of(request))
                return cookies.pending(onward, begun.ticket)
            return _enter(request, begun)
    elif request.signed_in is not None and request.method != "POST":
        return redirects.see_other(redirects.next_of(request) or reverse("account"))
    return show_form(request, "signin/login.html", form, next=redirects.next_of(request))


def two_factor(request: Request) -> HttpResponse:
    """The code of an authenticator app, for whoever holds the ticket of a right password."""
    form = TwoFactor(sent(request))
    if form.is_valid():
        with form.refusals():
            try:
                ticket = cookies.ticket(request) or ""
                return _enter(request, steps.answer_totp(ticket, as_typed(form, "code"), by=request.actor))
            except Refused as refusal:
                if refusal.code != "ticket_invalid":
                    raise
                messages.error(request, refusal.message)
                return redirects.with_next("login", redirects.next_of(request))
    return show_form(request, "signin/two_factor.html", form, next=redirects.next_of(request))


def logout(request: Request) -> HttpResponse:
    """End this session."""
    if request.signed_in is not None:
        sessions.end(user_of(request), session_of(request).pk, by=request.actor)
    messages.success(request, _("You are logged out."))
    return cookies.closed(request, redirects.see_other(redirects.next_of(request) or reverse("home")))


def _enter(request: Request, opened: sessions.Opened) -> HttpResponse:
    """In, and on to the page that was asked for; a session that this browser had before ends (SS-01)."""
    if request.signed_in is not None:
        sessions.end(user_of(request), session_of(request).pk, by=request.actor)
    onward = redirects.see_other(redirects.next_of(request) or reverse("account"))
    return cookies.opened(request, onward, opened)
