"""Pending publishers: build services that may make a project of one's own by publishing it first."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.trust import issuers, pending
from strongroom.trust.issuers import KnownIssuer
from strongroom.trust.pending import ListedPending
from strongroom.web import publisher_forms, redirects, trust_words
from strongroom.web.asking import Request, user_of
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.trust import AddPending
from strongroom.web.pages import show, show_form
from strongroom.web.publisher_forms import Adding
from strongroom.web.trust_words import Wanted


def publishing(request: Request) -> HttpResponse:
    """The pending publishers of this person, and a form to add one."""
    user = user_of(request)
    adding = publisher_forms.adding(request, AddPending)
    if adding.issuer and adding.form.is_valid() and _added(request, adding, adding.issuer):
        return redirects.see_other(reverse("account-publishing"))
    listed = pending.of(user.pk)
    return show_form(
        request,
        "manage/pending.html",
        adding.form,
        listed=[_with_words(row) for row in listed],
        most=pending.MAX_PENDING,
        has_room=len(listed) < pending.MAX_PENDING,
        days=pending.LIFETIME.days,
        adding=adding,
        unverified=not emails.has_verified_primary(user.pk),
        is_on=publisher_forms.is_on(),
        is_beta=publisher_forms.is_beta(),
    )


def remove(request: Request, pending_id: int) -> HttpResponse:
    """Ask, then remove a pending publisher."""
    user = user_of(request)
    row = next((row for row in pending.of(user.pk) if row.id == pending_id), None)
    if row is None:
        raise Http404
    if request.method != "POST":
        return show(request, "manage/pending_remove.html", row=row)
    pending.remove(user.pk, pending_id, by=request.actor)
    messages.success(request, _("The pending publisher is removed."))
    return redirects.see_other(reverse("account-publishing"))


def _added(request: Request, adding: Adding, issuer: KnownIssuer) -> bool:
    form = adding.form
    assert isinstance(form, AddPending)  # noqa: S101  (for the type checker: there is an issuer)
    with form.refusals():
        name = as_typed(form, "name")
        pending.add(user_of(request), name=name, issuer=issuer.url, values=form.values, by=request.actor)
        told = _("The pending publisher is added. Publish %(name)s from there, and the project is yours.")
        messages.success(request, told % {"name": name})
        if hint := trust_words.hint_for(issuer, form.values):
            messages.warning(request, hint)
        return True
    return False


def _with_words(row: ListedPending) -> tuple[ListedPending, list[Wanted]]:
    return row, trust_words.wanted_of(issuers.find(row.issuer), row.wanted)
