"""Making an account."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from strongroom.accounts.register import register as make_account
from strongroom.signin import steps
from strongroom.web.asking import Request
from strongroom.web.forms.account import Register
from strongroom.web.forms.base import as_typed
from strongroom.web.pages import sent, show_form
from strongroom.web.views import signin


def register(request: Request) -> HttpResponse:
    """A new account; its maker is signed in at once, and told to look for the mail."""
    form = Register(sent(request))
    if form.is_valid():
        with form.refusals():
            user = make_account(
                as_typed(form, "username"),
                as_typed(form, "email"),
                as_typed(form, "password"),
                by=request.actor,
            )
            opened = steps.open_after_registration(user, by=request.actor)
            messages.success(
                request, _("Welcome. We have sent a mail to your address: open the link in it to verify it.")
            )
            return signin.enter(request, opened)
    return show_form(request, "signin/register.html", form)
