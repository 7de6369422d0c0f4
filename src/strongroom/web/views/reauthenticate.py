"""Proving again who is signed in, before a sensitive act."""

from django.http import HttpResponse
from django.urls import reverse

from strongroom.signin import stepup
from strongroom.web import cookies, redirects
from strongroom.web.asking import Request, session_of
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.signin import Reauthenticate
from strongroom.web.pages import sent, show_form


def reauthenticate(request: Request) -> HttpResponse:
    """Ask for the strongest factor that the account has, then go on to the page that needed it."""
    session, onward = session_of(request), redirects.next_of(request) or reverse("account")
    needs_code = stepup.needs_code(session.user_id)
    form = Reauthenticate(sent(request), needs_code=needs_code)
    if form.is_valid():
        with form.refusals():
            opened = stepup.prove(
                session,
                password="" if needs_code else as_typed(form, "password"),
                code=as_typed(form, "code") if needs_code else "",
                by=request.actor,
            )
            return cookies.opened(request, redirects.see_other(onward), opened)
    return show_form(request, "signin/reauthenticate.html", form, next=onward, needs_code=needs_code)
