"""Authenticator apps: add and remove."""

import segno
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.factors import methods, totp
from strongroom.publish import enrollment
from strongroom.signin import factors
from strongroom.web import cookies, redirects
from strongroom.web.asking import Request, session_of, user_of
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.factors import ProvisionTotp
from strongroom.web.pages import sent, show, show_form


def provision(request: Request) -> HttpResponse:
    """Show the secret as a QR code and as text; add the app once a code proves that it has the secret."""
    session, user = session_of(request), user_of(request)
    if not emails.has_verified_primary(user.pk):
        return show_unverified(request)
    form = ProvisionTotp(sent(request))
    if form.is_valid():
        with form.refusals():
            name, code = as_typed(form, "name"), as_typed(form, "code")
            opened = factors.confirm_totp(session, name=name, code=code, by=request.actor)
            messages.success(
                request, _("Your authenticator app is added: from now on you log in with a code, too.")
            )
            return cookies.opened(request, onward(user), opened)
    enrollment = factors.begin_totp(session)
    return show_form(
        request,
        "manage/totp_provision.html",
        form,
        qr=_qr(enrollment.uri),
        secret_text=enrollment.secret_text,
    )


def remove(request: Request, totp_id: int) -> HttpResponse:
    """Ask, naming what will be lost; then remove the app. All other sessions end."""
    user = user_of(request)
    app = next((app for app in totp.of(user.pk) if app.pk == totp_id), None)
    if app is None:
        raise Http404
    if request.method != "POST":
        has = methods.of(user.pk)
        is_last = has.keys + has.apps == 1
        kept = is_last and enrollment.is_asked_now(user.pk, must_enroll=user.must_enroll)
        return show(request, "manage/totp_remove.html", app=app, methods=has, is_last=is_last, kept=kept)
    opened = factors.remove_totp(
        session_of(request),
        totp_id,
        keep_one=enrollment.is_asked_now(user.pk, must_enroll=user.must_enroll),
        by=request.actor,
    )
    messages.success(request, _("The authenticator app is removed. Your other sessions have ended."))
    return cookies.opened(request, back(), opened)


def show_unverified(request: Request) -> HttpResponse:
    """Why no factor can be added yet, and how to get the mail again."""
    return show(request, "manage/totp_unverified.html", address=emails.primary(user_of(request)))


def onward(user: User) -> HttpResponse:
    """After a factor is added: to the recovery codes, until they are kept; then back."""
    return back() if methods.of(user.pk).is_on else redirects.see_other(reverse("recovery-codes"))


def back() -> HttpResponse:
    """To the factors in the account settings."""
    return redirects.see_other(reverse("account") + "#two-factor")


def _qr(uri: str) -> SafeString:
    """The code as SVG, dark on white whatever the page's colors: scanners want it so (ISO/IEC 18004 §6.3.8)."""
    svg = segno.make(uri, error="m").svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr-code", lineclass=None
    )
    return mark_safe(svg)  # noqa: S308  (made by segno from modules; no text of anybody's in it)
