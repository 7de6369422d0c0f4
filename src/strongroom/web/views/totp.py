"""Authenticator apps: add and remove."""

import segno
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.factors import totp
from strongroom.signin import factors
from strongroom.web import cookies, redirects
from strongroom.web.asking import Request, session_of, user_of
from strongroom.web.forms.account import ProvisionTotp
from strongroom.web.forms.base import as_typed
from strongroom.web.pages import sent, show, show_form


def provision(request: Request) -> HttpResponse:
    """Show the secret as a QR code and as text; add the app once a code proves that it has the secret."""
    session, user = session_of(request), user_of(request)
    if not emails.has_verified_primary(user.pk):
        address = emails.primary(user)
        return show(request, "manage/totp_unverified.html", address=address)
    form = ProvisionTotp(sent(request))
    if form.is_valid():
        with form.refusals():
            name, code = as_typed(form, "name"), as_typed(form, "code")
            opened = factors.confirm_totp(session, name=name, code=code, by=request.actor)
            messages.success(request, _("Two-factor sign-in is on: from now on you log in with a code, too."))
            return cookies.opened(request, _back(), opened)
    enrolment = factors.begin_totp(session)
    return show_form(
        request,
        "manage/totp_provision.html",
        form,
        qr=_qr(enrolment.uri),
        secret_text=enrolment.secret_text,
    )


def remove(request: Request, totp_id: int) -> HttpResponse:
    """Ask, naming what will be lost; then remove the app. All other sessions end."""
    apps = totp.of(user_of(request).pk)
    app = next((app for app in apps if app.pk == totp_id), None)
    if app is None:
        raise Http404
    if request.method != "POST":
        return show(request, "manage/totp_remove.html", app=app, is_last=len(apps) == 1)
    opened = factors.remove_totp(session_of(request), totp_id, by=request.actor)
    messages.success(request, _("The authenticator app is removed. Your other sessions have ended."))
    return cookies.opened(request, _back(), opened)


def _back() -> HttpResponse:
    return redirects.see_other(reverse("account") + "#two-factor")


def _qr(uri: str) -> SafeString:
    """The code as SVG, dark on white whatever the page's colors: scanners want it so (ISO/IEC 18004 §6.3.8)."""
    svg = segno.make(uri, error="m").svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr-code", lineclass=None
    )
    return mark_safe(svg)  # noqa: S308  (made by segno from modules; no text of anybody's in it)
