"""What operators see and switch."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import find, standing
from strongroom.accounts.models import User
from strongroom.projects import find as projects
from strongroom.publish import credentials
from strongroom.recovery import panic, stage
from strongroom.web import redirects
from strongroom.web.asking import Request
from strongroom.web.pages import query_of, show

_SHOWN_PEOPLE = 100


def overview(request: Request) -> HttpResponse:
    """The instance in numbers, its people, and the switches."""
    asked = query_of(request)
    return show(
        request,
        "operate/overview.html",
        counts=projects.counts(),
        people_count=find.count(),
        people=find.listed(asked, limit=_SHOWN_PEOPLE),
        asked=asked,
        recoveries_count=len(stage.all_open()),
        passwords_allowed=credentials.passwords_allowed_for_all(),
        passwords_configured=settings.CONFIG.uploads.passwords == "allowed",
    )


def switch_password_uploads(request: Request) -> HttpResponse:
    """Allow or refuse uploads with username and password for everybody."""
    allowed = request.POST.get("allowed") == "yes"
    credentials.switch_password_uploads_for_all(allowed=allowed, by=request.actor)
    messages.success(
        request,
        _("Uploads with passwords are allowed.") if allowed else _("Uploads with passwords are refused."),
    )
    return _back()


def disable(request: Request, username: str) -> HttpResponse:
    """Stop an account from signing in and publishing."""
    user = _named(username)
    standing.disable(user, by=request.actor)
    messages.success(request, _("The account %(name)s is disabled.") % {"name": user.username})
    return _back()


def enable(request: Request, username: str) -> HttpResponse:
    """Let a disabled account in again."""
    user = _named(username)
    standing.enable(user, by=request.actor)
    messages.success(request, _("The account %(name)s is enabled.") % {"name": user.username})
    return _back()


def thaw(request: Request, username: str) -> HttpResponse:
    """Undo the freeze of somebody who has no second factor of before, and has proved otherwise who they are."""
    user = _named(username)
    panic.undo_for(user, by=request.actor)
    messages.success(request, _("The freeze of %(name)s is undone.") % {"name": user.username})
    return _back()


def _named(username: str) -> User:
    user = find.by_username(username)
    if user is None:
        raise Http404
    return user


def _back() -> HttpResponse:
    return redirects.see_other(reverse("operate"))
