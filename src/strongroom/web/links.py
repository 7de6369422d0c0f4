"""The secret of a mailed link: in the address of the page that it leads to, and in the form on that page."""

from django.http import HttpRequest

_LONGEST = 200  # characters; what is longer is no secret of ours


def secret_in(request: HttpRequest) -> str:
    """The secret that the request holds; empty where there is none that could be ours."""
    token = request.POST.get("token") or request.GET.get("token") or ""
    return token if len(token) <= _LONGEST and "\0" not in token else ""
