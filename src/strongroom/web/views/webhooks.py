"""Webhooks: those of an account, of a project or of the whole site. ``whose`` says which of the three a route is about."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from strongroom.web import redirects
from strongroom.web.asking import Request
from strongroom.web.pages import sent, show, show_form
from strongroom.web.webhooks import shown, words
from strongroom.web.webhooks.form import ReplayForm, WebhookForm
from strongroom.web.webhooks.places import Place, Whose
from strongroom.webhooks import adding, changing, counting, sending_again
from strongroom.webhooks.adding import MAX_WEBHOOKS
from strongroom.webhooks.models import Webhook

_MAX_ID = 2**63 - 1


def overview(whose: Whose, request: Request, **path: str) -> HttpResponse:
    """All webhooks of the place, and how each fares."""
    place = whose(request.actor, **path)
    if path and path["name"] != place.owner.project:
        return redirects.see_other(place.overview)
    found = shown.webhooks_of(place)
    return _show(
        request, "list", place, webhooks=found, most=MAX_WEBHOOKS, is_full=len(found) >= MAX_WEBHOOKS
    )


def add(whose: Whose, request: Request, **path: str) -> HttpResponse:
    """A new webhook. Its secret is on the answer to the form itself, which no cache and no history keeps."""
    place = whose(request.actor, **path)
    form = WebhookForm(sent(request), owner=place.owner.kind)
    if form.is_valid():
        with form.refusals():
            added = adding.add(place.owner, form.wish, by=request.actor)
            return _secret(request, place, added.webhook, str(added.secret), is_new=True)
    return show_form(request, "webhooks/add.html", form, place=place)


def detail(whose: Whose, request: Request, *, webhook: UUID, **path: str) -> HttpResponse:
    """A webhook, what can be done with it, and its delivery log."""
    place = whose(request.actor, **path)
    row = place.one(webhook)
    return _show(
        request,
        "detail",
        place,
        hook=shown.webhook_of(place, row),
        log=shown.log_of(place, row, before=_before(request)),
        form=ReplayForm(named="replay", webhook=row),
    )


def change(whose: Whose, request: Request, *, webhook: UUID, **path: str) -> HttpResponse:
    """Where it sends to, which events, and whether it sends at all."""
    place = whose(request.actor, **path)
    row = place.one(webhook)
    form = WebhookForm(sent(request), owner=place.owner.kind, webhook=row)
    pages = place.pages_of(webhook)
    if form.is_valid():
        with form.refusals():
            changing.change(place.owner, webhook, form.wish, by=request.actor)
            messages.success(request, _("The webhook is changed."))
            return redirects.see_other(pages.detail)
    return show_form(request, "webhooks/change.html", form, place=place, pages=pages)


def test(whose: Whose, request: Request, *, webhook: UUID, **path: str) -> HttpResponse:
    """Have a test message sent; whoever comes by a link sees the webhook."""
    place = whose(request.actor, **path)
    pages = place.pages_of(place.one(webhook).public_id)
    if request.method == "POST":
        sending_again.send_test(place.owner, webhook, by=request.actor)
        told = _("A test message is on its way. Reload this page to see in the delivery log what came of it.")
        messages.success(request, told)
    return redirects.see_other(pages.detail)


def resume(whose: Whose, request: Request, *, webhook: UUID, **path: str) -> HttpResponse:
    """Let a webhook go on that was paused or waits; whoever comes by a link sees the webhook."""
    place = whose(request.actor, **path)
    pages = place.pages_of(place.one(webhook).public_id)
    if request.method == "POST":
        sending_again.resume(place.owner, webhook, by=request.actor)
        messages.success(request, _("The webhook goes on with the first event that was not taken."))
    return redirects.see_other(pages.detail)


def replay(whose: Whose, request: Request, *, webhook: UUID, **path: str) -> HttpResponse:
    """Say how many events would be sent again from a number on; then send them."""
    place = whose(request.actor, **path)
    row = place.one(webhook)
    typed = sent(request) or (request.GET if "first" in request.GET else None)
    form = ReplayForm(request.POST if request.method == "POST" else typed, webhook=row)
    if form.is_valid() and request.method == "POST":
        with form.refusals():
            sending_again.replay(place.owner, webhook, first=form.serial, by=request.actor)
            messages.success(
                request, _("Events from number %(first)s on are sent again.") % {"first": form.serial}
            )
            return redirects.see_other(place.pages_of(webhook).detail)
    count = counting.again(row, first=form.serial) if form.is_valid() else 0
    return show_form(
        request,
        "webhooks/replay.html",
        form,
        place=place,
        hook=shown.webhook_of(place, row),
        again=words.again(count) if form.is_valid() else "",
        count=count,
    )


def secret(whose: Whose, request: Request, *, webhook: UUID, **path: str) -> HttpResponse:
    """Ask; then make a new secret, and show it on the answer to the form itself."""
    place = whose(request.actor, **path)
    row = place.one(webhook)
    if request.method != "POST":
        return _show(request, "rotate", place, hook=shown.webhook_of(place, row))
    made = changing.rotate_secret(place.owner, webhook, by=request.actor)
    return _secret(request, place, row, str(made), is_new=False)


def remove(whose: Whose, request: Request, *, webhook: UUID, **path: str) -> HttpResponse:
    """Ask, naming what will be lost; then remove the webhook."""
    place = whose(request.actor, **path)
    row = place.one(webhook)
    if request.method != "POST":
        return _show(request, "remove", place, hook=shown.webhook_of(place, row))
    changing.remove(place.owner, webhook, by=request.actor)
    messages.success(request, _("The webhook is removed."))
    return redirects.see_other(place.overview)


def _secret(request: Request, place: Place, row: Webhook, secret: str, *, is_new: bool) -> HttpResponse:
    return _show(request, "secret", place, hook=shown.webhook_of(place, row), secret=secret, is_new=is_new)


def _show(request: Request, page: str, place: Place, **values: Any) -> HttpResponse:
    return show(request, f"webhooks/{page}.html", place=place, **values)


def _before(request: Request) -> int | None:
    """The id with which the page of the log before ended; of what is none, nothing."""
    typed = request.GET.get("before", "")
    return (
        int(typed)
        if typed.isascii() and typed.isdigit() and len(typed) < 20 and int(typed) <= _MAX_ID
        else None
    )
