"""Confirming a sign-in from a new browser, by the link in a mail and the cookie of the browser that began."""

from django.http import HttpResponse

from strongroom.signin import steps
from strongroom.web import cookies, links
from strongroom.web.asking import Request
from strongroom.web.pages import show
from strongroom.web.views import signin


def confirm_login(request: Request) -> HttpResponse:
    """Says to look for the mail; with its link, GET shows a button, so that a mail scanner confirms nothing (LT-27)."""
    token = links.secret_in(request)
    if request.method != "POST":
        return show(request, "signin/confirm_login.html", token=token)
    opened = steps.confirm_browser(cookies.ticket(request) or "", token, by=request.actor)
    return signin.enter(request, opened)
