"""API tokens: make and revoke."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.kernel.names import normalize
from strongroom.projects import find as projects
from strongroom.publish import credentials
from strongroom.tokens.restrictions import Restrictions
from strongroom.web import redirects, snippets
from strongroom.web.asking import Request, user_of
from strongroom.web.forms.base import as_typed
from strongroom.web.forms.tokens import MakeToken
from strongroom.web.pages import sent, show, show_form


def make(request: Request) -> HttpResponse:
    """A new token. Its secret is on the answer to the form itself, which no cache and no history keeps (TK-15)."""
    user = user_of(request)
    choices = [
        (project.normalized, _("Only %(project)s") % {"project": project.name})
        for project in projects.of_user(user.pk)
    ]
    wanted = normalize(request.GET.get("project", ""))
    form = MakeToken(sent(request), projects=choices, initial={"scope": wanted})
    if form.is_valid():
        with form.refusals():
            name, scope = as_typed(form, "name"), as_typed(form, "scope")
            made = credentials.make_token(
                user,
                name=name,
                projects=[scope] if scope else [],
                restrictions=Restrictions(),
                by=request.actor,
            )
            return _made(request, str(made.secret))
    return show_form(request, "manage/token.html", form, unverified=not emails.has_verified_primary(user.pk))


def revoke(request: Request, token_id: int) -> HttpResponse:
    """Ask, naming what will be lost; then revoke the token."""
    user = user_of(request)
    token = next((token for token in credentials.tokens_of(user) if token.id == token_id), None)
    if token is None:
        raise Http404
    if request.method != "POST":
        return show(request, "manage/token_revoke.html", token=token)
    credentials.revoke_token(user, token_id, by=request.actor)
    messages.success(request, _("The token is revoked."))
    return redirects.see_other(reverse("account") + "#api-tokens")


def _made(request: Request, secret: str) -> HttpResponse:
    return show(
        request,
        "manage/token_made.html",
        secret=secret,
        pypirc=snippets.pypirc(secret),
        twine=snippets.twine(),
        uv=snippets.uv_publish(secret),
    )
