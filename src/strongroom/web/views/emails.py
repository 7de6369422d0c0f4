"""A person's addresses: verify, add, make primary, remove."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import emails, primary_email
from strongroom.signin import credentials
from strongroom.web import cookies, links, redirects
from strongroom.web.asking import Request, session_of, user_of
from strongroom.web.forms.account import AddEmail
from strongroom.web.forms.base import as_typed
from strongroom.web.pages import show
from strongroom.web.views import account


def verify(request: Request) -> HttpResponse:
    """GET shows a button, so that a mail scanner that follows the link changes nothing (EM-03); POST confirms."""
    token = links.secret_in(request)
    if request.method != "POST":
        return show(request, "signin/verify_email.html", token=token)
    row = emails.verify(token, by=request.actor)
    messages.success(request, _("%(address)s is verified.") % {"address": row.address})
    return redirects.see_other(reverse("account" if request.signed_in else "login"))


def add(request: Request) -> HttpResponse:
    """Add an address, which gets a mail with a link."""
    form = AddEmail(request.POST, named="email")
    if form.is_valid():
        with form.refusals():
            row = emails.add(user_of(request), as_typed(form, "email"), by=request.actor)
            messages.success(request, _sent(row.address))
            return _back()
    return account.page(request, email_form=form)


def send_again(request: Request, address_id: int) -> HttpResponse:
    """Mail the verification link again."""
    emails.send_verification(user_of(request), address_id, by=request.actor)
    messages.success(request, _("We have sent the mail again. The link in it works for a day."))
    return _back()


def make_primary(request: Request, address_id: int) -> HttpResponse:
    """Make a verified address the primary one; all other sessions end."""
    opened = credentials.make_primary_email(session_of(request), address_id, by=request.actor)
    messages.success(request, _("Your primary address is changed. Your other sessions have ended."))
    return cookies.opened(request, _back(), opened)


def remove(request: Request, address_id: int) -> HttpResponse:
    """Remove an address; all other sessions end."""
    opened = credentials.remove_email(session_of(request), address_id, by=request.actor)
    messages.success(request, _("The address is removed. Your other sessions have ended."))
    return cookies.opened(request, _back(), opened)


def undo_change(request: Request) -> HttpResponse:
    """GET shows what would be taken back, POST takes it back: the old address is the primary one again (EM-04)."""
    token = links.secret_in(request)
    if request.method != "POST":
        change = primary_email.look(token, by=request.actor)
        return show(request, "signin/undo_email_change.html", token=token, change=change)
    change = primary_email.undo(token, by=request.actor)
    messages.success(
        request,
        _("%(address)s is your primary address again. Was the change not yours? Then choose a new password.")
        % {"address": change.address},
    )
    return redirects.see_other(reverse("request-password-reset"))


def _back() -> HttpResponse:
    return redirects.see_other(reverse("account") + "#account-emails")


def _sent(address: str) -> str:
    return _("We have sent a mail to %(address)s: open the link in it to verify it.") % {"address": address}
