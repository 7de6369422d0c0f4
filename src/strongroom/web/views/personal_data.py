"""What the site knows about a person: what it is, a copy of it, and the end of the account."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.personal_data import erase
from strongroom.personal_data.export import export
from strongroom.projects import find
from strongroom.web import cookies, redirects
from strongroom.web.asking import Request, user_of
from strongroom.web.flow import Flow
from strongroom.web.forms.personal_data import DeleteAccount
from strongroom.web.pages import sent, show, show_form


def overview(request: Request) -> HttpResponse:
    """What is kept, and what one can do about it."""
    days = settings.CONFIG.audit.pseudonymize_after_days
    return show(request, "manage/data.html", obstacles=erase.why_not(user_of(request)), site_forgets=days)


def take_out(request: Request) -> HttpResponseBase:
    """Everything that the site knows about the account, as a file."""
    user = user_of(request)
    answer = Flow(export(user, by=request.actor), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{user.username}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def delete(request: Request) -> HttpResponse:
    """Ask, naming what will be lost and what stays, for the username; then delete the account."""
    user = user_of(request)
    form = DeleteAccount(sent(request), username=user.username)
    obstacles = erase.why_not(user)
    if form.is_valid():
        with form.refusals():
            erase.erase(user, by=request.actor)
            messages.success(
                request, _("Your account is deleted. We have sent a last mail to its addresses.")
            )
            return cookies.closed(request, redirects.see_other(reverse("home")))
    projects = find.of_user(user.pk)
    return show_form(request, "manage/data_delete.html", form, obstacles=obstacles, projects=projects)
