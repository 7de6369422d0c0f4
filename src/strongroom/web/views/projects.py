"""Projects as everybody sees them, and as their people do."""

from django.http import Http404, HttpResponse

from strongroom.accounts import find as people
from strongroom.projects import find
from strongroom.web import snippets
from strongroom.web.asking import Request, user_of
from strongroom.web.pages import show
from strongroom.web.standing import standing_of


def mine(request: Request) -> HttpResponse:
    """The projects in which this person has a role."""
    user = user_of(request)
    return show(
        request,
        "manage/projects.html",
        standing=standing_of(user),
        projects=find.of_user(user.pk),
        twine_upload=snippets.twine_upload(),
    )


def user(request: Request, username: str) -> HttpResponse:
    """A person and their projects."""
    person = people.by_username(username)
    if person is None:
        raise Http404
    return show(request, "user.html", person=person, projects=find.of_user(person.pk))


def project(request: Request, name: str, version: str = "") -> HttpResponse:
    """A project, at its latest release or at the one asked for."""
    raise Http404
