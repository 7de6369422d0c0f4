"""The home page and the search."""

from django.http import HttpResponse

from strongroom.projects import find
from strongroom.web import snippets
from strongroom.web.asking import Request
from strongroom.web.pages import query_of, show

_NEWEST = 10
_LONGEST_NUMBER = 6


def home(request: Request) -> HttpResponse:
    """What this site is, how to use it, and what came lately."""
    return show(
        request,
        "home.html",
        newest=find.newest(_NEWEST),
        counts=find.counts(),
        install=snippets.install("NAME"),
        uv_install=snippets.uv_install("NAME"),
    )


def search(request: Request) -> HttpResponse:
    """Projects whose name or summary holds the words; a page of them."""
    query = query_of(request)
    return show(request, "search.html", query=query, found=find.search(query, _page_number(request)))


def _page_number(request: Request) -> int:
    asked = request.GET.get("page", "")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < _LONGEST_NUMBER else 1
