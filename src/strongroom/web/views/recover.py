"""Getting back in: a link by mail, then a new password. It never signs anybody in."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.publish import credentials
from strongroom.signin import reset
from strongroom.web import cookies, links, redirects
from strongroom.web.asking import Request
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.signin import RequestReset, ResetPassword
from strongroom.web.pages import sent, show, show_form


def request_reset(request: Request) -> HttpResponse:
    """Ask for the link. The answer is the same whether there is such an account (PR-03)."""
    form = RequestReset(sent(request))
    if form.is_valid():
        with form.refusals():
            reset.request(as_typed(form, "login"), by=request.actor)
            return show(request, "signin/reset_requested.html")
    return show_form(request, "signin/request_reset.html", form)


def reset_password(request: Request) -> HttpResponse:
    """Choose a new password by the mailed link; looking at the page changes nothing."""
    token = links.secret_in(request)
    step = reset.find(token)
    form = ResetPassword(sent(request), needs_code=step.needs_code)
    if form.is_valid():
        with form.refusals():
            user = reset.finish(
                token,
                as_typed(form, "password"),
                code=as_typed(form, "code") if step.needs_code else "",
                by=request.actor,
            )
            if form.cleaned_data["revoke_tokens"]:
                credentials.revoke_all_tokens(user, by=request.actor)
            messages.success(request, _("Your new password is set. Log in with it."))
            return cookies.closed(request, redirects.see_other(reverse("login")))
    return show_form(request, "signin/reset_password.html", form, token=token, step=step)
