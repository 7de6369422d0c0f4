"""Recovery codes: make, show once, and type one back."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.factors import methods, recovery_codes
from strongroom.signin import factors
from strongroom.web import redirects
from strongroom.web.asking import Request, session_of, user_of
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.factors import TypeBack
from strongroom.web.pages import sent, show_form


def overview(request: Request) -> HttpResponse:
    """GET says how many codes are left; POST makes new ones, which stand on its answer and nowhere else (RC-11)."""
    if request.method != "POST":
        return _page(request, TypeBack())
    made = factors.make_codes(session_of(request), by=request.actor)
    return _page(request, TypeBack(), made=made)


def check(request: Request) -> HttpResponse:
    """A code that is typed back shows that the codes were kept: two-factor sign-in is complete."""
    form = TypeBack(sent(request))
    if form.is_valid():
        with form.refusals():
            factors.acknowledge_codes(session_of(request), as_typed(form, "code"), by=request.actor)
            messages.success(request, _("You have your recovery codes. Two-factor sign-in is on."))
            return redirects.see_other(reverse("account") + "#two-factor")
    return _page(request, form)


def _page(request: Request, form: TypeBack, *, made: Sequence[str] | None = None) -> HttpResponse:
    user = user_of(request)
    return show_form(
        request,
        "manage/recovery_codes.html",
        form,
        codes=made,
        state=recovery_codes.state(user.pk),
        methods=methods.of(user.pk),
    )
