"""What operators see and switch."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import find, standing
from strongroom.accounts.models import User
from strongroom.projects import find as projects
from strongroom.projects import policy
from strongroom.publish import levels as may_publish
from strongroom.recovery import panic, stage
from strongroom.trust import freezing
from strongroom.web import levels, redirects
from strongroom.web.asking import Request
from strongroom.web.forms.levels import ChooseLevel
from strongroom.web.pages import query_of, show_form

_SHOWN_PEOPLE = 100


def overview(request: Request) -> HttpResponse:
    """The instance in numbers, its people, and the switches."""
    return _page(request, levels.form_of(None, chosen=policy.of_operators()))


def _page(request: Request, form: ChooseLevel) -> HttpResponse:
    asked = query_of(request)
    return show_form(
        request,
        "operate/overview.html",
        form,
        level_form=form,
        ruling=levels.told(may_publish.for_everybody()),
        counts=projects.counts(),
        people_count=find.count(),
        people=find.listed(asked, limit=_SHOWN_PEOPLE),
        asked=asked,
        recoveries_count=len(stage.all_open()),
    )


def choose_level(request: Request) -> HttpResponse:
    """Choose what may publish on this site."""
    form = levels.form_of(request.POST, chosen=policy.of_operators())
    if form.is_valid():
        with form.refusals():
            may_publish.switch_for_all(form.choice, by=request.actor)
            told = _("What may publish on this site: %(level)s.")
            messages.success(request, told % {"level": levels.title_of(form.choice)})
            return _back()
    return _page(request, form)


def disable(request: Request, username: str) -> HttpResponse:
    """Stop an account from signing in and publishing."""
    user = _named(username)
    freezing.disable(user, by=request.actor)
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
