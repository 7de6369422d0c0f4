"""Projects as everybody sees them, and as their people do."""

from django.http import Http404, HttpResponse
from django.urls import reverse

from strongroom.accounts import find as people
from strongroom.projects import find
from strongroom.web import project_page, redirects, snippets
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
    """A project, at its latest release or at the one asked for; under its normalized name alone."""
    view = find.page(name, version)
    if view is None:
        raise Http404
    if name != view.project.normalized:
        route, names = ("release", [view.release.version]) if version else ("project", [])
        return redirects.see_other(reverse(route, args=[view.project.normalized, *names]))
    metadata = view.release.metadata
    return show(
        request,
        "project/page.html",
        view=view,
        install=snippets.install(view.project.normalized, "" if view.is_latest else view.release.version),
        vouches=project_page.vouches_of(view),
        files=project_page.files_of(view.release),
        links=project_page.links_of(metadata),
        facts=project_page.facts_of(metadata),
        requires=metadata.get("requires_dist", []),
        classifiers=metadata.get("classifiers", []),
    )
