"""Security keys and passkeys: add, rename and remove."""

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.factors import keys, methods
from strongroom.factors.models import SecurityKey
from strongroom.publish import enrollment
from strongroom.signin import factors
from strongroom.web import ceremony, cookies
from strongroom.web.asking import Request, session_of, user_of
from strongroom.web.ceremony import Ceremony, refusals_as_json
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.factors import ProvisionKey, RenameKey
from strongroom.web.pages import sent, show, show_form
from strongroom.web.views import totp


def provision(request: Request) -> HttpResponse:
    """Name a key and press it; script asks the browser for it."""
    ceremony.require_offered()
    user = user_of(request)
    if not emails.has_verified_primary(user.pk):
        return totp.show_unverified(request)
    form = ProvisionKey(sent(request))
    if form.is_valid():
        with form.refusals():
            opened = factors.add_key(
                session_of(request),
                name=as_typed(form, "name"),
                credential=as_typed(form, "credential"),
                by=request.actor,
            )
            messages.success(request, _("Your security key is added: from now on you log in with it, too."))
            return cookies.opened(request, totp.onward(user), opened)
    return show_form(
        request,
        "manage/webauthn_provision.html",
        form,
        ceremony=Ceremony("create", reverse("webauthn-provision-options")),
        has_app=bool(methods.of(user.pk).apps),
    )


@refusals_as_json
def options(request: Request) -> JsonResponse:
    """What the browser asks a new security key."""
    ceremony.require_offered()
    return JsonResponse(factors.begin_key(session_of(request)))


def rename(request: Request, key_id: int) -> HttpResponse:
    """Give a key another name."""
    key = _own_key(request, key_id)
    form = RenameKey(sent(request), initial={"name": key.name})
    if form.is_valid():
        with form.refusals():
            factors.rename_key(session_of(request), key_id, name=as_typed(form, "name"), by=request.actor)
            messages.success(request, _("The security key has its new name."))
            return totp.back()
    return show_form(request, "manage/key_rename.html", form, key=key)


def remove(request: Request, key_id: int) -> HttpResponse:
    """Ask, naming what will be lost; then remove the key. All other sessions end."""
    key, user = _own_key(request, key_id), user_of(request)
    if request.method != "POST":
        has = methods.of(user.pk)
        is_last = has.keys + has.apps == 1
        kept = is_last and enrollment.is_asked_now(user.pk, must_enroll=user.must_enroll)
        return show(request, "manage/key_remove.html", key=key, methods=has, is_last=is_last, kept=kept)
    opened = factors.remove_key(
        session_of(request),
        key_id,
        keep_one=enrollment.is_asked_now(user.pk, must_enroll=user.must_enroll),
        by=request.actor,
    )
    messages.success(request, _("The security key is removed. Your other sessions have ended."))
    return cookies.opened(request, totp.back(), opened)


def _own_key(request: Request, key_id: int) -> SecurityKey:
    key = next((key for key in keys.of(user_of(request).pk) if key.pk == key_id), None)
    if key is None:
        raise Http404
    return key
