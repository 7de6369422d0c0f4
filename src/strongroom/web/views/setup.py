"""The one-time link from the terminal that makes the first operator."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import links as mail_links
from strongroom.accounts.models import MailLink
from strongroom.accounts.register import claim_setup
from strongroom.accounts.register import register as make_account
from strongroom.signin import session as sessions
from strongroom.signin import steps
from strongroom.signin.models import Session
from strongroom.web import cookies, links, redirects
from strongroom.web.asking import Request
from strongroom.web.forms.account import Register
from strongroom.web.forms.base import as_typed
from strongroom.web.pages import sent, show_form


def setup(request: Request) -> HttpResponse:
    """Make whoever holds the link the first operator: with the account they have, or with one made right here."""
    token = links.secret_in(request)
    mail_links.find(MailLink.Purpose.OPERATOR, token)
    if request.signed_in is not None and request.method == "POST":
        return _claim(request, token, request.signed_in)
    form = Register(None if request.signed_in else sent(request))
    if form.is_valid():
        with form.refusals():
            return _register(request, token, form)
    return show_form(request, "operate/setup.html", form, token=token)


def _register(request: Request, token: str, form: Register) -> HttpResponse:
    name, email, password = (as_typed(form, field) for field in ("username", "email", "password"))
    user = make_account(name, email, password, by=request.actor)
    opened = steps.open_after_registration(user, by=request.actor)
    return cookies.opened(request, _claim(request, token, opened.session), opened)


def _claim(request: Request, token: str, session: Session) -> HttpResponse:
    claim_setup(token, session.user, by=sessions.actor_of(session, request.actor.origin))
    messages.success(request, _("You are an operator of this site now."))
    return redirects.see_other(reverse("operate"))
