"""The releases of a project, for its people: which there are, and yanking."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.projects import find, yank
from strongroom.projects.yank import Order
from strongroom.publish import yanking
from strongroom.web import redirects
from strongroom.web.asking import Request, user_of
from strongroom.web.forms import releases as forms
from strongroom.web.forms.base import Form, as_typed
from strongroom.web.pages import show, show_form


def overview(request: Request, name: str) -> HttpResponse:
    """All releases, newest first, with what is yanked."""
    managed = find.managed(user_of(request).pk, name)
    project = managed.project
    if name != project.normalized:
        return redirects.see_other(_page_of(project.normalized))
    return show(
        request,
        "manage/project_releases.html",
        project=project,
        owns=managed.owns,
        releases=find.releases(project),
    )


def yank_release(request: Request, name: str, version: str) -> HttpResponse:
    """Ask, saying what happens; then yank the release, or one file of it."""
    form = forms.Yank(request.POST) if request.method == "POST" else forms.Yank(initial=_asked(request))
    return _answer(request, form, name=name, version=version)


def unyank_release(request: Request, name: str, version: str) -> HttpResponse:
    """The same for taking it back."""
    form = forms.Unyank(request.POST) if request.method == "POST" else forms.Unyank(initial=_asked(request))
    return _answer(request, form, name=name, version=version)


def _answer(request: Request, form: Form, *, name: str, version: str) -> HttpResponse:
    """Raises ``Refused`` where there is no such release or file, or no role in the project."""
    project = find.managed(user_of(request).pk, name).project
    order = _order(form, project=project.normalized, version=version)
    target = yank.target_of(project.pk, order)
    if form.is_valid():
        with form.refusals():
            yanking.yank_as(user_of(request), order, by=request.actor)
            sentence = _("It is yanked.") if order.yanked else _("It is yanked no longer.")
            messages.success(request, sentence)
            return redirects.see_other(_page_of(project.normalized))
    return show_form(
        request, "manage/release_yank.html", form, project=project, order=order, release=target.release
    )


def _order(form: Form, *, project: str, version: str) -> Order:
    """What the form says so far."""
    yanked = isinstance(form, forms.Yank)
    if not form.is_valid():
        filename = str(form["filename"].value() or "")
        return Order(project=project, version=version, filename=filename, yanked=yanked)
    return Order(
        project=project,
        version=version,
        filename=as_typed(form, "filename"),
        reason=as_typed(form, "reason") if yanked else "",
        yanked=yanked,
    )


def _asked(request: Request) -> dict[str, str]:
    return {"filename": request.GET.get("file", "")}


def _page_of(project: str) -> str:
    return reverse("project-releases", args=[project])
