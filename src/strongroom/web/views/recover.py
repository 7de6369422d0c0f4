"""Getting back in: a link by mail, then a new password. It never signs anybody in."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.factors.methods import KEY, PASSWORD
from strongroom.publish import credentials
from strongroom.signin import reset
from strongroom.web import cookies, links, offers, redirects
from strongroom.web.asking import Request
from strongroom.web.ceremony import Ceremony, refusals_as_json
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
    offered = offers.of(step.methods) if step.methods.any else [PASSWORD]
    form = ResetPassword(sent(request), method=offers.chosen(request, offered))
    if form.is_valid():
        with form.refusals():
            user = reset.finish(
                token,
                as_typed(form, "password"),
                answer=form.answer if step.methods.any else None,
                by=request.actor,
            )
            if form.cleaned_data["revoke_tokens"]:
                credentials.revoke_all_tokens(user, by=request.actor)
            messages.success(request, _("Your new password is set. Log in with it."))
            return cookies.closed(request, redirects.see_other(reverse("login")))
    return show_form(
        request,
        "signin/reset_password.html",
        form,
        token=token,
        step=step,
        ceremony=Ceremony("get", reverse("reset-password-options")) if form.method == KEY else None,
        ways=offers.others(offered, form.method, url=offers.links_to("reset-password", token=token)),
    )


@refusals_as_json
def reset_options(request: Request) -> JsonResponse:
    """What the browser asks a security key of the account whose link this is."""
    return JsonResponse(reset.begin_key(links.secret_in(request)))
