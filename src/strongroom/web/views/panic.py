"""The panic link of a mail, and the way back from it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from strongroom.recovery import panic as panics
from strongroom.web import cookies, links, redirects
from strongroom.web.asking import Request, session_of
from strongroom.web.pages import show


def panic(request: Request) -> HttpResponse:
    """GET shows what will be stopped, or what to do next; POST stops it, without a login. Once more does no harm."""
    token = links.secret_in(request)
    if request.method != "POST":
        return show(request, "recovery/panic.html", token=token, panic=panics.look(token))
    panics.pull(token, by=request.actor)
    return redirects.see_other(f"{reverse('panic')}?{urlencode({'token': token})}")


def thaw(request: Request) -> HttpResponse:
    """Undo the freeze; all other sessions end."""
    opened = panics.undo(session_of(request), by=request.actor)
    messages.success(
        request, _("The freeze is undone: your account can publish again. Make new API tokens for that.")
    )
    return cookies.opened(request, redirects.see_other(reverse("account")), opened)
