"""Approving a program without a browser that asks for an API token (RFC 8628 §3.3)."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.kernel.may_publish import MayPublish
from strongroom.projects import find as projects
from strongroom.publish import device_tokens, levels
from strongroom.signin import devices
from strongroom.signin.devices import Grant, Waiting
from strongroom.tokens.models import MAX_NAME
from strongroom.web import redirects
from strongroom.web.asking import Request, session_of, user_of
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.device import MAX_CODE, ApproveDevice, CodeAlone, TypeCode, usual_days
from strongroom.web.forms.tokens import ALL
from strongroom.web.pages import sent, show_form


def device(request: Request) -> HttpResponse:
    """Type the code; see who asks, which ``?user_code=`` leads to; approve with a proof that is fresh."""
    if request.method == "POST":
        return _approve(request)
    asked = TypeCode(request.GET) if request.GET.get("user_code") else None
    if asked is None or not asked.is_valid():
        return _type(request, asked or TypeCode())
    with asked.refusals():
        waiting = _look(request, as_typed(asked, "user_code"))
        return _show(request, waiting, _form(request, waiting))
    return _type(request, asked)


def deny(request: Request) -> HttpResponse:
    """Send the program away; that takes no proof."""
    form = CodeAlone(sent(request))
    if form.is_valid():
        devices.deny(as_typed(form, "user_code"), user_id=user_of(request).pk, by=request.actor)
        messages.success(request, _("Denied. The program gets no token."))
        return redirects.see_other(reverse("account"))
    return _type(request, TypeCode(sent(request)))


def _approve(request: Request) -> HttpResponse:
    form = _form(request, None)
    if form.is_valid():
        name, days = as_typed(form, "name"), form.lasting
        with form.refusals(passing={"device_code_unknown", "too_many_attempts"}):
            device_tokens.require_makeable(
                user_of(request), name=name, projects=form.chosen, days=days, by=request.actor
            )
            grant = Grant(name=name, projects=form.chosen, days=days)
            code = as_typed(form, "user_code")
            devices.approve(session_of(request), code, grant=grant, by=request.actor)
            messages.success(request, _("Approved. The program fetches its token within seconds."))
            return redirects.see_other(reverse("account") + "#api-tokens")
    return _show(request, _look(request, request.POST.get("user_code", "")[:MAX_CODE]), form)


def _look(request: Request, code: str) -> Waiting:
    return devices.look(code, user_id=user_of(request).pk, origin=request.actor.origin)


def _form(request: Request, waiting: Waiting | None) -> ApproveDevice:
    """The form as it was sent, or as it begins for a program that waits."""
    mine = [(project.normalized, project.name) for project in projects.of_user(user_of(request).pk)]
    begun = waiting and {
        "user_code": waiting.user_code,
        "name": _name(waiting),
        "scope": ALL,
        "days": usual_days(),
    }
    return ApproveDevice(sent(request), projects=mine, initial=begun or {})


def _name(waiting: Waiting) -> str:
    told = {"program": waiting.program, "host": waiting.host}
    name = _("%(program)s on %(host)s") % told if waiting.host else waiting.program
    return name[:MAX_NAME]


def _type(request: Request, form: TypeCode) -> HttpResponse:
    return show_form(request, "signin/device.html", form)


def _show(request: Request, waiting: Waiting, form: ApproveDevice) -> HttpResponse:
    user = user_of(request)
    return show_form(
        request,
        "signin/device_approve.html",
        form,
        waiting=waiting,
        elsewhere=waiting.address != request.actor.origin.address,
        own_address=request.actor.origin.address,
        unverified=not emails.has_verified_primary(user.pk),
        trusted_only=levels.for_account(user).level is MayPublish.TRUSTED,
        private=settings.CONFIG.site.access == "private",
    )
