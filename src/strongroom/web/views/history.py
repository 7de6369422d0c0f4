"""The trail of one's own account, and of a project that one owns."""

from django.http import HttpResponse
from django.urls import reverse

from strongroom.audit.search import Scope
from strongroom.projects import access
from strongroom.projects import find as projects
from strongroom.web import redirects
from strongroom.web.asking import Request, user_of
from strongroom.web.audit.page import Trail, show_trail


def account(request: Request) -> HttpResponse:
    """What this person did, and what was done to the account."""
    scope = Scope(user_id=user_of(request).pk)
    trail = Trail(scope=scope, kind="account", url=reverse("account-history"))
    return show_trail(request, "manage/account_history.html", trail)


def project(request: Request, name: str) -> HttpResponse:
    """What happened in the project, for its owners; where from is told to nobody but the operators (AU-11)."""
    user = user_of(request)
    owned = access.owned_by(user.pk, name)
    here = reverse("project-history", args=[owned.normalized])
    if name != owned.normalized:
        return redirects.see_other(f"{here}?{request.GET.urlencode()}")
    trail = Trail(scope=Scope(project=owned.normalized), kind="project", url=here, project=owned.normalized)
    managed = projects.managed(user.pk, owned.normalized)
    return show_trail(request, "manage/project_history.html", trail, project=managed.project)
