"""API tokens: make and revoke."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.accounts import emails
from strongroom.accounts.models import User
from strongroom.kernel.may_publish import MayPublish
from strongroom.kernel.names import normalize
from strongroom.publish import credentials, levels
from strongroom.tokens.find import ListedToken
from strongroom.web import redirects, snippets, token_forms, token_words
from strongroom.web.asking import Request, user_of
from strongroom.web.forms.base import as_typed
from strongroom.web.pages import sent, show, show_form


def make(request: Request) -> HttpResponse:
    """A new token. Its secret is on the answer to the form itself, which no cache and no history keeps (TK-15).

    ``?project=`` chooses one to begin with.
    """
    user = user_of(request)
    form = token_forms.form_of(user, sent(request), preselected=normalize(request.GET.get("project", "")))
    if form.is_valid():
        with form.refusals():
            made = credentials.make_token(
                user,
                name=as_typed(form, "name"),
                projects=form.chosen,
                restrictions=form.restrictions,
                by=request.actor,
            )
            return _made(request, str(made.secret), _token_of(user, made.token.pk))
    return show_form(
        request,
        "manage/token.html",
        form,
        unverified=not emails.has_verified_primary(user.pk),
        trusted_only=levels.for_account(user).level is MayPublish.TRUSTED,
    )


def revoke(request: Request, token_id: int) -> HttpResponse:
    """Ask, naming what will be lost; then revoke the token."""
    user = user_of(request)
    token = _token_of(user, token_id)
    if request.method != "POST":
        return show(request, "manage/token_revoke.html", line=token_words.line_of(token))
    credentials.revoke_token(user, token_id, by=request.actor)
    messages.success(request, _("The token is revoked."))
    return redirects.see_other(reverse("account") + "#api-tokens")


def _token_of(user: User, token_id: int) -> ListedToken:
    """Somebody else's is nobody's (TK-14)."""
    token = next((token for token in credentials.tokens_of(user) if token.id == token_id), None)
    if token is None:
        raise Http404
    return token


def _made(request: Request, secret: str, token: ListedToken) -> HttpResponse:
    return show(
        request,
        "manage/token_made.html",
        secret=secret,
        line=token_words.line_of(token),
        snippets=snippets.for_token(secret, actions=token_words.actions_of(token.caveats)),
    )
