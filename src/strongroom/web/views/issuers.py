"""The identity providers that are believed, for operators."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from strongroom.trust import issuers
from strongroom.trust.issuers import ListedIssuer
from strongroom.trust.new_issuer import PRESETS, SUGGESTIONS, Suggestion
from strongroom.web import publisher_forms, redirects
from strongroom.web.asking import Request
from strongroom.web.forms.trust import AddIssuer
from strongroom.web.pages import sent, show, show_form

_SUGGESTED: Mapping[str, Suggestion] = {slugify(one.title): one for one in SUGGESTIONS}


def overview(request: Request) -> HttpResponse:
    """The providers, and a form to add one; ``?like=`` fills in what fits a well-known service."""
    suggestion = _SUGGESTED.get(request.GET.get("like", ""))
    form = AddIssuer(sent(request), initial=_filled(suggestion) if suggestion else {"kind": "generic"})
    if form.is_valid():
        with form.refusals():
            added = issuers.add(form.new, by=request.actor)
            told = _(
                "%(name)s is believed from now on. Owners of projects can choose it for their publishers."
            )
            messages.success(request, told % {"name": added.name})
            return redirects.see_other(reverse("operate-issuers"))
    listed = issuers.listed()
    return show_form(
        request,
        "operate/issuers.html",
        form,
        presets=[row for row in listed if row.issuer.preset],
        added=[row for row in listed if not row.issuer.preset],
        off=[name for name in PRESETS if name not in settings.CONFIG.trusted_publishing.providers],
        suggestions=[(slug, one.title, one == suggestion) for slug, one in _SUGGESTED.items()],
        suggestion=suggestion,
        is_on=publisher_forms.is_on(),
        is_beta=publisher_forms.is_beta(),
    )


def remove(request: Request, issuer_id: int) -> HttpResponse:
    """Ask, naming how many publishers stop; then believe a provider no more."""
    row = _added(issuer_id)
    if request.method != "POST":
        return show(request, "operate/issuer_remove.html", row=row)
    issuers.remove(issuer_id, by=request.actor)
    messages.success(request, _("%(name)s is believed no more.") % {"name": row.issuer.name})
    return redirects.see_other(reverse("operate-issuers"))


def _added(issuer_id: int) -> ListedIssuer:
    row = next((row for row in issuers.listed() if row.id == issuer_id), None)
    if row is None:
        raise Http404
    return row


def _filled(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "url": suggestion.url,
        "name": suggestion.title,
        "kind": suggestion.kind,
        "claims": "\n".join(suggestion.fields),
        "rules": "\n".join(f"{claim} = {value}" for claim, value in suggestion.rules.items()),
        "pins": "\n".join(suggestion.pins),
    }
