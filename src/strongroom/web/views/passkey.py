"""Logging in with a passkey alone: it verifies its user and proves both factors at once."""

from django.http import HttpResponse, JsonResponse

from strongroom.signin import steps
from strongroom.web import ceremony, cookies
from strongroom.web.asking import Request
from strongroom.web.ceremony import refusals_as_json
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.signin import Login, Passkey
from strongroom.web.views import signin


@refusals_as_json
def options(request: Request) -> JsonResponse:
    """What the browser asks any passkey that it has for this site; the answer must come with the cookie set here."""
    ceremony.require_offered()
    begun = steps.begin_passkey(by=request.actor)
    response = JsonResponse(begun.options)
    cookies.asked_for_passkey(response, begun.secret)
    return response


def login(request: Request) -> HttpResponse:
    """In, by what a passkey answered."""
    ceremony.require_offered()
    form = Passkey(request.POST, named="passkey")
    if form.is_valid():
        with form.refusals():
            opened = steps.answer_passkey(
                cookies.passkey(request), as_typed(form, "credential"), by=request.actor
            )
            return signin.enter(request, opened)
    return signin.show_login(request, Login(with_passkeys=True), passkey_form=form)
