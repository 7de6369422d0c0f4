"""Proving again who is signed in, before a sensitive act."""

from django.http import HttpResponse, JsonResponse
from django.urls import reverse

from strongroom.factors.methods import KEY
from strongroom.signin import stepup
from strongroom.web import acts, cookies, offers, redirects, routes
from strongroom.web.asking import Request, session_of
from strongroom.web.ceremony import Ceremony, refusals_as_json
from strongroom.web.forms.signin import Proof
from strongroom.web.pages import sent, show, show_form


def reauthenticate(request: Request) -> HttpResponse:
    """Ask for the strongest factor that the account has, then go on to the page that needed it."""
    session, onward = session_of(request), redirects.next_of(request) or reverse("account")
    offered = offers.at_step_up(
        stepup.methods_for(session.user_id), takes_recovery_codes=routes.takes_recovery_codes(onward)
    )
    form = Proof(sent(request), method=offers.chosen(request, offered))
    if form.is_valid():
        with form.refusals():
            opened = stepup.prove(session, form.answer, by=request.actor)
            return cookies.opened(request, redirects.see_other(onward), opened)
    asks = Ceremony("get", reverse("reauthenticate-options"), at_once=not form.is_bound)
    return show_form(
        request,
        "signin/reauthenticate.html",
        form,
        next=onward,
        ceremony=asks if form.method == KEY else None,
        ways=offers.others(offered, form.method, url=offers.links_to("reauthenticate", next=onward)),
    )


@refusals_as_json
def options(request: Request) -> JsonResponse:
    """What the browser asks a security key of this account."""
    return JsonResponse(stepup.begin_key(session_of(request)))


def resume(request: Request) -> HttpResponse:
    """What was about to be done when the proof had run out, in words, with a button that does it (SU-06)."""
    return show(request, "signin/resume.html", act=acts.find(session_of(request), request.GET.get("act", "")))
