"""The publishing page of a project: its trusted publishers, how its releases came, and identity tokens to try."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.kernel.may_publish import MayPublish
from strongroom.projects import access
from strongroom.projects import find as projects
from strongroom.projects.find import Managed
from strongroom.trust import dry_run, identity, publishers
from strongroom.trust.issuers import KnownIssuer
from strongroom.web import levels, publisher_forms, publishing_page, redirects, trust_words
from strongroom.web.asking import Request, user_of
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.trust import AddPublisher, TryIdentity
from strongroom.web.pages import sent, show, show_form
from strongroom.web.publisher_forms import Adding
from strongroom.web.publishing_page import ShownPublisher


def publishing(request: Request, name: str) -> HttpResponse:
    """Who publishes and how each release came, for everybody with a role; owners add publishers here."""
    user = user_of(request)
    if request.method == "POST":
        access.owned_by(user.pk, name)
    managed = projects.managed(user.pk, name)
    if request.method != "POST" and name != managed.project.normalized:
        return redirects.see_other(f"{_page_of(managed)}?{request.GET.urlencode()}")
    adding = publisher_forms.adding(request, AddPublisher)
    if adding.issuer and adding.form.is_valid() and _added(request, managed, adding, adding.issuer):
        return redirects.see_other(_page_of(managed))
    return _page(request, managed, adding)


def try_token(request: Request, name: str) -> HttpResponse:
    """Hold an identity token against the rules of the project's publishers.

    Being signed in is enough: the answer tells of nothing but the token, which whoever pastes it has, and the rules, which
    the page shows to them anyway. A token is not to be kept while somebody proves who they are.
    """
    managed = projects.managed(user_of(request).pk, name)
    identity.require_on()
    form = TryIdentity(sent(request))
    look = None
    if form.is_valid():
        with form.refusals():
            look = dry_run.look(managed.project.pk, as_typed(form, "token"), origin=request.actor.origin)
    return show_form(
        request,
        "manage/publishing_try.html",
        form if look is None else TryIdentity(),
        project=managed.project,
        owns=managed.owns,
        look=look,
        publishers=[(found, trust_words.checked(found.findings)) for found in look.publishers]
        if look
        else [],
        audience=identity.audience(),
    )


def remove(request: Request, name: str, publisher_id: int) -> HttpResponse:
    """Ask, naming what will be lost; then remove the publisher."""
    project = access.owned_by(user_of(request).pk, name)
    publisher = _publisher(project.id, publisher_id)
    if request.method != "POST":
        return show(request, "manage/publisher_remove.html", project=project, publisher=publisher)
    publishers.remove(project, publisher_id, by=request.actor)
    messages.success(request, _("The publisher is removed. Tokens that it got have ended."))
    return redirects.see_other(reverse("project-publishing", args=[project.normalized]))


def confirm(request: Request, name: str, publisher_id: int) -> HttpResponse:
    """Ask, naming what is vouched for; then vouch for a publisher that was refused or is to be looked at again."""
    project = access.owned_by(user_of(request).pk, name)
    publisher = _publisher(project.id, publisher_id)
    if not publisher.confirmable:
        raise Http404
    if request.method != "POST":
        return show(request, "manage/publisher_confirm.html", project=project, publisher=publisher)
    publishers.confirm(project, publisher_id, state=request.POST.get("state", ""), by=request.actor)
    messages.success(request, _("The publisher is confirmed."))
    return redirects.see_other(reverse("project-publishing", args=[project.normalized]))


def constrain(request: Request, name: str, publisher_id: int) -> HttpResponse:
    """Ask, naming the environment; then let the publisher publish from there alone."""
    project = access.owned_by(user_of(request).pk, name)
    publisher = _publisher(project.id, publisher_id)
    if not publisher.narrower:
        raise Http404
    if request.method != "POST":
        return show(request, "manage/publisher_constrain.html", project=project, publisher=publisher)
    environment = request.POST.get("environment", "")
    publishers.constrain(project, publisher_id, environment=environment, by=request.actor)
    messages.success(request, _("The publisher publishes from that environment alone now."))
    return redirects.see_other(reverse("project-publishing", args=[project.normalized]))


def _added(request: Request, managed: Managed, adding: Adding, issuer: KnownIssuer) -> bool:
    form = adding.form
    assert isinstance(form, AddPublisher)  # noqa: S101  (for the type checker: there is an issuer)
    with form.refusals():
        project = access.owned_by(user_of(request).pk, managed.project.normalized)
        publishers.add(project, issuer=issuer.url, values=form.values, by=request.actor)
        messages.success(request, _("The publisher is added. It can publish from now on."))
        if hint := trust_words.hint_for(issuer, form.values):
            messages.warning(request, hint)
        return True
    return False


def _page(request: Request, managed: Managed, adding: Adding) -> HttpResponse:
    project = managed.project
    level = access.project_of(user_of(request).pk, project.normalized).may_publish
    return show_form(
        request,
        "manage/publishing.html",
        adding.form,
        project=project,
        owns=managed.owns,
        level=levels.title_of(level),
        trusted_only=level is MayPublish.TRUSTED,
        publishers=publishing_page.publishers_of(project.pk),
        adding=adding,
        releases=publishing_page.releases_of(project),
        shown_releases=publishing_page.SHOWN_RELEASES,
        try_form=TryIdentity(),
        is_on=publisher_forms.is_on(),
        is_beta=publisher_forms.is_beta(),
        audience=identity.audience(),
    )


def _page_of(managed: Managed) -> str:
    return reverse("project-publishing", args=[managed.project.normalized])


def _publisher(project_id: int, publisher_id: int) -> ShownPublisher:
    """Another project's is nobody's (design, D6)."""
    shown = publishing_page.publishers_of(project_id)
    publisher = next((publisher for publisher in shown if publisher.row.id == publisher_id), None)
    if publisher is None:
        raise Http404
    return publisher
