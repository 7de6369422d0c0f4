"""Redirects, of which none leads to another site (LT-22)."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2000
"""Characters of a path to go to; Django trusts none of more than 2,048."""


class SeeOther(HttpResponseRedirect):
    """Ask for another page with GET, whatever the method was (RFC 9110 §15.4.4)."""

    status_code = 303


def see_other(path: str) -> HttpResponse:
    """Go to ``path``, which the program itself has made."""
    return SeeOther(path)


def with_next(route: str, path: str) -> HttpResponse:
    """Go to the page named ``route``, and from there to ``path``."""
    return SeeOther(path_with_next(route, path))


def path_with_next(route: str, path: str) -> str:
    """The address of the page named ``route``, from which the way leads to ``path``."""
    return reverse(route) + (f"?{urlencode({'next': path})}" if is_local(path) else "")


def next_of(request: HttpRequest) -> str:
    """The local path that a link or a form asked to go to afterwards; empty where there is none to trust."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if is_local(asked) else ""


def is_local(path: str) -> bool:
    """Whether ``path`` is a path on this site and nothing that a browser could read as something else.

    ``//evil`` and ``/\\evil`` name hosts, ``https:evil`` and ``javascript:`` schemes, CR and LF headers; browsers drop
    tabs and newlines before they look (WHATWG URL §4.4).
    """
    if not path.startswith("/") or path.startswith("//") or "\\" in path or len(path) > LONGEST:
        return False
    if any(not character.isprintable() or character.isspace() for character in path):
        return False
    parts = urlsplit(path)
    return not parts.scheme and not parts.netloc and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
