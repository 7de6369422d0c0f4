"""The settings of one project, for its people."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.projects import access
from strongroom.projects import find as projects
from strongroom.publish import levels as publishing
from strongroom.tokens import find as tokens
from strongroom.web import levels, redirects, token_words
from strongroom.web.asking import Request, user_of
from strongroom.web.pages import sent, show_form


def settings(request: Request, name: str) -> HttpResponse:
    """What may publish in the project, which its owners choose, and one's own tokens for it."""
    user = user_of(request)
    if request.method == "POST":
        access.owned_by(user.pk, name)
    managed = projects.managed(user.pk, name)
    project = managed.project
    here = reverse("project-settings", args=[project.normalized])
    if request.method != "POST" and name != project.normalized:
        return redirects.see_other(here)
    form = levels.form_of(sent(request), chosen=project.may_publish, above=publishing.for_everybody())
    if form.is_valid():
        with form.refusals():
            publishing.switch_project(user, name, level=form.choice, by=request.actor)
            messages.success(
                request, _("What may publish here: %(level)s.") % {"level": levels.title_of(form.choice)}
            )
            return redirects.see_other(here)
    return show_form(
        request,
        "manage/project_settings.html",
        form,
        project=project,
        owns=managed.owns,
        ruling=levels.told(publishing.for_account_in(user, project)),
        tokens=token_words.lines_of(tokens.of_project(user.pk, project.pk)),
    )
