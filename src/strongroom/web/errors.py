"""Pages for what went wrong, each with a sentence that says what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from strongroom.kernel.refused import Refused
from strongroom.web.context import Site
from strongroom.web.refusals import message_of, status_of


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The page of a refusal; ``Retry-After`` says when it may be tried again (RFC 9110 §10.2.3)."""
    response = _page(request, message_of(refusal), code=refusal.code, status=status_of(refusal))
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def forgery(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from this site, or came too late (Django's ``CSRF_FAILURE_VIEW``)."""
    sentence = _("This form is out of date. Go back, load the page again, and send it once more.")
    return _page(request, sentence, code="form_forged", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be read (Django's ``handler400``)."""
    sentence = _("Your browser sent something that cannot be read, or too much of it.")
    return _page(request, sentence, code="request_malformed", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page that is closed (Django's ``handler403``)."""
    return _page(request, _("This page is not open to you."), code="forbidden", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address without a page (Django's ``handler404``)."""
    sentence = _("There is no such page. Check the address, or search for the project.")
    return _page(request, sentence, code="not_found", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A mistake of the program (Django's ``handler500``); reads no row, because the database may be what is broken."""
    content = render_to_string("web/broken.html", {"site": Site(None)})
    return HttpResponse(content, status=500)


def _page(request: HttpRequest, sentence: str, *, code: str, status: int) -> HttpResponse:
    return render(request, "web/error.html", {"sentence": sentence, "code": code}, status=status)
